/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <unistd.h>

#include "exchange_fixture.h"

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
		loop_turn(loop, 100);
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

static bool is_still_wanted;
static unsigned n_wondered;

static bool
wonder(void *arg)
{
	ck_assert_ptr_nonnull(arg);
	n_wondered++;
	return is_still_wanted;
}

/* While it was connected to, what was wished may have changed; by UDP, too, it
 * is asked for before anything leaves. */
START_TEST(what_is_no_longer_wanted_does_not_leave)
{
	struct ask unwanted = { .wanted = wonder };
	struct ask wanted = { .wanted = wonder };

	start(key, _i == 0 ? EXCHANGE_TCP : EXCHANGE_UDP, 5000);
	behave = answer_well;
	is_still_wanted = false;
	n_wondered = 0;
	send_update(&unwanted, 1);
	ck_assert_uint_eq(unwanted.calls, 0);
	wait_outcome(&unwanted, EXCHANGE_WITHDRAWN);
	ck_assert_uint_eq(n_wondered, 1);
	ck_assert_uint_eq(n_tcp + n_udp, 0);
	is_still_wanted = true;
	send_update(&wanted, 1);
	wait_outcome(&wanted, EXCHANGE_ANSWERED);
	ck_assert_uint_ge(n_wondered, 2); /* more on a slow machine */
	ck_assert_uint_ge(n_tcp + n_udp, 1);
}
END_TEST

/* The server keeps the first copy, and what was wished changes. */
START_TEST(what_is_no_longer_wanted_is_not_sent_once_more)
{
	struct ask ask = { .wanted = wonder };

	start(key, EXCHANGE_UDP, 600);
	is_still_wanted = true;
	n_wondered = 0;
	send_update(&ask, 1);
	is_still_wanted = false;
	wait_outcome(&ask, EXCHANGE_TIMED_OUT);
	ck_assert_uint_eq(n_wondered, 2);
	ck_assert_uint_eq(n_udp, 1);
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
	start(NULL, EXCHANGE_TCP, 600000);
	dns_server_read_nothing(server, true);
	for (int i = 0; i < N; i++)
		send_update(&asks[i], 1024);
	WAIT_FOR(dns_server_connections(server) == 1);
	/* Until the buffers of the kernel are full. */
	for (int i = 0; i < 50; i++)
		loop_turn(loop, 1);
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

/* It may be the connection alone: the next request gets another one. */
START_TEST(a_silent_connection_times_out)
{
	struct ask ask = { 0 }, next = { 0 };

	start(key, EXCHANGE_AUTO, 2000);
	send_update(&ask, 1);
	wait_outcome(&ask, EXCHANGE_TIMED_OUT);
	ck_assert(ask.outcome.tcp);
	ck_assert_uint_eq(n_kept, 1);
	ck_assert_uint_ge(ask.outcome.duration_us, 1990000);
	behave = answer_well;
	send_update(&next, 1);
	wait_outcome(&next, EXCHANGE_ANSWERED);
	ck_assert(next.outcome.tcp);
	ck_assert_uint_eq(dns_server_connections(server), 2);
}
END_TEST

/* Others were answered meanwhile: this one was lost, or is slow. */
START_TEST(a_connection_that_answers_others_is_kept)
{
	struct ask slow = { 0 }, quick = { 0 }, next = { 0 };

	start(key, EXCHANGE_TCP, 500);
	send_update(&slow, 1);
	WAIT_FOR(n_kept == 1);
	behave = answer_well;
	send_update(&quick, 1);
	wait_outcome(&quick, EXCHANGE_ANSWERED);
	wait_outcome(&slow, EXCHANGE_TIMED_OUT);
	send_update(&next, 1);
	wait_outcome(&next, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(dns_server_connections(server), 1);
}
END_TEST

/* What was written behind the first is lost, once: from then on each request has
 * a connection of its own. */
START_TEST(a_server_that_ends_connections_after_an_answer)
{
	struct ask asks[3] = { 0 }, later[3] = { 0 };

	start(key, EXCHANGE_TCP, 5000);
	for (size_t i = 0; i < 3; i++)
		send_update(&asks[i], 1);
	WAIT_FOR(n_kept == 3);
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_hang_up(server);
	wait_outcome(&asks[0], EXCHANGE_ANSWERED);
	wait_outcome(&asks[1], EXCHANGE_BROKEN);
	wait_outcome(&asks[2], EXCHANGE_BROKEN);
	behave = answer_well;
	for (size_t i = 0; i < 3; i++)
		send_update(&later[i], 1);
	for (size_t i = 0; i < 3; i++)
		wait_outcome(&later[i], EXCHANGE_ANSWERED);
	ck_assert_uint_eq(dns_server_connections(server), 4);
	ck_assert_uint_eq(n_tcp, 6);
}
END_TEST

/* The one that has the connection is given up: the next one gets its own. */
START_TEST(a_single_request_is_cancelled)
{
	struct ask asks[2] = { 0 }, first = { 0 }, second = { 0 };

	start(key, EXCHANGE_TCP, 5000);
	send_update(&asks[0], 1);
	send_update(&asks[1], 1);
	WAIT_FOR(n_kept == 2);
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_hang_up(server);
	wait_outcome(&asks[1], EXCHANGE_BROKEN);
	send_update(&first, 1);
	send_update(&second, 1);
	WAIT_FOR(n_kept == 3);
	behave = answer_well;
	exchange_cancel(first.request);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(first.calls, 0);
	ck_assert_uint_eq(n_tcp, 4);
}
END_TEST

START_TEST(cancelled_requests_are_silent)
{
	struct ask udp = { 0 }, tcp = { 0 };

	start(key, EXCHANGE_AUTO, 5000);
	send_query(&udp);
	send_update(&tcp, 1);
	WAIT_FOR(n_kept == 2);
	exchange_cancel(udp.request);
	exchange_cancel(tcp.request);
	ck_assert_uint_eq(exchange_in_flight(exchange), 0);
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_answer(kept[1], DNS_NOERROR);
	for (int i = 0; i < 20; i++)
		loop_turn(loop, 1);
	ck_assert_uint_eq(udp.calls, 0);
	ck_assert_uint_eq(tcp.calls, 0);
}
END_TEST

START_TEST(freeing_inside_a_callback)
{
	struct ask first = { 0 }, second = { 0 };

	start(key, _i == 0 ? EXCHANGE_UDP : EXCHANGE_TCP, 5000);
	send_query(&first);
	send_query(&second);
	WAIT_FOR(n_kept == 2);
	first.to_free = exchange;
	dns_server_answer(kept[0], DNS_NOERROR);
	dns_server_answer(kept[1], DNS_NOERROR);
	wait_outcome(&first, EXCHANGE_ANSWERED);
	exchange = NULL;
	for (int i = 0; i < 20; i++)
		loop_turn(loop, 1);
	ck_assert_uint_eq(second.calls, 0);
}
END_TEST

START_TEST(equal_ids_are_kept_apart)
{
	struct ask first = { 0 }, second = { 0 };
	struct dns_message message;

	start(key, EXCHANGE_TCP, 5000);
	for (int i = 0; i < 2; i++) {
		struct ask *ask = i == 0 ? &first : &second;

		ck_assert_int_eq(dns_message_query("www.example.org",
				     DNS_QTYPE_A, false, &message), 0);
		wire_put16(message.wire, 7);
		ask->request = exchange_send(exchange, EXCHANGE_QUERY,
		    &message, NULL, on_outcome, ask);
	}
	WAIT_FOR(n_kept == 2);
	ck_assert_uint_ne(wire_get16(kept[0]->wire),
	    wire_get16(kept[1]->wire));
	dns_server_answer(kept[1], DNS_NXDOMAIN);
	wait_outcome(&second, EXCHANGE_ANSWERED);
	ck_assert_uint_eq(first.calls, 0);
}
END_TEST

static void
fill(TCase *tcase)
{
	use_exchange(tcase);
	tcase_add_test(tcase, updates_go_over_one_connection);
	tcase_add_test(tcase, a_hundred_in_flight_answered_backwards);
	tcase_add_test(tcase, answers_come_in_pieces);
	tcase_add_test(tcase, stray_frames_are_ignored);
	tcase_add_loop_test(tcase, what_is_no_longer_wanted_does_not_leave, 0, 2);
	tcase_add_test(tcase, what_is_no_longer_wanted_is_not_sent_once_more);
	tcase_add_test(tcase, a_lost_connection_tells_what_may_have_happened);
	tcase_add_test(tcase, a_server_may_close_an_idle_connection);
	tcase_add_test(tcase, only_the_unsent_goes_over_a_new_connection);
	tcase_add_test(tcase, a_silent_connection_times_out);
	tcase_add_test(tcase, a_connection_that_answers_others_is_kept);
	tcase_add_test(tcase, a_server_that_ends_connections_after_an_answer);
	tcase_add_test(tcase, a_single_request_is_cancelled);
	tcase_add_test(tcase, cancelled_requests_are_silent);
	tcase_add_loop_test(tcase, freeing_inside_a_callback, 0, 2);
	tcase_add_test(tcase, equal_ids_are_kept_apart);
}

int
main(void)
{
	return check_main("exchange_tcp", fill);
}
