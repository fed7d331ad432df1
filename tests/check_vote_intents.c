/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "err.h"
#include "vote/intents.h"

#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(1767225600000)

static struct vote_intents *map;

static void
setup(void)
{
	map = vote_intents_new();
	ck_assert_ptr_nonnull(map);
}

static void
teardown(void)
{
	vote_intents_free(map);
}

static struct vote_intent
intent(const char *op, const char *by, int64_t stamp, int64_t until_ms)
{
	return (struct vote_intent){ .target = "s/1", .op = op, .by = by,
		.reason = "", .more = "", .stamp = stamp,
		.until_ms = until_ms };
}

static bool
take(struct vote_intent entry)
{
	bool changed = false;

	ck_assert_int_eq(vote_intents_take(map, &entry, &changed), 0);
	return changed;
}

static int64_t
set(const char *op, int64_t wall_ms)
{
	struct vote_intent wanted = intent(op, "a", 0, 0);

	ck_assert_int_eq(vote_intents_set(map, &wanted, wall_ms), 0);
	return vote_intents_at(map, 0)->stamp;
}

START_TEST(a_stamp_is_above_all_that_are_known)
{
	struct vote_intent other = intent("up", "b", NOW + 500, 0);

	ck_assert_int_eq(set("drain", NOW), NOW);
	ck_assert_int_eq(set("clear", NOW), NOW + 1);
	ck_assert_int_eq(set("drain", NOW - 1000), NOW + 2);
	other.target = "t/1";
	ck_assert(take(other));
	ck_assert_int_eq(set("drain", NOW), NOW + 501);
}
END_TEST

/* The first one stands, the second one comes: who wins. */
static const struct {
	struct vote_intent is;
	struct vote_intent comes;
	bool wins;
} contests[] = {
#define I(op_, by_, stamp_, until_)                                            \
	{ .target = "s/1", .op = op_, .by = by_, .reason = "", .more = "",     \
		.stamp = stamp_, .until_ms = until_ }
	{ I("drain", "a", 5, 0), I("up", "a", 6, 0), true },
	{ I("drain", "a", 5, 0), I("up", "z", 4, 0), false },
	{ I("drain", "a", 5, 0), I("up", "b", 5, 0), true },
	{ I("drain", "b", 5, 0), I("clear", "a", 5, 0), false },
	{ I("drain", "a", 5, 0), I("clear", "a", 5, 0), true },
	{ I("clear", "a", 5, 0), I("up", "a", 5, 0), false },
	{ I("drain", "a", 5, 0), I("up", "a", 5, 0), true },
	{ I("drain", "a", 5, 0), I("drain", "a", 5, 7), true },
	{ I("drain", "a", 5, 0), I("drain", "a", 5, 0), false },
#undef I
};

START_TEST(merging_has_one_winner)
{
	ck_assert(take(contests[_i].is));
	ck_assert_int_eq(take(contests[_i].comes), contests[_i].wins);
	ck_assert_uint_eq(vote_intents_count(map), 1);
	/* And the other way round. */
	vote_intents_free(map);
	map = vote_intents_new();
	ck_assert(take(contests[_i].comes));
	if (contests[_i].wins)
		ck_assert(!take(contests[_i].is));
}
END_TEST

START_TEST(an_end_keeps_stamp_and_name)
{
	ck_assert(take(intent("drain", "a", 5, NOW)));
	ck_assert(!vote_intents_expire(map, NOW - 1));
	ck_assert_ptr_nonnull(vote_intents_find(map, "s/1"));
	ck_assert(vote_intents_expire(map, NOW));
	ck_assert_ptr_null(vote_intents_find(map, "s/1"));
	ck_assert_str_eq(vote_intents_at(map, 0)->op, "clear");
	ck_assert_int_eq(vote_intents_at(map, 0)->stamp, 5);
	ck_assert_str_eq(vote_intents_at(map, 0)->by, "a");
	ck_assert(!vote_intents_expire(map, NOW + 1));
}
END_TEST

START_TEST(what_is_cleared_is_kept_for_30_days)
{
	ck_assert(take(intent("clear", "a", NOW, 0)));
	ck_assert(!vote_intents_expire(map, NOW + 30 * DAY_MS));
	ck_assert(vote_intents_expire(map, NOW + 30 * DAY_MS + 1));
	ck_assert_uint_eq(vote_intents_count(map), 0);
}
END_TEST

START_TEST(what_was_forgotten_does_not_come_back)
{
	struct vote_intents *other = vote_intents_new();
	struct vote_intent old = intent("clear", "a", NOW, 0);
	bool changed = false;

	ck_assert_int_eq(vote_intents_take(other, &old, &changed), 0);
	changed = false;
	ck_assert_int_eq(vote_intents_merge(map, other,
			     NOW + 31 * DAY_MS, &changed), 0);
	ck_assert(!changed);
	ck_assert_int_eq(vote_intents_merge(map, other, NOW, &changed), 0);
	ck_assert(changed);
	vote_intents_free(other);
}
END_TEST

START_TEST(fields_of_later_versions_are_kept)
{
	static const char text[] =
	    "{\"s\":{\"by\":\"a\",\"op\":\"drain\",\"reason\":\"\","
	    "\"stamp\":1,\"until\":0,\"weight\":{\"x\":[1,2]}}}";
	struct vote_intents *read;
	uint8_t first[VOTE_HASH_LEN], second[VOTE_HASH_LEN];
	char *again;
	bool changed = false;

	ck_assert_int_eq(vote_intents_parse(text, &read), 0);
	ck_assert_int_eq(vote_intents_merge(map, read, NOW, &changed), 0);
	ck_assert(changed);
	again = vote_intents_format(map);
	ck_assert_str_eq(again, text);
	vote_intents_hash(map, first);
	vote_intents_hash(read, second);
	ck_assert_mem_eq(first, second, VOTE_HASH_LEN);
	free(again);
	vote_intents_free(read);
}
END_TEST

static const struct {
	const char *text;
	int err;
} texts[] = {
	{ "{}", 0 },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":1,\"by\":\"a\"}}", 0 },
	{ "", ERR_SYNTAX },
	{ "[]", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":1}}", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":\"1\",\"by\":\"a\"}}", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":-1,\"by\":\"a\"}}", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"\",\"stamp\":1,\"by\":\"a\"}}", ERR_SYNTAX },
	{ "{\"\":{\"op\":\"x\",\"stamp\":1,\"by\":\"a\"}}", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":1,\"by\":\"a\",\"until\":1.5}}",
	    ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"0123456789012345678901234567890123456789\","
	  "\"stamp\":1,\"by\":\"a\"}}", ERR_SYNTAX },
	{ "{\"s\":{\"op\":\"x\",\"stamp\":9223372036854775807,"
	  "\"by\":\"a\"}}", ERR_SYNTAX },
};

START_TEST(reads_and_refuses)
{
	struct vote_intents *read;

	ck_assert_int_eq(vote_intents_parse(texts[_i].text, &read),
	    texts[_i].err);
	ck_assert_int_eq(read != NULL, texts[_i].err == 0);
	vote_intents_free(read);
}
END_TEST

START_TEST(what_makes_no_sense_is_not_set)
{
	struct vote_intent wanted = intent("drain", "a", 0, 0);

	wanted.target = "";
	ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), ERR_INVALID);
	wanted = intent("", "a", 0, 0);
	ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), ERR_INVALID);
	wanted = intent("drain", "a", 0, -1);
	ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), ERR_INVALID);
	ck_assert_uint_eq(vote_intents_count(map), 0);
}
END_TEST

START_TEST(the_map_is_bounded)
{
	struct vote_intent wanted = intent("drain", "a", 0, 0);
	char target[32];

	wanted.target = target;
	for (int i = 0; i < VOTE_INTENTS_MAX; i++) {
		snprintf(target, sizeof target, "s%d", i);
		ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), 0);
	}
	snprintf(target, sizeof target, "one more");
	ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), ERR_TOOBIG);
	snprintf(target, sizeof target, "s7"); /* known: stays possible */
	ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), 0);
}
END_TEST

/* One that does not fit keeps none of the others out. */
START_TEST(what_fits_is_merged)
{
	struct vote_intents *other = vote_intents_new();
	struct vote_intent wanted = intent("drain", "a", 0, 0);
	struct vote_intent more = wanted;
	bool changed = false;
	char target[32];

	wanted.target = target;
	for (int i = 0; i < VOTE_INTENTS_MAX; i++) {
		snprintf(target, sizeof target, "s%d", i);
		ck_assert_int_eq(vote_intents_set(map, &wanted, NOW), 0);
	}
	more.target = "a stranger";
	ck_assert_int_eq(vote_intents_set(other, &more, NOW + 1), 0);
	more.target = "s7";
	more.op = "up";
	ck_assert_int_eq(vote_intents_set(other, &more, NOW + DAY_MS), 0);
	ck_assert_int_eq(vote_intents_merge(map, other, NOW, &changed),
	    ERR_TOOBIG);
	ck_assert(changed);
	ck_assert_ptr_null(vote_intents_find(map, "a stranger"));
	ck_assert_str_eq(vote_intents_find(map, "s7")->op, "up");
	vote_intents_free(other);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_stamp_is_above_all_that_are_known);
	tcase_add_loop_test(tcase, merging_has_one_winner, 0,
	    COUNT(contests));
	tcase_add_test(tcase, an_end_keeps_stamp_and_name);
	tcase_add_test(tcase, what_is_cleared_is_kept_for_30_days);
	tcase_add_test(tcase, what_was_forgotten_does_not_come_back);
	tcase_add_test(tcase, fields_of_later_versions_are_kept);
	tcase_add_loop_test(tcase, reads_and_refuses, 0, COUNT(texts));
	tcase_add_test(tcase, what_makes_no_sense_is_not_set);
	tcase_add_test(tcase, the_map_is_bounded);
	tcase_add_test(tcase, what_fits_is_merged);
}

int
main(void)
{
	return check_main("vote_intents", fill);
}
