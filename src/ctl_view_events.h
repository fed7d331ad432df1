/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_VIEW_EVENTS_H
#define RRDNSD_CTL_VIEW_EVENTS_H

#include <stdio.h>

#include <jansson.h>

#include "ctl_table.h"

/* Events of the API, one a line: the time of day and what happened. Of a burst
 * (500 endpoints down at once) a few are shown and the rest is counted. Pure,
 * but for the time zone. */
void ctl_view_events(FILE *out, const struct ctl_style *style,
    const json_t *events);

#endif
