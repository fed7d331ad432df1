/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_CLOCK_H
#define RRDNSD_VOTE_CLOCK_H

#include <stdint.h>

/*
 * The clock of a node. The clock that counts suspended time does not count a
 * virtual machine that was stopped, or a container that was frozen; the time of
 * day does, once it is set right. So where the time of day runs ahead, that time
 * is added: ages stay upper bounds, however many and short the stops. Pure.
 */
struct vote_clock {
	int64_t now_ms; /* as last read */
	int64_t wall_ms;
	int64_t ahead_ms; /* the time of day, of what is added: both clocks are
			     read in whole milliseconds */
	int64_t stood_ms; /* what is added */
};

/* Less is rounding, and what adjtime(3) slews in a while. */
#define VOTE_CLOCK_STOP_MS 10

void vote_clock_init(struct vote_clock *clock, int64_t now_ms,
    int64_t wall_ms);

/* Both clocks were read. Returns how long we had stood still. */
int64_t vote_clock_step(struct vote_clock *clock, int64_t now_ms,
    int64_t wall_ms);

/* Now on the node's clock, and back. */
static inline int64_t
vote_clock_from(const struct vote_clock *clock, int64_t now_ms)
{
	return now_ms + clock->stood_ms;
}

static inline int64_t
vote_clock_to(const struct vote_clock *clock, int64_t at_ms)
{
	return at_ms - clock->stood_ms;
}

#endif
