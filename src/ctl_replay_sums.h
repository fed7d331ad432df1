/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_REPLAY_SUMS_H
#define RRDNSD_CTL_REPLAY_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "replay.h"

/* What a replay comes to over all endpoints. Pure. */

struct ctl_replay_sums {
	size_t was, now; /* changes of records */
	size_t avoided, added, moved; /* times out of DNS */
	int64_t dead_was_ms, dead_now_ms, away_was_ms, away_now_ms;
};

struct ctl_replay_sums ctl_replay_add_up(const struct replay_report *report,
    const struct replay_options *options);

/* Changes in the time that was asked for: each span is one when it begins and,
 * if it ended, one more. */
size_t ctl_replay_changes(const struct replay_spans *spans,
    const struct replay_options *options);

#endif
