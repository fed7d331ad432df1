/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/clock.h"

#include "mutant.h"

void
vote_clock_init(struct vote_clock *clock, int64_t now_ms, int64_t wall_ms)
{
	*clock = (struct vote_clock){ .now_ms = now_ms, .wall_ms = wall_ms };
}

int64_t
vote_clock_step(struct vote_clock *clock, int64_t now_ms, int64_t wall_ms)
{
	int64_t ahead_ms = clock->ahead_ms + (wall_ms - clock->wall_ms) -
	    (now_ms - clock->now_ms);

	clock->now_ms = now_ms;
	clock->wall_ms = wall_ms;
	/* Set back: that says nothing. */
	clock->ahead_ms = ahead_ms > 0 ? ahead_ms : 0;
	if (ahead_ms < VOTE_CLOCK_STOP_MS || MUTANT(SUSPEND_UNSEEN))
		return 0;
	clock->ahead_ms = 0;
	if (!MUTANT(STOPS_DO_NOT_ADD_UP))
		clock->stood_ms += ahead_ms;
	return ahead_ms;
}
