/* SPDX-License-Identifier: ISC */
/* An operator wants a service's records read and put right now. What is missing
 * is added on all servers first; only then is removed what should not be
 * there. So nobody who asks in between finds less than before. */
#define LOG_TAG "[updater]"
#include "config.h"

#include <stdio.h>

#include "agent_impl.h"

/* A server that does not answer must not hold up the others for longer. */
#define ADDING_MS 10000

void
agent_refresh_start(struct agent_service *service, const char *by,
    const char *reason)
{
	char cause[1100], text[1500];
	struct event event = { .kind = EVENT_INTENT,
		.fqdn = service->conf->fqdn,
		.state = "refresh",
		.cause = cause,
		.text = text };

	snprintf(cause, sizeof cause, "by %s%s%s", by,
	    reason[0] != '\0' ? ": " : "", reason);
	snprintf(text, sizeof text, "%s: refresh (%s)", service->conf->fqdn,
	    cause);
	log_notice("%s", text);
	agent_event(service->agent, &event);
	if (service->publish == NULL)
		return;
	service->refresh_at_ms = loop_now_ms(service->agent->loop);
	publish_service_kick(service->publish);
}

/* Whether every server was read since, and holds all that it should. */
static bool
all_is_added(const struct agent_service *service)
{
	for (size_t i = 0; i < publish_service_count(service->publish); i++) {
		struct publish_status status =
		    publish_service_status(service->publish, i);

		if (status.state != PUBLISH_OK ||
		    status.read_at_ms <= service->refresh_at_ms)
			return false;
	}
	return true;
}

void
agent_refresh_tick(struct agent_service *service)
{
	int64_t now_ms = loop_now_ms(service->agent->loop);

	if (service->refresh_at_ms == 0 || service->publish == NULL ||
	    (!all_is_added(service) &&
		now_ms - service->refresh_at_ms < ADDING_MS))
		return;
	service->refresh_at_ms = 0;
	publish_service_kick(service->publish);
}

bool
agent_refresh_adds(const struct agent_service *service)
{
	return service->refresh_at_ms != 0;
}
