/* SPDX-License-Identifier: ISC */
/* What the journal of events has to hold for a replay. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "agent_journal.h"

/* The settings of a service are in the journal before the first of its events
 * that needs them, and again when the last time may soon be forgotten. */
#define SETTINGS_EVERY (EVENTS_MAX / 2)

void
agent_trace_settings(struct agent_service *service)
{
	struct agent *agent = service->agent;
	const struct conf_service *conf = service->conf;
	uint64_t next_id = events_next_id(agent->events);
	struct agent_journal_endpoint *endpoints;
	char text[400];
	struct event event = { .kind = EVENT_SETTINGS,
		.fqdn = conf->fqdn,
		.text = text };
	char *settings;

	if (service->settings_id != 0 &&
	    next_id - service->settings_id < SETTINGS_EVERY)
		return;
	endpoints = calloc(service->n_endpoints, sizeof *endpoints);
	if (endpoints == NULL)
		return;
	for (size_t i = 0; i < service->n_endpoints; i++) {
		endpoints[i].vote = service->endpoints[i].vote;
		endpoints[i].health = service->endpoints[i].health.state;
	}
	snprintf(text, sizeof text,
	    "%s: %zu endpoints, rise %u, fall %u, min_up %u (for replays)",
	    conf->fqdn, service->n_endpoints, conf->rise, conf->fall,
	    conf->min_up);
	event.settings = settings = agent_journal_settings(conf,
	    vote_node_count(agent->node), service->settings_since_ms,
	    vote_node_intents(agent->node), endpoints);
	service->settings_id = next_id;
	agent_event(agent, &event);
	free(settings);
	free(endpoints);
}

void
agent_trace_result(struct agent_endpoint *endpoint,
    const struct health *before, enum outcome outcome)
{
	enum outcome_class class = outcome_class(outcome);

	if (class != OUTCOME_CLASS_OK && class != OUTCOME_CLASS_TARGET)
		return;
	trace_take(&endpoint->trace, before, &endpoint->health,
	    class == OUTCOME_CLASS_OK, agent_wall_ms());
}

char *
agent_trace_take(struct agent_endpoint *endpoint)
{
	char *probes;

	if (!endpoint->trace.due)
		return NULL;
	probes = agent_journal_probes(endpoint->trace.page);
	trace_turn(&endpoint->trace);
	return probes;
}

void
agent_trace_tell(struct agent_endpoint *endpoint)
{
	const struct agent_service *service = endpoint->service;
	const struct trace_page *page = endpoint->trace.page;
	char ip[ADDR_TEXT_MAX], cause[64], text[400];
	unsigned failed = 0;

	if (!endpoint->trace.due)
		return;
	for (unsigned i = 0; i < page->len; i++)
		failed += page->text[i] == '-';
	snprintf(cause, sizeof cause, "%u of %u probes failed", failed,
	    page->n);
	snprintf(text, sizeof text, "%s %s: %s, it is %s here",
	    service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip), cause,
	    health_state_text(endpoint->health.state));
	agent_event_of(endpoint, EVENT_PROBES,
	    health_state_text(endpoint->health.state), cause, text);
}
