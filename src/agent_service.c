/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[agent]"
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "agent_damping.h"
#include "agent_impl.h"
#include "err.h"
#include "log.h"

static bool
subscribe(struct agent_service *service, size_t i)
{
	struct agent_endpoint *endpoint = &service->endpoints[i];

	endpoint->service = service;
	endpoint->conf = &service->conf->endpoints[i];
	endpoint->index = i;
	endpoint->vote = 'a';
	endpoint->since_ms = service->started_ms;
	endpoint->sub = prober_subscribe(service->agent->prober, service->conf,
	    endpoint->conf, agent_probe_result, endpoint);
	return endpoint->sub != NULL;
}

struct agent_service *
agent_service_new(struct agent *agent, const struct conf_service *conf,
    size_t index)
{
	struct agent_service *service = calloc(1, sizeof *service);
	size_t n = conf->n_endpoints;

	if (service == NULL)
		return NULL;
	service->agent = agent;
	service->conf = conf;
	service->index = index;
	service->started_ms = loop_now_ms(agent->loop);
	service->settings_since_ms = agent_wall_ms();
	service->endpoints = calloc(n, sizeof *service->endpoints);
	service->wish = calloc(n, sizeof *service->wish);
	service->desired = calloc(n, sizeof *service->desired);
	if (service->endpoints == NULL || service->wish == NULL ||
	    service->desired == NULL) {
		agent_service_free(service);
		return NULL;
	}
	service->n_endpoints = n;
	for (size_t i = 0; i < n; i++) {
		if (!subscribe(service, i)) {
			agent_service_free(service);
			return NULL;
		}
	}
	return service;
}

static void
destroy(void *arg)
{
	struct agent_service *service = arg;

	for (size_t i = 0; i < service->n_endpoints; i++)
		trace_fini(&service->endpoints[i].trace);
	free(service->endpoints);
	free(service->wish);
	free(service->desired);
	free(service);
}

void
agent_service_free(struct agent_service *service)
{
	if (service == NULL)
		return;
	for (size_t i = 0; i < service->n_endpoints; i++)
		prober_unsubscribe(service->endpoints[i].sub);
	publish_service_free(service->publish);
	service->publish = NULL;
	agent_damping_forget(service);
	service->open = false; /* nor does a kick that is under way write */
	loop_defer(service->agent->loop, destroy, service);
}

static void
inherit_endpoint(struct agent_endpoint *endpoint,
    struct agent_endpoint *old)
{
	endpoint->since_ms = old->since_ms;
	endpoint->health = old->health;
	endpoint->trace = old->trace;
	old->trace = (struct trace){ 0 };
	endpoint->outcome = old->outcome;
	memcpy(endpoint->detail, old->detail, sizeof endpoint->detail);
	endpoint->duration_us = old->duration_us;
	endpoint->probed_at_ms = old->probed_at_ms;
	endpoint->certificate_known = old->certificate_known;
	endpoint->certificate_days = old->certificate_days;
	endpoint->certificate_warned = old->certificate_warned;
	endpoint->vote = old->vote;
	endpoint->verdict = old->verdict;
	endpoint->verdict_at_ms = old->verdict_at_ms;
	endpoint->drain = old->drain;
	prober_set_fast(endpoint->sub, health_in_doubt(&endpoint->health));
}

static void
log_learning(const struct agent_endpoint *endpoint)
{
	char ip[ADDR_TEXT_MAX];

	log_notice("%s %s: is probed in another way now; its health is "
		   "learned anew, its record is kept meanwhile",
	    endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip));
}

void
agent_service_inherit(struct agent_service *service, struct agent_service *old)
{
	size_t i = 0, j = 0;

	service->open = old->open;
	service->fail_open = old->fail_open;
	service->fail_open_at_ms = old->fail_open_at_ms;
	service->down = old->down;
	memcpy(service->standby, old->standby, sizeof service->standby);
	service->started_ms = old->started_ms;
	while (i < service->n_endpoints && j < old->n_endpoints) {
		struct agent_endpoint *endpoint = &service->endpoints[i];
		int order = addr_compare_ip(&endpoint->conf->addr,
		    &old->endpoints[j].conf->addr);

		if (order == 0) {
			endpoint->metrics = old->endpoints[j].metrics;
			endpoint->damping = old->endpoints[j].damping;
			endpoint->dwells = old->endpoints[j].dwells;
			endpoint->sent_why = old->endpoints[j].sent_why;
			endpoint->sent_verdict = old->endpoints[j].sent_verdict;
			if (prober_same_target(endpoint->sub,
				old->endpoints[j].sub))
				inherit_endpoint(endpoint, &old->endpoints[j]);
			else
				log_learning(endpoint);
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void
hand_over_votes(struct agent_service *service)
{
	struct agent *agent = service->agent;

	for (size_t i = 0; i < service->n_endpoints; i++)
		vote_node_set_vote(agent->node, service->index, i,
		    service->endpoints[i].vote,
		    agent_probe_cause(&service->endpoints[i]),
		    loop_now_ms(agent->loop));
}

int
agent_service_start(struct agent_service *service, struct agent_service *old)
{
	hand_over_votes(service);
	if (service->conf->update.method == CONF_METHOD_NONE)
		return 0;
	if (old != NULL && old->publish != NULL &&
	    publish_service_rebind(old->publish, service->conf, service)) {
		service->publish = old->publish;
		old->publish = NULL;
		publish_service_kick(service->publish);
		return 0;
	}
	service->publish = publish_service_new(service->agent->publisher,
	    service->conf, service);
	return service->publish != NULL ? 0 : ERR_NOMEM;
}
