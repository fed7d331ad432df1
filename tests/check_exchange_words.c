/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/exchange_impl.h"
#include "exchange_fixture.h"

/* Denials without a signature, to a signed request. */
static const struct {
	enum exchange_kind kind;
	unsigned rcode;
	const char *text;
} denials[] = {
	{ EXCHANGE_UPDATE, DNS_REFUSED, "refused: the key, its algorithm, its "
	  "secret or the clock is not right for the server (REFUSED)" },
	{ EXCHANGE_QUERY, DNS_NOTAUTH, "refused: the key, its algorithm, its "
	  "secret or the clock is not right for the server (NOTAUTH)" },
	{ EXCHANGE_UPDATE, DNS_NOTAUTH, "the zone is not here, or the key is "
	  "unknown to the server (NOTAUTH)" },
	{ EXCHANGE_QUERY, DNS_REFUSED, "refused: the server does not serve "
	  "the zone, or not to us (REFUSED)" },
	{ EXCHANGE_QUERY, DNS_FORMERR, "an unsigned answer (FORMERR)" },
};
static int denial;

static void
deny_unsigned(void *arg, struct dns_server_request *request)
{
	(void)arg;
	answer_unsigned(request, denials[denial].rcode);
}

START_TEST(an_unsigned_denial_ends_it_soon)
{
	struct ask ask = { 0 };
	bool tcp = _i % 2 == 1;

	denial = _i / 2;
	start(key, tcp ? EXCHANGE_TCP : EXCHANGE_UDP, 5000);
	behave = deny_unsigned;
	if (denials[denial].kind == EXCHANGE_QUERY)
		send_query(&ask);
	else
		send_update(&ask, 1);
	wait_outcome(&ask, EXCHANGE_NOT_AUTHENTIC);
	ck_assert_uint_eq(ask.outcome.rcode, denials[denial].rcode);
	ck_assert_uint_lt(ask.outcome.duration_us, 2000000);
	ck_assert_ptr_null(ask.outcome.answer);
	if (!tcp) /* time for a better answer */
		ck_assert_uint_ge(ask.outcome.duration_us, 490000);
	ck_assert_str_eq(ask.outcome.text, denials[denial].text);
}
END_TEST

/* How a server complains about a signature, and what is told. */
static const struct {
	unsigned error;
	bool unsigned_error;
	const char *text;
} complaints[] = {
	{ TSIG_BADKEY, true, "the key key.test with hmac-sha256 is unknown to "
	  "the server, or not allowed for this name (NOTAUTH, BADKEY)" },
	{ TSIG_BADSIG, true,
	  "wrong secret for the key key.test (NOTAUTH, BADSIG)" },
	{ TSIG_BADTIME, true,
	  "the server finds our clock wrong (NOTAUTH, BADTIME)" },
	{ TSIG_BADTIME, false, "the server's clock differs by 412 s: it is "
	  "behind ours (BADTIME)" },
	{ TSIG_BADTRUNC, false,
	  "the server wants a longer MAC (NOTAUTH, BADTRUNC)" },
};
static int complaint;

static void
complain(void *arg, struct dns_server_request *request)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8400 | DNS_NOTAUTH, wire,
	    sizeof wire);

	(void)arg;
	len = dns_server_sign(request, wire, len, sizeof wire,
	    complaints[complaint].error, -412,
	    complaints[complaint].unsigned_error);
	dns_server_send(request, wire, len, 0);
}

START_TEST(tsig_errors_in_words)
{
	struct ask ask = { 0 };
	bool tcp = _i % 2 == 1;

	complaint = _i / 2;
	start(key, tcp ? EXCHANGE_TCP : EXCHANGE_UDP, 5000);
	behave = complain;
	send_query(&ask);
	wait_outcome(&ask, EXCHANGE_NOT_AUTHENTIC);
	ck_assert_uint_eq(ask.outcome.tsig_error, complaints[complaint].error);
	ck_assert_uint_eq(ask.outcome.rcode, DNS_NOTAUTH);
	/* An authentic error is believed at once. */
	if (tcp || !complaints[complaint].unsigned_error)
		ck_assert_uint_lt(ask.outcome.duration_us, 400000);
	if (complaints[complaint].unsigned_error)
		ck_assert_int_eq(ask.outcome.clock_offset_s, 0);
	else if (complaints[complaint].error == TSIG_BADTIME) {
		/* A second may pass between the two readings of the clock. */
		ck_assert_int_le(ask.outcome.clock_offset_s, -412);
		ck_assert_int_ge(ask.outcome.clock_offset_s, -414);
		if (ask.outcome.clock_offset_s != -412)
			return;
	}
	ck_assert_str_eq(ask.outcome.text, complaints[complaint].text);
}
END_TEST

static const struct {
	unsigned rcode;
	bool has_key;
	enum exchange_kind kind;
	const char *text;
} refusals[] = {
	{ DNS_FORMERR, true, EXCHANGE_UPDATE,
	  "the server could not read the request (FORMERR)" },
	{ DNS_SERVFAIL, true, EXCHANGE_QUERY, "the server failed (SERVFAIL)" },
	{ DNS_NOTIMP, true, EXCHANGE_UPDATE,
	  "the server does not do dynamic updates (NOTIMP)" },
	{ DNS_NOTIMP, true, EXCHANGE_QUERY, "NOTIMP" },
	{ DNS_REFUSED, true, EXCHANGE_UPDATE,
	  "refused by the server's update policy (REFUSED)" },
	{ DNS_REFUSED, false, EXCHANGE_UPDATE,
	  "refused: the server wants a signed request (update_credentials), or "
	  "its policy forbids it (REFUSED)" },
	{ DNS_REFUSED, true, EXCHANGE_QUERY,
	  "refused: the server does not serve the zone, or not to us "
	  "(REFUSED)" },
	{ DNS_NOTAUTH, true, EXCHANGE_UPDATE,
	  "the zone is not here: the server is not its primary (NOTAUTH)" },
	{ DNS_NOTAUTH, false, EXCHANGE_UPDATE,
	  "the zone is not here, or the server wants a signed request "
	  "(NOTAUTH)" },
	{ DNS_NOTZONE, true, EXCHANGE_UPDATE,
	  "the name is not within the zone (NOTZONE)" },
	{ DNS_NXRRSET, true, EXCHANGE_UPDATE,
	  "the RRset was changed meanwhile (NXRRSET)" },
	{ DNS_YXRRSET, true, EXCHANGE_UPDATE,
	  "the RRset was changed meanwhile (YXRRSET)" },
	{ DNS_NXDOMAIN, true, EXCHANGE_QUERY, "NXDOMAIN" },
	{ 11, true, EXCHANGE_UPDATE, "RCODE11" },
};
static unsigned refusal;

static void
refuse(void *arg, struct dns_server_request *request)
{
	(void)arg;
	dns_server_answer(request, refusal);
}

START_TEST(rcodes_in_words)
{
	struct ask ask = { 0 };

	refusal = refusals[_i].rcode;
	start(refusals[_i].has_key ? key : NULL, EXCHANGE_AUTO, 2000);
	behave = refuse;
	if (refusals[_i].kind == EXCHANGE_QUERY)
		send_query(&ask);
	else
		send_update(&ask, 1);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(ask.outcome.rcode, refusal);
	ck_assert_str_eq(ask.outcome.text, refusals[_i].text);
}
END_TEST

/* What is wrong with a signature that is no answer of the server's. */
static const struct {
	enum tsig_result result;
	struct tsig_report report;
	const char *text;
	int64_t offset_s;
} forgeries[] = {
	{ TSIG_OK, { 0 }, "", 0 },
	{ TSIG_MALFORMED, { 0 }, "an answer with a malformed TSIG (REFUSED)",
	    0 },
	{ TSIG_OTHER_KEY, { 0 }, "an answer signed by another key (REFUSED)",
	    0 },
	{ TSIG_WRONG_MAC, { 0 }, "an answer with a wrong signature (REFUSED)",
	    0 },
	{ TSIG_UNCHECKED, { 0 }, "out of memory, the signature could not be "
	  "checked (REFUSED)", 0 },
	{ TSIG_WRONG_TIME, { .time_signed_s = 1400 },
	    "the server's clock differs by 400 s: it is ahead of ours", 400 },
	{ TSIG_UNSIGNED_ERROR, { .error = 99 }, "TSIG error 99 (REFUSED)", 0 },
};

START_TEST(forgeries_in_words)
{
	struct exchange one = { .key = key };
	struct exchange_request request = { .exchange = &one };
	struct exchange_outcome outcome = { 0 };

	exchange_describe_tsig(&request, forgeries[_i].result,
	    &forgeries[_i].report, DNS_REFUSED, 1000, &outcome);
	ck_assert_str_eq(outcome.text, forgeries[_i].text);
	ck_assert_int_eq(outcome.clock_offset_s, forgeries[_i].offset_s);
}
END_TEST

static void
fill(TCase *tcase)
{
	use_exchange(tcase);
	tcase_add_loop_test(tcase, an_unsigned_denial_ends_it_soon, 0,
	    2 * (int)COUNT(denials));
	tcase_add_loop_test(tcase, tsig_errors_in_words, 0,
	    2 * (int)COUNT(complaints));
	tcase_add_loop_test(tcase, forgeries_in_words, 0, COUNT(forgeries));
	tcase_add_loop_test(tcase, rcodes_in_words, 0,
	    (int)COUNT(refusals));
}

int
main(void)
{
	return check_main("exchange_words", fill);
}
