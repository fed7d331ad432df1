/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_WEBHOOK_BODY_H
#define RRDNSD_WEBHOOK_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "events.h"

/*
 * What is posted of the events of one delivery; pure. As JSON: the members of
 * the first event, as the API has them, and beside them
 *   "by": the node that tells, "count": how many events there are,
 *   "dropped": how many were lost before them, "events": all of them.
 * As text: {"text": "..."} with a line for each of the first
 * WEBHOOK_LINES_MAX, as Slack and what is like it take it.
 */
#define WEBHOOK_LINES_MAX 20

struct webhook_delivery {
	const char *by;
	const struct event *const *events;
	size_t n; /* at least 1 */
	uint64_t dropped;
};

/* The text, which is the caller's, with a NUL after its len; NULL: out of
 * memory. */
char *webhook_body_json(const struct webhook_delivery *delivery, size_t *len);
char *webhook_body_text(const struct webhook_delivery *delivery, size_t *len);

#endif
