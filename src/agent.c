/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[agent]"
#include "config.h"

#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "agent_impl.h"
#include "agent_intents.h"
#include "dns/probe_query.h"
#include "err.h"
#include "http/http_client.h"
#include "log.h"
#include "state.h"

static size_t
count_endpoints(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_endpoints;
	return n;
}

static uint64_t
random_bits(void)
{
	uint64_t bits = 0;

	/* What it spreads is spread by the boot, too, if this fails. */
	if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) < 0)
		bits = (uint64_t)loop_clock_us();
	return bits;
}

static struct vote_node_conf
node_conf(const struct conf *conf)
{
	return (struct vote_node_conf){
		.nodes = conf->nodes.list,
		.n_nodes = conf->nodes.len,
		.self = conf->local_node,
		.heartbeat_ms = conf->heartbeat_ms,
		.vote_ttl_ms = conf->vote_ttl_ms,
		.takeover_ms = conf->takeover_ms,
		.secrets = conf->nodes_secrets,
		.n_secrets = conf->n_nodes_secrets,
		.random = random_bits(),
	};
}

/* The boot and the numbers of a file with broken intents are good still. 0 or
 * ERR_NOMEM. */
static int
check_intents(const char *dir, struct state *state)
{
	struct vote_intents *intents = NULL;
	int err = state->intents != NULL
	    ? vote_intents_parse(state->intents, &intents)
	    : 0;

	vote_intents_free(intents);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	state_set_aside(dir, "its intents can't be read");
	free(state->intents);
	state->intents = NULL;
	return 0;
}

/* A new boot, and the numbers of events, are saved before they are used
 * (protocol.md section 1). */
static bool
make_node(struct agent *agent)
{
	const struct conf *conf = agent->conf;
	struct vote_node_conf nodes = node_conf(conf);
	struct state state;
	bool made;

	if (state_load(conf->state_dir, &state) != 0 ||
	    check_intents(conf->state_dir, &state) != 0) {
		state_fini(&state);
		return false;
	}
	nodes.boot =
	    vote_boot_choose(agent_wall_ms(), random_bits(), state.boot);
	nodes.intents = state.intents;
	made = agent_events_start(agent, state.events) == 0;
	state.boot = nodes.boot;
	state.events = agent->events_reserved;
	agent_save_first(agent, &state);
	agent->node = vote_node_new(&nodes, loop_now_ms(agent->loop),
	    agent_wall_ms());
	state_fini(&state);
	if (agent->node != NULL)
		agent_intents_notice(agent); /* those of before are no news */
	return made && agent->node != NULL;
}

int
agent_services_define(struct vote_node *node, const struct conf *conf,
    int64_t now_ms)
{
	struct vote_node_conf nodes = node_conf(conf);
	struct vote_service *defs =
	    calloc(conf->n_services + 1, sizeof *defs);
	int err;

	if (defs == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < conf->n_services; i++) {
		defs[i].fqdn = conf->services[i].fqdn;
		memcpy(defs[i].hash, conf->services[i].hash,
		    sizeof defs[i].hash);
		defs[i].n_endpoints = conf->services[i].n_endpoints;
		defs[i].ranked_as = conf->max_removals > 0 ? "" : NULL;
	}
	err = vote_node_define(node, &nodes, defs, conf->n_services, now_ms);
	free(defs);
	return err;
}

void
agent_services_free(struct agent_service **services, size_t n)
{
	for (size_t i = 0; i < n; i++)
		agent_service_free(services[i]);
	free(services);
}

struct agent_service **
agent_services_make(struct agent *agent, const struct conf *conf)
{
	struct agent_service **services =
	    calloc(conf->n_services + 1, sizeof *services);

	if (services == NULL)
		return NULL;
	for (size_t i = 0; i < conf->n_services; i++) {
		services[i] = agent_service_new(agent, &conf->services[i], i);
		if (services[i] == NULL) {
			agent_services_free(services, i);
			return NULL;
		}
	}
	return services;
}

static bool
set_up(struct agent *agent)
{
	struct http_fetch fetch = agent_fetch(agent);

	agent->prober =
	    prober_new(agent->loop, count_endpoints(agent->conf),
	    &dns_query);
	agent->publisher = publisher_new(agent->loop, &agent_publish_hooks,
	    agent, &fetch, agent->options.dry_run);
	if (agent->prober == NULL || agent->publisher == NULL ||
	    !make_node(agent) ||
	    agent_services_define(agent->node, agent->conf,
		loop_now_ms(agent->loop)) != 0)
		return false;
	agent->services = agent_services_make(agent, agent->conf);
	if (agent->services == NULL)
		return false;
	agent->n_services = agent->conf->n_services;
	for (size_t i = 0; i < agent->n_services; i++)
		if (agent_service_start(agent->services[i], NULL) != 0)
			return false;
	return agent_hooks_start(agent) == 0 &&
	    agent_gossip_start(agent) == 0 && agent_server_start(agent) == 0;
}

/* Said at each start and reload: the file alone does not tell. */
static void
log_changes(const struct conf *conf)
{
	char text[400];

	for (size_t i = 0; i < conf->changes.len; i++)
		log_notice("%s at run time (%s/" CONF_CHANGES_FILE ")",
		    conf_change_text(&conf->changes.list[i], text,
			sizeof text),
		    conf->state_dir);
}

struct agent *
agent_new(struct loop *loop, struct conf *conf,
    const struct agent_options *options)
{
	struct agent *agent = calloc(1, sizeof *agent);

	if (agent == NULL) {
		conf_free(conf);
		return NULL;
	}
	agent->loop = loop;
	agent->conf = conf;
	agent->options = *options;
	agent->started_ms = loop_now_ms(loop);
	agent->canaries_silent = conf->canaries.len > 0;
	loop_timer_init(&agent->tick, agent_tick, agent);
	agent_watchdog_start(agent);
	agent_metrics_init(agent);
	if (!set_up(agent)) {
		agent_free(agent);
		return NULL;
	}
	loop_timer_set(loop, &agent->tick, loop_now_ms(loop));
	log_changes(conf);
	return agent;
}

void
agent_free(struct agent *agent)
{
	if (agent == NULL)
		return;
	agent_server_stop(agent);
	agent_gossip_stop(agent);
	agent_facts_forget(agent);
	agent_differing_free(agent);
	agent_metrics_fini(agent);
	loop_timer_cancel(agent->loop, &agent->tick);
	agent_watchdog_stop(agent);
	agent_services_free(agent->services, agent->n_services);
	publisher_free(agent->publisher);
	agent_hooks_stop(agent);
	http_client_free(agent->fetcher);
	prober_free(agent->prober);
	vote_node_free(agent->node);
	events_free(agent->events);
	vote_intents_free(agent->intents_told);
	conf_free(agent->conf);
	free(agent);
}

void
agent_on_child(struct agent *agent)
{
	prober_reap(agent->prober);
	exec_reap(agent->hooks.exec);
}

void
agent_stop(struct agent *agent)
{
	agent->stopping = true;
	publisher_stop(agent->publisher);
}

bool
agent_is_idle(const struct agent *agent)
{
	return publisher_writes_in_flight(agent->publisher) == 0 &&
	    agent_hooks_idle(agent);
}
