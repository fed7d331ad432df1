/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/api_health.h"

#include <inttypes.h>
#include <stdio.h>

#include "json_out.h"

static bool
is_well(const struct api_health *health)
{
	return health->nodes_fresh >= health->nodes_needed &&
	    health->stalled_ms == 0 && health->n_stale == 0 &&
	    health->n_servers == 0 && health->state_error == NULL &&
	    health->listen_error == NULL;
}

static void
write_reasons(struct json_out *json, const struct api_health *health)
{
	char text[512];

	if (health->nodes_fresh < health->nodes_needed) {
		snprintf(text, sizeof text,
		    "no quorum: %u nodes are heard, %u are needed",
		    health->nodes_fresh, health->nodes_needed);
		json_text(json, text);
	}
	if (health->stalled_ms > 0) {
		snprintf(text, sizeof text,
		    "loop stalled: for %" PRId64 " ms", health->stalled_ms);
		json_text(json, text);
	}
	if (health->n_stale > 0) {
		snprintf(text, sizeof text,
		    "probes stale: of %zu of %zu endpoints", health->n_stale,
		    health->n_endpoints);
		json_text(json, text);
	}
	for (size_t i = 0; i < health->n_servers; i++) {
		snprintf(text, sizeof text, "server not updated: %s",
		    health->servers[i]);
		json_text(json, text);
	}
	if (health->state_error != NULL) {
		snprintf(text, sizeof text,
		    "state not kept, a restart would lose it: %s",
		    health->state_error);
		json_text(json, text);
	}
	if (health->listen_error != NULL) {
		snprintf(text, sizeof text, "listen not as configured: %s",
		    health->listen_error);
		json_text(json, text);
	}
}

unsigned
api_write_health(struct json_out *json, const struct api_health *health,
    bool may_read)
{
	bool ok = is_well(health);

	json_open(json, '{');
	json_put_text(json, "status", ok ? "ok" : "degraded");
	if (!ok) {
		json_key(json, "reasons");
		json_open(json, '[');
		if (may_read)
			write_reasons(json, health);
		json_close(json, ']');
	}
	json_close(json, '}');
	return ok ? 200 : 503;
}
