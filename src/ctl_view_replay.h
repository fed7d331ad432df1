/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_VIEW_REPLAY_H
#define RRDNSD_CTL_VIEW_REPLAY_H

#include <stdio.h>

#include "ctl_table.h"
#include "replay.h"

/* What a replay came to: for people, what would have been different, and as
 * JSON all of it, a text that is the caller's; NULL: out of memory. Pure, but
 * for the time zone. */
void ctl_view_replay(FILE *out, const struct ctl_style *style,
    const struct replay_report *report, const struct replay_options *options);
char *ctl_view_replay_json(const struct replay_report *report,
    const struct replay_options *options, size_t *len);

#endif
