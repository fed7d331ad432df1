/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "exchange_fixture.h"

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
	ck_assert_uint_ge(n_udp, 1); /* more on a slow machine */
	ck_assert_uint_eq(n_tcp, 0);
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
	ck_assert_uint_ge(n_udp, 1); /* more on a slow machine */
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

static void
fill(TCase *tcase)
{
	use_exchange(tcase);
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
	tcase_add_test(tcase, an_unsigned_consent_is_none);
}

int
main(void)
{
	return check_main("exchange", fill);
}
