/* SPDX-License-Identifier: ISC */
/* One simulated daemon: what main, agent*.c and state.c are to the real one,
 * around the same node, rules and publisher. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_rules.h"
#include "mutant.h"
#include "sim_damping.h"
#include "sim_net.h"
#include "sim_oracle.h"

int64_t
sim_node_now_us(const struct sim_node *node)
{
	return node->sim->now_us + node->boot_offset_us;
}

int64_t
sim_node_wall_ms(const struct sim_node *node)
{
	return (node->sim->now_us + node->wall_offset_us) / SIM_MS;
}

/* Not of the turn's beginning: it may have taken long. */
static int64_t
now_ms(const struct sim_node *node)
{
	return sim_node_now_us(node) / SIM_MS;
}

static void decide(struct sim_service *service);
static void decide_news(struct sim_service *service);
static void stood_still(struct sim_node *node, int64_t ms);

static void
decide_all(struct sim_node *node)
{
	for (size_t s = 0; s < SIM_SERVICES; s++)
		decide_news(&node->services[s]);
}

static void
save(struct sim_node *node)
{
	free(node->disk_intents);
	node->disk_boot = vote_node_boot(node->vote);
	node->disk_intents = vote_node_intents_json(node->vote);
}

static void
rearm(struct sim_node *node)
{
	int64_t at_ms = vote_node_next_deadline(node->vote);

	if (at_ms == INT64_MAX)
		loop_timer_cancel(node->loop, &node->wake);
	else
		loop_timer_set(node->loop, &node->wake, at_ms);
}

/* As agent_vote_apply. */
static void
apply(struct sim_node *node, struct vote_out *out)
{
	if (out->save)
		save(node);
	for (size_t i = 0; i < out->n_sends; i++)
		sim_net_send(node, &out->sends[i]);
	sim_oracle_facts(node, out);
	sim_oracle_note(node);
	if (out->stood_ms > 0 && !MUTANT(STOP_KEEPS_HEALTH))
		stood_still(node, out->stood_ms);
	if (out->changed)
		decide_all(node);
	vote_out_fini(out);
	rearm(node);
	node->was_paused = node->wall_was_set = false;
}

static void
decide_deferred(void *arg)
{
	struct sim_node *node = arg;

	node->decides_later = false;
	for (size_t s = 0; node->power == SIM_UP && s < SIM_SERVICES; s++)
		decide(&node->services[s]);
}

void
sim_node_decide_later(struct sim_node *node)
{
	if (!node->decides_later)
		loop_defer(node->loop, decide_deferred, node);
	node->decides_later = true;
}

static void
run_rules_once(struct sim_service *service, bool held,
    struct desired_summary summary[2])
{
	const struct sim_node *node = service->node;

	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		struct vote_verdict verdict;

		vote_node_verdict(node->vote, service->index, e, now_ms(node),
		    &verdict);
		service->desired[e] = (struct desired_endpoint){
			.verdict = agent_rules_verdict(verdict.verdict) };
	}
	sim_damping_prepare(service);
	agent_rules_decide(service->conf, vote_node_intents(node->vote), held,
	    service->desired, summary);
}

/* As agent_decide. */
static bool
run_rules(struct sim_service *service, struct desired_summary summary[2])
{
	struct desired_endpoint before[SIM_ENDPOINTS];
	bool changed = false;

	memcpy(before, service->desired, sizeof before);
	run_rules_once(service, false, summary);
	if (service->open && sim_damping_holds(service))
		run_rules_once(service, true, summary);
	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		changed |= before[e].action != service->desired[e].action;
	service->may_empty[0] = summary[0].may_empty;
	service->may_empty[1] = summary[1].may_empty;
	return changed;
}

static const enum addr_family families[2] = { ADDR_IP4, ADDR_IP6 };

/* As agent_standby_look. */
static void
look_at_standby(struct sim_service *service,
    const struct desired_summary summary[2])
{
	struct standby_rules rules = agent_rules_standby(service->conf);
	struct standby_view view;

	for (size_t f = 0; f < 2; f++) {
		struct sim_standby *standby = &service->standby[f];
		enum standby_move move = STANDBY_STAY;
		unsigned tier = 0;
		bool tiered = agent_rules_standby_view(service->conf,
		    vote_node_intents(service->node->vote), service->desired,
		    summary, families[f], &view);

		if (tiered)
			move = standby_step(&rules, &view, &standby->watch,
			    now_ms(service->node), &tier);
		else
			standby->watch = (struct standby_watch){ 0 };
		if (move != standby->move || tier != standby->tier)
			standby->move_at_ms = now_ms(service->node);
		standby->move = move;
		standby->tier = tier;
		if (!tiered || !standby_returns_at(&rules, &view,
				   &standby->watch, &standby->returns_at_ms))
			standby->returns_at_ms = 0;
	}
}

/* As agent_standby_is_due. */
static bool
standby_is_due(const struct sim_service *service)
{
	for (size_t f = 0; f < 2; f++)
		if (service->standby[f].returns_at_ms != 0 &&
		    now_ms(service->node) >= service->standby[f].returns_at_ms)
			return true;
	return false;
}

static void
enter_intent(struct sim_node *node, const struct vote_intent *intent)
{
	struct vote_intent wanted = *intent;
	int64_t wall_ms = sim_node_wall_ms(node);
	int64_t highest = sim_oracle_highest_stamp(node);
	char by[16];

	snprintf(by, sizeof by, "op%zu", node->index);
	wanted.by = by;
	wanted.reason = "simulated";
	wanted.more = "";
	if (vote_node_set_intent(node->vote, &wanted, now_ms(node),
		wall_ms) != 0) {
		sim_fail(node->sim, "node %zu takes no intent", node->index);
		return;
	}
	save(node);
	sim_oracle_intent(node, &wanted, highest);
	rearm(node);
	decide_all(node);
}

/* As agent_standby_act. */
static void
act_on_standby(struct sim_service *service)
{
	struct sim_node *node = service->node;

	for (size_t f = 0; f < 2; f++) {
		struct sim_standby *standby = &service->standby[f];
		char target[AGENT_TAKEOVER_MAX], op[32];
		struct vote_intent wanted = { .op = op,
			.target = agent_rules_takeover_target(
			    service->conf->fqdn, families[f], target) };

		if (standby->move == STANDBY_STAY || !service->open ||
		    !vote_node_may_write(node->vote, service->index,
			now_ms(node)) ||
		    now_ms(node) - standby->move_at_ms <
			(int64_t)vote_node_rank(node->vote, service->index,
			    now_ms(node)) *
			    node->sim->takeover_ms)
			continue;
		snprintf(op, sizeof op, AGENT_FAILOVER_OP "%u",
		    standby->tier);
		if (standby->move == STANDBY_FORGET)
			wanted.op = VOTE_INTENT_CLEAR;
		enter_intent(node, &wanted);
	}
}

static void
kick(void *arg)
{
	struct sim_service *service = arg;

	service->kick_scheduled = false;
	if (service->publish == NULL)
		return;
	act_on_standby(service);
	publish_service_kick(service->publish);
}

static void
decide(struct sim_service *service)
{
	struct sim_node *node = service->node;
	struct desired_summary summary[2];
	bool changed = run_rules(service, summary);

	if (service->open)
		sim_damping_note(service);
	if (!service->open &&
	    agent_rules_may_open(service->conf, service->desired,
		now_ms(node) - service->started_ms)) {
		service->open = true;
		changed = true;
	}
	if (service->open)
		look_at_standby(service, summary);
	if (!changed || !service->open || service->kick_scheduled)
		return;
	service->kick_scheduled = true;
	loop_defer(node->loop, kick, service);
}

/* As agent_decide_news, and what it leaves out would have changed nothing. */
static void
decide_news(struct sim_service *service)
{
	struct sim_node *node = service->node;
	struct desired_endpoint before[SIM_ENDPOINTS];
	struct desired_summary summary[2];

	if (vote_node_has_news(node->vote, service->index, now_ms(node)) ||
	    !service->open || standby_is_due(service) ||
	    sim_damping_is_due(service)) {
		decide(service);
		return;
	}
	if (node->sim->kind == SIM_DAMPED)
		return; /* what is held changes with time alone, too */
	memcpy(before, service->desired, sizeof before);
	run_rules(service, summary);
	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		if (before[e].verdict != service->desired[e].verdict ||
		    before[e].action != service->desired[e].action)
			sim_fail(node->sim, "node %zu: %s would be decided "
			    "otherwise, and that is no news", node->index,
			    service->conf->fqdn);
}

static void
look(struct sim_node *node)
{
	struct vote_out out;

	vote_out_init(&out);
	vote_node_wake(node->vote, now_ms(node), sim_node_wall_ms(node), &out);
	apply(node, &out);
}

/* As agent_publish.c. */
static void
on_wish(void *arg, enum addr_family family, struct publish_wish *out)
{
	struct sim_service *service = arg;
	struct sim_node *node = service->node;

	if (!MUTANT(CLOCKS_UNREAD))
		look(node);
	decide(service);
	if (sim_damping_see(service, family))
		decide(service);
	out->endpoints = service->wish;
	out->n = agent_rules_wish(service->conf, service->desired, family,
	    service->wish);
	out->may_empty = service->may_empty[family == ADDR_IP6];
	out->may_write = service->open &&
	    vote_node_may_write(node->vote, service->index, now_ms(node));
	out->write_delay_ms = vote_node_rank(node->vote, service->index,
				  now_ms(node)) *
	    node->sim->takeover_ms;
}

static void
on_sending(void *arg, enum addr_family family)
{
	sim_damping_send(arg, family);
}

static void
on_changed(void *arg, const struct publish_change *change)
{
	const struct sim_service *service = arg;
	char was[128], now[128];

	sim_say(service->node->sim, "node %zu: %s: %s -> %s%s",
	    service->node->index, service->conf->fqdn,
	    rrset_format(change->was, was, sizeof was),
	    rrset_format(change->now, now, sizeof now),
	    change->drift ? " (repaired)" : "");
}

static void
on_failed(void *arg, const char *server, enum addr_family family,
    const char *why)
{
	const struct sim_service *service = arg;

	(void)server;
	(void)family;
	sim_say(service->node->sim, "node %zu: %s: %s", service->node->index,
	    service->conf->fqdn, why != NULL ? why : "works again");
}

static void
on_updated(void *arg, const struct publish_update *update)
{
	const struct sim_node *node = arg;

	sim_say(node->sim, "node %zu: UPDATE: %s", node->index, update->rcode);
}

static void
on_away(void *arg, const char *server, const char *text)
{
	const struct sim_node *node = arg;

	sim_say(node->sim, "node %zu: server %s: %s", node->index, server,
	    text);
}

static const struct publish_hooks hooks = {
	.wish = on_wish,
	.sending = on_sending,
	.changed = on_changed,
	.failed = on_failed,
	.updated = on_updated,
	.away = on_away,
};

static const struct http_fetch no_fetch; /* all is RFC 2136 here */

/* As agent_probe.c. */
static char
own_vote(const struct sim_service *service, size_t e)
{
	const struct conf_endpoint *endpoint = &service->conf->endpoints[e];
	const struct health *health = &service->health[e];

	if (service->node->canaries_failed ||
	    health->state == HEALTH_UNKNOWN ||
	    health_is_stale(health, endpoint->probe_interval_ms,
		endpoint->probe_timeout_ms,
		loop_now_ms(service->node->loop)))
		return 'a';
	return health->state == HEALTH_UP ? 'u' : 'd';
}

static void
cast_votes(struct sim_service *service)
{
	struct sim_node *node = service->node;

	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		char vote = own_vote(service, e);

		if (vote == service->votes[e])
			continue;
		service->votes[e] = vote;
		vote_node_set_vote(node->vote, service->index, e, vote,
		    vote == 'd' ? 'B' : VOTE_NO_CAUSE, now_ms(node));
		rearm(node);
		decide(service);
	}
}

static void
stood_still(struct sim_node *node, int64_t ms)
{
	for (size_t s = 0; s < SIM_SERVICES; s++) {
		struct sim_service *service = &node->services[s];

		for (size_t e = 0; e < service->conf->n_endpoints; e++)
			health_age(&service->health[e], ms);
		cast_votes(service);
	}
}

static void
probe(struct sim_service *service)
{
	static const enum outcome outcomes[] = {
		[SIM_VIEW_OK] = OUTCOME_OK,
		[SIM_VIEW_FAILED] = OUTCOME_CONNECT_TIMEOUT,
		[SIM_VIEW_LOCAL_FAULT] = OUTCOME_STALLED,
	};
	struct sim_node *node = service->node;

	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		size_t u = sim_conf_universal(
		    &service->conf->endpoints[e].addr);

		if (node->view[service->index][u] != SIM_VIEW_LOCAL_FAULT)
			service->counted_at_us[u] = node->sim->now_us;
		health_step(&service->health[e], service->conf->rise,
		    service->conf->fall,
		    outcomes[node->view[service->index][u]],
		    loop_now_ms(node->loop));
	}
	cast_votes(service);
}

static void
on_probe(void *arg)
{
	struct sim_node *node = arg;

	for (size_t s = 0; s < SIM_SERVICES; s++)
		probe(&node->services[s]);
	loop_timer_set(node->loop, &node->probe,
	    loop_now_ms(node->loop) + 1000);
}

static void
on_tick(void *arg)
{
	struct sim_node *node = arg;
	struct vote_out out;

	look(node);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		cast_votes(&node->services[s]);
	vote_out_init(&out);
	vote_node_tick(node->vote, loop_now_ms(node->loop),
	    sim_node_wall_ms(node), &out);
	apply(node, &out);
	sim_oracle_check_probes(node);
	sim_damping_tick(node);
	decide_all(node);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		act_on_standby(&node->services[s]);
	loop_timer_set(node->loop, &node->tick,
	    loop_now_ms(node->loop) + node->sim->heartbeat_ms);
}

static void
on_wake(void *arg)
{
	look(arg);
}

void
sim_node_end_turn(struct sim_node *node)
{
	sim_loop_end_turn(node->loop);
	sim_oracle_look(node);
}

void
sim_node_request(struct sim_node *node, const char *auth, const char *body,
    size_t len, struct vote_reply *reply)
{
	struct vote_out out;

	sim_loop_begin_turn(node->loop);
	vote_out_init(&out);
	vote_node_request(node->vote, sim_node_now_us(node) / SIM_MS,
	    sim_node_wall_ms(node), auth, body, len, &out);
	*reply = out.reply;
	out.reply.body = NULL;
	apply(node, &out);
}

void
sim_node_answer(struct sim_node *node, size_t peer, uint64_t seq,
    unsigned status, const char *auth, const char *body, size_t len)
{
	const struct addr *addr =
	    &node->sim->confs[node->sim->n_confs - 1].nodes[peer];
	struct vote_out out;

	sim_loop_begin_turn(node->loop);
	vote_out_init(&out);
	vote_node_answer(node->vote, sim_node_now_us(node) / SIM_MS,
	    sim_node_wall_ms(node), addr, seq, status, auth, body, len, &out);
	apply(node, &out);
}

void
sim_node_intent(struct sim_node *node, const char *target, const char *op,
    int64_t for_ms)
{
	struct vote_intent wanted = { .target = target, .op = op,
		.until_ms = for_ms > 0 ? sim_node_wall_ms(node) + for_ms : 0 };

	sim_loop_begin_turn(node->loop);
	enter_intent(node, &wanted);
	sim_node_end_turn(node);
}

static struct vote_node_conf
vote_conf(struct sim_node *node)
{
	const struct sim *sim = node->sim;
	const struct sim_conf *conf = sim_node_conf(node);

	return (struct vote_node_conf){ .nodes = conf->nodes,
		.n_nodes = conf->n_nodes,
		.self = conf->nodes[node->index],
		.heartbeat_ms = sim->heartbeat_ms,
		.vote_ttl_ms = sim->vote_ttl_ms,
		.takeover_ms = sim->takeover_ms,
		.secrets = &sim->secret,
		.n_secrets = 1,
		.random = (sim->seed * 31 + node->index * 1000 +
			node->life) * 0x9e3779b97f4a7c15 };
}

static void
define(struct sim_node *node, const struct vote_node_conf *vote)
{
	const struct sim_conf *conf = sim_node_conf(node);
	struct vote_service defs[SIM_SERVICES] = { 0 };

	for (size_t s = 0; s < SIM_SERVICES; s++) {
		defs[s].fqdn = conf->services[s].fqdn;
		defs[s].n_endpoints = conf->services[s].n_endpoints;
		memcpy(defs[s].hash, conf->services[s].hash, VOTE_HASH_LEN);
	}
	if (vote_node_define(node->vote, vote, defs, SIM_SERVICES,
		sim_node_now_us(node) / SIM_MS) != 0)
		abort();
}

static void
start_service(struct sim_node *node, size_t s)
{
	struct sim_service *service = &node->services[s];

	*service = (struct sim_service){ .node = node, .index = s,
		.conf = &sim_node_conf(node)->services[s],
		.started_ms = sim_node_now_us(node) / SIM_MS,
		.started_us = node->sim->now_us };
	memset(service->votes, 'a', service->conf->n_endpoints);
	service->publish =
	    publish_service_new(node->publisher, service->conf, service);
}

void
sim_node_start(struct sim_node *node)
{
	struct sim *sim = node->sim;
	struct vote_node_conf conf;
	int64_t start_ms = sim_node_now_us(node) / SIM_MS;

	node->power = SIM_UP;
	node->life++;
	node->started_ms = start_ms;
	node->brake = (struct brake){ 0 };
	node->decides_later = false;
	node->loop = sim_loop_new(node);
	sim_loop_begin_turn(node->loop);
	conf = vote_conf(node);
	conf.boot = vote_boot_choose(sim_node_wall_ms(node),
	    node->twelve_bits, node->disk_boot);
	conf.intents = node->disk_intents;
	node->disk_boot = conf.boot;
	node->vote = vote_node_new(&conf, start_ms, sim_node_wall_ms(node));
	node->publisher = publisher_new(node->loop, &hooks, node,
	    &no_fetch, false);
	if (node->vote == NULL || node->publisher == NULL)
		abort();
	define(node, &conf);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		start_service(node, s);
	loop_timer_init(&node->tick, on_tick, node);
	loop_timer_init(&node->wake, on_wake, node);
	loop_timer_init(&node->probe, on_probe, node);
	loop_timer_set(node->loop, &node->tick, start_ms);
	loop_timer_set(node->loop, &node->probe,
	    start_ms + sim_between(sim, 0, 999));
	sim_say(sim, "node %zu: started, boot %llu, configuration %zu",
	    node->index, (unsigned long long)conf.boot, node->conf);
	sim_node_end_turn(node);
}

void
sim_node_crash(struct sim_node *node)
{
	if (node->power == SIM_DOWN)
		return;
	for (size_t s = 0; s < SIM_SERVICES; s++)
		publish_service_free(node->services[s].publish);
	sim_loop_end_turn(node->loop);
	loop_timer_cancel(node->loop, &node->tick);
	loop_timer_cancel(node->loop, &node->wake);
	loop_timer_cancel(node->loop, &node->probe);
	sim_loop_end_turn(node->loop);
	publisher_free(node->publisher);
	vote_node_free(node->vote);
	sim_loop_free(node->loop);
	node->loop = NULL;
	node->vote = NULL;
	node->publisher = NULL;
	node->power = SIM_DOWN;
	node->life++;
	sim_oracle_died(node);
}

void
sim_node_resume(struct sim_node *node)
{
	struct sim *sim = node->sim;

	if (node->power != SIM_PAUSED)
		return;
	node->power = SIM_UP;
	if (!node->clock_ran && node->resume_at_us > sim->now_us)
		node->boot_offset_us += node->resume_at_us - sim->now_us;
	sim_say(sim, "node %zu: goes on", node->index);
}

static void
on_resume(struct sim *sim, void *arg)
{
	struct sim_node *node = arg;

	if (sim->now_us >= node->resume_at_us)
		sim_node_resume(node);
}

void
sim_node_pause(struct sim_node *node, int64_t us, bool clock_runs)
{
	node->power = SIM_PAUSED;
	node->was_paused = true;
	node->clock_ran = clock_runs;
	node->resume_at_us = node->sim->now_us + us;
	if (!clock_runs) {
		node->boot_offset_us -= us;
		node->stood = true;
	}
	sim_at(node->sim, node->resume_at_us, on_resume, node);
}

/* As agent_reload: health is carried over where the endpoint stays. */
static void
inherit(struct sim_service *service, const struct sim_service *old)
{
	service->open = old->open;
	service->started_ms = old->started_ms;
	memcpy(service->standby, old->standby, sizeof service->standby);
	memcpy(service->counted_at_us, old->counted_at_us,
	    sizeof service->counted_at_us);
	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		for (size_t o = 0; o < old->conf->n_endpoints; o++)
			if (addr_compare_ip(&service->conf->endpoints[e].addr,
				&old->conf->endpoints[o].addr) == 0) {
				service->health[e] = old->health[o];
				service->votes[e] = old->votes[o];
			}
}

static void
reload_service(struct sim_node *node, size_t s)
{
	struct sim_service *service = &node->services[s];
	struct sim_service old = *service;

	*service = (struct sim_service){ .node = node, .index = s,
		.conf = &sim_node_conf(node)->services[s],
		.started_ms = sim_node_now_us(node) / SIM_MS,
		.kick_scheduled = old.kick_scheduled };
	memset(service->votes, 'a', service->conf->n_endpoints);
	inherit(service, &old);
	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		vote_node_set_vote(node->vote, s, e, service->votes[e],
		    VOTE_NO_CAUSE, now_ms(node));
	if (publish_service_rebind(old.publish, service->conf, service)) {
		service->publish = old.publish;
		publish_service_kick(service->publish);
		return;
	}
	publish_service_free(old.publish);
	service->publish =
	    publish_service_new(node->publisher, service->conf, service);
}

void
sim_node_reload(struct sim_node *node, size_t version)
{
	struct vote_node_conf conf;

	sim_say(node->sim, "node %zu: configuration %zu -> %zu", node->index,
	    node->conf, version);
	sim_loop_begin_turn(node->loop);
	node->conf = version;
	conf = vote_conf(node);
	define(node, &conf);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		reload_service(node, s);
	rearm(node);
	sim_node_end_turn(node);
}

void
sim_node_init(struct sim *sim, size_t index)
{
	struct sim_node *node = &sim->nodes[index];

	node->sim = sim;
	node->index = index;
	/* Whole milliseconds of each clock begin at a moment of their own. */
	node->boot_offset_us = sim_between(sim, -900 * SIM_S, 1000000 * SIM_S);
	node->wall_offset_us = INT64_C(1767225600) * SIM_S +
	    sim_between(sim, -4 * SIM_S, 4 * SIM_S);
	node->twelve_bits = sim_below(sim, 4096);
}
