/* SPDX-License-Identifier: ISC */
/*
 * The desired set: the rules of protocol.md section 5 by table, and the two
 * properties that it promises by exhaustion over all small services.
 */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "desired_fixture.h"
#include "sim_model.h"

/* One letter per endpoint, as desired_read() has them; expected action:
 * + present - absent = keep. */
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

START_TEST(follows_the_rules)
{
	const struct scenario *s = &scenarios[_i];
	struct desired_endpoint endpoints[8];
	size_t n = desired_read(s->verdicts, s->intents, s->tiers, endpoints);
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

/* That too many are down is so whatever is done about it; '?': nobody knows. */
static const struct {
	struct desired_rules rules;
	const char *verdicts;
	char fail_open;
} failings[] = {
	{ { .min_up = 1, .fail_open_percent = 50, .frozen = true }, "ddu",
	    'y' },
	{ { .min_up = 1, .fail_open_percent = 50, .maintenance = true }, "ddu",
	    'y' },
	{ { .min_up = 1, .fail_open_percent = 50, .held = true }, "ddu", 'y' },
	{ { .min_up = 1, .fail_open_percent = 50, .frozen = true }, "duu",
	    'n' },
	{ { .min_up = 1, .fail_open_percent = 50, .frozen = true }, "d?u",
	    '?' },
	{ USUAL, "d?u", '?' },
	{ USUAL, "???", '?' },
	{ USUAL, "uu?", 'n' },
	{ CLOSED, "???", 'n' },
};

START_TEST(says_so_while_nothing_follows_from_it)
{
	struct desired_endpoint e[3];
	size_t n = desired_read(failings[_i].verdicts, "...", "000", e);
	struct desired_summary summary =
	    desired_decide(&failings[_i].rules, e, n);

	ck_assert_int_eq(summary.fail_open, failings[_i].fail_open == 'y');
	ck_assert_int_eq(summary.fail_open_in_doubt,
	    failings[_i].fail_open == '?');
}
END_TEST

#define EXHAUST 4

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

/* Every service of n endpoints under these rules, over verdict x intent x tier,
 * and every fuller view. */
static void
exhaust(const struct desired_rules *rules, size_t n)
{
	unsigned base = n == EXHAUST ? 6 : 24; /* all intents up to three */
	unsigned digits[EXHAUST] = { 0 };

	do {
		struct desired_endpoint e[EXHAUST];

		for (size_t i = 0; i < n; i++)
			desired_from_digit(digits[i], &e[i]);
		desired_decide(rules, e, n);
		desired_check_floor(rules, e, n);
		if (!rules->pinned)
			compare_with_model(rules, e, n);
		for (unsigned bits = 1; bits < 1u << 2 * n; bits++)
			compare_with_fuller(rules, e, n, bits);
	} while (desired_next_combination(digits, base, n));
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
			desired_from_digit(digits[i], &free[i]);
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
	} while (desired_next_combination(digits, 6, n));
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

static void
fill(TCase *tcase)
{
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, follows_the_rules, 0, COUNT(scenarios));
	tcase_add_test(tcase, says_when_it_fails_open);
	tcase_add_loop_test(tcase, says_so_while_nothing_follows_from_it, 0,
	    COUNT(failings));
	tcase_add_test(tcase, reasons_have_words);
	tcase_add_loop_test(tcase, says_which_tier_is_in_charge, 0,
	    COUNT(charges));
	tcase_add_loop_test(tcase, less_information_never_contradicts_more, 0,
	    EXHAUST);
	tcase_add_loop_test(tcase, a_pinned_tier_is_in_charge_when_it_is_good,
	    0, EXHAUST);
}

int
main(void)
{
	return check_main("desired", fill);
}
