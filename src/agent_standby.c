/* SPDX-License-Identifier: ISC */
/* A standby tier took over, or hands back: told, and remembered by all nodes
 * where it is not to return at once (dns/standby.h). */
#define LOG_TAG "[standby]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_impl.h"
#include "agent_intents.h"
#include "agent_rules.h"
#include "log.h"

#define BY "rrdnsd"

static const enum addr_family families[2] = { ADDR_IP4, ADDR_IP6 };

static const char *
family_text(size_t f)
{
	return families[f] == ADDR_IP4 ? "A" : "AAAA";
}

/* "tier 0: 1 of 2 endpoints up" */
static const char *
tier_text(const struct agent_service *service, size_t f, unsigned tier,
    char *buf, size_t size)
{
	size_t up = 0, n = 0;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct agent_endpoint *endpoint = &service->endpoints[i];

		if (endpoint->conf->addr.family != families[f] ||
		    endpoint->conf->tier != tier)
			continue;
		n++;
		up += endpoint->verdict == DESIRED_UP;
	}
	snprintf(buf, size, "tier %u: %zu of %zu endpoint%s up", tier, up, n,
	    n == 1 ? "" : "s");
	return buf;
}

/* How it comes back. */
static const char *
failback_text(const struct agent_service *service, unsigned first, char *buf,
    size_t size)
{
	const struct conf_service *conf = service->conf;
	unsigned pinned;

	if (agent_rules_failover(vote_node_intents(service->agent->node),
		conf->fqdn, &pinned))
		snprintf(buf, size,
		    "by an operator, until rrdnsctl auto %s", conf->fqdn);
	else if (conf->failback_manual)
		snprintf(buf, size,
		    "failback is manual: rrdnsctl failover %s %u", conf->fqdn,
		    first);
	else if (conf->failback_delay_ms > 0)
		snprintf(buf, size, "it returns once its better tier was good "
				    "for %u s",
		    (conf->failback_delay_ms + 999) / 1000);
	else
		snprintf(buf, size, "it returns once its better tier is good");
	return buf;
}

static void
tell(struct agent_service *service, size_t f, unsigned before)
{
	const struct agent_standby *standby = &service->standby[f];
	bool over = standby->tier > before;
	char tier[80], back[400], cause[600], text[900], state[16];
	struct event event = {
		.kind = over ? EVENT_FAILOVER : EVENT_FAILBACK,
		.fqdn = service->conf->fqdn,
		.state = state,
		.cause = cause,
		.text = text,
	};

	tier_text(service, f, over ? before : standby->tier, tier,
	    sizeof tier);
	snprintf(state, sizeof state, AGENT_FAILOVER_OP "%u", standby->tier);
	if (over)
		snprintf(cause, sizeof cause, "%s; %s", tier,
		    failback_text(service, standby->view.first, back,
			sizeof back));
	else
		snprintf(cause, sizeof cause, "%s", tier);
	snprintf(text, sizeof text, "%s %s: %s from tier %u to tier %u (%s)",
	    service->conf->fqdn, family_text(f),
	    over ? "failed over" : "failed back", before, standby->tier,
	    cause);
	if (over)
		log_warning("%s", text);
	else
		log_notice("%s", text);
	agent_event(service->agent, &event);
}

static void
look(struct agent_service *service, size_t f,
    const struct desired_summary summary[2])
{
	struct agent *agent = service->agent;
	struct agent_standby *standby = &service->standby[f];
	struct standby_rules rules = agent_rules_standby(service->conf);
	const struct desired_summary *decided = &summary[f];
	int64_t now_ms = loop_now_ms(agent->loop);
	unsigned before = standby->tier, tier = 0;
	enum standby_move move = STANDBY_STAY;

	standby->tiered = agent_rules_standby_view(service->conf,
	    vote_node_intents(agent->node), service->desired, summary,
	    families[f], &standby->view);
	if (standby->tiered)
		move = standby_step(&rules, &standby->view, &standby->watch,
		    now_ms, &tier);
	else
		standby->watch = (struct standby_watch){ 0 };
	if (move != standby->move || tier != standby->move_tier)
		standby->move_at_ms = now_ms;
	standby->move = move;
	standby->move_tier = tier;
	if (!decided->tiered || (standby->told && before == decided->tier))
		return;
	standby->tier = decided->tier;
	if (standby->told) {
		standby->since_ms = now_ms;
		tell(service, f, before);
	}
	standby->told = true;
}

void
agent_standby_look(struct agent_service *service,
    const struct desired_summary summary[2])
{
	look(service, 0, summary);
	look(service, 1, summary);
}

bool
agent_standby_is_due(const struct agent_service *service)
{
	int64_t at_ms;

	for (size_t f = 0; f < 2; f++)
		if (agent_standby_returns_at(service, families[f], &at_ms) &&
		    agent_now_ms() >= at_ms)
			return true;
	return false;
}

/* By rank, so that all nodes make one entry; whoever may not write DNS has no
 * word in it, either. */
static bool
may_record(const struct agent_service *service,
    const struct agent_standby *standby)
{
	const struct agent *agent = service->agent;
	int64_t now_ms = agent_now_ms();

	return service->open && standby->move != STANDBY_STAY &&
	    !agent->options.dry_run && !agent->stopping &&
	    vote_node_may_write(agent->node, service->index, now_ms) &&
	    now_ms - standby->move_at_ms >=
	    (int64_t)vote_node_rank(agent->node, service->index, now_ms) *
		agent->conf->takeover_ms;
}

void
agent_standby_act(struct agent_service *service)
{
	for (size_t f = 0; f < 2; f++) {
		const struct agent_standby *standby = &service->standby[f];
		char target[AGENT_TAKEOVER_MAX], op[32], reason[80];
		struct vote_intent entry = { .target = target, .op = op,
			.by = BY, .reason = reason, .more = "" };

		if (!may_record(service, standby))
			continue;
		agent_rules_takeover_target(service->conf->fqdn, families[f],
		    target);
		snprintf(op, sizeof op, AGENT_FAILOVER_OP "%u",
		    standby->move_tier);
		if (standby->move == STANDBY_FORGET)
			entry.op = VOTE_INTENT_CLEAR;
		tier_text(service, f, standby->view.first, reason,
		    sizeof reason);
		agent_intents_set(service->agent, &entry, 1);
	}
}

bool
agent_standby_returns_at(const struct agent_service *service,
    enum addr_family family, int64_t *at_ms)
{
	const struct agent_standby *standby =
	    &service->standby[family == ADDR_IP6];
	struct standby_rules rules = agent_rules_standby(service->conf);

	return standby->tiered &&
	    standby_returns_at(&rules, &standby->view, &standby->watch, at_ms);
}
