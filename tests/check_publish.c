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

static void
fill(TCase *tcase)
{
	use_publish(tcase);
	tcase_add_loop_test(tcase,
	    what_waited_for_a_lost_update_leaves_after_the_rest, 0, 2);
	tcase_add_loop_test(tcase,
	    a_wish_that_changed_during_a_lost_update_is_tried_at_once, 0, 2);
}

int
main(void)
{
	return check_main("publish", fill);
}
