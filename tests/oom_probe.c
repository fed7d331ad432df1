/* SPDX-License-Identifier: ISC */
/* What a probe reads, what is kept of it, and when the next one is due. */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "err.h"
#include "http/body_match.h"
#include "http/trace.h"
#include "oom_cases.h"
#include "timer_heap.h"

static struct body_pattern pattern;
static struct body body;

static void
prepare_body(void)
{
	body = (struct body){ 0 };
}

static int
read_body(void)
{
	int err = body_pattern_init(&pattern, "needle", 6, NULL);

	for (int i = 0; i < 1000 && err == 0; i++)
		err = body_append(&body, "hay ", 4, 65536);
	return err == 0 ? body_append(&body, "needle", 6, 65536) : err;
}

/* What was kept is what came first. */
static void
judge_body(int err)
{
	if (err == 0)
		ck_assert(body_matches(&body, &pattern));
	else if (body.len > 0)
		ck_assert_int_eq(memcmp(body.data, "hay ", 4), 0);
	body_fini(&body);
	body_pattern_fini(&pattern);
}

static const struct health up = { .state = HEALTH_UP };
static struct trace trace;

static void
prepare_trace(void)
{
	trace = (struct trace){ 0 };
	trace_take(&trace, &up, &up, true, 0);
}

static int
trace_one(void)
{
	trace_take(&trace, &up, &up, false, 1000);
	return trace.page != NULL ? 0 : ERR_NOMEM;
}

/* The next outcome opens the page that this one did not get. */
static void
judge_trace(int err)
{
	trace_take(&trace, &up, &up, false, 2000);
	ck_assert_str_eq(trace.page->text, err == 0 ? "--1000" : "-");
	ck_assert_uint_eq(trace.page->calm, 1);
	trace_fini(&trace);
}

#define TIMERS 100 /* more than there is room for at first */

static struct timer_heap heap;
static struct timer timers[TIMERS];

static void
prepare_heap(void)
{
	heap = (struct timer_heap){ 0 };
	memset(timers, 0, sizeof timers);
}

static int
set_timers(void)
{
	int err = 0;

	for (int i = 0; i < TIMERS && err == 0; i++)
		err = timer_heap_set(&heap, &timers[i], TIMERS - i);
	return err;
}

/* One that was not set is not there; those that were come in their order. */
static void
judge_heap(int err)
{
	size_t n = heap.len;

	ck_assert_int_eq(n == TIMERS, err == 0);
	for (size_t i = n; i > 0; i--) {
		ck_assert_ptr_eq(timer_heap_first(&heap), &timers[i - 1]);
		timer_heap_cancel(&heap, &timers[i - 1]);
	}
	ck_assert_ptr_null(timer_heap_first(&heap));
	timer_heap_fini(&heap);
}

const struct oom_case oom_probe_cases[] = {
	{ "body", prepare_body, read_body, judge_body },
	{ "trace", prepare_trace, trace_one, judge_trace },
	{ "timers", prepare_heap, set_timers, judge_heap },
};
const size_t oom_n_probe_cases = COUNT(oom_probe_cases);
