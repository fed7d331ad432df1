/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_VIEW_H
#define RRDNSD_CTL_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "ctl_table.h"

/* The answer to GET /api/v1/status as people want it at night: what is wrong,
 * since when, why, and what was done about it. Pure. */

/* All of it; of services that are well one line each. */
void ctl_view_status(FILE *out, const struct ctl_style *style,
    const json_t *status, int64_t now_ms);

/* One service in full: endpoints, probes, how each node votes, servers. */
void ctl_view_service(FILE *out, const struct ctl_style *style,
    const json_t *status, const json_t *service, int64_t now_ms);

/* What concerns all services: quorum, nodes, frozen, dry run, the state that
 * can't be kept. Whether there was anything to say. */
bool ctl_view_alarms(FILE *out, const struct ctl_style *style,
    const json_t *status);

/* The endpoints of a service, as rows of a table made by
 * ctl_view_new_table. */
struct ctl_table *ctl_view_new_table(const struct ctl_style *style,
    const char *first_header);
void ctl_view_endpoint_row(struct ctl_table *table, const json_t *service,
    const json_t *endpoint, const char *indent, int64_t now_ms);

/* Anything about it that one should know. */
bool ctl_view_endpoint_is_odd(const json_t *service, const json_t *endpoint);

enum ctl_colour ctl_view_state_colour(const char *state);

#endif
