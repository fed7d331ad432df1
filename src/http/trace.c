/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define GAP_MAX 9999999999 /* ten digits: four months */

static bool
agrees(const struct health *health, bool ok)
{
	return health->state == (ok ? HEALTH_UP : HEALTH_DOWN);
}

static struct trace_page *
open_page(struct trace *trace, const struct health *before, int64_t wall_ms)
{
	struct trace_page *page = calloc(1, sizeof *page);

	if (page == NULL)
		return NULL;
	page->state = before->state;
	page->streak = before->streak;
	page->streak_ok = before->streak_ok;
	page->calm = trace->calm;
	page->from_ms = page->to_ms = wall_ms;
	trace->calm = 0;
	return page;
}

/* The wall clock may have been set back: no gap is negative. */
static void
append(struct trace_page *page, bool ok, int64_t wall_ms)
{
	int64_t gap_ms = wall_ms - page->to_ms;

	if (gap_ms < 0)
		gap_ms = 0;
	if (gap_ms > GAP_MAX)
		gap_ms = GAP_MAX;
	page->text[page->len++] = ok ? '+' : '-';
	if (page->n > 0)
		page->len += (unsigned)snprintf(page->text + page->len,
		    sizeof page->text - page->len, "%" PRId64, gap_ms);
	page->text[page->len] = '\0';
	page->to_ms += gap_ms;
	page->n++;
}

void
trace_take(struct trace *trace, const struct health *before,
    const struct health *after, bool ok, int64_t wall_ms)
{
	trace->same = trace->last_ok == ok ? trace->same + 1 : 1;
	trace->last_ok = ok;
	if (trace->page == NULL && !trace->loose && agrees(before, ok)) {
		trace->calm++;
		return;
	}
	if (trace->page == NULL)
		trace->page = open_page(trace, before, wall_ms);
	if (trace->page == NULL)
		return;
	append(trace->page, ok, wall_ms);
	trace->loose = before->state == after->state &&
	    !(agrees(after, ok) && trace->same >= TRACE_CALM);
	trace->due = !trace->loose || trace->page->n == TRACE_MAX;
}

void
trace_turn(struct trace *trace)
{
	free(trace->page);
	trace->page = NULL;
	trace->due = false;
}

void
trace_fini(struct trace *trace)
{
	trace_turn(trace);
}
