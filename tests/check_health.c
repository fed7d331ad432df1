/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "http/health.h"

/* Outcomes: o ok, x target failed, l local fault, c cancelled. States after
 * each: ? unknown, u up, d down; capital while in doubt. */
static const struct {
	unsigned rise, fall;
	const char *outcomes;
	const char *states;
} cases[] = {
	{ 2, 3, "oo", "!u" },
	{ 2, 3, "xxx", "!!d" },
	{ 1, 1, "oxox", "udud" },
	{ 2, 3, "ooxxx", "!uUUd" },
	{ 2, 3, "ooxxo", "!uUUu" },
	{ 2, 3, "ooxxoxxx", "!uUUuUUd" },
	{ 2, 3, "xxxoo", "!!dDu" },
	{ 2, 3, "xxxoxoo", "!!dDdDu" },
	{ 2, 3, "oxo", "!!!" },
	{ 2, 3, "oxxx", "!!!d" },
	{ 2, 3, "oxoo", "!!!u" },
	/* Local faults and cancelled probes neither count nor reset. */
	{ 2, 3, "lco", "??" "!" },
	{ 2, 3, "oolxlxcx", "!uuUUUUd" },
	{ 2, 3, "llllll", "??????" },
};

static enum outcome
outcome_of(char c)
{
	switch (c) {
	case 'o':
		return OUTCOME_OK;
	case 'x':
		return OUTCOME_REFUSED;
	case 'l':
		return OUTCOME_NO_ROUTE;
	}
	return OUTCOME_CANCELLED;
}

static char
state_of(const struct health *health)
{
	bool doubt = health_in_doubt(health);

	switch (health->state) {
	case HEALTH_UP:
		return doubt ? 'U' : 'u';
	case HEALTH_DOWN:
		return doubt ? 'D' : 'd';
	case HEALTH_UNKNOWN:
		break;
	}
	return doubt ? '!' : '?';
}

START_TEST(counts_rise_and_fall)
{
	struct health health = { 0 };
	char states[32] = "";

	for (size_t i = 0; cases[_i].outcomes[i] != '\0'; i++) {
		enum health_state before = health.state;
		bool changed = health_step(&health, cases[_i].rise,
		    cases[_i].fall, outcome_of(cases[_i].outcomes[i]),
		    (int64_t)i);

		ck_assert_int_eq(changed, health.state != before);
		states[i] = state_of(&health);
	}
	ck_assert_str_eq(states, cases[_i].states);
}
END_TEST

START_TEST(remembers_sixty_four_probes)
{
	struct health health = { 0 };
	char text[65];

	ck_assert_str_eq(health_history(&health, text), "");
	health_step(&health, 2, 3, OUTCOME_OK, 1);
	health_step(&health, 2, 3, OUTCOME_STALLED, 2);
	health_step(&health, 2, 3, OUTCOME_STATUS, 3);
	ck_assert_str_eq(health_history(&health, text), "+-");
	for (int i = 0; i < 100; i++)
		health_step(&health, 2, 3,
		    i == 99 ? OUTCOME_BODY : OUTCOME_OK, i);
	ck_assert_uint_eq(strlen(health_history(&health, text)), 64);
	ck_assert_ptr_eq(strchr(text, '-'), text + 63);
}
END_TEST

START_TEST(is_stale_after_three_intervals_and_a_timeout)
{
	struct health health = { 0 };

	ck_assert(health_is_stale(&health, 1000, 500, 0));
	health_step(&health, 2, 3, OUTCOME_OK, 10000);
	ck_assert(!health_is_stale(&health, 1000, 500, 13500));
	ck_assert(health_is_stale(&health, 1000, 500, 13501));
	health_step(&health, 2, 3, OUTCOME_NO_DESCRIPTORS, 13501);
	ck_assert(health_is_stale(&health, 1000, 500, 13501));
}
END_TEST

START_TEST(grows_old_while_we_stand_still)
{
	struct health health = { 0 };

	health_step(&health, 1, 1, OUTCOME_OK, 10000);
	health_age(&health, 3400);
	ck_assert(!health_is_stale(&health, 1000, 500, 10100));
	ck_assert(health_is_stale(&health, 1000, 500, 10101));
	ck_assert_int_eq(health.state, HEALTH_UP);
}
END_TEST

START_TEST(knows_since_when_it_fails)
{
	struct health health = { 0 };

	health_step(&health, 1, 2, OUTCOME_OK, 1000);
	ck_assert_int_eq(health.failing_since_ms, 0);
	health_step(&health, 1, 2, OUTCOME_REFUSED, 2000);
	health_step(&health, 1, 2, OUTCOME_NO_ROUTE, 2500);
	health_step(&health, 1, 2, OUTCOME_STATUS, 3000);
	ck_assert_int_eq(health.failing_since_ms, 2000);
	health_step(&health, 1, 2, OUTCOME_OK, 4000);
	health_step(&health, 1, 2, OUTCOME_REFUSED, 5000);
	ck_assert_int_eq(health.failing_since_ms, 5000);
}
END_TEST

START_TEST(begins_anew_when_what_it_saw_is_void)
{
	struct health health = { 0 };
	char text[65];

	health_step(&health, 1, 2, OUTCOME_REFUSED, 1000);
	health_step(&health, 1, 2, OUTCOME_REFUSED, 2000);
	health_void(&health);
	ck_assert_int_eq(health.state, HEALTH_UNKNOWN);
	ck_assert(!health_in_doubt(&health));
	ck_assert(!health_step(&health, 1, 2, OUTCOME_REFUSED, 3000));
	ck_assert_int_eq(health.failing_since_ms, 3000);
	ck_assert(health_step(&health, 1, 2, OUTCOME_REFUSED, 4000));
	ck_assert_int_eq(health.state, HEALTH_DOWN);
	ck_assert_str_eq(health_history(&health, text), "----");
}
END_TEST

START_TEST(outcomes_have_words)
{
#define X(name, cls, text)                                                     \
	ck_assert_int_eq(outcome_class(name), OUTCOME_CLASS_##cls);            \
	ck_assert_str_eq(outcome_text(name), text);
	OUTCOME_TABLE(X)
#undef X
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, counts_rise_and_fall, 0, COUNT(cases));
	tcase_add_test(tcase, remembers_sixty_four_probes);
	tcase_add_test(tcase, is_stale_after_three_intervals_and_a_timeout);
	tcase_add_test(tcase, grows_old_while_we_stand_still);
	tcase_add_test(tcase, knows_since_when_it_fails);
	tcase_add_test(tcase, begins_anew_when_what_it_saw_is_void);
	tcase_add_test(tcase, outcomes_have_words);
}

int
main(void)
{
	return check_main("health", fill);
}
