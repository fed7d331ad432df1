/* SPDX-License-Identifier: ISC */
/* Changes that come too soon (min_dwell_ms), or too many at once (max_removals),
 * are held, and that is told. */
#define LOG_TAG "[damping]"
#include "config.h"

#include "agent_damping.h"

#include <stdio.h>
#include <string.h>

#include "agent_impl.h"
#include "log.h"

bool
agent_damping_is_released(const struct agent *agent)
{
	return vote_intents_find(vote_node_intents(agent->node),
		   AGENT_REMOVALS_TARGET) != NULL;
}

static struct brake_rules
rules_of(const struct agent *agent)
{
	return (struct brake_rules){
		.max_removals = agent->conf->max_removals,
		.window_ms = agent->conf->window_ms,
		.released = agent_damping_is_released(agent),
	};
}

size_t
agent_damping_removed(const struct agent *agent)
{
	struct brake_rules rules = rules_of(agent);

	return brake_removed(&agent->brake, &rules, loop_now_ms(agent->loop));
}

static void
begin(struct agent_endpoint *endpoint)
{
	struct agent_published published;

	if (endpoint->damping.place != DAMPING_UNKNOWN)
		return;
	published = agent_endpoint_published(endpoint);
	if (published.known > 0)
		damping_begin(&endpoint->damping, published.held > 0,
		    endpoint->service->agent->started_ms);
}

void
agent_damping_prepare(struct agent_service *service)
{
	int64_t now_ms = loop_now_ms(service->agent->loop);

	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];

		begin(endpoint);
		service->desired[i].settled =
		    damping_settled(&endpoint->damping,
			service->conf->min_dwell_ms, now_ms);
		service->desired[i].begun = damping_begun(&endpoint->damping);
	}
}

static void
decide_all(void *arg)
{
	struct agent *agent = arg;

	agent->brake_scheduled = false;
	for (size_t i = 0; i < agent->n_services; i++)
		agent_decide(agent->services[i]);
}

static void
schedule_all(struct agent *agent)
{
	if (agent->brake_scheduled)
		return;
	agent->brake_scheduled = true;
	loop_defer(agent->loop, decide_all, agent);
}

/* "12 removals of 4 services wait, ..." */
static void
count_text(const struct agent *agent, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < agent->n_services; i++)
		n += agent->services[i]->removals_pending > 0;
	snprintf(buf, size,
	    "%zu removal%s of %zu service%s wait, %zu were made in the last "
	    "%u s, max_removals is %u",
	    agent->removals_pending, agent->removals_pending == 1 ? "" : "s",
	    n, n == 1 ? "" : "s", agent_damping_removed(agent),
	    (agent->conf->window_ms + 999) / 1000, agent->conf->max_removals);
}

static void
tell_brake(struct agent *agent)
{
	char cause[300], text[500];
	struct event event = {
		.kind = agent->brake.held ? EVENT_HOLD_ON : EVENT_HOLD_OFF,
		.cause = cause,
		.text = text,
	};

	if (agent->brake.held)
		count_text(agent, cause, sizeof cause);
	else if (agent_damping_is_released(agent))
		snprintf(cause, sizeof cause, "an operator lets them pass");
	else
		snprintf(cause, sizeof cause,
		    "what is to be removed is within max_removals");
	snprintf(text, sizeof text, agent->brake.held
		? "all records are held: too much would be removed at once "
		  "(%s); rrdnsctl allow-removals on lets it pass"
		: "all records follow the verdicts again (%s)",
	    cause);
	if (agent->brake.held)
		log_error("%s", text);
	else
		log_notice("%s", text);
	agent_event(agent, &event);
	agent_status_changed(agent);
	schedule_all(agent);
}

static void
step(struct agent *agent)
{
	struct brake_rules rules = rules_of(agent);

	if (brake_step(&agent->brake, &rules, agent->removals_pending,
		loop_now_ms(agent->loop)))
		tell_brake(agent);
}

static void
set_pending(struct agent_service *service, size_t n)
{
	struct agent *agent = service->agent;

	agent->removals_pending -= service->removals_pending;
	agent->removals_pending += n;
	service->removals_pending = n;
}

/* All records were read, and are judged. */
static bool
all_is_read(const struct agent *agent)
{
	for (size_t i = 0; i < agent->n_services; i++) {
		const struct agent_service *service = agent->services[i];

		if (service->publish == NULL)
			continue;
		if (!service->open)
			return false;
		for (size_t j = 0; j < service->n_endpoints; j++)
			if (service->endpoints[j].damping.place ==
			    DAMPING_UNKNOWN)
				return false;
	}
	return true;
}

/* Endpoints that are out of DNS and not up: whoever has just started may well
 * have been the one that removed them, down or, without a majority, not yet. */
static size_t
count_gone(const struct agent *agent)
{
	size_t n = 0;

	for (size_t i = 0; i < agent->n_services; i++) {
		const struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++) {
			const struct agent_endpoint *endpoint =
			    &service->endpoints[j];

			n += endpoint->damping.place == DAMPING_OUT &&
			    endpoint->verdict != DESIRED_UP &&
			    endpoint->intent == DESIRED_AUTO;
		}
	}
	return n;
}

static bool
is_past_known(struct agent *agent)
{
	struct brake_rules rules = rules_of(agent);

	if (agent->brake.recalled)
		return true;
	if (!brake_recall(&agent->brake, &rules, all_is_read(agent),
		count_gone(agent), agent->started_ms,
		loop_now_ms(agent->loop)))
		return false;
	schedule_all(agent);
	return true;
}

bool
agent_damping_holds(struct agent_service *service)
{
	struct agent *agent = service->agent;
	size_t n = 0;

	for (size_t i = 0; i < service->n_endpoints; i++)
		n += damping_removes(&service->endpoints[i].damping,
		    &service->desired[i]);
	set_pending(service, n);
	if (n > 0 && agent->conf->max_removals > 0 && !is_past_known(agent))
		return true;
	if (n > 0)
		step(agent);
	return agent->brake.held;
}

void
agent_damping_send(struct agent_service *service, enum addr_family family)
{
	struct agent *agent = service->agent;
	int64_t now_ms = loop_now_ms(agent->loop);
	size_t n = 0;

	for (size_t i = 0; i < service->n_endpoints; i++)
		if (service->endpoints[i].conf->addr.family == family)
			n += damping_send(&service->endpoints[i].damping,
			    &service->desired[i], now_ms);
	brake_note(&agent->brake, n, now_ms);
	set_pending(service, service->removals_pending - n);
}

bool
agent_damping_see(struct agent_service *service, enum addr_family family)
{
	struct agent *agent = service->agent;
	int64_t now_ms = loop_now_ms(agent->loop);
	bool changed = false;
	size_t n = 0;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];
		enum damping_place before = endpoint->damping.place;
		struct agent_published is;
		struct damping_view view;

		if (endpoint->conf->addr.family != family)
			continue;
		is = agent_endpoint_published(endpoint);
		if (is.known == 0)
			continue;
		view = (struct damping_view){ .gone = is.held == 0,
			.there = is.held == is.known,
			.read_at_ms = is.read_at_ms };
		n += damping_see(&endpoint->damping, &service->desired[i],
		    &view, now_ms);
		changed |= endpoint->damping.place != before;
	}
	brake_note(&agent->brake, n, now_ms);
	return changed;
}

static void
tell_dwell(struct agent_endpoint *endpoint, bool held)
{
	const struct agent_service *service = endpoint->service;
	char ip[ADDR_TEXT_MAX], cause[160], text[500];

	snprintf(cause, sizeof cause, held
		? "its record changed less than min_dwell_ms (%u ms) ago"
		: "its record may change again",
	    service->conf->min_dwell_ms);
	snprintf(text, sizeof text, "%s %s: %s %s (%s)", service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip),
	    agent_verdict_text(endpoint->verdict),
	    held ? "and held" : "and no longer held", cause);
	log_notice("%s", text);
	agent_event_of(endpoint, held ? EVENT_HOLD_ON : EVENT_HOLD_OFF,
	    agent_verdict_text(endpoint->verdict), cause, text);
}

/* Until when an endpoint is held to what it was. */
static int64_t
dwells_until(const struct agent_endpoint *endpoint)
{
	return endpoint->damping.changed_at_ms +
	    endpoint->service->conf->min_dwell_ms;
}

void
agent_damping_note(struct agent_service *service)
{
	int64_t now_ms = loop_now_ms(service->agent->loop);

	service->dwells_until_ms = 0;
	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];
		bool held = service->desired[i].why == DESIRED_WHY_DWELL;

		if (held != endpoint->dwells)
			tell_dwell(endpoint, held);
		endpoint->dwells = held;
		damping_note(&endpoint->damping, &service->desired[i], now_ms);
		if (held && (service->dwells_until_ms == 0 ||
				dwells_until(endpoint) <
				    service->dwells_until_ms))
			service->dwells_until_ms = dwells_until(endpoint);
	}
}

bool
agent_damping_is_due(const struct agent_service *service)
{
	return service->dwells_until_ms != 0 &&
	    loop_now_ms(service->agent->loop) >= service->dwells_until_ms;
}

void
agent_damping_tick(struct agent *agent)
{
	if (is_past_known(agent))
		step(agent);
}

void
agent_damping_forget(struct agent_service *service)
{
	set_pending(service, 0);
}
