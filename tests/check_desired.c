/* SPDX-License-Identifier: ISC */
/*
 * The desired set: the rules of protocol.md section 5 by table, and the two
 * properties that it promises by exhaustion over all small services.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/desired.h"
#include "sim_model.h"

/* One letter per endpoint. Verdict: u d ?; intent: . auto U up D down x drain;
 * tier: a digit; expected action: + present - absent = keep. */
struct scenario {
	const char *name;
	struct desired_rules rules;
	const char *verdicts;
	const char *intents;
	const char *tiers;
	const char *actions;
};

#define RULES(mode, percent, up)                                               \
	{ .fail_mode = mode, .fail_open_percent = percent, .min_up = up }
#define USUAL RULES(DESIRED_RESTORE, 50, 1)
#define PINNED(tier)                                                           \
	{ .fail_open_percent = 50, .min_up = 1, .pinned = true,                \
	    .pinned_tier = tier }
#define HOLD RULES(DESIRED_HOLD, 50, 1)
#define CLOSED RULES(DESIRED_CLOSED, 50, 1)

static const struct scenario scenarios[] = {
	{ "all up", USUAL, "uuu", "...", "000", "+++" },
	{ "one of three down", USUAL, "udu", "...", "000", "+-+" },
	{ "half down is not more than half", USUAL, "ud", "..", "00", "+-" },
	{ "two of three down: restore", USUAL, "ddu", "...", "000", "+++" },
	{ "two of three down: hold", HOLD, "ddu", "...", "000", "==+" },
	{ "two of three down: closed", CLOSED, "ddu", "...", "000", "--+" },
	{ "all down: restore", USUAL, "dd", "..", "00", "++" },
	{ "all down: hold", HOLD, "dd", "..", "00", "==" },
	{ "all down: closed", CLOSED, "dd", "..", "00", "--" },
	{ "nobody knows", USUAL, "???", "...", "000", "===" },
	{ "one undecided, too many perhaps down", USUAL, "ud?d", "....", "0000",
	    "+===" },
	{ "one undecided, certainly few down", USUAL, "uud?", "....", "0000",
	    "++-=" },
	{ "one alone goes down", USUAL, "d", ".", "0", "+" },
	{ "one down, nobody certainly present", RULES(DESIRED_RESTORE, 99, 1),
	    "d?", "..", "00", "==" },
	{ "standby rests", USUAL, "uuu", "...", "001", "++-" },
	{ "standby takes over", USUAL, "ddu", "...", "001", "--+" },
	{ "two dead primaries stay out beside a standby", USUAL, "dduu", "....",
	    "0011", "--++" },
	{ "tier uncertain: nothing moves", USUAL, "d?u", "...", "001", "===" },
	{ "all tiers bad: the rule is off", USUAL, "ddd", "...", "012", "+++" },
	{ "min_up 2 hands over early", RULES(DESIRED_RESTORE, 50, 2), "uduu",
	    "....", "0011", "--++" },
	{ "drain", USUAL, "uu", ".x", "00", "+-" },
	{ "drain of the last is kept", USUAL, "u", "x", "0", "=" },
	{ "drain beside a dead one is kept", USUAL, "du", ".x", "00", "+-" },
	{ "force_down may empty", USUAL, "u", "D", "0", "-" },
	{ "force_up beats a verdict", USUAL, "du", "U.", "00", "++" },
	{ "intents are not counted", USUAL, "ddu", "D..", "000", "--+" },
	{ "frozen",
	    { .frozen = true, .fail_open_percent = 50, .min_up = 1 }, "du", "D.",
	    "00", "==" },
	{ "failover to a standby", PINNED(1), "uuu", "...", "001", "--+" },
	{ "failover past a standby", PINNED(2), "uuuu", "....", "0012",
	    "---+" },
	{ "failover to a dead tier is none", PINNED(1), "uud", "...", "001",
	    "++-" },
	{ "failover to a tier that nobody is sure of", PINNED(1), "uu?", "...",
	    "001", "===" },
	{ "failover to a tier that is not there", PINNED(7), "uuu", "...",
	    "001", "++-" },
	{ "failover ends with its tier: the lowest good one", PINNED(2), "uud",
	    "...", "012", "+--" },
	{ "failover where everything is dead", PINNED(1), "ddd", "...", "011",
	    "+++" },
	{ "maintenance",
	    { .maintenance = true, .fail_open_percent = 50, .min_up = 1 }, "du",
	    "..", "00", "==" },
};

static size_t
read_endpoints(const struct scenario *s, struct desired_endpoint *endpoints)
{
	size_t n = strlen(s->verdicts);

	for (size_t i = 0; i < n; i++) {
		endpoints[i] = (struct desired_endpoint){
			.verdict = s->verdicts[i] == 'u' ? DESIRED_UP
			    : s->verdicts[i] == 'd'      ? DESIRED_DOWN
							 : DESIRED_UNDECIDED,
			.intent = s->intents[i] == 'U' ? DESIRED_FORCE_UP
			    : s->intents[i] == 'D'     ? DESIRED_FORCE_DOWN
			    : s->intents[i] == 'x'     ? DESIRED_DRAIN
						       : DESIRED_AUTO,
			.tier = (unsigned)(s->tiers[i] - '0'),
		};
	}
	return n;
}

START_TEST(follows_the_rules)
{
	const struct scenario *s = &scenarios[_i];
	struct desired_endpoint endpoints[8];
	size_t n = read_endpoints(s, endpoints);
	char actions[9] = "";

	desired_decide(&s->rules, endpoints, n);
	for (size_t i = 0; i < n; i++)
		actions[i] = "=+-"[endpoints[i].action];
	ck_assert_msg(strcmp(actions, s->actions) == 0,
	    "%s: %s instead of %s", s->name, actions, s->actions);
}
END_TEST

START_TEST(says_when_it_fails_open)
{
	struct desired_rules rules = USUAL;
	struct desired_endpoint e[3] = { { .verdict = DESIRED_DOWN },
		{ .verdict = DESIRED_DOWN }, { .verdict = DESIRED_UP } };
	struct desired_summary summary = desired_decide(&rules, e, 3);

	ck_assert(summary.fail_open);
	ck_assert(!summary.may_empty);
	ck_assert_int_eq(e[0].why, DESIRED_WHY_FAIL_OPEN);
	e[0].verdict = DESIRED_UP;
	summary = desired_decide(&rules, e, 3);
	ck_assert(!summary.fail_open);
	ck_assert(summary.tiered);
	ck_assert_str_ne(desired_why_text(e[1].why), "");
}
END_TEST

#define EXHAUST 4

/* Every service of up to four endpoints over verdict x intent x tier. */
static bool
next_combination(unsigned *digits, unsigned base, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (++digits[i] < base)
			return true;
		digits[i] = 0;
	}
	return false;
}

static void
endpoint_from_digit(unsigned digit, struct desired_endpoint *endpoint)
{
	static const enum desired_intent intents[] = { DESIRED_AUTO,
		DESIRED_FORCE_UP, DESIRED_FORCE_DOWN, DESIRED_DRAIN };

	*endpoint = (struct desired_endpoint){
		.verdict = (enum desired_verdict)(digit % 3),
		.tier = digit / 3 % 2,
		.intent = intents[digit / 6],
	};
}

/* Decides the fuller view made of `base` by settling the undecided ones as the
 * bits say, and compares it with what `base` decided. */
static void
compare_with_fuller(const struct desired_rules *rules,
    const struct desired_endpoint *base, size_t n, unsigned bits)
{
	struct desired_endpoint full[EXHAUST];

	memcpy(full, base, n * sizeof *full);
	for (size_t i = 0; i < n; i++)
		if (base[i].verdict == DESIRED_UNDECIDED && bits & 1u << 2 * i)
			full[i].verdict = (bits & 2u << 2 * i) != 0
			    ? DESIRED_UP
			    : DESIRED_DOWN;
	desired_decide(rules, full, n);
	for (size_t i = 0; i < n; i++)
		if (base[i].action != DESIRED_KEEP &&
		    base[i].action != full[i].action)
			ck_abort_msg("endpoint %zu: %d, knowing more %d", i,
			    base[i].action, full[i].action);
}

/* Section 5 by brute force (sim_model.h) does the same. */
static void
compare_with_model(const struct desired_rules *rules,
    const struct desired_endpoint *e, size_t n)
{
	struct model_rules model_rules = { .pinned = -1,
		.fail_mode = "rhc"[rules->fail_mode],
		.fail_open_percent = rules->fail_open_percent,
		.min_up = rules->min_up };
	struct model_endpoint model[EXHAUST];

	for (size_t i = 0; i < n; i++)
		model[i] = (struct model_endpoint){
			.verdict = "?ud"[e[i].verdict],
			.intent = ".UDx"[e[i].intent],
			.tier = e[i].tier };
	model_decide(&model_rules, model, n);
	for (size_t i = 0; i < n; i++) {
		char action = "=+-"[e[i].action];

		if (action != model[i].action)
			ck_abort_msg("endpoint %zu: %c, by brute force %c", i,
			    action, model[i].action);
	}
}

/* Letters as in the scenarios; settled and begun: . nothing. */
static const struct {
	const char *name;
	bool held;
	const char *verdicts, *intents, *settled, *begun, *actions;
} dampings[] = {
	{ "a fresh record stays", false, "du", "..", "+.", "..", "=+" },
	{ "a fresh removal stays", false, "uu", "..", "-.", "..", "=+" },
	{ "what is so already waits for nothing", false, "du", "..", "-+", "..",
	    "-+" },
	{ "the only one that is up does not wait", false, "du", "..", ".-", "..",
	    "-+" },
	{ "nor do two of them", false, "uu", "..", "--", "..", "++" },
	{ "a forced one serves nobody who is up", false, "du", "U.", ".-", "..",
	    "++" },
	{ "an operator does not wait", false, "uu", "x.", "+.", "..", "-+" },
	{ "held", true, "du", "..", "..", "..", "==" },
	{ "held, what is so stays so", true, "du", "..", "..", "++", "=+" },
	{ "held, what was sent goes on", true, "duu", "...", "...", "-+.",
	    "-+=" },
	{ "held, what was sent keeps the floor", true, "du", "..", "..", "-.",
	    "==" },
	{ "held, what came up meanwhile waits", true, "uu", "..", "..", "-+",
	    "=+" },
	{ "held, a forced one comes", true, "du", "U.", "..", "..", "+=" },
	{ "held, a drain waits for a floor", true, "uu", "x.", "..", "..",
	    "==" },
	{ "held, a drain with a floor", true, "uu", "x.", "..", ".+", "-+" },
	{ "held, a forced one goes", true, "uu", "D.", "..", "..", "-=" },
};

static enum desired_action
action_of(char letter)
{
	return letter == '+' ? DESIRED_PRESENT
	    : letter == '-'  ? DESIRED_ABSENT
			     : DESIRED_KEEP;
}

START_TEST(is_damped)
{
	struct scenario s = { .rules = USUAL, .verdicts = dampings[_i].verdicts,
		.intents = dampings[_i].intents, .tiers = "000" };
	struct desired_endpoint endpoints[8];
	size_t n = read_endpoints(&s, endpoints);
	char actions[9] = "";

	s.rules.held = dampings[_i].held;
	for (size_t i = 0; i < n; i++) {
		endpoints[i].settled = action_of(dampings[_i].settled[i]);
		endpoints[i].begun = action_of(dampings[_i].begun[i]);
	}
	desired_decide(&s.rules, endpoints, n);
	for (size_t i = 0; i < n; i++)
		actions[i] = "=+-"[endpoints[i].action];
	ck_assert_msg(strcmp(actions, dampings[_i].actions) == 0,
	    "%s: %s instead of %s", dampings[_i].name, actions,
	    dampings[_i].actions);
}
END_TEST

static void
check_floor(const struct desired_rules *rules,
    const struct desired_endpoint *e, size_t n)
{
	bool present = false, removed = false;

	for (size_t i = 0; i < n; i++) {
		present |= e[i].action == DESIRED_PRESENT;
		removed |= e[i].action == DESIRED_ABSENT &&
		    e[i].intent != DESIRED_FORCE_DOWN;
		if (e[i].action == DESIRED_PRESENT &&
		    e[i].verdict == DESIRED_UNDECIDED &&
		    e[i].intent != DESIRED_FORCE_UP)
			ck_abort_msg("an undecided endpoint became present");
	}
	if (rules->fail_mode != DESIRED_CLOSED && removed && !present)
		ck_abort_msg("removed while nothing is certainly present");
}

/* Every service of n endpoints under these rules, and every fuller view. */
static void
exhaust(const struct desired_rules *rules, size_t n)
{
	unsigned base = n == EXHAUST ? 6 : 24; /* all intents up to three */
	unsigned digits[EXHAUST] = { 0 };

	do {
		struct desired_endpoint e[EXHAUST];

		for (size_t i = 0; i < n; i++)
			endpoint_from_digit(digits[i], &e[i]);
		desired_decide(rules, e, n);
		check_floor(rules, e, n);
		if (!rules->pinned)
			compare_with_model(rules, e, n);
		for (unsigned bits = 1; bits < 1u << 2 * n; bits++)
			compare_with_fuller(rules, e, n, bits);
	} while (next_combination(digits, base, n));
}

START_TEST(less_information_never_contradicts_more)
{
	static const unsigned percents[] = { 0, 34, 50, 99, 100 };
	size_t n = (size_t)_i + 1;

	for (unsigned mode = 0; mode < 3; mode++) {
		for (unsigned p = 0; p < 5; p++) {
			for (unsigned min_up = 1; min_up < 3; min_up++) {
				struct desired_rules rules = RULES(
				    (enum desired_fail_mode)mode, percents[p],
				    min_up);

				exhaust(&rules, n);
				rules.pinned = true;
				exhaust(&rules, n);
				rules.pinned_tier = 1;
				exhaust(&rules, n);
			}
		}
	}
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
 * who had something that is up still has. */
START_TEST(damping_does_no_harm)
{
	struct desired_rules rules = RULES((enum desired_fail_mode)_i, 50, 1);
	unsigned digits[3] = { 0 };

	do {
		struct desired_endpoint free[3], damped[3];

		for (size_t i = 0; i < 3; i++) {
			endpoint_from_digit(digits[i] % 24, &free[i]);
			damped[i] = free[i];
			damped[i].settled =
			    (enum desired_action)(digits[i] / 24);
		}
		desired_decide(&rules, free, 3);
		desired_decide(&rules, damped, 3);
		check_floor(&rules, damped, 3);
		if (serves(free, 3) && !serves(damped, 3))
			ck_abort_msg("nothing that is up is left");
		for (size_t i = 0; i < 3; i++)
			if (damped[i].action == DESIRED_ABSENT &&
			    free[i].action != DESIRED_ABSENT)
				ck_abort_msg("damping removes a record");
	} while (next_combination(digits, 24 * 3, 3));
}
END_TEST

/* A pinned tier that is certainly good is in charge, whatever the others are;
 * one that certainly is not changes nothing. */
START_TEST(a_pinned_tier_is_in_charge_when_it_is_good)
{
	size_t n = (size_t)_i + 1;
	unsigned digits[EXHAUST] = { 0 };

	do {
		struct desired_rules rules = USUAL;
		struct desired_endpoint free[EXHAUST], pinned[EXHAUST];
		unsigned up = 0, unsure = 0;

		for (size_t i = 0; i < n; i++) {
			endpoint_from_digit(digits[i], &free[i]);
			pinned[i] = free[i];
			if (free[i].tier != 1)
				continue;
			up += free[i].verdict == DESIRED_UP;
			unsure += free[i].verdict == DESIRED_UNDECIDED;
		}
		desired_decide(&rules, free, n);
		rules.pinned = true;
		rules.pinned_tier = 1;
		desired_decide(&rules, pinned, n);
		for (size_t i = 0; i < n; i++) {
			if (up > 0 && pinned[i].tier == 0)
				ck_assert_int_eq(pinned[i].action,
				    DESIRED_ABSENT);
			if (up > 0 && pinned[i].tier == 1 &&
			    pinned[i].verdict == DESIRED_UP)
				ck_assert_int_eq(pinned[i].action,
				    DESIRED_PRESENT);
			if (up + unsure == 0)
				ck_assert_int_eq(pinned[i].action,
				    free[i].action);
		}
	} while (next_combination(digits, 6, n));
}
END_TEST

/* Who is in charge without anybody's being moved; '-': none for certain. */
static const struct {
	struct desired_rules rules;
	const char *verdicts;
	const char *tiers;
	char in_charge;
} charges[] = {
	{ USUAL, "uu", "01", '0' },
	{ USUAL, "du", "01", '1' },
	{ USUAL, "?u", "01", '-' },
	{ USUAL, "d?", "01", '-' },
	{ USUAL, "dd", "01", '-' },
	{ USUAL, "ddu", "037", '7' },
	{ PINNED(1), "uu", "01", '1' },
	{ PINNED(1), "ud", "01", '0' },
	{ { .min_up = 1, .frozen = true }, "du", "01", '-' },
	{ { .min_up = 1, .maintenance = true }, "du", "01", '-' },
	{ { .min_up = 1, .held = true }, "du", "01", '-' },
};

START_TEST(says_which_tier_is_in_charge)
{
	struct desired_endpoint endpoints[3];
	size_t n = strlen(charges[_i].verdicts);
	struct desired_summary summary;

	for (size_t i = 0; i < n; i++)
		endpoints[i] = (struct desired_endpoint){
			.verdict = charges[_i].verdicts[i] == 'u' ? DESIRED_UP
			    : charges[_i].verdicts[i] == 'd' ? DESIRED_DOWN
							     : DESIRED_UNDECIDED,
			.tier = (unsigned)(charges[_i].tiers[i] - '0'),
		};
	summary = desired_in_charge(&charges[_i].rules, endpoints, n);
	ck_assert_int_eq(summary.tiered, charges[_i].in_charge != '-');
	if (summary.tiered)
		ck_assert_int_eq('0' + (int)summary.tier,
		    charges[_i].in_charge);
}
END_TEST

/* Each reason has words of its own. */
START_TEST(reasons_have_words)
{
	for (int i = 0; i <= DESIRED_WHY_FLOOR; i++) {
		const char *text = desired_why_text((enum desired_why)i);

		ck_assert_str_ne(text, "");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(text,
			    desired_why_text((enum desired_why)j));
	}
	ck_assert_str_eq(desired_why_text(DESIRED_WHY_FROZEN), "frozen");
	ck_assert_str_eq(desired_why_text(DESIRED_WHY_FLOOR + 1), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("desired");
	TCase *tcase = tcase_create("desired");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, follows_the_rules, 0,
	    sizeof scenarios / sizeof scenarios[0]);
	tcase_add_loop_test(tcase, is_damped, 0,
	    sizeof dampings / sizeof dampings[0]);
	tcase_add_loop_test(tcase, damping_does_no_harm, 0, 3);
	tcase_add_test(tcase, says_when_it_fails_open);
	tcase_add_test(tcase, reasons_have_words);
	tcase_add_loop_test(tcase, says_which_tier_is_in_charge, 0,
	    sizeof charges / sizeof charges[0]);
	tcase_add_loop_test(tcase, less_information_never_contradicts_more, 0,
	    EXHAUST);
	tcase_add_loop_test(tcase, a_pinned_tier_is_in_charge_when_it_is_good,
	    0, EXHAUST);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
