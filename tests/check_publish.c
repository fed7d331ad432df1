/* SPDX-License-Identifier: ISC */
/* Records on a primary, on a virtual clock: what is read and written when. */
#include "config.h"

#include "publish_fixture.h"

#define TRIES 6 /* the first one included */
#define RETRY_MAX_MS 4000 /* what passes at most before the next try */

/* A primary that answers queries but no UPDATE: the last try of www is in
 * flight. */
static void
exhaust_tries(void)
{
	begin(false);
	wish_for(&www, 0, DESIRED_ABSENT);
	for (unsigned i = 1; i < TRIES; i++) {
		ck_assert(update_of(&www));
		end_update(EXCHANGE_TIMED_OUT);
		ck_assert_str_eq(www.failure, "");
		pass(RETRY_MAX_MS);
	}
	ck_assert(update_of(&www));
}

START_TEST(what_waited_for_a_lost_update_leaves_after_the_rest)
{
	exhaust_tries();
	wish_for(&ftp, 0, DESIRED_ABSENT);
	end_update(EXCHANGE_TIMED_OUT);
	ck_assert_str_eq(www.failure, "update: as the test wants");
	if (_i == 1) {
		publish_service_free(www.service);
		www.service = NULL;
	}
	ck_assert(!update_in_flight());
	pass(RETRY_MAX_MS);
	ck_assert(update_of(&ftp));
}
END_TEST

/* Drained while the UPDATE was in flight that was the last try, or that was
 * denied: what is wished now has not been tried yet. */
START_TEST(a_wish_that_changed_during_a_lost_update_is_tried_at_once)
{
	exhaust_tries();
	wish_for(&www, 0, DESIRED_PRESENT);
	wish_for(&www, 1, DESIRED_ABSENT);
	end_update(_i == 0 ? EXCHANGE_TIMED_OUT : EXCHANGE_NOT_AUTHENTIC);
	ck_assert_str_eq(www.failure, "update: as the test wants");
	pass(500);
	ck_assert(update_of(&www));
}
END_TEST

/* Why it is sent, and when, counts from what leaves: the agent is told. */
START_TEST(what_leaves_at_once_is_told_as_being_sent)
{
	begin(false);
	wish_for(&www, 0, DESIRED_ABSENT);
	ck_assert(update_of(&www));
	ck_assert_uint_eq(www.sendings, 1);
	ck_assert_uint_eq(ftp.sendings, 0);
}
END_TEST

/* DNS stays as it is: what is wished next is told all the same. */
START_TEST(a_dry_run_tells_each_change_once)
{
	www.held_ttl = 3600;
	begin(true);
	ck_assert_str_eq(www.told, "192.0.2.1 192.0.2.2 ttl 3600 -> "
				   "192.0.2.1 192.0.2.2 ttl 60\n");
	www.told[0] = '\0';
	publish_service_kick(www.service);
	pass(200000);
	ck_assert_str_eq(www.told, "");
	wish_for(&www, 0, DESIRED_ABSENT);
	pass(200000);
	ck_assert_str_eq(www.told, "192.0.2.1 192.0.2.2 ttl 3600 -> "
				   "192.0.2.2 ttl 60\n");
	www.told[0] = '\0';
	www.held_ttl = 60;
	pass(200000);
	ck_assert_str_eq(www.told, "192.0.2.1 192.0.2.2 ttl 60 -> "
				   "192.0.2.2 ttl 60\n");
	www.told[0] = '\0';
	wish_for(&www, 0, DESIRED_PRESENT);
	wish_for(&www, 0, DESIRED_ABSENT);
	ck_assert_str_eq(www.told, "192.0.2.1 192.0.2.2 ttl 60 -> "
				   "192.0.2.2 ttl 60\n");
	ck_assert(!update_in_flight());
}
END_TEST

/* protocol.md section 6: 2.5 s and 8 s after an UPDATE the writer compares
 * again, because a late copy of another may have come. What else it reads
 * meanwhile is no reason not to. */
START_TEST(compares_again_after_an_update_though_it_was_kicked)
{
	static const unsigned looks_ms[] = { 2500, 8000 };
	unsigned reads, passed_ms = 0;

	begin(false);
	wish_for(&www, 0, DESIRED_ABSENT);
	www.held[0] = false;
	end_update(EXCHANGE_ANSWERED);
	ck_assert_str_eq(www.told, "192.0.2.1 192.0.2.2 ttl 60 -> "
				   "192.0.2.2 ttl 60\n");
	for (unsigned i = 0; i < COUNT(looks_ms); i++) {
		for (int kicks = 0; kicks < _i; kicks++) {
			pass(1000);
			passed_ms += 1000;
			publish_service_kick(www.service);
			pass(0);
		}
		reads = www.reads;
		pass(looks_ms[i] - 1 - passed_ms);
		ck_assert_uint_eq(www.reads, reads);
		pass(1);
		ck_assert_uint_eq(www.reads, reads + 1);
		passed_ms = looks_ms[i];
	}
	reads = www.reads;
	pass(40000);
	ck_assert_uint_eq(www.reads, reads);
}
END_TEST

static void
fill(TCase *tcase)
{
	use_publish(tcase);
	tcase_add_loop_test(tcase,
	    what_waited_for_a_lost_update_leaves_after_the_rest, 0, 2);
	tcase_add_loop_test(tcase,
	    a_wish_that_changed_during_a_lost_update_is_tried_at_once, 0, 2);
	tcase_add_test(tcase, what_leaves_at_once_is_told_as_being_sent);
	tcase_add_test(tcase, a_dry_run_tells_each_change_once);
	tcase_add_loop_test(tcase,
	    compares_again_after_an_update_though_it_was_kicked, 0, 3);
}

int
main(void)
{
	return check_main("publish", fill);
}
