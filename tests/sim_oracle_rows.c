/* SPDX-License-Identifier: ISC */
/* What a node holds of the others is what these once said, and not younger than
 * it looks; and what is refused leaves no trace. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sim_oracle_impl.h"

static const struct oracle_ballot *
find_ballot(const struct oracle_node *seen, uint64_t boot, uint64_t version)
{
	for (size_t i = seen->n_ballots; i-- > 0;)
		if (seen->ballots[i].alive && seen->ballots[i].boot == boot &&
		    seen->ballots[i].version == version)
			return &seen->ballots[i];
	return NULL;
}

static const struct oracle_beat *
find_beat(const struct oracle_node *seen, uint64_t boot, uint64_t heartbeat)
{
	for (size_t i = seen->n_beats; i-- > 0;)
		if (seen->beats[i].boot == boot &&
		    seen->beats[i].heartbeat == heartbeat)
			return &seen->beats[i];
	return NULL;
}

/* What node `of` voted, or '\0' where it knew another definition, or none. */
static char
vote_then(struct sim *sim, const struct oracle_ballot *ballot,
    const struct conf_service *ours, size_t s, size_t e)
{
	const struct conf_service *theirs;

	if (ballot == NULL)
		return '\0';
	theirs = &sim->confs[ballot->conf].services[s];
	if (memcmp(ours->hash, theirs->hash, sizeof ours->hash) != 0)
		return '\0';
	return ballot->votes[s][e];
}

static void
check_votes(struct sim_node *node, size_t of, const struct vote_node_info *info,
    const struct oracle_ballot *then)
{
	const struct sim_conf *conf = sim_node_conf(node);

	for (size_t s = 0; s < SIM_SERVICES; s++) {
		const struct conf_service *service = &conf->services[s];

		for (size_t e = 0; e < service->n_endpoints; e++) {
			char cause;
			char held = vote_node_vote_of(node->vote, of, s, e,
			    &cause);
			char was = vote_then(node->sim, then, service, s, e);

			if (held != was)
				sim_fail(node->sim,
				    "node %zu: node %zu's vote on s%zu/%zu at "
				    "version %llu is %c, and was %c",
				    node->index, of, s, e,
				    (unsigned long long)info->version,
				    held ? held : '0', was ? was : '0');
		}
	}
}

static void
check_age(struct sim_node *node, size_t of, const struct vote_node_info *info)
{
	const struct oracle_beat *beat = find_beat(&oracle.nodes[of],
	    info->boot, info->heartbeat);
	int64_t age_us;

	if (beat == NULL) {
		sim_fail(node->sim,
		    "node %zu: node %zu never had heartbeat %llu of that boot",
		    node->index, of, (unsigned long long)info->heartbeat);
		return;
	}
	age_us = node->sim->now_us - beat->at_us;
	if (info->age_ms * SIM_MS + SIM_MS + oracle_slack_us(node->sim) <
	    age_us)
		sim_fail(node->sim,
		    "node %zu: node %zu's heartbeat is %lld us old, and held "
		    "to be %lld ms",
		    node->index, of, (long long)age_us,
		    (long long)info->age_ms);
	if (info->version < beat->version)
		sim_fail(node->sim,
		    "node %zu: has node %zu's heartbeat without its votes",
		    node->index, of);
}

/* What is known does not go back to an earlier state. */
static void
check_progress(struct sim_node *node, size_t of,
    const struct vote_node_info *info)
{
	struct oracle_row *row = &oracle.nodes[node->index].rows[of];

	if (info->boot < row->boot ||
	    (info->boot == row->boot &&
		(info->heartbeat < row->heartbeat ||
		    info->version < row->version)))
		sim_fail(node->sim,
		    "node %zu: knew more of node %zu than it does now",
		    node->index, of);
	*row = (struct oracle_row){ info->boot, info->heartbeat,
		info->version };
}

static void
check_row(struct sim_node *node, size_t of)
{
	struct vote_node_info info;
	const struct oracle_ballot *then = NULL;

	vote_node_info(node->vote, of, sim_node_now_us(node) / SIM_MS, &info);
	check_progress(node, of, &info);
	if (info.version != 0) {
		then = find_ballot(&oracle.nodes[of], info.boot, info.version);
		if (then == NULL) {
			sim_fail(node->sim,
			    "node %zu: node %zu never was at version %llu of "
			    "boot %llu",
			    node->index, of, (unsigned long long)info.version,
			    (unsigned long long)info.boot);
			return;
		}
	}
	check_votes(node, of, &info, then);
	if (info.heard)
		check_age(node, of, &info);
}

void
oracle_check_rows(struct sim_node *node)
{
	size_t n = vote_node_count(node->vote);

	for (size_t i = 0; i < n; i++)
		if (i != node->index)
			check_row(node, i);
}

/* All that a message can change. */
static struct {
	struct vote_node_info rows[SIM_NODES];
	char *intents;
	bool in_doubt; /* it may notice a stop, and withdraw its votes */
} before;

static void
remember(struct sim_node *node, struct vote_node_info *rows)
{
	size_t n = vote_node_count(node->vote);

	for (size_t i = 0; i < n; i++)
		vote_node_info(node->vote, i, sim_node_now_us(node) / SIM_MS,
		    &rows[i]);
}

static bool
looks_younger(const struct vote_node_info *was, const struct vote_node_info *is)
{
	return (is->fresh && !was->fresh) ||
	    (is->heard && was->heard && is->age_ms < was->age_ms);
}

void
sim_oracle_expect_nothing(struct sim_node *node)
{
	remember(node, before.rows);
	before.in_doubt = node->was_paused || node->wall_was_set;
	before.intents = vote_node_intents_json(node->vote);
}

void
sim_oracle_check_nothing(struct sim_node *node, const char *what)
{
	char *intents = vote_node_intents_json(node->vote);
	struct vote_node_info rows[SIM_NODES] = { 0 };

	remember(node, rows);
	for (size_t i = 0; i < vote_node_count(node->vote); i++)
		if (i == node->index && before.in_doubt)
			continue;
		else if (rows[i].boot != before.rows[i].boot ||
		    rows[i].heartbeat != before.rows[i].heartbeat ||
		    rows[i].version != before.rows[i].version ||
		    (!before.in_doubt &&
			looks_younger(&before.rows[i], &rows[i])))
			sim_fail(node->sim, "node %zu: %s changed its row %zu",
			    node->index, what, i);
	if (strcmp(intents, before.intents) != 0)
		sim_fail(node->sim, "node %zu: %s changed its intents",
		    node->index, what);
	free(intents);
	free(before.intents);
}
