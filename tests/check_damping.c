/* SPDX-License-Identifier: ISC */
/* How soon a record may change again, and how many may go at once. */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "check_main.h"
#include "dns/brake.h"
#include "dns/damping.h"

#define DWELL_MS 5000

static struct desired_endpoint
decided(enum desired_action action)
{
	return (struct desired_endpoint){ .action = action };
}

static struct desired_endpoint
removal(void)
{
	return (struct desired_endpoint){ .verdict = DESIRED_DOWN,
		.action = DESIRED_ABSENT,
		.why = DESIRED_WHY_VERDICT };
}

static enum desired_action
settled(const struct damping *damping, int64_t now_ms)
{
	return damping_settled(damping, DWELL_MS, now_ms);
}

START_TEST(a_change_may_follow_after_the_dwell)
{
	struct damping damping = { 0 };
	struct desired_endpoint in = decided(DESIRED_PRESENT);
	struct desired_endpoint out = decided(DESIRED_ABSENT);

	damping_begin(&damping, true, 1000);
	damping_note(&damping, &in, 90000); /* no change */
	ck_assert_int_eq(settled(&damping, 90000), DESIRED_KEEP);
	damping_note(&damping, &out, 100000);
	ck_assert_int_eq(settled(&damping, 104999), DESIRED_ABSENT);
	ck_assert_int_eq(settled(&damping, 105000), DESIRED_KEEP);
	damping_note(&damping, &in, 105000);
	ck_assert_int_eq(settled(&damping, 105001), DESIRED_PRESENT);
}
END_TEST

START_TEST(a_start_counts_as_a_change)
{
	struct damping damping = { 0 };

	ck_assert_int_eq(settled(&damping, 1000), DESIRED_KEEP);
	damping_begin(&damping, false, 1000);
	ck_assert_int_eq(settled(&damping, 5999), DESIRED_ABSENT);
	ck_assert_int_eq(settled(&damping, 6000), DESIRED_KEEP);
	damping_begin(&damping, true, 7000); /* what is known stays */
	ck_assert_int_eq(damping.place, DAMPING_OUT);
}
END_TEST

/* A drain; a failover of the service. */
START_TEST(what_an_operator_did_holds_nothing)
{
	struct damping damping = { 0 };
	struct desired_endpoint out = { .verdict = DESIRED_DOWN,
		.action = DESIRED_ABSENT,
		.why = _i == 0 ? DESIRED_WHY_INTENT : DESIRED_WHY_FAILOVER,
		.intent = _i == 0 ? DESIRED_DRAIN : DESIRED_AUTO };

	damping_begin(&damping, true, 1000);
	damping_note(&damping, &out, 2000);
	ck_assert_int_eq(settled(&damping, 2001), DESIRED_KEEP);
	ck_assert(!damping_send(&damping, &out, 2002));
	ck_assert_int_eq(damping.place, DAMPING_SENT);
	ck_assert_int_eq(settled(&damping, 2001), DESIRED_KEEP);
}
END_TEST

/* A removal by verdict, and its reading back. */
START_TEST(a_removal_counts_once_when_it_is_sent)
{
	struct damping damping = { 0 };
	struct desired_endpoint out = removal();
	struct damping_view gone = { .gone = true, .read_at_ms = 100100 };

	damping_begin(&damping, true, 1000);
	ck_assert_int_eq(damping_begun(&damping), DESIRED_PRESENT);
	damping_note(&damping, &out, 100000);
	ck_assert(damping_removes(&damping, &out));
	ck_assert_int_eq(damping_begun(&damping), DESIRED_KEEP);
	ck_assert(damping_send(&damping, &out, 100050));
	ck_assert(!damping_removes(&damping, &out));
	ck_assert_int_eq(damping_begun(&damping), DESIRED_ABSENT);
	ck_assert(!damping_send(&damping, &out, 100051)); /* another copy */
	ck_assert(!damping_see(&damping, &out, &gone, 100100));
	ck_assert_int_eq(damping.place, DAMPING_OUT);
	ck_assert_int_eq(damping_begun(&damping), DESIRED_KEEP);
	ck_assert_int_eq(settled(&damping, 105049), DESIRED_ABSENT);
	ck_assert_int_eq(settled(&damping, 105050), DESIRED_KEEP);
}
END_TEST

START_TEST(a_hold_before_it_is_sent_undoes_it)
{
	struct damping damping = { 0 };
	struct desired_endpoint out = removal();
	struct desired_endpoint held = { .why = DESIRED_WHY_HELD };

	damping_begin(&damping, true, 1000);
	damping_note(&damping, &out, 100000);
	damping_note(&damping, &held, 100001);
	ck_assert_int_eq(damping.place, DAMPING_IN);
	ck_assert_int_eq(settled(&damping, 100002), DESIRED_KEEP);
	damping_note(&damping, &out, 100003);
	ck_assert(damping_send(&damping, &out, 100004));
	damping_note(&damping, &held, 100005);
	ck_assert_int_eq(damping.place, DAMPING_SENT);
}
END_TEST

/* Before DNS was read there is nothing that could leave or come. */
START_TEST(what_is_unknown_does_not_move)
{
	struct damping damping = { 0 };
	struct desired_endpoint out = removal();
	struct damping_view there = { .there = true, .read_at_ms = 100000 };

	damping_note(&damping, &out, 100000);
	ck_assert_int_eq(damping.place, DAMPING_UNKNOWN);
	ck_assert(!damping_send(&damping, &out, 100000));
	ck_assert(!damping_see(&damping, &out, &there, 100000));
	ck_assert_int_eq(damping.place, DAMPING_UNKNOWN);
	ck_assert_int_eq(damping_begun(&damping), DESIRED_KEEP);
}
END_TEST

/* Another node writes. What this one made of the endpoint, when it sees that
 * the record is gone; whether that counts, and since when it dwells. */
static const struct {
	enum damping_place place;
	enum desired_verdict verdict;
	enum desired_action action;
	enum desired_why why;
	enum desired_intent intent;
	bool counts;
	enum damping_place then;
	int64_t changed_at_ms;
} gone[] = {
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_HELD,
	    DESIRED_AUTO, true, DAMPING_OUT, 2000 },
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_DWELL,
	    DESIRED_AUTO, true, DAMPING_OUT, 2000 },
	{ DAMPING_LEAVING, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, true, DAMPING_OUT, 1000 },
	{ DAMPING_SENT, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, false, DAMPING_OUT, 1000 },
	{ DAMPING_OUT, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, false, DAMPING_OUT, 1000 },
	/* Another tier is in charge: since this one failed, or was relieved. */
	{ DAMPING_LEAVING, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_STANDBY,
	    DESIRED_AUTO, true, DAMPING_OUT, 1000 },
	{ DAMPING_LEAVING, DESIRED_UP, DESIRED_ABSENT, DESIRED_WHY_STANDBY,
	    DESIRED_AUTO, false, DAMPING_OUT, 1000 },
	/* Since an operator wanted that. */
	{ DAMPING_LEAVING, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_FAILOVER,
	    DESIRED_AUTO, false, DAMPING_OUT, 1000 },
	/* Somebody's hand, while all is frozen. */
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_FROZEN,
	    DESIRED_AUTO, false, DAMPING_OUT, 2000 },
	/* The majority is elsewhere, or knows more of the others. */
	{ DAMPING_IN, DESIRED_UNDECIDED, DESIRED_KEEP, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, true, DAMPING_OUT, 2000 },
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_FAIL_UNCERTAIN,
	    DESIRED_AUTO, true, DAMPING_OUT, 2000 },
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_FLOOR,
	    DESIRED_AUTO, true, DAMPING_OUT, 2000 },
	/* Came up meanwhile, and waits. */
	{ DAMPING_LEAVING, DESIRED_UP, DESIRED_KEEP, DESIRED_WHY_DWELL,
	    DESIRED_AUTO, true, DAMPING_OUT, 1000 },
	/* Is about to be repaired. */
	{ DAMPING_IN, DESIRED_UP, DESIRED_PRESENT, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, false, DAMPING_IN, 2000 },
	{ DAMPING_IN, DESIRED_DOWN, DESIRED_KEEP, DESIRED_WHY_FLOOR,
	    DESIRED_DRAIN, false, DAMPING_OUT, 0 },
	{ DAMPING_UNKNOWN, DESIRED_DOWN, DESIRED_ABSENT, DESIRED_WHY_VERDICT,
	    DESIRED_AUTO, false, DAMPING_UNKNOWN, 1000 },
};

START_TEST(what_another_node_removed_counts)
{
	struct damping damping = { .place = gone[_i].place,
		.changed_at_ms = 1000 };
	struct desired_endpoint endpoint = { .verdict = gone[_i].verdict,
		.action = gone[_i].action,
		.why = gone[_i].why,
		.intent = gone[_i].intent };
	struct damping_view before = { .gone = true, .read_at_ms = 1000 };
	struct damping_view after = { .gone = true, .read_at_ms = 1001 };

	ck_assert(!damping_see(&damping, &endpoint, &before, 2000));
	ck_assert(damping.place == gone[_i].place);
	ck_assert(damping_see(&damping, &endpoint, &after, 2000) ==
	    gone[_i].counts);
	ck_assert(damping.place == gone[_i].then);
	ck_assert_int_eq(damping.changed_at_ms, gone[_i].changed_at_ms);
}
END_TEST

START_TEST(what_never_left_is_there)
{
	struct damping damping = { .place = DAMPING_SENT,
		.changed_at_ms = 1000 };
	struct desired_endpoint out = removal();
	struct desired_endpoint dwells = { .verdict = DESIRED_UP,
		.why = DESIRED_WHY_DWELL };
	struct damping_view there = { .there = true, .read_at_ms = 1500 };
	struct damping_view mixed = { .read_at_ms = 1500 };

	ck_assert(!damping_see(&damping, &out, &there, 2000));
	ck_assert_int_eq(damping.place, DAMPING_SENT);
	ck_assert(!damping_see(&damping, &dwells, &mixed, 2000));
	ck_assert_int_eq(damping.place, DAMPING_SENT);
	ck_assert(!damping_see(&damping, &dwells, &there, 2000));
	ck_assert_int_eq(damping.place, DAMPING_IN);
	ck_assert_int_eq(damping.changed_at_ms, 2000);
	damping.place = DAMPING_LEAVING; /* the writer may be slow */
	ck_assert(!damping_see(&damping, &dwells, &there, 2100));
	ck_assert_int_eq(damping.place, DAMPING_LEAVING);
}
END_TEST

/* Each row: where it was, what is decided, whether it is then there again. */
static const struct {
	enum damping_place place;
	enum desired_action action;
	bool back;
} returns[] = {
	{ DAMPING_OUT, DESIRED_ABSENT, true }, /* another node saw it up */
	{ DAMPING_OUT, DESIRED_KEEP, true },
	{ DAMPING_SENT, DESIRED_KEEP, true },
	{ DAMPING_SENT, DESIRED_ABSENT, false }, /* is asked about once more */
	{ DAMPING_LEAVING, DESIRED_ABSENT, false },
};

START_TEST(what_others_put_back_dwells)
{
	struct damping damping = { .place = returns[_i].place,
		.changed_at_ms = 1000 };
	struct desired_endpoint endpoint = decided(returns[_i].action);
	struct damping_view there = { .there = true, .read_at_ms = 1500 };

	ck_assert(!damping_see(&damping, &endpoint, &there, 2000));
	ck_assert_int_eq(damping.place,
	    returns[_i].back ? DAMPING_IN : returns[_i].place);
	ck_assert_int_eq(damping.changed_at_ms, returns[_i].back ? 2000 : 1000);
	ck_assert_int_eq(damping_settled(&damping, 5000, 3000),
	    returns[_i].back ? DESIRED_PRESENT : DESIRED_ABSENT);
}
END_TEST

START_TEST(what_is_kept_is_no_change)
{
	struct damping damping = { .place = DAMPING_IN, .changed_at_ms = 1000 };
	struct desired_endpoint kept = decided(DESIRED_KEEP);

	damping_note(&damping, &kept, 4000);
	ck_assert_int_eq(damping.place, DAMPING_IN);
	ck_assert_int_eq(damping.changed_at_ms, 1000);
}
END_TEST

START_TEST(only_verdicts_remove)
{
	struct damping damping = { .place = DAMPING_IN };
	struct desired_endpoint out = decided(DESIRED_ABSENT);

	ck_assert(damping_removes(&damping, &out));
	out.why = DESIRED_WHY_STANDBY;
	ck_assert(!damping_removes(&damping, &out));
	out.why = DESIRED_WHY_INTENT;
	ck_assert(!damping_removes(&damping, &out));
	out.why = DESIRED_WHY_FAILOVER;
	out.verdict = DESIRED_DOWN;
	ck_assert(!damping_removes(&damping, &out));
	out.why = DESIRED_WHY_VERDICT;
	damping.place = DAMPING_SENT;
	ck_assert(!damping_removes(&damping, &out));
	damping.place = DAMPING_OUT;
	ck_assert(!damping_removes(&damping, &out));
	damping.place = DAMPING_UNKNOWN;
	ck_assert(!damping_removes(&damping, &out));
}
END_TEST

/* Each row: so many are removed, then so many more would be. */
static const struct {
	unsigned max;
	size_t removed, pending;
	int64_t after_ms;
	bool released, held;
} brakes[] = {
	{ 0, 1000, 1000, 0, false, false },
	{ 3, 0, 3, 0, false, false },
	{ 3, 0, 4, 0, false, true },
	{ 3, 2, 1, 0, false, false },
	{ 3, 2, 2, 0, false, true },
	{ 3, 3, 0, 0, false, false },
	{ 3, 3, 1, 9999, false, true },
	{ 3, 3, 1, 10000, false, false },
	{ 3, 3, 4, 10000, false, true },
	{ 3, 3, 4, 0, true, false },
	{ 1000, 1500, 1, 0, false, true },
};

START_TEST(holds_beyond_the_limit)
{
	struct brake brake = { 0 };
	struct brake_rules rules = { .max_removals = brakes[_i].max,
		.window_ms = 10000, .released = brakes[_i].released };
	int64_t now_ms = 5000 + brakes[_i].after_ms;

	brake_note(&brake, brakes[_i].removed, 5000);
	ck_assert(brake_step(&brake, &rules, brakes[_i].pending, now_ms) ==
	    brakes[_i].held);
	ck_assert(brake.held == brakes[_i].held);
}
END_TEST

START_TEST(a_hold_is_told_once_and_ends)
{
	struct brake brake = { 0 };
	struct brake_rules rules = { .max_removals = 2, .window_ms = 10000 };

	brake_note(&brake, 2, 1000);
	ck_assert(brake_step(&brake, &rules, 1, 2000));
	ck_assert(!brake_step(&brake, &rules, 2, 3000));
	ck_assert_int_eq(brake.changed_at_ms, 2000);
	ck_assert(!brake_step(&brake, &rules, 2, 10999));
	ck_assert(brake_step(&brake, &rules, 2, 11000));
	ck_assert(!brake.held);
	ck_assert(brake_step(&brake, &rules, 3, 11000));
	ck_assert(brake_step(&brake, &rules, 0, 11001)); /* all are up again */
	ck_assert(!brake.held);
}
END_TEST

/* Each row: after so long, with all records read or not, so many gone; whether
 * that is known, and how many have been removed. */
static const struct {
	int64_t after_ms;
	bool all_read;
	bool known;
	size_t removed;
} starts[] = {
	{ 0, false, false, 0 },
	{ 9999, false, false, 0 },
	{ 1, true, true, 3 },
	{ 9999, true, true, 3 },
	{ 10000, false, true, 0 }, /* what could have counted no longer does */
};

START_TEST(a_start_recalls_what_was_removed)
{
	struct brake brake = { 0 };
	struct brake_rules rules = { .max_removals = 9, .window_ms = 10000 };
	int64_t now_ms = 5000 + starts[_i].after_ms;

	ck_assert(brake_recall(&brake, &rules, starts[_i].all_read, 3, 5000,
		      now_ms) == starts[_i].known);
	ck_assert_uint_eq(brake_removed(&brake, &rules, now_ms),
	    starts[_i].removed);
	/* Once only. */
	ck_assert(brake_recall(&brake, &rules, starts[_i].all_read, 3, 5000,
		      now_ms) == starts[_i].known);
	ck_assert_uint_eq(brake_removed(&brake, &rules, now_ms),
	    starts[_i].removed);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, a_change_may_follow_after_the_dwell);
	tcase_add_test(tcase, a_start_counts_as_a_change);
	tcase_add_loop_test(tcase, what_an_operator_did_holds_nothing, 0, 2);
	tcase_add_test(tcase, a_removal_counts_once_when_it_is_sent);
	tcase_add_test(tcase, a_hold_before_it_is_sent_undoes_it);
	tcase_add_test(tcase, what_is_unknown_does_not_move);
	tcase_add_loop_test(tcase, what_another_node_removed_counts, 0,
	    sizeof gone / sizeof gone[0]);
	tcase_add_test(tcase, what_never_left_is_there);
	tcase_add_loop_test(tcase, what_others_put_back_dwells, 0,
	    sizeof returns / sizeof returns[0]);
	tcase_add_test(tcase, what_is_kept_is_no_change);
	tcase_add_test(tcase, only_verdicts_remove);
	tcase_add_loop_test(tcase, holds_beyond_the_limit, 0,
	    sizeof brakes / sizeof brakes[0]);
	tcase_add_test(tcase, a_hold_is_told_once_and_ends);
	tcase_add_loop_test(tcase, a_start_recalls_what_was_removed, 0,
	    sizeof starts / sizeof starts[0]);
}

int
main(void)
{
	return check_main("damping", fill);
}
