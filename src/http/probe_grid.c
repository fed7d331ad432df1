/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/probe_grid.h"

#include "loop.h"

#define SHORTENED_BY_MOST 50 /* a fiftieth of the time-out */

void
probe_grid_plan(struct probe_grid *grid, int64_t at_ms)
{
	grid->next_ms = at_ms;
}

int64_t
probe_grid_slot(const struct probe_grid *grid)
{
	return loop_slot(grid->next_ms);
}

bool
probe_grid_start(struct probe_grid *grid, int64_t now_ms, unsigned interval_ms,
    bool in_flight)
{
	grid->owed = in_flight;
	if (in_flight)
		return false;
	grid->interval_ms = interval_ms;
	grid->last_ms = probe_grid_slot(grid);
	grid->next_ms += interval_ms;
	if (grid->next_ms < now_ms)
		grid->next_ms = now_ms +
		    (interval_ms - (now_ms - grid->next_ms) % interval_ms);
	return true;
}

void
probe_grid_change(struct probe_grid *grid, int64_t now_ms,
    unsigned interval_ms)
{
	grid->next_ms = grid->last_ms + interval_ms;
	if (grid->next_ms < now_ms)
		grid->next_ms = now_ms;
}

int64_t
probe_grid_deadline(const struct probe_grid *grid, int64_t now_ms,
    unsigned timeout_ms)
{
	int64_t end_ms = now_ms + timeout_ms;
	int64_t next_ms = probe_grid_slot(grid);
	int64_t least_ms = loop_slot(end_ms - timeout_ms / SHORTENED_BY_MOST);

	if (timeout_ms > grid->interval_ms || loop_slot(end_ms) <= next_ms)
		return loop_slot(end_ms);
	return least_ms > next_ms ? least_ms : next_ms;
}
