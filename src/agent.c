/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[agent]"
#include "config.h"

#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "agent_damping.h"
#include "agent_impl.h"
#include "agent_intents.h"
#include "dns/probe_query.h"
#include "err.h"
#include "http/http_client.h"
#include "log.h"
#include "notify.h"
#include "state.h"

/* A loop that comes so late has stalled; /health says so for a while. */
#define STALL_MS 1000
#define STALL_TOLD_MS 30000

static size_t
count_endpoints(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_endpoints;
	return n;
}

/* Ready once every endpoint was probed: a start that is reported as good has
 * looked at everything. */
static bool
first_round_is_over(const struct agent *agent)
{
	for (size_t i = 0; i < agent->n_services; i++)
		for (size_t j = 0; j < agent->services[i]->n_endpoints; j++)
			if (agent->services[i]->endpoints[j].probed_at_ms == 0)
				return false;
	return true;
}

/* Beats once more, after stale votes were withdrawn. */
static void
beat(struct agent *agent)
{
	struct vote_out out;

	vote_out_init(&out);
	vote_node_tick(agent->node, loop_now_ms(agent->loop), agent_wall_ms(), &out);
	agent_vote_apply(agent, &out);
}

static void
note_stall(struct agent *agent)
{
	int64_t now_ms = loop_now_ms(agent->loop);
	int64_t late_ms = now_ms - agent->tick_due_ms;

	if (agent->tick_due_ms != 0 && late_ms > STALL_MS) {
		agent->stalled_ms = late_ms;
		agent->stalled_at_ms = now_ms;
		log_warning("loop: stood still for %lld ms",
		    (long long)late_ms);
	}
	agent->tick_due_ms = now_ms + agent->conf->heartbeat_ms;
}

int64_t
agent_stalled_ms(const struct agent *agent)
{
	if (agent->stalled_at_ms == 0 ||
	    loop_now_ms(agent->loop) - agent->stalled_at_ms > STALL_TOLD_MS)
		return 0;
	return agent->stalled_ms;
}

static void
on_tick(void *arg)
{
	struct agent *agent = arg;
	char status[160];

	note_stall(agent);
	agent_vote_look(agent); /* votes from before a stop beat no more */
	agent_canaries_tick(agent);
	for (size_t i = 0; i < agent->n_services; i++) {
		struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++)
			agent_probe_tick(&service->endpoints[j]);
	}
	beat(agent);
	for (size_t i = 0; i < agent->n_services; i++) {
		agent_decide_news(agent->services[i]);
		agent_standby_act(agent->services[i]);
		agent_refresh_tick(agent->services[i]);
		agent_drains_look(agent->services[i]);
	}
	agent_damping_tick(agent);
	if (!agent->ready && first_round_is_over(agent)) {
		agent->ready = true;
		log_info("ready: every endpoint was probed once");
		notify_ready();
	}
	agent_faults_tick(agent);
	agent_metrics_tick(agent);
	agent_describe(agent, status, sizeof status);
	notify_status("%s", status);
	notify_watchdog();
	loop_timer_set(agent->loop, &agent->tick,
	    loop_now_ms(agent->loop) + agent->conf->heartbeat_ms);
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
	state_save(conf->state_dir, &state);
	agent->node = vote_node_new(&nodes, loop_now_ms(agent->loop),
	    agent_wall_ms());
	state_fini(&state);
	if (agent->node != NULL)
		agent_intents_notice(agent); /* those of before are no news */
	return made && agent->node != NULL;
}

static int
define_services(struct vote_node *node, const struct conf *conf,
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

static void
free_services(struct agent_service **services, size_t n)
{
	for (size_t i = 0; i < n; i++)
		agent_service_free(services[i]);
	free(services);
}

static struct agent_service **
make_services(struct agent *agent, const struct conf *conf)
{
	struct agent_service **services =
	    calloc(conf->n_services + 1, sizeof *services);

	if (services == NULL)
		return NULL;
	for (size_t i = 0; i < conf->n_services; i++) {
		services[i] = agent_service_new(agent, &conf->services[i], i);
		if (services[i] == NULL) {
			free_services(services, i);
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
	    define_services(agent->node, agent->conf,
		loop_now_ms(agent->loop)) != 0)
		return false;
	agent->services = make_services(agent, agent->conf);
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
	loop_timer_init(&agent->tick, on_tick, agent);
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
	agent_metrics_fini(agent);
	loop_timer_cancel(agent->loop, &agent->tick);
	free_services(agent->services, agent->n_services);
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

static struct agent_service *
find_service(struct agent_service **services, size_t n, const char *fqdn)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(services[i]->conf->fqdn, fqdn) == 0)
			return services[i];
	return NULL;
}

static void
log_removed(const struct agent_service *service, const struct conf *conf)
{
	const char *fqdn = service->conf->fqdn;
	const struct conf_service *now = conf_find_service(conf, fqdn);
	char ip[ADDR_TEXT_MAX];

	if (now == NULL) {
		log_notice("%s: no longer configured; its records are left "
			   "as they are", fqdn);
		return;
	}
	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct addr *addr = &service->endpoints[i].conf->addr;

		if (conf_find_endpoint(now, addr) == NULL)
			log_notice("%s %s: no longer configured; its record "
				   "is left as it is",
			    fqdn, addr_format(addr, false, ip));
	}
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_strings(const struct conf_strings *a, const struct conf_strings *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}

/* Speaks anew where what that rests on was changed. */
static void
follow_nodes(struct agent *agent, const struct conf *old)
{
	const struct conf *conf = agent->conf;

	if ((conf->nodes.len > 1) == (old->nodes.len > 1) &&
	    same_strings(&conf->canaries, &old->canaries) &&
	    same_text(conf->nodes_ca_file, old->nodes_ca_file))
		return;
	agent_gossip_stop(agent);
	agent_gossip_start(agent);
}

int
agent_reload(struct agent *agent, struct conf *conf)
{
	struct agent_service **services, **old = agent->services;
	size_t n_old = agent->n_services;
	struct conf *old_conf = agent->conf;
	int64_t now_ms = loop_now_ms(agent->loop);
	int err;

	if (addr_compare(&conf->local_node, &old_conf->local_node) != 0) {
		log_error("local_node: a running node keeps its name; restart "
			  "it to give it another");
		conf_free(conf);
		return ERR_INVALID;
	}
	services = make_services(agent, conf);
	err = services == NULL ? ERR_NOMEM
			       : define_services(agent->node, conf, now_ms);
	if (err != 0) {
		free_services(services, services ? conf->n_services : 0);
		conf_free(conf);
		return err;
	}
	agent->conf = conf;
	agent->services = services;
	agent->n_services = conf->n_services;
	for (size_t i = 0; i < agent->n_services; i++) {
		struct agent_service *before = find_service(old, n_old,
		    services[i]->conf->fqdn);

		if (before != NULL)
			agent_service_inherit(services[i], before);
		if (agent_service_start(services[i], before) != 0)
			log_error("%s: out of memory, not published",
			    services[i]->conf->fqdn);
	}
	for (size_t i = 0; i < n_old; i++)
		log_removed(old[i], conf);
	follow_nodes(agent, old_conf);
	agent_facts_forget(agent);
	agent_metrics_follow(agent, old_conf);
	agent_server_follow(agent, old_conf);
	agent_hooks_follow(agent);
	free_services(old, n_old);
	conf_free(old_conf);
	for (size_t i = 0; i < agent->n_services; i++)
		agent_decide(agent->services[i]);
	return 0;
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
