/* SPDX-License-Identifier: ISC */
/* What nodes do to DNS: S1 to S6 for each UPDATE, L1 for what becomes of it. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_rules.h"
#include "sim_model.h"
#include "sim_oracle_impl.h"
#include "sim_primary.h"

/* The endpoints of one family, as the model wants them. */
struct family {
	struct model_rules rules;
	struct model_endpoint endpoints[MODEL_MAX];
	struct addr addrs[MODEL_MAX];
	size_t places[MODEL_MAX]; /* among all of the service */
	size_t n;
};

static const char *
op_of(const struct vote_intents *intents, const char *target)
{
	const struct vote_intent *entry = vote_intents_find(intents, target);

	return entry != NULL ? entry->op : "";
}

static char
intent_of(const struct vote_intents *intents, const char *fqdn,
    const struct addr *addr)
{
	char target[128], ip[ADDR_TEXT_MAX];
	const char *op;

	snprintf(target, sizeof target, "%s/%s", fqdn,
	    addr_format(addr, false, ip));
	op = op_of(intents, target);
	return strcmp(op, "up") == 0    ? 'U'
	    : strcmp(op, "down") == 0   ? 'D'
	    : strcmp(op, "drain") == 0  ? 'x'
					: '.';
}

/* What took over and is remembered; -1: nothing. */
static int
pinned_tier(const struct conf_service *conf,
    const struct vote_intents *intents, enum addr_family family)
{
	unsigned tier;

	if (!conf->failback_manual && conf->failback_delay_ms == 0)
		return -1;
	return agent_rules_takeover(intents, conf->fqdn, family, &tier) != NULL
	    ? (int)tier
	    : -1;
}

static struct family
look_at(const struct sim_node *node, size_t s, enum addr_family family)
{
	const struct conf_service *conf = &sim_node_conf(node)->services[s];
	const struct vote_intents *intents = vote_node_intents(node->vote);
	struct family out = { .rules = {
		.keep_all = strcmp(op_of(intents, "*"), "freeze") == 0 ||
		    strcmp(op_of(intents, conf->fqdn), "maintenance") == 0,
		.fail_mode = conf->fail_mode == CONF_FAIL_RESTORE ? 'r'
		    : conf->fail_mode == CONF_FAIL_HOLD           ? 'h'
								  : 'c',
		.fail_open_percent = conf->fail_open_percent,
		.min_up = conf->min_up,
		.pinned = pinned_tier(conf, intents, family) } };

	for (size_t e = 0; e < conf->n_endpoints; e++) {
		const struct conf_endpoint *endpoint = &conf->endpoints[e];

		if (endpoint->addr.family != family)
			continue;
		out.addrs[out.n] = endpoint->addr;
		out.places[out.n] = e;
		out.endpoints[out.n++] = (struct model_endpoint){
			.verdict = '?',
			.intent = intent_of(intents, conf->fqdn,
			    &endpoint->addr),
			.tier = endpoint->tier };
	}
	return out;
}

/* When node j raised its first heartbeat that was not older than the time to
 * live; INT64_MAX: none. */
static int64_t
first_fresh_beat(const struct sim *sim, size_t j)
{
	const struct oracle_node *seen = &oracle.nodes[j];
	int64_t since_us = sim->now_us - sim->vote_ttl_ms * SIM_MS -
	    oracle_slack_us(sim);
	int64_t first_us = INT64_MAX;

	for (size_t i = seen->n_beats; i-- > 0;) {
		if (seen->beats[i].at_us <= since_us)
			break;
		first_us = seen->beats[i].at_us;
	}
	return first_us;
}

/* Whether node j held the vote under the definition between its first fresh
 * heartbeat and the last moment that `node` can know of. */
static bool
held(const struct sim_node *node, size_t j, size_t s, size_t e, char vote)
{
	const struct sim *sim = node->sim;
	const struct oracle_node *seen = &oracle.nodes[j];
	int64_t from_us = first_fresh_beat(sim, j), until_us = INT64_MAX;
	int64_t known_us = j == node->index
	    ? sim->now_us
	    : oracle.nodes[node->index].knows.until_us[j];
	const uint8_t *hash = sim_node_conf(node)->services[s].hash;

	for (size_t i = seen->n_ballots; i-- > 0;) {
		const struct oracle_ballot *ballot = &seen->ballots[i];

		if (until_us < from_us)
			break;
		if (ballot->alive && ballot->at_us <= known_us &&
		    memcmp(sim->confs[ballot->conf].services[s].hash, hash,
			CONF_HASH_LEN) == 0 &&
		    ballot->votes[s][e] == vote)
			return from_us <= known_us;
		until_us = ballot->at_us;
	}
	return false;
}

static bool
majority_held(const struct sim_node *node, size_t s, size_t e, char vote)
{
	const struct sim_conf *conf = sim_node_conf(node);
	unsigned n = 0;

	for (size_t j = 0; j < conf->n_nodes; j++)
		n += held(node, j, s, e, vote);
	return n >= oracle_quorum(conf);
}

static void
check_majority(struct sim_node *node, const struct sim_change *change)
{
	struct family family = look_at(node, change->service, change->family);
	bool up[MODEL_MAX], down[MODEL_MAX];
	char wanted[MODEL_MAX + 1] = "", was[256], now[256];

	for (size_t i = 0; i < family.n; i++) {
		bool before = sim_set_has(&change->was, &family.addrs[i]);
		bool after = sim_set_has(&change->now, &family.addrs[i]);

		wanted[i] = before == after ? '=' : after ? '+' : '-';
		up[i] = majority_held(node, change->service, family.places[i],
		    'u');
		down[i] = majority_held(node, change->service,
		    family.places[i], 'd');
	}
	if (!model_allows(&family.rules, family.endpoints, family.n, up, down,
		wanted))
		sim_fail(node->sim, "S1: node %zu sends s%zu: %s -> %s, and "
				    "no majority held votes for that",
		    node->index, change->service,
		    sim_set_text(&change->was, was, sizeof was),
		    sim_set_text(&change->now, now, sizeof now));
}

/* Whether node j ever voted so since the service was started at `node`. */
static bool
ever_held(const struct sim_node *node, size_t j, size_t s, size_t e, char vote)
{
	const struct sim *sim = node->sim;
	const struct oracle_node *seen = &oracle.nodes[j];
	const struct sim_service *service = &node->services[s];

	for (size_t i = seen->n_ballots; i-- > 0;) {
		const struct oracle_ballot *ballot = &seen->ballots[i];

		if (ballot->alive &&
		    memcmp(sim->confs[ballot->conf].services[s].hash,
			service->conf->hash, CONF_HASH_LEN) == 0 &&
		    ballot->votes[s][e] == vote)
			return true;
		if (ballot->at_us < service->started_us -
			    sim->vote_ttl_ms * SIM_MS)
			break;
	}
	return false;
}

/* Under an intent, or was until lately: the service may have opened then. */
static bool
was_under_intent(const struct sim_node *node, const char *fqdn,
    const struct addr *addr)
{
	const struct vote_intents *intents = vote_node_intents(node->vote);
	char target[128], ip[ADDR_TEXT_MAX];

	snprintf(target, sizeof target, "%s/%s", fqdn,
	    addr_format(addr, false, ip));
	for (size_t i = 0; i < vote_intents_count(intents); i++)
		if (strcmp(vote_intents_at(intents, i)->target, target) == 0)
			return true;
	return false;
}

/* Section 6, start-up: each endpoint has had a verdict, or there was time for
 * one. */
static void
check_start(struct sim_node *node, size_t s)
{
	const struct sim_service *service = &node->services[s];
	const struct conf_service *conf = service->conf;
	int64_t patience_us = 3 * (conf->fall * SIM_S + 500 * SIM_MS);

	if (service->started_us == 0 ||
	    node->sim->now_us - service->started_us >= patience_us)
		return;
	for (size_t e = 0; e < conf->n_endpoints; e++) {
		unsigned up = 0, down = 0;
		size_t n = sim_node_conf(node)->n_nodes;

		for (size_t j = 0; j < n; j++) {
			up += ever_held(node, j, s, e, 'u');
			down += ever_held(node, j, s, e, 'd');
		}
		if (up <= n / 2 && down <= n / 2 &&
		    !was_under_intent(node, conf->fqdn,
			&conf->endpoints[e].addr))
			sim_fail(node->sim, "node %zu writes s%zu before each "
					    "endpoint has a verdict",
			    node->index, s);
	}
}

static bool
is_endpoint(const struct sim_conf *conf, size_t s, const struct addr *addr)
{
	for (size_t e = 0; e < conf->services[s].n_endpoints; e++)
		if (addr_compare_ip(&conf->services[s].endpoints[e].addr,
			addr) == 0)
			return true;
	return false;
}

static void
check_strangers(struct sim_node *node, const struct sim_change *change)
{
	const struct sim_conf *conf = sim_node_conf(node);
	const struct sim_set *sets[2] = { &change->was, &change->now };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sets[k]->n; i++)
			if (!is_endpoint(conf, change->service,
				&sets[k]->addrs[i]) &&
			    !sim_set_has(sets[1 - k], &sets[k]->addrs[i]))
				sim_fail(node->sim,
				    "S3: node %zu changes a record that is no "
				    "endpoint",
				    node->index);
}

/* S4: nothing less than a majority can have been heard of lately. */
static void
check_connected(struct sim_node *node)
{
	const struct sim *sim = node->sim;
	const struct sim_conf *conf = sim_node_conf(node);
	unsigned n = 0;

	for (size_t j = 0; j < conf->n_nodes; j++)
		n += j == node->index ||
		    oracle.nodes[node->index].knows.until_us[j] >
			sim->now_us - sim->vote_ttl_ms * SIM_MS -
			    oracle_slack_us(sim);
	if (n < oracle_quorum(conf))
		sim_fail(node->sim, "S4: node %zu writes, and could hear of "
				    "%u nodes only",
		    node->index, n);
}

void
sim_oracle_update(struct sim_node *node, const struct sim_update *update)
{
	struct sim *sim = node->sim;
	char was[256], now[256];

	for (size_t i = 0; i < update->n; i++)
		sim_say(sim, "node %zu: UPDATE s%zu: %s -> %s", node->index,
		    update->changes[i].service,
		    sim_set_text(&update->changes[i].was, was, sizeof was),
		    sim_set_text(&update->changes[i].now, now, sizeof now));
	if (sim->forbid_updates)
		sim_fail(sim, "%s: node %zu writes",
		    sim->kind == SIM_RESTARTS ? "S5: a restart changes DNS"
		    : sim->kind == SIM_GOSSIP_FAULTS
		    ? "S6: gossip faults change DNS"
		    : "L2: with no fault and no change",
		    node->index);
	check_connected(node);
	for (size_t i = 0; i < update->n; i++) {
		const struct sim_change *change = &update->changes[i];

		if (change->prerequisite == SIM_UNCONDITIONAL ||
		    !change->deletes)
			sim_fail(sim, "node %zu does not compare and swap",
			    node->index);
		check_start(node, change->service);
		check_strangers(node, change);
		check_majority(node, change);
	}
}

static bool
may_empty(const struct sim *sim, size_t s)
{
	for (size_t i = 0; i < sim->n_confs; i++)
		if (sim->confs[i].services[s].fail_mode == CONF_FAIL_CLOSED)
			return true;
	return oracle.forced_down[s];
}

void
sim_oracle_applied(struct sim *sim, size_t writer, size_t service,
    enum addr_family family, const struct sim_set *before, const struct sim_set *after)
{
	if (after->n == 0 && before->n > 0 && !may_empty(sim, service))
		sim_fail(sim, "S2: s%zu is empty", service);
	for (size_t i = 0; i < before->n; i++)
		if (before->addrs[i].bytes[family == ADDR_IP4 ? 3 : 15] % 10 ==
			9 &&
		    !sim_set_has(after, &before->addrs[i]))
			sim_fail(sim, "S3: a stranger's record is gone");
	if (sim->kind == SIM_DAMPED)
		oracle_damping_check(sim, writer, service, before, after);
}

/* What all nodes together see, now that they see for good. */
static char
true_verdict(const struct sim *sim, size_t s, const struct addr *addr)
{
	const struct sim_conf *conf = &sim->confs[sim->n_confs - 1];
	size_t u = sim_conf_universal(addr);
	unsigned up = 0, down = 0;

	for (size_t i = 0; i < conf->n_nodes; i++) {
		const struct sim_node *node = &sim->nodes[i];

		if (node->power != SIM_UP || node->canaries_failed)
			continue;
		up += node->view[s][u] == SIM_VIEW_OK;
		down += node->view[s][u] == SIM_VIEW_FAILED;
	}
	return up >= oracle_quorum(conf) ? 'u'
	    : down >= oracle_quorum(conf) ? 'd'
					  : '?';
}

static const char *
unsettled_family(struct sim *sim, const struct sim_node *node, size_t s,
    enum addr_family family)
{
	static char why[512];
	const struct sim_set *set = sim_primary_set(s, family);
	struct family seen = look_at(node, s, family);
	char text[256], ip[ADDR_TEXT_MAX];

	for (size_t i = 0; i < seen.n; i++)
		seen.endpoints[i].verdict = true_verdict(sim, s,
		    &seen.addrs[i]);
	model_decide(&seen.rules, seen.endpoints, seen.n);
	for (size_t i = 0; i < seen.n; i++) {
		bool there = sim_set_has(set, &seen.addrs[i]);

		if (seen.endpoints[i].action == (there ? '-' : '+')) {
			snprintf(why, sizeof why,
			    "L1: s%zu is %s; %s is %c and should be %s", s,
			    sim_set_text(set, text, sizeof text),
			    addr_format(&seen.addrs[i], false, ip),
			    seen.endpoints[i].verdict,
			    there ? "absent" : "present");
			return why;
		}
	}
	return NULL;
}

const char *
sim_oracle_unsettled(struct sim *sim)
{
	const struct sim_node *node = NULL;
	const char *why = NULL;

	for (size_t i = 0; i < sim->n_nodes; i++)
		if (sim->nodes[i].power == SIM_UP)
			node = &sim->nodes[i];
	if (node == NULL)
		return NULL;
	for (size_t s = 0; s < SIM_SERVICES && why == NULL; s++) {
		why = unsettled_family(sim, node, s, ADDR_IP4);
		if (why == NULL)
			why = unsettled_family(sim, node, s, ADDR_IP6);
	}
	return why;
}
