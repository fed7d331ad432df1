/* SPDX-License-Identifier: ISC */
/* What the journal keeps of an endpoint's probes. */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "http/trace.h"

static const struct health up = { .state = HEALTH_UP };
static struct trace trace;

static void
setup(void)
{
	trace = (struct trace){ 0 };
}

static void
teardown(void)
{
	trace_fini(&trace);
}

static void
take(bool ok, int64_t wall_ms)
{
	trace_take(&trace, &up, &up, ok, wall_ms);
}

START_TEST(what_agrees_is_counted)
{
	for (int i = 0; i < 7; i++)
		take(true, i);
	ck_assert_ptr_null(trace.page);
	take(false, 1000);
	ck_assert_ptr_nonnull(trace.page);
	ck_assert_uint_eq(trace.page->calm, 7);
	ck_assert_uint_eq(trace.calm, 0);
	ck_assert_int_eq(trace.page->from_ms, 1000);
}
END_TEST

/* The second outcome, and what is written down of when it came. */
static const struct {
	int64_t after_ms;
	const char *text;
	int64_t told_ms;
} gaps[] = {
	{ 0, "-+0", 0 },
	{ 250, "-+250", 250 },
	{ -1, "-+0", 0 },
	{ -86400000, "-+0", 0 },
	{ INT64_C(9999999999), "-+9999999999", INT64_C(9999999999) },
	{ INT64_C(10000000000), "-+9999999999", INT64_C(9999999999) },
	{ INT64_MAX - 1000, "-+9999999999", INT64_C(9999999999) },
};

START_TEST(a_gap_has_ten_digits_at_most)
{
	take(false, 1000);
	take(true, 1000 + gaps[_i].after_ms);
	ck_assert_str_eq(trace.page->text, gaps[_i].text);
	ck_assert_int_eq(trace.page->to_ms, 1000 + gaps[_i].told_ms);
}
END_TEST

/* The longest page there is fills its text, and no more. */
START_TEST(a_page_holds_what_it_promises)
{
	for (unsigned i = 0; i < TRACE_MAX; i++) {
		ck_assert(!trace.due);
		take(false, (int64_t)i * INT64_C(20000000000));
	}
	ck_assert(trace.due);
	ck_assert_uint_eq(trace.page->n, TRACE_MAX);
	ck_assert_uint_eq(trace.page->len, strlen(trace.page->text));
	ck_assert_uint_eq(trace.page->len, 1 + (TRACE_MAX - 1) * 11);
	trace_turn(&trace);
	ck_assert_ptr_null(trace.page);
}
END_TEST

/* Calm comes back with TRACE_CALM in a row that agree. */
START_TEST(a_page_ends_when_calm_is_back)
{
	take(false, 0);
	for (int i = 1; i < TRACE_CALM; i++) {
		take(true, i);
		ck_assert(!trace.due);
	}
	take(true, TRACE_CALM);
	ck_assert(trace.due);
	ck_assert_uint_eq(trace.page->n, 1 + TRACE_CALM);
	trace_turn(&trace);
	take(true, TRACE_CALM + 1);
	ck_assert_ptr_null(trace.page);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_agrees_is_counted);
	tcase_add_loop_test(tcase, a_gap_has_ten_digits_at_most, 0,
	    COUNT(gaps));
	tcase_add_test(tcase, a_page_holds_what_it_promises);
	tcase_add_test(tcase, a_page_ends_when_calm_is_back);
}

int
main(void)
{
	return check_main("trace", fill);
}
