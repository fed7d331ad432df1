/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_API_HEALTH_H
#define RRDNSD_HTTP_API_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out;

/*
 * GET /health, pure: whether this node does what it is there for. For load
 * balancers and monitors: whoever may not read is told that something is wrong,
 * and not what.
 */
struct api_health {
	unsigned nodes_fresh;
	unsigned nodes_needed;
	int64_t stalled_ms; /* how late the loop was lately; 0: it was not */
	size_t n_stale; /* endpoints without a probe that counts for too long */
	size_t n_endpoints;
	const char *const *servers; /* "NAME: error": 3 attempts failed */
	size_t n_servers;
	const char *state_error; /* why it can't be kept; NULL: it is */
	const char *listen_error; /* why it is not as configured; NULL: it is */
};

/* Writes the answer and returns its status: 200 or 503. */
unsigned api_write_health(struct json_out *json,
    const struct api_health *health, bool may_read);

#endif
