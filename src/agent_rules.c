/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent_rules.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "mutant.h"

enum desired_verdict
agent_rules_verdict(enum vote_verdict_kind kind)
{
	switch (kind) {
	case VOTE_VERDICT_UP:
		return DESIRED_UP;
	case VOTE_VERDICT_DOWN:
		return DESIRED_DOWN;
	case VOTE_VERDICT_UNDECIDED:
		break;
	}
	return DESIRED_UNDECIDED;
}

static bool
has_op(const struct vote_intents *intents, const char *target, const char *op)
{
	const struct vote_intent *entry = vote_intents_find(intents, target);

	return entry != NULL && strcmp(entry->op, op) == 0;
}

bool
agent_rules_failover(const struct vote_intents *intents, const char *fqdn,
    unsigned *tier)
{
	char target[VOTE_INTENT_TARGET_MAX + 1];
	const struct vote_intent *entry;

	snprintf(target, sizeof target, "%s" AGENT_FAILOVER_TARGET, fqdn);
	entry = vote_intents_find(intents, target);
	return entry != NULL &&
	    sscanf(entry->op, AGENT_FAILOVER_OP "%u", tier) == 1;
}

const char *
agent_rules_takeover_target(const char *fqdn, enum addr_family family,
    char buf[AGENT_TAKEOVER_MAX])
{
	snprintf(buf, AGENT_TAKEOVER_MAX, "%s" AGENT_FAILOVER_TARGET "/%s",
	    fqdn, family == ADDR_IP4 ? "A" : "AAAA");
	return buf;
}

bool
agent_rules_is_takeover(const char *target)
{
	const char *slash = strchr(target, '/');

	return slash != NULL &&
	    strncmp(slash, AGENT_FAILOVER_TARGET "/",
		strlen(AGENT_FAILOVER_TARGET "/")) == 0;
}

const struct vote_intent *
agent_rules_takeover(const struct vote_intents *intents, const char *fqdn,
    enum addr_family family, unsigned *tier)
{
	char target[AGENT_TAKEOVER_MAX];
	const struct vote_intent *entry = vote_intents_find(intents,
	    agent_rules_takeover_target(fqdn, family, target));

	if (entry == NULL ||
	    sscanf(entry->op, AGENT_FAILOVER_OP "%u", tier) != 1)
		return NULL;
	return entry;
}

struct standby_rules
agent_rules_standby(const struct conf_service *conf)
{
	return (struct standby_rules){ .manual = conf->failback_manual,
		.delay_ms = conf->failback_delay_ms };
}

static enum desired_intent
intent_of(const struct conf_service *conf, const struct addr *addr,
    const struct vote_intents *intents)
{
	char target[VOTE_INTENT_TARGET_MAX + 1], ip[ADDR_TEXT_MAX];

	if (vote_intents_count(intents) == 0)
		return DESIRED_AUTO; /* mostly, and for 10,000 endpoints */
	snprintf(target, sizeof target, "%s/%s", conf->fqdn,
	    addr_format(addr, false, ip));
	if (has_op(intents, target, "up"))
		return DESIRED_FORCE_UP;
	if (has_op(intents, target, "down"))
		return DESIRED_FORCE_DOWN;
	if (has_op(intents, target, "drain"))
		return DESIRED_DRAIN;
	return DESIRED_AUTO;
}

static enum desired_fail_mode
fail_mode(const struct conf_service *conf)
{
	switch (conf->fail_mode) {
	case CONF_FAIL_RESTORE:
		return DESIRED_RESTORE;
	case CONF_FAIL_HOLD:
		return DESIRED_HOLD;
	case CONF_FAIL_CLOSED:
		break;
	}
	return DESIRED_CLOSED;
}

/* Endpoints are sorted by address: those of IPv4 come first. */
static size_t
count_ip4(const struct conf_service *conf)
{
	size_t n = 0;

	while (n < conf->n_endpoints &&
	    conf->endpoints[n].addr.family == ADDR_IP4)
		n++;
	return n;
}

/* What an operator pins goes before what took over by itself. */
static void
pin(const struct conf_service *conf, const struct vote_intents *intents,
    enum addr_family family, struct desired_rules *rules)
{
	struct standby_rules standby = agent_rules_standby(conf);

	rules->failover =
	    agent_rules_failover(intents, conf->fqdn, &rules->pinned_tier);
	rules->pinned = rules->failover;
	if (!rules->pinned && standby_remembers(&standby))
		rules->pinned = agent_rules_takeover(intents, conf->fqdn,
				    family, &rules->pinned_tier) != NULL;
}

static struct desired_rules
rules_of(const struct conf_service *conf, const struct vote_intents *intents)
{
	return (struct desired_rules){
		.frozen = has_op(intents, "*", "freeze"),
		.maintenance = has_op(intents, conf->fqdn, "maintenance"),
		.fail_mode = fail_mode(conf),
		.fail_open_percent = conf->fail_open_percent,
		.min_up = conf->min_up,
	};
}

void
agent_rules_decide(const struct conf_service *conf,
    const struct vote_intents *intents, bool held,
    struct desired_endpoint *endpoints, struct desired_summary summary[2])
{
	struct desired_rules rules = rules_of(conf, intents);
	size_t n4 = count_ip4(conf);

	for (size_t i = 0; i < conf->n_endpoints; i++) {
		endpoints[i].tier = conf->endpoints[i].tier;
		endpoints[i].intent =
		    intent_of(conf, &conf->endpoints[i].addr, intents);
	}
	rules.held = held;
	pin(conf, intents, ADDR_IP4, &rules);
	summary[0] = desired_decide(&rules, endpoints, n4);
	pin(conf, intents, ADDR_IP6, &rules);
	summary[1] = desired_decide(&rules, endpoints + n4,
	    conf->n_endpoints - n4);
}

bool
agent_rules_has_tiers(const struct conf_service *conf, enum addr_family family,
    unsigned *first)
{
	unsigned lowest = UINT_MAX, highest = 0;

	for (size_t i = 0; i < conf->n_endpoints; i++) {
		const struct conf_endpoint *endpoint = &conf->endpoints[i];

		if (endpoint->addr.family != family)
			continue;
		if (endpoint->tier < lowest)
			lowest = endpoint->tier;
		if (endpoint->tier > highest)
			highest = endpoint->tier;
	}
	if (first != NULL)
		*first = lowest;
	return lowest < highest;
}

/* The lowest tier of endpoints that no operator has a word on. False: there
 * is one tier at most. */
static bool
first_tier(const struct desired_endpoint *endpoints, size_t n,
    unsigned *first)
{
	unsigned lowest = UINT_MAX, highest = 0;

	for (size_t i = 0; i < n; i++) {
		if (endpoints[i].intent != DESIRED_AUTO)
			continue;
		if (endpoints[i].tier < lowest)
			lowest = endpoints[i].tier;
		if (endpoints[i].tier > highest)
			highest = endpoints[i].tier;
	}
	*first = lowest;
	return lowest < highest;
}

bool
agent_rules_standby_view(const struct conf_service *conf,
    const struct vote_intents *intents,
    const struct desired_endpoint *endpoints,
    const struct desired_summary summary[2], enum addr_family family,
    struct standby_view *out)
{
	struct desired_rules rules = rules_of(conf, intents);
	size_t n4 = count_ip4(conf);
	size_t n = family == ADDR_IP4 ? n4 : conf->n_endpoints - n4;
	const struct desired_summary *decided = &summary[family == ADDR_IP6];
	struct desired_summary natural;
	unsigned pinned;

	endpoints += family == ADDR_IP4 ? 0 : n4;
	*out = (struct standby_view){ .certain = decided->tiered,
		.tier = decided->tier };
	if (!first_tier(endpoints, n, &out->first) ||
	    agent_rules_failover(intents, conf->fqdn, &pinned))
		return false;
	agent_rules_has_tiers(conf, family, &out->lowest);
	out->recorded = agent_rules_takeover(intents, conf->fqdn, family,
			    &out->record) != NULL;
	natural = desired_in_charge(&rules, endpoints, n);
	out->natural_certain = natural.tiered;
	out->natural = natural.tier;
	return true;
}

size_t
agent_rules_left(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, enum addr_family family)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_endpoints; i++)
		n += conf->endpoints[i].addr.family == family &&
		    endpoints[i].verdict == DESIRED_UP &&
		    endpoints[i].action == DESIRED_PRESENT;
	return n;
}

bool
agent_rules_may_open(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, int64_t age_ms)
{
	for (size_t i = 0; i < conf->n_endpoints; i++) {
		const struct conf_endpoint *endpoint = &conf->endpoints[i];
		int64_t patience_ms = 3 *
		    ((int64_t)conf->fall * endpoint->probe_interval_ms +
			endpoint->probe_timeout_ms);

		if (endpoints[i].verdict == DESIRED_UNDECIDED &&
		    endpoints[i].intent == DESIRED_AUTO &&
		    age_ms < patience_ms && !MUTANT(OPENS_AT_ONCE))
			return false;
	}
	return true;
}

size_t
agent_rules_wish(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, enum addr_family family,
    struct publish_endpoint *wish)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_endpoints; i++)
		if (conf->endpoints[i].addr.family == family)
			wish[n++] = (struct publish_endpoint){
				.addr = conf->endpoints[i].addr,
				.action = endpoints[i].action,
			};
	return n;
}
