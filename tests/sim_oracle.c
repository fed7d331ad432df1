/* SPDX-License-Identifier: ISC */
/* What happened: heartbeats, votes, and who can know of what. */
#include "config.h"

#include "sim_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "sim_oracle_impl.h"

/* Of stops, each shorter than 10 ms, for as long as a row is fresh. */
#define UNSEEN_US (15 * SIM_MS)

struct oracle oracle;

void
sim_oracle_init(struct sim *sim)
{
	(void)sim;
	for (size_t i = 0; i < SIM_NODES; i++) {
		oracle.nodes[i].n_beats = 0;
		oracle.nodes[i].n_ballots = 0;
		memset(&oracle.nodes[i].knows, 0, sizeof oracle.nodes[i].knows);
		memset(oracle.nodes[i].rows, 0, sizeof oracle.nodes[i].rows);
	}
	oracle.n_intents = 0;
	oracle_damping_init();
	memset(oracle.forced_down, 0, sizeof oracle.forced_down);
}

unsigned
oracle_quorum(const struct sim_conf *conf)
{
	return (unsigned)conf->n_nodes / 2 + 1;
}

int64_t
oracle_slack_us(const struct sim *sim)
{
	int64_t slack_us = 0;

	for (size_t i = 0; i < sim->n_nodes; i++)
		if (sim->nodes[i].stood)
			slack_us += UNSEEN_US;
	return slack_us;
}

static void
note_beat(struct sim_node *node, const struct vote_node_info *own)
{
	struct oracle_node *seen = &oracle.nodes[node->index];
	const struct oracle_beat *last =
	    seen->n_beats > 0 ? &seen->beats[seen->n_beats - 1] : NULL;

	if (last != NULL && last->boot == own->boot &&
	    last->heartbeat == own->heartbeat)
		return;
	if (seen->n_beats == ORACLE_HISTORY)
		abort();
	/* A boot that was adopted goes on with the old heartbeat. */
	seen->beats[seen->n_beats++] = (struct oracle_beat){
		.boot = own->boot,
		.heartbeat = own->heartbeat,
		.version = own->version,
		.at_us = last != NULL && last->heartbeat == own->heartbeat &&
			last->version <= own->version && own->heartbeat > 1
		    ? last->at_us
		    : node->sim->now_us,
	};
}

static struct oracle_ballot
ballot_of(struct sim_node *node, const struct vote_node_info *own)
{
	struct oracle_ballot ballot = { .at_us = node->sim->now_us,
		.alive = true,
		.boot = own->boot,
		.version = own->version,
		.conf = node->conf };

	for (size_t s = 0; s < SIM_SERVICES; s++)
		memcpy(ballot.votes[s], node->services[s].votes,
		    sizeof ballot.votes[s]);
	return ballot;
}

static void
add_ballot(struct sim_node *node, const struct oracle_ballot *ballot)
{
	struct oracle_node *seen = &oracle.nodes[node->index];

	if (seen->n_ballots == ORACLE_HISTORY)
		abort();
	seen->ballots[seen->n_ballots++] = *ballot;
}

static bool
same_definitions(const struct sim *sim, size_t a, size_t b)
{
	for (size_t s = 0; s < SIM_SERVICES; s++)
		if (memcmp(sim->confs[a].services[s].hash,
			sim->confs[b].services[s].hash, CONF_HASH_LEN) != 0)
			return false;
	return true;
}

static void
note_ballot(struct sim_node *node, const struct vote_node_info *own)
{
	const struct oracle_node *seen = &oracle.nodes[node->index];
	struct oracle_ballot now = ballot_of(node, own);
	const struct oracle_ballot *last =
	    seen->n_ballots > 0 ? &seen->ballots[seen->n_ballots - 1] : NULL;
	bool changed;

	if (last == NULL || !last->alive) {
		add_ballot(node, &now);
		return;
	}
	changed = !same_definitions(node->sim, now.conf, last->conf) ||
	    memcmp(now.votes, last->votes, sizeof now.votes) != 0;
	if (now.boot == last->boot && now.version < last->version)
		sim_fail(node->sim, "node %zu: its version fell", node->index);
	if (now.boot < last->boot)
		sim_fail(node->sim, "node %zu: its boot fell", node->index);
	if (changed && now.boot == last->boot && now.version == last->version)
		sim_fail(node->sim,
		    "node %zu: its votes changed, and its version did not",
		    node->index);
	if (changed || now.boot != last->boot || now.version != last->version)
		add_ballot(node, &now);
}

void
sim_oracle_check_probes(struct sim_node *node)
{
	struct sim *sim = node->sim;
	/* Three intervals and the timeout. */
	int64_t most_us = 3501 * SIM_MS + oracle_slack_us(sim);

	for (size_t s = 0; s < SIM_SERVICES; s++) {
		const struct sim_service *service = &node->services[s];

		for (size_t e = 0; e < service->conf->n_endpoints; e++) {
			size_t u = sim_conf_universal(
			    &service->conf->endpoints[e].addr);

			if (service->votes[e] != 'a' &&
			    sim->now_us - service->counted_at_us[u] > most_us)
				sim_fail(sim,
				    "node %zu votes on s%zu/%zu by old probes",
				    node->index, s, u);
		}
	}
}

void
sim_oracle_note(struct sim_node *node)
{
	struct vote_node_info own;

	vote_node_info(node->vote, node->index,
	    sim_node_now_us(node) / SIM_MS, &own);
	note_beat(node, &own);
	note_ballot(node, &own);
}

void
sim_oracle_look(struct sim_node *node)
{
	sim_oracle_note(node);
	if (!node->was_paused)
		oracle_check_rows(node);
}

void
sim_oracle_died(struct sim_node *node)
{
	struct oracle_node *seen = &oracle.nodes[node->index];
	struct oracle_ballot dead = { .at_us = node->sim->now_us };

	add_ballot(node, &dead);
	memset(&seen->knows, 0, sizeof seen->knows);
	memset(seen->rows, 0, sizeof seen->rows);
}

void
sim_oracle_facts(struct sim_node *node, const struct vote_out *out)
{
	static const char *const names[VOTE_FACT_COUNT] = {
		[VOTE_FACT_BAD_MAC] = "bad MAC",
		[VOTE_FACT_MALFORMED] = "malformed",
		[VOTE_FACT_NOT_FOR_US] = "not for us",
		[VOTE_FACT_UNKNOWN_NODE] = "unknown node",
		[VOTE_FACT_REPLAY] = "replay",
		[VOTE_FACT_WRONG_BOOT] = "wrong boot",
		[VOTE_FACT_DROPPED] = "dropped",
		[VOTE_FACT_NO_ANSWER] = "no answer",
		[VOTE_FACT_REFUSED] = "refused",
		[VOTE_FACT_BOOT_ADOPTED] = "boot adopted",
		[VOTE_FACT_CONTESTED] = "contested",
		[VOTE_FACT_UNCONTESTED] = "uncontested",
		[VOTE_FACT_SUSPENDED] = "suspended",
		[VOTE_FACT_NODE_FRESH] = "fresh",
		[VOTE_FACT_NODE_STALE] = "stale",
		[VOTE_FACT_INTENTS] = "new intents",
	};

	for (size_t i = 0; i < out->n_facts; i++) {
		char name[ADDR_TEXT_MAX] = "";

		if (out->facts[i].node.family != 0)
			addr_format(&out->facts[i].node, true, name);
		sim_say(node->sim, "node %zu: %s %s (%llu)", node->index,
		    names[out->facts[i].kind], name,
		    (unsigned long long)out->facts[i].value);
	}
}

const struct sim_knowledge *
sim_oracle_knowledge(struct sim_node *node)
{
	struct oracle_node *seen = &oracle.nodes[node->index];

	seen->knows.until_us[node->index] = node->sim->now_us;
	return sim_copy(node->sim, &seen->knows, sizeof seen->knows);
}

void
sim_oracle_heard(struct sim_node *node, const struct sim_knowledge *knowledge)
{
	struct sim_knowledge *knows = &oracle.nodes[node->index].knows;

	for (size_t i = 0; knowledge != NULL && i < SIM_NODES; i++)
		if (knowledge->until_us[i] > knows->until_us[i])
			knows->until_us[i] = knowledge->until_us[i];
}
