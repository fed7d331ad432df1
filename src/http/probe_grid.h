/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBE_GRID_H
#define RRDNSD_HTTP_PROBE_GRID_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When one target is probed: starts stay on the grid of its interval, however
 * long the probes take and however late the loop is. Pure; all times are the
 * loop's clock, and what is told to be waited for is one of its slots.
 */
struct probe_grid {
	int64_t next_ms; /* the next start */
	int64_t last_ms; /* the slot of the last one */
	unsigned interval_ms; /* from the last to the next */
	bool owed; /* a start was due while the last probe was in flight */
};

/* The first start, or one out of turn. */
void probe_grid_plan(struct probe_grid *grid, int64_t at_ms);

/* The slot of the next start. */
int64_t probe_grid_slot(const struct probe_grid *grid);

/* The next start's time has come. True: it is made, and another one is next;
 * those that were missed are left out. False: a probe is in flight, at whose
 * end the start is owed. */
bool probe_grid_start(struct probe_grid *grid, int64_t now_ms,
    unsigned interval_ms, bool in_flight);

/* The interval is another one from now on, counted from the last start. */
void probe_grid_change(struct probe_grid *grid, int64_t now_ms,
    unsigned interval_ms);

/* When the time of a probe is over that was started just now: rounded up to a
 * slot. A time-out as long as the interval would end after the next start,
 * and a silent target leave its grid bit by bit: it is over with that start,
 * but never more than a fiftieth sooner. */
int64_t probe_grid_deadline(const struct probe_grid *grid, int64_t now_ms,
    unsigned timeout_ms);

#endif
