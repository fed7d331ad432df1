/* SPDX-License-Identifier: ISC */
/* What happened: numbered, timed, and told. */
#define LOG_TAG "[agent]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent_impl.h"
#include "err.h"

/* Ids are reserved in the state file by so many at once, so that they rise
 * across restarts whatever becomes of the clock. */
#define RESERVE 1000000

/* Above all that can have been given, also when the state file is lost: nobody
 * has 1,000 events in each millisecond. Below 2^53, what JavaScript can count
 * to, for another 250 years. */
#define IDS_PER_MS 1000

int
agent_events_start(struct agent *agent, uint64_t reserved)
{
	uint64_t first = (uint64_t)agent_wall_ms() * IDS_PER_MS;

	if (first < reserved)
		first = reserved;
	agent->events_reserved = first + RESERVE;
	addr_format(&agent->conf->local_node, true, agent->name);
	agent->events = events_new(first);
	return agent->events != NULL ? 0 : ERR_NOMEM;
}

int64_t
agent_wall_of(const struct agent *agent, int64_t loop_ms)
{
	return agent_wall_ms() - (loop_now_ms(agent->loop) - loop_ms);
}

void
agent_event(struct agent *agent, const struct event *event)
{
	struct event stamped = *event;

	if (events_next_id(agent->events) >= agent->events_reserved) {
		agent->events_reserved += RESERVE;
		agent_save(agent, NULL);
	}
	stamped.at_ms = agent_wall_ms();
	stamped.recorder = agent->name;
	if (events_add(agent->events, &stamped) != 0)
		log_error("%s: no memory to remember it", event->text);
}

void
agent_event_of(struct agent_endpoint *endpoint, enum event_kind kind,
    const char *state, const char *cause, const char *text)
{
	struct agent_service *service = endpoint->service;
	char ip[ADDR_TEXT_MAX];
	char *probes = agent_trace_take(endpoint);
	struct event event = {
		.kind = kind,
		.fqdn = service->conf->fqdn,
		.ipaddr = addr_format(&endpoint->conf->addr, false, ip),
		.state = state,
		.cause = cause,
		.text = text,
		.probes = probes,
	};

	agent_trace_settings(service);
	agent_event(service->agent, &event);
	free(probes);
}

void
agent_tell_reload(struct agent *agent, const char *text)
{
	struct event event = { .kind = EVENT_RELOAD, .text = text };

	agent_event(agent, &event);
	agent_status_changed(agent);
}

/* A majority of the configured nodes is fresh, or no longer is. A node that is
 * alone always has one. */
void
agent_note_quorum(struct agent *agent)
{
	int64_t now_ms = loop_now_ms(agent->loop);
	size_t n = vote_node_count(agent->node);
	unsigned fresh = 0, needed = vote_quorum((unsigned)n);
	char cause[64], text[128];
	struct event event = { .cause = cause, .text = text };

	if (n < 2) {
		agent->quorum = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct vote_node_info info;

		vote_node_info(agent->node, i, now_ms, &info);
		fresh += info.fresh;
	}
	if ((fresh >= needed) == agent->quorum)
		return;
	agent->quorum = fresh >= needed;
	event.kind = agent->quorum ? EVENT_QUORUM_BACK : EVENT_QUORUM_LOST;
	snprintf(cause, sizeof cause, "%u of %zu nodes, %u needed", fresh, n,
	    needed);
	if (agent->quorum)
		snprintf(text, sizeof text, "quorum: there is a majority: %s",
		    cause);
	else
		snprintf(text, sizeof text,
		    "quorum: lost, DNS stays as it is: %s", cause);
	if (agent->quorum)
		log_notice("%s", text);
	else
		log_error("%s", text);
	agent_event(agent, &event);
}
