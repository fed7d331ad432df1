/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_BRAKE_H
#define RRDNSD_DNS_BRAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A limit to what is removed by verdict from all services together: when many
 * fail at once it is more often our fault than theirs. Beyond the limit all is
 * held, until what would be removed is within it again. Pure; all times are on
 * one clock.
 */
#define BRAKE_MAX 1000 /* removals */

struct brake_rules {
	unsigned max_removals; /* 0: no limit; at most BRAKE_MAX */
	int64_t window_ms;
	bool released; /* an operator lets them pass */
};

/* Begins zeroed. */
struct brake {
	bool recalled; /* what was removed before our start counts */
	bool held;
	int64_t changed_at_ms; /* when held last became what it is */
	size_t n; /* of the last removals that are remembered */
	int64_t removed_at_ms[BRAKE_MAX]; /* the oldest first */
};

/* How many were removed in the window that ends now. */
size_t brake_removed(const struct brake *brake,
    const struct brake_rules *rules, int64_t now_ms);

/* How many were removed before our start is known once all records were read, or
 * matters no more after a window: gone is what they lack then of endpoints that
 * are not up. True: it is known; nothing is to be removed before. */
bool brake_recall(struct brake *brake, const struct brake_rules *rules,
    bool all_read, size_t gone, int64_t started_ms, int64_t now_ms);

/* pending: what would be removed by all services if nothing was held. Decides
 * whether it is; true: that has changed. */
bool brake_step(struct brake *brake, const struct brake_rules *rules,
    size_t pending, int64_t now_ms);

/* So many are removed, or were: at_ms never falls. */
void brake_note(struct brake *brake, size_t n, int64_t at_ms);

#endif
