/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/exchange.h"
#include "dns/tsig.h"
#include "dns/wire.h"
#include "dns_server.h"
#include "tsig_forge.h"

#define KEPT_MAX 128
#define PATIENCE_MS 10000 /* only a broken test takes that long */

/* One request of ours, and what became of it. */
struct ask {
	unsigned calls;
	struct exchange_outcome outcome;
	struct exchange_request *request;
	struct exchange *to_free; /* inside the callback */
	unsigned order;
};

static struct loop *loop;
static struct dns_server *server;
static struct exchange *exchange;
static struct tsig_key *key;

/* What the server does with requests: this, or it keeps them. */
static dns_server_cb *behave;
static struct dns_server_request *kept[KEPT_MAX];
static unsigned n_kept;
static unsigned n_udp, n_tcp;
static unsigned n_answers;

static void
on_request(void *arg, struct dns_server_request *request)
{
	(void)arg;
	if (request->tcp)
		n_tcp++;
	else
		n_udp++;
	if (behave != NULL) {
		behave(NULL, request);
		return;
	}
	ck_assert_uint_lt(n_kept, KEPT_MAX);
	kept[n_kept++] = dns_server_keep(request);
}

static void
answer_well(void *arg, struct dns_server_request *request)
{
	(void)arg;
	dns_server_answer(request, DNS_NOERROR);
}

static void
start(const struct tsig_key *with_key, enum exchange_transport transport,
    unsigned timeout_ms)
{
	struct exchange_conf conf = { .key = with_key,
		.transport = transport, .timeout_ms = timeout_ms,
		.fudge_s = 60 };

	server = dns_server_new(loop, with_key, on_request, NULL);
	conf.server = dns_server_addr(server);
	exchange = exchange_new(loop, &conf);
	ck_assert_ptr_nonnull(exchange);
}

static void
setup(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	key = tsig_forge_key(TSIG_HMAC_SHA256);
	behave = NULL;
	n_kept = n_udp = n_tcp = n_answers = 0;
}

static void
teardown(void)
{
	exchange_free(exchange);
	for (unsigned i = 0; i < n_kept; i++)
		dns_server_request_free(kept[i]);
	if (server != NULL)
		dns_server_free(server);
	loop_free(loop);
	tsig_key_fini(key);
	free(key);
}

static void
on_outcome(void *arg, const struct exchange_outcome *outcome)
{
	struct ask *ask = arg;

	ask->calls++;
	ask->outcome = *outcome;
	ask->order = n_answers++;
	if (ask->to_free != NULL)
		exchange_free(ask->to_free);
}

static void
send_query(struct ask *ask)
{
	struct dns_message message;

	ck_assert_int_eq(dns_message_query("www.example.org", DNS_QTYPE_A,
			     false, &message), 0);
	ask->request = exchange_send(exchange, EXCHANGE_QUERY, &message,
	    on_outcome, ask);
	ck_assert_ptr_nonnull(ask->request);
	ck_assert_ptr_null(message.wire);
	ck_assert_uint_eq(ask->calls, 0);
}

/* An update that writes n addresses. */
static void
send_update(struct ask *ask, unsigned n)
{
	struct addr addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 1 } };
	struct rrset was, now;
	struct dns_change change = { "www.example.org", &was, &now, false };
	struct dns_message message;

	rrset_init(&was, ADDR_IP4, 0);
	rrset_init(&now, ADDR_IP4, 30);
	for (unsigned i = 0; i < n; i++) {
		addr.bytes[2] = (uint8_t)(i >> 8);
		addr.bytes[3] = (uint8_t)i;
		ck_assert_int_eq(rrset_add(&now, &addr), 0);
	}
	ck_assert_int_eq(dns_message_update("example.org", &change, 1,
			     &message), 0);
	rrset_fini(&now);
	ask->request = exchange_send(exchange, EXCHANGE_UPDATE, &message,
	    on_outcome, ask);
	ck_assert_ptr_nonnull(ask->request);
}

#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		int64_t until_ = loop_clock_us() / 1000 + PATIENCE_MS;         \
		while (!(condition)) {                                         \
			ck_assert_msg(loop_clock_us() / 1000 < until_,         \
			    "waited in vain for %s", #condition);              \
			ck_assert_int_eq(loop_turn(loop, 100), 0);             \
		}                                                              \
	} while (0)

static void
wait_outcome(struct ask *ask, enum exchange_status status)
{
	WAIT_FOR(ask->calls > 0);
	ck_assert_msg(ask->outcome.status == status, "%d: %s",
	    (int)ask->outcome.status, ask->outcome.text);
	ck_assert_uint_eq(ask->calls, 1);
}

START_TEST(a_query_goes_by_udp)
{
	struct ask ask = { 0 };
	struct dns_answer answer;

	start(key, EXCHANGE_AUTO, 2000);
	behave = answer_well;
	send_query(&ask);
	ck_assert_uint_eq(exchange_in_flight(exchange), 1);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(exchange_in_flight(exchange), 0);
	ck_assert(!ask.outcome.tcp);
	ck_assert_uint_gt(ask.outcome.duration_us, 0);
	ck_assert_str_eq(ask.outcome.text, "NOERROR");
	/* The TSIG is off. */
	ck_assert_int_eq(dns_answer_parse(ask.outcome.answer,
			     ask.outcome.answer_len, "www.example.org",
			     DNS_QTYPE_A, &answer), 0);
	dns_answer_fini(&answer);
	ck_assert_uint_eq(n_udp, 1);
	ck_assert_uint_eq(n_tcp, 0);
}
END_TEST

START_TEST(updates_go_over_one_connection)
{
	struct ask first = { 0 }, second = { 0 };

	start(key, EXCHANGE_AUTO, 2000);
	behave = answer_well;
	send_update(&first, 1);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	ck_assert(first.outcome.tcp);
	send_update(&second, 1);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(dns_server_connections(server), 1);
	ck_assert_uint_eq(n_udp, 0);
}
END_TEST

START_TEST(without_a_key_nothing_is_signed)
{
	struct ask query = { 0 }, update = { 0 };

	start(NULL, EXCHANGE_AUTO, 2000);
	behave = answer_well;
	send_query(&query);
	send_update(&update, 1);
	wait_outcome(&query, EXCHANGE_ANSWERED);
	wait_outcome(&update, EXCHANGE_ANSWERED);
}
END_TEST

/* None of these is an answer to our question; the one behind them is. */
static void
answer_besides(void *arg, struct dns_server_request *request)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8400, wire, sizeof wire);

	(void)arg;
	dns_server_send(request, wire, 0, 0);
	dns_server_send(request, wire, 11, 0);
	wire[0] ^= 1; /* id */
	dns_server_send(request, wire, len, 0);
	wire[0] ^= 1;
	wire[2] ^= 0x80; /* no response */
	dns_server_send(request, wire, len, 0);
	wire[2] ^= 0x80;
	wire[2] ^= 0x20; /* opcode NOTIFY */
	dns_server_send(request, wire, len, 0);
	wire[2] ^= 0x20;
	wire[13] ^= 1; /* name */
	dns_server_send(request, wire, len, 0);
	wire[13] ^= 1;
	wire[len - 3] ^= 2; /* type */
	dns_server_send(request, wire, len, 0);
	wire[len - 3] ^= 2;
	wire_put16(wire + 4, 0); /* NOERROR without a question */
	dns_server_send(request, wire, 12, 0);
	dns_server_answer(request, DNS_NXDOMAIN);
}

START_TEST(what_is_no_answer_to_it_is_ignored)
{
	const struct tsig_key *with = _i % 2 == 0 ? NULL : key;
	struct ask ask = { 0 };

	start(with, _i / 2 == 0 ? EXCHANGE_UDP : EXCHANGE_TCP, 2000);
	behave = answer_besides;
	send_query(&ask);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(ask.outcome.rcode, DNS_NXDOMAIN);
}
END_TEST

START_TEST(silence_is_asked_again_with_the_same_bytes)
{
	struct ask ask = { 0 };

	start(key, EXCHANGE_UDP, 400);
	send_query(&ask);
	wait_outcome(&ask, EXCHANGE_TIMED_OUT);
	ck_assert_str_eq(ask.outcome.text, "no answer within 400 ms");
	ck_assert_ptr_null(ask.outcome.answer);
	/* At 0, 40, 120 and 280 ms. */
	ck_assert_uint_ge(n_kept, 2);
	ck_assert_uint_le(n_kept, 4);
	for (unsigned i = 1; i < n_kept; i++) {
		ck_assert_uint_eq(kept[i]->len, kept[0]->len);
		ck_assert_mem_eq(kept[i]->wire, kept[0]->wire, kept[0]->len);
	}
}
END_TEST

/* A server whose UDP is dropped on the way. */
static void
answer_tcp_only(void *arg, struct dns_server_request *request)
{
	(void)arg;
	if (request->tcp)
		dns_server_answer(request, DNS_NOERROR);
}

START_TEST(silent_udp_is_left_for_tcp_and_remembered)
{
	struct ask first = { 0 }, second = { 0 };
	unsigned datagrams;

	start(key, EXCHANGE_AUTO, 1000);
	behave = answer_tcp_only;
	send_query(&first);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	ck_assert(first.outcome.tcp);
	ck_assert_uint_lt(first.outcome.duration_us, 700000);
	datagrams = n_udp;
	ck_assert_uint_ge(datagrams, 1);
	send_query(&second);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert(second.outcome.tcp);
	ck_assert_uint_eq(n_udp, datagrams);
}
END_TEST

static void
answer_truncated(void *arg, struct dns_server_request *request)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8600, wire, sizeof wire);

	(void)arg;
	if (request->tcp) {
		dns_server_answer(request, DNS_NOERROR);
		return;
	}
	len = dns_server_sign(request, wire, len, sizeof wire, 0, 0, false);
	dns_server_send(request, wire, len, 0);
}

START_TEST(truncated_answers_are_fetched_by_tcp)
{
	struct ask ask = { 0 };

	start(key, _i == 0 ? EXCHANGE_AUTO : EXCHANGE_UDP, 2000);
	behave = answer_truncated;
	send_query(&ask);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert(ask.outcome.tcp);
	ck_assert_uint_eq(n_udp, 1);
	ck_assert_uint_eq(n_tcp, 1);
}
END_TEST

START_TEST(large_requests_go_by_tcp)
{
	struct ask small = { 0 }, large = { 0 };

	start(key, EXCHANGE_UDP, 2000);
	behave = answer_well;
	send_update(&small, 1);
	wait_outcome(&small, EXCHANGE_ANSWERED);
	ck_assert(!small.outcome.tcp);
	send_update(&large, 100);
	wait_outcome(&large, EXCHANGE_ANSWERED);
	ck_assert(large.outcome.tcp);
}
END_TEST

START_TEST(without_tcp_updates_go_by_udp)
{
	struct ask first = { 0 }, second = { 0 }, large = { 0 };

	start(key, EXCHANGE_AUTO, 2000);
	behave = answer_well;
	dns_server_close_tcp(server);
	send_update(&first, 1);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	ck_assert(!first.outcome.tcp);
	send_update(&second, 1);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert(!second.outcome.tcp);
	send_update(&large, 100);
	wait_outcome(&large, EXCHANGE_UNREACHABLE);
	ck_assert_str_eq(large.outcome.text, "TCP: Connection refused");
}
END_TEST

START_TEST(nobody_there)
{
	const enum exchange_transport transports[] = { EXCHANGE_AUTO,
		EXCHANGE_TCP, EXCHANGE_UDP };
	struct ask query = { 0 }, update = { 0 };

	start(key, transports[_i], 2000);
	dns_server_close_tcp(server);
	dns_server_close_udp(server);
	send_query(&query);
	send_update(&update, 1);
	wait_outcome(&query, EXCHANGE_UNREACHABLE);
	wait_outcome(&update, EXCHANGE_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(query.outcome.text, "refused"));
}
END_TEST

/* What a server with another key sends, before the true answer or alone. */
static void
answer_unsigned(const struct dns_server_request *request, unsigned rcode)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8400 | rcode, wire,
	    sizeof wire);

	dns_server_send(request, wire, len, 0);
}

static void
answer_forged_then_well(void *arg, struct dns_server_request *request)
{
	(void)arg;
	answer_unsigned(request, DNS_REFUSED);
	answer_unsigned(request, DNS_NOERROR);
	dns_server_answer(request, DNS_NXDOMAIN);
}

START_TEST(a_forged_datagram_does_not_win)
{
	struct ask ask = { 0 };

	start(key, EXCHANGE_UDP, 2000);
	behave = answer_forged_then_well;
	send_query(&ask);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(ask.outcome.rcode, DNS_NXDOMAIN);
}
END_TEST

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

static void
answer_noerror_unsigned(void *arg, struct dns_server_request *request)
{
	(void)arg;
	answer_unsigned(request, DNS_NOERROR);
}

START_TEST(an_unsigned_consent_is_none)
{
	struct ask ask = { 0 };

	start(key, EXCHANGE_UDP, 700);
	behave = answer_noerror_unsigned;
	send_update(&ask, 1);
	wait_outcome(&ask, EXCHANGE_NOT_AUTHENTIC);
	ck_assert_uint_ge(ask.outcome.duration_us, 690000);
	ck_assert_str_eq(ask.outcome.text, "an unsigned answer (NOERROR)");
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

START_TEST(a_hundred_in_flight_answered_backwards)
{
	static struct ask asks[100];

	memset(asks, 0, sizeof asks);
	start(key, EXCHANGE_TCP, 5000);
	for (int i = 0; i < 100; i++)
		send_update(&asks[i], 3);
	ck_assert_uint_eq(exchange_in_flight(exchange), 100);
	WAIT_FOR(n_kept == 100);
	for (int i = 99; i >= 0; i--)
		dns_server_answer(kept[i], DNS_NOERROR);
	WAIT_FOR(n_answers == 100);
	for (int i = 0; i < 100; i++) {
		wait_outcome(&asks[i], EXCHANGE_ANSWERED);
		ck_assert_uint_eq(asks[i].order, 99 - (unsigned)i);
	}
	ck_assert_uint_eq(dns_server_connections(server), 1);
	ck_assert_uint_eq(exchange_in_flight(exchange), 0);
}
END_TEST

START_TEST(answers_come_in_pieces)
{
	struct ask first = { 0 }, second = { 0 };
	uint8_t wire[1024];
	size_t len;

	start(key, EXCHANGE_TCP, 5000);
	send_query(&first);
	send_query(&second);
	WAIT_FOR(n_kept == 2);
	len = dns_server_make(kept[0], 0x8400, wire + 2, sizeof wire - 2);
	len = dns_server_sign(kept[0], wire + 2, len, sizeof wire - 2, 0, 0,
	    false);
	/* Byte after byte, each in a turn of its own. */
	for (size_t i = 0; i < 2 + len; i++) {
		wire_put16(wire, (unsigned)len);
		ck_assert_uint_eq(first.calls, 0);
		ck_assert_int_eq(write(kept[0]->fd, wire + i, 1), 1);
		ck_assert_int_eq(loop_turn(loop, 100), 0);
	}
	wait_outcome(&first, EXCHANGE_ANSWERED);
	dns_server_answer(kept[1], DNS_NOERROR);
	wait_outcome(&second, EXCHANGE_ANSWERED);
}
END_TEST

/* Empty frames, answers to nobody and late ones leave the rest in peace. */
START_TEST(stray_frames_are_ignored)
{
	struct ask late = { 0 }, ask = { 0 };
	uint8_t wire[64] = { 0 };

	start(key, EXCHANGE_TCP, 5000);
	send_query(&late);
	send_query(&ask);
	WAIT_FOR(n_kept == 2);
	exchange_cancel(late.request);
	dns_server_send(kept[1], wire, 0, 0);
	dns_server_send(kept[1], wire, 1, 0);
	dns_server_send(kept[1], wire, sizeof wire, 0);
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_answer(kept[1], DNS_NOERROR);
	wait_outcome(&ask, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(late.calls, 0);
}
END_TEST

START_TEST(a_lost_connection_tells_what_may_have_happened)
{
	struct ask first = { 0 }, second = { 0 };

	start(key, EXCHANGE_TCP, 5000);
	send_update(&first, 1);
	WAIT_FOR(n_kept == 1);
	dns_server_hang_up(server);
	wait_outcome(&first, EXCHANGE_BROKEN);
	ck_assert_str_eq(first.outcome.text,
	    "the connection was closed before the answer");
	ck_assert(first.outcome.tcp);
	/* It is not sent again, but the next one gets a new connection. */
	behave = answer_well;
	send_update(&second, 1);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(n_tcp, 2);
	ck_assert_uint_eq(dns_server_connections(server), 2);
}
END_TEST

START_TEST(a_server_may_close_an_idle_connection)
{
	struct ask first = { 0 }, second = { 0 };

	start(key, EXCHANGE_TCP, 5000);
	behave = answer_well;
	send_update(&first, 1);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	dns_server_hang_up(server);
	send_update(&second, 1); /* in the same turn: the end is not seen yet */
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(dns_server_connections(server), 2);
}
END_TEST

/* What has not been written when the connection ends goes over a new one, what
 * has goes nowhere: no byte is sent twice. */
START_TEST(only_the_unsent_goes_over_a_new_connection)
{
	enum { N = 500 }; /* 8 MB: more than any buffer */
	static struct ask asks[N];
	unsigned broken = 0, answered = 0;

	memset(asks, 0, sizeof asks);
	start(NULL, EXCHANGE_TCP, 8000);
	dns_server_read_nothing(server, true);
	for (int i = 0; i < N; i++)
		send_update(&asks[i], 1024);
	WAIT_FOR(dns_server_connections(server) == 1);
	/* Until the buffers of the kernel are full. */
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(loop_turn(loop, 1), 0);
	behave = answer_well;
	dns_server_read_nothing(server, false);
	dns_server_hang_up(server);
	WAIT_FOR(n_answers == N);
	for (int i = 0; i < N; i++) {
		if (asks[i].outcome.status == EXCHANGE_BROKEN)
			broken++;
		else if (asks[i].outcome.status == EXCHANGE_ANSWERED)
			answered++;
	}
	ck_assert_uint_gt(broken, 0);
	ck_assert_uint_gt(answered, 0);
	ck_assert_uint_eq(broken + answered, N);
	ck_assert_uint_eq(n_tcp, answered);
}
END_TEST

START_TEST(a_silent_connection_times_out)
{
	struct ask ask = { 0 };

	start(key, EXCHANGE_AUTO, 300);
	send_update(&ask, 1);
	wait_outcome(&ask, EXCHANGE_TIMED_OUT);
	ck_assert(ask.outcome.tcp);
	ck_assert_uint_eq(n_kept, 1);
	ck_assert_uint_ge(ask.outcome.duration_us, 290000);
}
END_TEST

START_TEST(cancelled_requests_are_silent)
{
	struct ask udp = { 0 }, tcp = { 0 };

	start(key, EXCHANGE_AUTO, 1000);
	send_query(&udp);
	send_update(&tcp, 1);
	WAIT_FOR(n_kept == 2);
	exchange_cancel(udp.request);
	exchange_cancel(tcp.request);
	ck_assert_uint_eq(exchange_in_flight(exchange), 0);
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_answer(kept[1], DNS_NOERROR);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(loop_turn(loop, 1), 0);
	ck_assert_uint_eq(udp.calls, 0);
	ck_assert_uint_eq(tcp.calls, 0);
}
END_TEST

START_TEST(freeing_inside_a_callback)
{
	struct ask first = { 0 }, second = { 0 };

	start(key, _i == 0 ? EXCHANGE_UDP : EXCHANGE_TCP, 1000);
	send_query(&first);
	send_query(&second);
	WAIT_FOR(n_kept == 2);
	first.to_free = exchange;
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_answer(kept[1], DNS_NOERROR);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	exchange = NULL;
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(loop_turn(loop, 1), 0);
	ck_assert_uint_eq(second.calls, 0);
}
END_TEST

START_TEST(equal_ids_are_kept_apart)
{
	struct ask first = { 0 }, second = { 0 };
	struct dns_message message;

	start(key, EXCHANGE_TCP, 2000);
	for (int i = 0; i < 2; i++) {
		struct ask *ask = i == 0 ? &first : &second;

		ck_assert_int_eq(dns_message_query("www.example.org",
				     DNS_QTYPE_A, false, &message), 0);
		wire_put16(message.wire, 7);
		ask->request = exchange_send(exchange, EXCHANGE_QUERY,
		    &message, on_outcome, ask);
	}
	WAIT_FOR(n_kept == 2);
	ck_assert_uint_ne(wire_get16(kept[0]->wire),
	    wire_get16(kept[1]->wire));
	dns_server_answer(kept[1], DNS_NXDOMAIN);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(first.calls, 0);
}
END_TEST

static TCase *
make_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

static TCase *
make_udp(void)
{
	TCase *tcase = make_tcase("udp");

	tcase_add_test(tcase, a_query_goes_by_udp);
	tcase_add_test(tcase, without_a_key_nothing_is_signed);
	tcase_add_loop_test(tcase, what_is_no_answer_to_it_is_ignored, 0, 4);
	tcase_add_test(tcase, silence_is_asked_again_with_the_same_bytes);
	tcase_add_test(tcase, silent_udp_is_left_for_tcp_and_remembered);
	tcase_add_loop_test(tcase, truncated_answers_are_fetched_by_tcp, 0, 2);
	tcase_add_test(tcase, large_requests_go_by_tcp);
	tcase_add_test(tcase, without_tcp_updates_go_by_udp);
	tcase_add_loop_test(tcase, nobody_there, 0, 3);
	tcase_add_test(tcase, a_forged_datagram_does_not_win);
	tcase_add_loop_test(tcase, an_unsigned_denial_ends_it_soon, 0,
	    2 * (int)(sizeof denials / sizeof denials[0]));
	tcase_add_test(tcase, an_unsigned_consent_is_none);
	return tcase;
}

static TCase *
make_tcp(void)
{
	TCase *tcase = make_tcase("tcp");

	tcase_add_test(tcase, updates_go_over_one_connection);
	tcase_add_test(tcase, a_hundred_in_flight_answered_backwards);
	tcase_add_test(tcase, answers_come_in_pieces);
	tcase_add_test(tcase, stray_frames_are_ignored);
	tcase_add_test(tcase, a_lost_connection_tells_what_may_have_happened);
	tcase_add_test(tcase, a_server_may_close_an_idle_connection);
	tcase_add_test(tcase, only_the_unsent_goes_over_a_new_connection);
	tcase_add_test(tcase, a_silent_connection_times_out);
	tcase_add_test(tcase, cancelled_requests_are_silent);
	tcase_add_loop_test(tcase, freeing_inside_a_callback, 0, 2);
	tcase_add_test(tcase, equal_ids_are_kept_apart);
	return tcase;
}

static TCase *
make_words(void)
{
	TCase *tcase = make_tcase("words");

	tcase_add_loop_test(tcase, tsig_errors_in_words, 0,
	    2 * (int)(sizeof complaints / sizeof complaints[0]));
	tcase_add_loop_test(tcase, rcodes_in_words, 0,
	    (int)(sizeof refusals / sizeof refusals[0]));
	return tcase;
}

int
main(void)
{
	Suite *suite = suite_create("exchange");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, make_udp());
	suite_add_tcase(suite, make_tcp());
	suite_add_tcase(suite, make_words());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
