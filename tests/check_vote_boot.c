/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "check_main.h"
#include "vote/boot.h"
#include "vote/clock.h"

static const struct {
	int64_t wall_ms;
	uint64_t random;
	uint64_t saved;
	uint64_t boot;
} choices[] = {
	{ 1000, 5, 0, 1000 * 4096 + 5 },
	{ 1000, 4096 + 5, 0, 1000 * 4096 + 5 }, /* 12 bits only */
	{ 1000, 5, 4096005, 4096006 }, /* the clock went back */
	{ 1000, 5, 7, 4096005 },
	{ 0, 5, 0, 5 }, /* no clock at all */
	{ -1000, 5, 0, 5 },
	{ 0, 0, 0, 1 }, /* 0 means: none */
	{ 0, 5, 5, 6 },
};

START_TEST(each_life_has_a_higher_number)
{
	ck_assert_uint_eq(vote_boot_choose(choices[_i].wall_ms,
			      choices[_i].random, choices[_i].saved),
	    choices[_i].boot);
}
END_TEST

START_TEST(six_adoptions_in_a_minute_are_one_too_many)
{
	struct vote_boots boots = { 0 };

	for (int i = 0; i < 5; i++)
		ck_assert(!vote_boots_adopt(&boots, 1000 * i));
	ck_assert(!vote_boots_contested(&boots));
	ck_assert(vote_boots_adopt(&boots, 59999));
	ck_assert(vote_boots_contested(&boots));
	ck_assert(!vote_boots_calm(&boots, 59999 + 59999));
	ck_assert(vote_boots_contested(&boots));
	ck_assert(vote_boots_calm(&boots, 59999 + 60000));
	ck_assert(!vote_boots_contested(&boots));
	ck_assert(!vote_boots_calm(&boots, 59999 + 60001));
}
END_TEST

START_TEST(seldom_adoptions_are_none)
{
	struct vote_boots boots = { 0 };

	for (int i = 0; i < 50; i++)
		ck_assert(!vote_boots_adopt(&boots, 12000 * i));
	ck_assert(!vote_boots_contested(&boots));
}
END_TEST

/* After ms by the one clock and by the time of day: the stop that is seen, and
 * what the node's clock shows then. */
static const struct {
	int64_t passed_ms;
	int64_t wall_ms;
	int64_t stood_ms;
	int64_t now_ms;
} steps[] = {
	{ 0, 0, 0, 0 },
	{ 100, 100, 0, 100 },
	{ 100, 109, 0, 200 }, /* rounding, or slewed */
	{ 100, 101, 10, 310 }, /* 9 and 1 add up */
	{ 100, 109, 0, 410 },
	{ 100, 91, 0, 510 }, /* and back */
	{ 100, 109, 0, 610 },
	{ 100, 5100, 5009, 5719 }, /* a stop */
	{ 100, -3600000, 0, 5819 }, /* set back: says nothing */
	{ 100, 100, 0, 5919 },
	{ 1, 951, 950, 6870 }, /* many short ones */
	{ 1, 951, 950, 7821 },
	{ 5000, 5000, 0, 12821 }, /* counted by itself */
};

START_TEST(two_lives_that_learn_the_same_go_on_with_different_numbers)
{
	ck_assert_uint_eq(vote_boot_above(1000, 0), 1001);
	ck_assert_uint_eq(vote_boot_above(1000, 7), 1008);
	ck_assert_uint_eq(vote_boot_above(1000, UINT64_MAX), 1000 + (1 << 20));
}
END_TEST

START_TEST(the_clock_counts_stops)
{
	struct vote_clock clock;
	int64_t now_ms = 1000000, wall_ms = 1767225600000;

	vote_clock_init(&clock, now_ms, wall_ms);
	for (size_t i = 0; i < COUNT(steps); i++) {
		now_ms += steps[i].passed_ms;
		wall_ms += steps[i].wall_ms;
		ck_assert_int_eq(vote_clock_step(&clock, now_ms, wall_ms),
		    steps[i].stood_ms);
		ck_assert_int_eq(vote_clock_from(&clock, now_ms) - 1000000,
		    steps[i].now_ms);
		ck_assert_int_eq(vote_clock_to(&clock,
				     vote_clock_from(&clock, now_ms)),
		    now_ms);
	}
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, each_life_has_a_higher_number, 0,
	    COUNT(choices));
	tcase_add_test(tcase, six_adoptions_in_a_minute_are_one_too_many);
	tcase_add_test(tcase, seldom_adoptions_are_none);
	tcase_add_test(tcase,
	    two_lives_that_learn_the_same_go_on_with_different_numbers);
	tcase_add_test(tcase, the_clock_counts_stops);
}

int
main(void)
{
	return check_main("vote_boot", fill);
}
