/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>
#include <time.h>

#include "check_main.h"
#include "err.h"
#include "http/body_match.h"

static const struct {
	const char *body;
	size_t len;
	const char *substring;
	const char *regex;
	bool matches;
} cases[] = {
	{ "all is well", 11, "is well", NULL, true },
	{ "all is well", 11, "is bad", NULL, false },
	{ "", 0, "x", NULL, false },
	{ "ok", 2, NULL, NULL, true },
	{ "a\0needle", 8, "needle", NULL, true },
	{ "a\0needle", 8, NULL, "needle", true },
	{ "one\nstatus: 17\nthree", 20, NULL, "^status: [0-9]+$", true },
	{ "one\nstatus: x\nthree", 19, NULL, "^status: [0-9]+$", false },
	{ "status: 17", 10, "17", "^status", true },
	{ "status: 17", 10, "18", "^status", false },
	{ "status: 17", 10, "17", "^nothing", false },
};

/* What is not about the time it takes: under valgrind the first search alone is
 * too costly. */
#define PATIENT { .spent_us = -60 * INT64_C(1000000) }

START_TEST(matches)
{
	struct body_pattern pattern;
	struct body body = PATIENT;

	const char *substring = cases[_i].substring;

	ck_assert_int_eq(body_pattern_init(&pattern, substring,
			     substring ? strlen(substring) : 0,
			     cases[_i].regex), 0);
	/* In pieces, as the network brings them. */
	for (size_t i = 0; i < cases[_i].len; i++)
		ck_assert_int_eq(body_append(&body, cases[_i].body + i, 1,
				     1000), 0);
	if (cases[_i].len == 0)
		ck_assert_int_eq(body_append(&body, "", 0, 1000), 0);
	ck_assert_int_eq(body_matches(&body, &pattern), cases[_i].matches);
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

#define MANY 65536

START_TEST(a_substring_is_seen_at_once_and_looked_for_only_where_it_is_new)
{
	struct body_pattern pattern;
	struct body body = { 0 };

	ck_assert_int_eq(body_pattern_init(&pattern, "xxy", 3, NULL), 0);
	for (size_t i = 1; i <= MANY; i++) {
		ck_assert_int_eq(body_append(&body, "x", 1, MANY + 1), 0);
		ck_assert(!body_matches_yet(&body, &pattern));
		ck_assert_uint_eq(body.searched, i < 3 ? 0 : i - 2);
	}
	ck_assert_int_eq(body_append(&body, "y", 1, MANY + 1), 0);
	ck_assert(body_matches_yet(&body, &pattern));
	ck_assert(body_matches(&body, &pattern));
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

START_TEST(an_expression_is_tried_rarely_and_at_the_end)
{
	struct body_pattern pattern;
	struct body body = PATIENT;
	size_t tried = 0, times = 0;

	ck_assert_int_eq(body_pattern_init(&pattern, NULL, 0, "y$"), 0);
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_int_eq(body_append(&body, "x", 1, MANY + 1), 0);
		ck_assert(!body_matches_yet(&body, &pattern));
		times += body.tried != tried;
		tried = body.tried;
	}
	ck_assert_uint_eq(times, 17); /* at 1, 2, 4, ... 65536 */
	ck_assert_int_eq(body_append(&body, "y", 1, MANY + 1), 0);
	ck_assert(!body_matches_yet(&body, &pattern));
	ck_assert(body_matches(&body, &pattern));
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

/* regexec(3) begins at each place, and goes to the end from each. */
START_TEST(an_expression_has_an_end)
{
	struct body_pattern pattern;
	struct body body = { 0 };
	char piece[64];
	clock_t begin;

	ck_assert_int_eq(body_pattern_init(&pattern, NULL, 0, "[a-z]+: ok"),
	    0);
	memset(piece, 'x', sizeof piece);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_int_eq(body_append(&body, piece, sizeof piece,
				     sizeof piece * MANY), 0);
	begin = clock();
	ck_assert(!body_matches(&body, &pattern));
	ck_assert_int_lt(clock() - begin, 10 * CLOCKS_PER_SEC);
	ck_assert(!body_matches(&body, &pattern));
	ck_assert(body_is_costly(&body));
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

/* What begins cheaply does not go on so: blanks, and then as many letters. */
START_TEST(a_cheap_beginning_is_no_promise)
{
	static char text[MANY];
	struct body_pattern pattern;
	struct body body = { 0 };
	clock_t begin;

	memset(text, ' ', MANY);
	memset(text + (size_t)_i * MANY / 8, 'x', MANY - (size_t)_i * MANY / 8);
	ck_assert_int_eq(body_pattern_init(&pattern, NULL, 0, "[a-z]+: ok"),
	    0);
	ck_assert_int_eq(body_append(&body, text, MANY, MANY), 0);
	begin = clock();
	ck_assert(!body_matches(&body, &pattern));
	ck_assert_int_lt(clock() - begin, CLOCKS_PER_SEC);
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

START_TEST(a_pattern_may_hold_any_byte)
{
	struct body_pattern pattern;
	struct body body = { 0 };

	ck_assert_int_eq(body_pattern_init(&pattern, "\0\377\0", 3, NULL), 0);
	ck_assert_int_eq(body_append(&body, "a\0\377", 3, 1000), 0);
	ck_assert(!body_matches(&body, &pattern));
	ck_assert_int_eq(body_append(&body, "\0", 1, 1000), 0);
	ck_assert(body_matches(&body, &pattern));
	body_fini(&body);
	body_pattern_fini(&pattern);
}
END_TEST

START_TEST(keeps_no_more_than_it_may)
{
	struct body body = { 0 };

	ck_assert_int_eq(body_append(&body, "0123456789", 10, 4), ERR_TOOBIG);
	ck_assert_uint_eq(body.len, 4);
	ck_assert_str_eq(body.data, "0123");
	ck_assert_int_eq(body_append(&body, "x", 1, 4), ERR_TOOBIG);
	ck_assert_uint_eq(body.len, 4);
	body_fini(&body);
}
END_TEST

START_TEST(a_bad_expression_is_refused)
{
	struct body_pattern pattern;

	ck_assert_int_eq(body_pattern_init(&pattern, "x", 1, "(unclosed"),
	    ERR_SYNTAX);
	ck_assert(!body_pattern_is_set(&pattern));
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, matches, 0, COUNT(cases));
	tcase_add_test(tcase,
	    a_substring_is_seen_at_once_and_looked_for_only_where_it_is_new);
	tcase_add_test(tcase, an_expression_is_tried_rarely_and_at_the_end);
	tcase_add_test(tcase, an_expression_has_an_end);
	tcase_add_loop_test(tcase, a_cheap_beginning_is_no_promise, 0, 9);
	tcase_add_test(tcase, a_pattern_may_hold_any_byte);
	tcase_add_test(tcase, keeps_no_more_than_it_may);
	tcase_add_test(tcase, a_bad_expression_is_refused);
}

int
main(void)
{
	return check_main("body_match", fill);
}
