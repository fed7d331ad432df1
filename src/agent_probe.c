/* SPDX-License-Identifier: ISC */
/* A probe's result becomes health, and health the own vote. */
#define LOG_TAG "[prober]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_impl.h"
#include "log.h"

/* What nodes tell each other of a failed probe: a letter for each outcome. */
#define CAUSE_BASE 'A'

static int64_t
now_ms(const struct agent_endpoint *endpoint)
{
	return loop_now_ms(endpoint->service->agent->loop);
}

/* The failures that made it down are the endpoint's own: a canary answered that
 * was asked after they began. */
static bool
is_vouched_for(const struct agent_endpoint *endpoint)
{
	const struct agent *agent = endpoint->service->agent;

	return agent->conf->canaries.len == 0 ||
	    agent->canaries_good_ms > endpoint->health.failing_since_ms;
}

/* protocol.md section 2: abstain until rise or fall was reached once, and
 * while the last probe that counts is too old or no canary answers. */
static char
own_vote(const struct agent_endpoint *endpoint)
{
	if (endpoint->service->agent->canaries_silent ||
	    endpoint->health.state == HEALTH_UNKNOWN ||
	    health_is_stale(&endpoint->health,
		endpoint->conf->probe_interval_ms,
		endpoint->conf->probe_timeout_ms, now_ms(endpoint)))
		return 'a';
	if (endpoint->health.state == HEALTH_UP)
		return 'u';
	return is_vouched_for(endpoint) ? 'd' : endpoint->vote;
}

char
agent_probe_cause(const struct agent_endpoint *endpoint)
{
	if (endpoint->vote != 'd' || endpoint->outcome == OUTCOME_OK)
		return VOTE_NO_CAUSE;
	return (char)(CAUSE_BASE + endpoint->outcome);
}

const char *
agent_cause_text(char cause)
{
	if (cause < CAUSE_BASE || cause > CAUSE_BASE + OUTCOME_CANCELLED)
		return NULL;
	return outcome_text((enum outcome)(cause - CAUSE_BASE));
}

static void
tell_vote(struct agent_endpoint *endpoint)
{
	const char *state = endpoint->vote == 'u' ? "up"
	    : endpoint->vote == 'd'		  ? "down"
						  : "abstain";
	const char *cause = endpoint->vote != 'a' ? endpoint->detail
	    : endpoint->service->agent->canaries_silent
	    ? "no canary answers: it is our own network"
	    : "no probe that counts for too long";
	char ip[ADDR_TEXT_MAX], text[400 + PROBE_DETAIL_MAX];

	snprintf(text, sizeof text, "%s %s: this node votes %s (%s)",
	    endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip), state, cause);
	agent_event_of(endpoint, EVENT_VOTE_CHANGED, state, cause, text);
}

static void
cast_vote(struct agent_endpoint *endpoint)
{
	struct agent_service *service = endpoint->service;
	char vote = own_vote(endpoint);

	if (vote == endpoint->vote)
		return;
	agent_trace_settings(service);
	endpoint->vote = vote;
	tell_vote(endpoint);
	vote_node_set_vote(service->agent->node, service->index,
	    endpoint->index, vote, agent_probe_cause(endpoint),
	    now_ms(endpoint));
	agent_gossip_rearm(service->agent);
	agent_decide(service);
}

static void
log_state(const struct agent_endpoint *endpoint, enum health_state before)
{
	char ip[ADDR_TEXT_MAX];

	log_info("%s %s: %s -> %s here (%s, %u ms)",
	    endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip),
	    health_state_text(before),
	    health_state_text(endpoint->health.state), endpoint->detail,
	    endpoint->duration_us / 1000);
}

static void
look_at_certificate(struct agent_endpoint *endpoint,
    const struct probe_result *result)
{
	const struct conf_service *service = endpoint->service->conf;
	char ip[ADDR_TEXT_MAX], cause[100], text[500];
	bool soon;

	if (!result->certificate_known)
		return;
	endpoint->certificate_known = true;
	endpoint->certificate_days = result->certificate_days;
	soon = service->probe.tls_min_days > 0 &&
	    result->certificate_days < (int)service->probe.tls_min_days;
	if (soon && !endpoint->certificate_warned) {
		snprintf(cause, sizeof cause,
		    "the certificate ends in %d days (tls_min_days %u)",
		    result->certificate_days, service->probe.tls_min_days);
		snprintf(text, sizeof text, "%s %s: %s", service->fqdn,
		    addr_format(&endpoint->conf->addr, false, ip), cause);
		log_warning("%s", text);
		agent_event_of(endpoint, EVENT_CERTIFICATE, NULL, cause, text);
	}
	endpoint->certificate_warned = soon;
}

void
agent_probe_result(void *arg, const struct probe_result *result)
{
	struct agent_endpoint *endpoint = arg;
	const struct conf_service *service = endpoint->service->conf;
	const struct health before = endpoint->health;
	char ip[ADDR_TEXT_MAX];

	endpoint->outcome = result->outcome;
	endpoint->duration_us = result->duration_us;
	endpoint->probed_at_ms = result->at_ms;
	memcpy(endpoint->detail, result->detail, sizeof endpoint->detail);
	look_at_certificate(endpoint, result);
	agent_faults_note(endpoint, result);
	agent_metrics_probe(endpoint, result);
	if (result->outcome != OUTCOME_OK)
		log_debug("%s %s: probe: %s (%u us)", service->fqdn,
		    addr_format(&endpoint->conf->addr, false, ip),
		    result->detail, result->duration_us);
	if (health_step(&endpoint->health, service->rise, service->fall,
		result->outcome, result->at_ms))
		log_state(endpoint, before.state);
	agent_trace_result(endpoint, &before, result->outcome);
	prober_set_fast(endpoint->sub, health_in_doubt(&endpoint->health));
	cast_vote(endpoint);
	agent_trace_tell(endpoint);
}

void
agent_probe_void(struct agent *agent)
{
	for (size_t i = 0; i < agent->n_services; i++)
		for (size_t j = 0; j < agent->services[i]->n_endpoints; j++)
			health_void(&agent->services[i]->endpoints[j].health);
}

void
agent_probe_stood(struct agent *agent, int64_t ms)
{
	for (size_t i = 0; i < agent->n_services; i++) {
		struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++) {
			health_age(&service->endpoints[j].health, ms);
			cast_vote(&service->endpoints[j]);
		}
	}
}

void
agent_probe_tick(struct agent_endpoint *endpoint)
{
	cast_vote(endpoint);
}
