/* SPDX-License-Identifier: ISC */
/* The desired set where records dwell, or all are held. */
#include "config.h"

#include <check.h>
#include <string.h>

#include "check_main.h"
#include "desired_fixture.h"

/* Letters as of desired_read(); tier 1 is pinned by t a takeover, f a failover;
 * settled and begun: . nothing; actions: + present - absent = keep. */
static const struct {
	const char *name;
	bool held;
	char pin;
	const char *verdicts, *intents, *tiers, *settled, *begun, *actions;
} dampings[] = {
	{ "a fresh record stays", false, '.', "du", "..", "00", "+.", "..",
	    "=+" },
	{ "a fresh removal stays", false, '.', "uu", "..", "00", "-.", "..",
	    "=+" },
	{ "what is so already waits for nothing", false, '.', "du", "..", "00",
	    "-+", "..", "-+" },
	{ "the only one that is up does not wait", false, '.', "du", "..", "00",
	    ".-", "..", "-+" },
	{ "nor do two of them", false, '.', "uu", "..", "00", "--", "..",
	    "++" },
	{ "a forced one serves nobody who is up", false, '.', "du", "U.", "00",
	    ".-", "..", "++" },
	{ "an operator does not wait", false, '.', "uu", "x.", "00", "+.", "..",
	    "-+" },
	{ "a takeover waits for its end", false, 't', "uu", "..", "01", "+.",
	    "..", "=+" },
	{ "a failover does not wait", false, 'f', "uu", "..", "01", "+.", "..",
	    "-+" },
	{ "nor for a part of its tier", false, 'f', "uuu", "...", "011", "+.-",
	    "...", "-++" },
	{ "who is down in its tier waits", false, 'f', "uud", "...", "011",
	    "+.+", "...", "-+=" },
	{ "a failover to a dead tier is none", false, 'f', "udd", "...", "001",
	    ".++", "...", "+==" },
	{ "held", true, '.', "du", "..", "00", "..", "..", "==" },
	{ "held, what is so stays so", true, '.', "du", "..", "00", "..", "++",
	    "=+" },
	{ "held, what was sent goes on", true, '.', "duu", "...", "000", "...",
	    "-+.", "-+=" },
	{ "held, what was sent keeps the floor", true, '.', "du", "..", "00",
	    "..", "-.", "==" },
	{ "held, what came up meanwhile waits", true, '.', "uu", "..", "00",
	    "..", "-+", "=+" },
	{ "held, a forced one comes", true, '.', "du", "U.", "00", "..", "..",
	    "+=" },
	{ "held, a drain waits for a floor", true, '.', "uu", "x.", "00", "..",
	    "..", "==" },
	{ "held, a drain with a floor", true, '.', "uu", "x.", "00", "..", ".+",
	    "-+" },
	{ "held, a forced one goes", true, '.', "uu", "D.", "00", "..", "..",
	    "-=" },
	{ "held, a takeover waits", true, 't', "uu", "..", "01", "..", "+.",
	    "==" },
	{ "held, a failover takes effect", true, 'f', "uu", "..", "01", "..",
	    "+.", "-+" },
	{ "held, who is down in its tier waits", true, 'f', "uud", "...", "011",
	    "...", "+++", "-+=" },
	{ "held, a failover to a dead tier is none", true, 'f', "udd", "...",
	    "001", "...", "+++", "+==" },
};

static enum desired_action
action_of(char letter)
{
	return letter == '+' ? DESIRED_PRESENT
	    : letter == '-'  ? DESIRED_ABSENT
			     : DESIRED_KEEP;
}

static struct desired_rules
rules_of(enum desired_fail_mode mode, char pin)
{
	return (struct desired_rules){ .fail_mode = mode,
		.fail_open_percent = 50,
		.min_up = 1,
		.pinned = pin != '.',
		.pinned_tier = 1,
		.failover = pin == 'f' };
}

START_TEST(is_damped)
{
	struct desired_rules rules = rules_of(DESIRED_RESTORE,
	    dampings[_i].pin);
	struct desired_endpoint endpoints[8];
	struct desired_summary summary;
	size_t n = desired_read(dampings[_i].verdicts, dampings[_i].intents,
	    dampings[_i].tiers, endpoints);
	char actions[9] = "";

	rules.held = dampings[_i].held;
	for (size_t i = 0; i < n; i++) {
		endpoints[i].settled = action_of(dampings[_i].settled[i]);
		endpoints[i].begun = action_of(dampings[_i].begun[i]);
	}
	summary = desired_decide(&rules, endpoints, n);
	for (size_t i = 0; i < n; i++)
		actions[i] = "=+-"[endpoints[i].action];
	ck_assert_msg(strcmp(actions, dampings[_i].actions) == 0,
	    "%s: %s instead of %s", dampings[_i].name, actions,
	    dampings[_i].actions);
	if (rules.held)
		ck_assert_int_eq(summary.tiered,
		    endpoints[0].why == DESIRED_WHY_FAILOVER);
}
END_TEST

static bool
serves(const struct desired_endpoint *endpoints, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (endpoints[i].verdict == DESIRED_UP &&
		    endpoints[i].action == DESIRED_PRESENT)
			return true;
	return false;
}

/* Whatever is held to whatever: no record more is removed, the floor holds, and
 * who had something that is up still has, unless all is held. */
START_TEST(damping_does_no_harm)
{
	struct desired_rules rules = rules_of((enum desired_fail_mode)(_i % 3),
	    _i / 3 % 2 == 0 ? '.' : 'f');
	unsigned digits[3] = { 0 };
	bool held = _i / 6 != 0;

	do {
		struct desired_endpoint free[3], damped[3];

		for (size_t i = 0; i < 3; i++) {
			desired_from_digit(digits[i] % 24, &free[i]);
			damped[i] = free[i];
			*(held ? &damped[i].begun : &damped[i].settled) =
			    (enum desired_action)(digits[i] / 24);
		}
		rules.held = false;
		desired_decide(&rules, free, 3);
		rules.held = held;
		desired_decide(&rules, damped, 3);
		desired_check_floor(&rules, damped, 3);
		if (!held && serves(free, 3) && !serves(damped, 3))
			ck_abort_msg("nothing that is up is left");
		for (size_t i = 0; i < 3; i++)
			if (damped[i].action == DESIRED_ABSENT &&
			    free[i].action != DESIRED_ABSENT)
				ck_abort_msg("damping removes a record");
	} while (desired_next_combination(digits, 24 * 3, 3));
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, is_damped, 0, COUNT(dampings));
	tcase_add_loop_test(tcase, damping_does_no_harm, 0, 12);
}

int
main(void)
{
	return check_main("desired_holds", fill);
}
