/* SPDX-License-Identifier: ISC */
/* After a drain: when can the server be stopped? When its record is gone from
 * all servers, verify_resolvers show that, and the TTL is over under which
 * caches may still hand it out. */
#define LOG_TAG "[intent]"
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "agent_impl.h"

static bool
is_taken_out(const struct agent_endpoint *endpoint)
{
	return endpoint->intent == DESIRED_DRAIN ||
	    endpoint->intent == DESIRED_FORCE_DOWN;
}

/* Whether no server has its record. Notes under which TTL they had it. */
static bool
is_gone(struct agent_endpoint *endpoint)
{
	const struct addr *addr = &endpoint->conf->addr;
	const struct publish_service *publish = endpoint->service->publish;
	size_t n = publish != NULL ? publish_service_count(publish) : 0;
	size_t without = 0, of = 0;

	for (size_t i = 0; i < n; i++) {
		struct publish_status status =
		    publish_service_status(publish, i);

		if (status.family != addr->family)
			continue;
		of++;
		if (status.known && !rrset_has(status.rrset, addr))
			without++;
		else if (status.known &&
		    status.rrset->ttl > endpoint->drain.ttl_s)
			endpoint->drain.ttl_s = status.rrset->ttl;
	}
	return of > 0 && without == of;
}

static void
tell_safe(struct agent_endpoint *endpoint)
{
	int64_t safe_ms = agent_drain_safe_ms(endpoint);
	time_t safe_s = (time_t)((safe_ms + 999) / 1000);
	char ip[ADDR_TEXT_MAX], clock[16] = "", cause[80], text[500];
	struct tm tm;

	if (localtime_r(&safe_s, &tm) != NULL)
		strftime(clock, sizeof clock, "%H:%M:%S", &tm);
	snprintf(cause, sizeof cause,
	    "its record is gone from all servers, its TTL was %u s",
	    endpoint->drain.ttl_s);
	snprintf(text, sizeof text, "%s %s: safe to stop at %s (%s)",
	    endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip), clock, cause);
	log_notice("%s", text);
	agent_event_of(endpoint, EVENT_INTENT, "safe_to_stop", cause, text);
}

static void
look(struct agent_endpoint *endpoint)
{
	struct agent_drain *drain = &endpoint->drain;
	struct publish_service *publish = endpoint->service->publish;
	enum addr_family family = endpoint->conf->addr.family;

	if (!is_taken_out(endpoint)) {
		*drain = (struct agent_drain){ 0 };
		return;
	}
	if (drain->ttl_s == 0)
		drain->ttl_s = endpoint->service->conf->ttl;
	if (!is_gone(endpoint)) {
		drain->gone_at_ms = 0;
		return;
	}
	if (drain->gone_at_ms != 0)
		return;
	publish_service_verify(publish, family);
	if (!publish_service_verified(publish, family))
		return;
	drain->gone_at_ms = loop_now_ms(endpoint->service->agent->loop);
	agent_status_changed(endpoint->service->agent);
	tell_safe(endpoint);
}

void
agent_drains_look(struct agent_service *service)
{
	for (size_t i = 0; i < service->n_endpoints; i++)
		look(&service->endpoints[i]);
}

int64_t
agent_drain_safe_ms(const struct agent_endpoint *endpoint)
{
	const struct agent_drain *drain = &endpoint->drain;

	if (drain->gone_at_ms == 0 || !is_taken_out(endpoint))
		return 0;
	return agent_wall_of(endpoint->service->agent, drain->gone_at_ms) +
	    (int64_t)drain->ttl_s * 1000;
}
