/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_STANDBY_H
#define RRDNSD_DNS_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When a standby tier took over: who has to remember it, and when the service
 * returns. Pure; for one address family of one service. What is remembered is
 * a record that all nodes share and that outlives each of them: while it stands
 * its tier is pinned (dns/desired.h).
 */
struct standby_rules {
	bool manual; /* an operator has it return, nobody else */
	int64_t delay_ms; /* for so long the better tier must be good */
};

struct standby_view {
	bool recorded;
	unsigned record; /* the tier that took over */
	bool certain;
	unsigned tier; /* in charge, the record heeded */
	bool natural_certain;
	unsigned natural; /* that were in charge if nothing was recorded */
	unsigned first; /* the lowest tier that has a free endpoint */
	unsigned lowest; /* of all that are configured */
};

/* Since when the same tier is certainly the natural one. Begins zeroed. */
struct standby_watch {
	bool watching;
	unsigned tier;
	int64_t since_ms;
};

enum standby_move {
	STANDBY_STAY,
	STANDBY_NOTE, /* record *tier */
	STANDBY_FORGET, /* the first tier is in charge, or is to be */
};

/* What should become of the record now. */
enum standby_move standby_step(const struct standby_rules *rules,
    const struct standby_view *view, struct standby_watch *watch,
    int64_t now_ms, unsigned *tier);

/* Whether a takeover is recorded at all: otherwise the service returns as soon
 * as the better tier is good. */
bool standby_remembers(const struct standby_rules *rules);

/* When the service returns if nothing changes; false: not by itself, or nobody
 * can tell. */
bool standby_returns_at(const struct standby_rules *rules,
    const struct standby_view *view, const struct standby_watch *watch,
    int64_t *at_ms);

#endif
