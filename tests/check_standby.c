/* SPDX-License-Identifier: ISC */
/* When a takeover is recorded, and when it ends: courses of events, one letter a
 * second. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/standby.h"

/* A course: which tier would naturally be in charge, '?' when that is not
 * certain; and what is recorded after each second, '-': nothing. The recorded
 * tier is good, unless `dead` has an x for that second. */
struct course {
	const char *name;
	struct standby_rules rules;
	const char *natural;
	const char *dead;
	const char *records;
};

#define AUTO { .manual = false }
#define DELAY(s) { .delay_ms = 1000 * (s) }
#define MANUAL { .manual = true }

static const struct course courses[] = {
	{ "auto remembers nothing", AUTO, "0011100", "       ", "-------" },
	{ "manual stays", MANUAL, "00111000000", "           ",
	    "--111111111" },
	{ "manual leaves a dead standby", MANUAL, "0110000", "    x  ",
	    "-111---" },
	{ "manual goes on to the next", MANUAL, "0112222", "   x   ",
	    "-112222" },
	{ "manual does not go down by one", MANUAL, "0112111", "   x   ",
	    "-112222" },
	{ "a delay passes", DELAY(3), "011000000", "         ",
	    "-11111---" },
	{ "a flap begins it anew", DELAY(3), "0110010000", "          ",
	    "-11111111-" },
	{ "doubt begins it anew", DELAY(3), "01100?0000", "          ",
	    "-11111111-" },
	{ "no delay out of a dead standby", DELAY(9), "01100", "    x",
	    "-111-" },
	{ "back by steps", DELAY(2), "0221110000", "          ",
	    "-2222111--" },
	{ "what nobody is sure of is not forgotten", MANUAL, "011??1",
	    "   xx ", "-11111" },
	{ "what nobody is sure of is not recorded", MANUAL, "0???0",
	    "     ", "-----" },
};

static struct standby_view
view_of(char natural, bool dead, char record)
{
	struct standby_view view = { .natural_certain = natural != '?',
		.natural = natural == '?' ? 0 : (unsigned)(natural - '0'),
		.recorded = record != '-',
		.record = record == '-' ? 0 : (unsigned)(record - '0') };
	bool heeded = view.recorded && !dead;

	view.certain = heeded || view.natural_certain;
	view.tier = heeded ? view.record : view.natural;
	return view;
}

START_TEST(takes_its_course)
{
	const struct course *course = &courses[_i];
	struct standby_watch watch = { 0 };
	char record = '-', records[32] = "";

	for (size_t i = 0; course->natural[i] != '\0'; i++) {
		struct standby_view view = view_of(course->natural[i],
		    course->dead[i] == 'x', record);
		unsigned tier = 0;

		switch (standby_step(&course->rules, &view, &watch,
		    5000 + 1000 * (int64_t)i, &tier)) {
		case STANDBY_STAY:
			break;
		case STANDBY_NOTE:
			record = (char)('0' + tier);
			break;
		case STANDBY_FORGET:
			record = '-';
			break;
		}
		records[i] = record;
	}
	ck_assert_msg(strcmp(records, course->records) == 0,
	    "%s: %s instead of %s", course->name, records, course->records);
}
END_TEST

START_TEST(a_record_that_nobody_needs_is_forgotten)
{
	struct standby_rules rules = AUTO;
	struct standby_view view = { .recorded = true, .record = 1,
		.certain = true, .natural_certain = true };
	struct standby_watch watch = { 0 };
	unsigned tier;

	ck_assert_int_eq(standby_step(&rules, &view, &watch, 1, &tier),
	    STANDBY_FORGET);
}
END_TEST

/* Draining all of a tier is no failover: what is left is the first tier. */
START_TEST(the_first_free_tier_is_not_recorded)
{
	struct standby_rules rules = MANUAL;
	struct standby_view view = { .first = 1, .certain = true, .tier = 1,
		.natural_certain = true, .natural = 1 };
	struct standby_watch watch = { 0 };
	unsigned tier;

	ck_assert_int_eq(standby_step(&rules, &view, &watch, 1, &tier),
	    STANDBY_STAY);
}
END_TEST

/* The first of three tiers failed, and is drained for its repair. Each row: what
 * is recorded, who is in charge, what becomes of that. */
static const struct {
	unsigned record, tier;
	enum standby_move move;
} drained[] = {
	{ 1, 1, STANDBY_STAY },
	{ 2, 2, STANDBY_STAY },
	{ 2, 1, STANDBY_NOTE },
	{ 1, 2, STANDBY_NOTE },
	{ 1, 0, STANDBY_FORGET },
};

START_TEST(a_drained_first_tier_is_not_forgotten)
{
	struct standby_rules rules = MANUAL;
	struct standby_view view = { .first = 1, .lowest = 0,
		.recorded = true, .record = drained[_i].record,
		.certain = true, .tier = drained[_i].tier,
		.natural_certain = true, .natural = 1 };
	struct standby_watch watch = { 0 };
	unsigned tier;

	ck_assert_int_eq(standby_step(&rules, &view, &watch, 1, &tier),
	    drained[_i].move);
	ck_assert_uint_eq(tier, drained[_i].tier);
}
END_TEST

/* The tier below it is gone from the configuration. */
START_TEST(the_lowest_tier_that_is_left_is_not_recorded)
{
	struct standby_rules rules = MANUAL;
	struct standby_view view = { .first = 1, .lowest = 1, .recorded = true,
		.record = 1, .certain = true, .tier = 1,
		.natural_certain = true, .natural = 1 };
	struct standby_watch watch = { 0 };
	unsigned tier;

	ck_assert_int_eq(standby_step(&rules, &view, &watch, 1, &tier),
	    STANDBY_FORGET);
}
END_TEST

START_TEST(tells_when_it_returns)
{
	struct standby_rules rules = DELAY(5);
	struct standby_view view = view_of('0', false, '1');
	struct standby_watch watch = { 0 };
	unsigned tier;
	int64_t at_ms = 0;

	standby_step(&rules, &view, &watch, 7000, &tier);
	ck_assert(standby_returns_at(&rules, &view, &watch, &at_ms));
	ck_assert_int_eq(at_ms, 12000);
	rules.manual = true;
	ck_assert(!standby_returns_at(&rules, &view, &watch, &at_ms));
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, takes_its_course, 0, COUNT(courses));
	tcase_add_test(tcase, a_record_that_nobody_needs_is_forgotten);
	tcase_add_test(tcase, the_first_free_tier_is_not_recorded);
	tcase_add_loop_test(tcase, a_drained_first_tier_is_not_forgotten, 0,
	    COUNT(drained));
	tcase_add_test(tcase,
	    the_lowest_tier_that_is_left_is_not_recorded);
	tcase_add_test(tcase, tells_when_it_returns);
}

int
main(void)
{
	return check_main("standby", fill);
}
