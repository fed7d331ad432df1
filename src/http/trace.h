/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_TRACE_H
#define RRDNSD_HTTP_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/health.h"

/*
 * What the journal of events tells of one endpoint's probes, so that rise and
 * fall can be counted again with other thresholds. Outcomes that agree with the
 * endpoint's state are calm: they are counted, and not written down. From the
 * first one that does not, all are, with their times, until the state changes,
 * TRACE_CALM in a row agree again, or TRACE_MAX are there: a flapping endpoint
 * costs one event in so many probes. Pure.
 */
#define TRACE_CALM 10
#define TRACE_MAX 64

/* "-" or "+" for each outcome; behind all but the first one the milliseconds
 * since the one before: "--250-251+1003". At most 10 digits each. */
#define TRACE_TEXT_MAX (TRACE_MAX * 11 + 1)

struct trace_page {
	/* Before the first outcome. */
	enum health_state state;
	unsigned streak;
	bool streak_ok;
	uint32_t calm; /* outcomes since the page before, which agreed */
	int64_t from_ms; /* of the first outcome, on the wall clock */
	int64_t to_ms; /* of the last one */
	unsigned n;
	unsigned len;
	char text[TRACE_TEXT_MAX];
};

struct trace {
	struct trace_page *page; /* NULL: calm */
	uint32_t calm;
	unsigned same; /* of the last outcomes so many were alike */
	bool last_ok;
	bool loose; /* something disagreed, and calm has not come back */
	bool due; /* the page is complete */
};

/* Takes a counted outcome; before and after are the health around it. Without
 * memory for a page its outcomes are lost: the next page shows it, by a state
 * that does not follow. */
void trace_take(struct trace *trace, const struct health *before,
    const struct health *after, bool ok, int64_t wall_ms);

/* The page has been told. */
void trace_turn(struct trace *trace);

void trace_fini(struct trace *trace);

#endif
