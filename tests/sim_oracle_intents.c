/* SPDX-License-Identifier: ISC */
/* What became of what operators asked for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_oracle_impl.h"

int64_t
sim_oracle_highest_stamp(const struct sim_node *node)
{
	const struct vote_intents *intents = vote_node_intents(node->vote);
	int64_t highest = -1;

	for (size_t i = 0; i < vote_intents_count(intents); i++)
		if (vote_intents_at(intents, i)->stamp > highest)
			highest = vote_intents_at(intents, i)->stamp;
	return highest;
}

static const struct vote_intent *
entry_of(const struct vote_intents *intents, const char *target)
{
	for (size_t i = 0; i < vote_intents_count(intents); i++)
		if (strcmp(vote_intents_at(intents, i)->target, target) == 0)
			return vote_intents_at(intents, i);
	return NULL;
}

void
sim_oracle_intent(struct sim_node *node, const struct vote_intent *wanted,
    int64_t highest)
{
	const struct vote_intent *entry =
	    entry_of(vote_node_intents(node->vote), wanted->target);
	struct oracle_intent *kept = &oracle.intents[oracle.n_intents];

	sim_say(node->sim, "node %zu: %s asks for %s of %s", node->index,
	    wanted->by, wanted->op, wanted->target);
	if (entry == NULL || strcmp(entry->op, wanted->op) != 0 ||
	    entry->stamp <= highest) {
		sim_fail(node->sim,
		    "node %zu: an intent was not entered, or not as the newest",
		    node->index);
		return;
	}
	if (oracle.n_intents++ == ORACLE_INTENTS)
		abort();
	*kept = (struct oracle_intent){ .stamp = entry->stamp,
		.until_ms = entry->until_ms };
	snprintf(kept->target, sizeof kept->target, "%s", wanted->target);
	snprintf(kept->op, sizeof kept->op, "%s", wanted->op);
	snprintf(kept->by, sizeof kept->by, "%s", wanted->by);
	if (strcmp(wanted->op, "down") == 0)
		oracle.forced_down[wanted->target[1] - '0'] = true;
}

/* protocol.md section 3: higher stamp, then `by`, then clear. */
static int
compare(const struct vote_intent *a, const struct oracle_intent *b)
{
	int order;

	if (a->stamp != b->stamp)
		return a->stamp < b->stamp ? -1 : 1;
	order = strcmp(a->by, b->by);
	if (order != 0)
		return order;
	return (strcmp(a->op, "clear") == 0) - (strcmp(b->op, "clear") == 0);
}

static bool
holds(const struct sim_node *node, const struct oracle_intent *intent)
{
	struct vote_intents *disk = NULL;
	const struct vote_intents *intents = NULL;
	const struct vote_intent *entry = NULL;
	bool held;

	if (node->power != SIM_DOWN)
		intents = vote_node_intents(node->vote);
	else if (node->disk_intents != NULL &&
	    vote_intents_parse(node->disk_intents, &disk) == 0)
		intents = disk;
	if (intents != NULL)
		entry = entry_of(intents, intent->target);
	held = entry != NULL && compare(entry, intent) >= 0;
	vote_intents_free(disk);
	return held;
}

void
sim_oracle_lost_disk(struct sim_node *node)
{
	struct sim *sim = node->sim;

	for (size_t k = 0; k < oracle.n_intents; k++) {
		unsigned holders = 0;

		for (size_t i = 0; i < sim->n_nodes; i++)
			holders += i != node->index &&
			    holds(&sim->nodes[i], &oracle.intents[k]);
		if (holders == 0)
			oracle.intents[k].may_be_lost = true;
	}
}

static bool
was_asked(const struct vote_intent *entry)
{
	for (size_t i = 0; i < oracle.n_intents; i++) {
		const struct oracle_intent *intent = &oracle.intents[i];

		if (strcmp(entry->target, intent->target) == 0 &&
		    entry->stamp == intent->stamp &&
		    strcmp(entry->by, intent->by) == 0)
			return true;
	}
	return false;
}

static bool
has_ended_everywhere(const struct sim *sim, const struct vote_intent *entry)
{
	if (entry->until_ms == 0)
		return false;
	for (size_t i = 0; i < sim->n_nodes; i++)
		if (sim_node_wall_ms(&sim->nodes[i]) <
		    entry->until_ms + 3 * (int64_t)sim->heartbeat_ms)
			return false;
	return true;
}

static void
check_map(struct sim *sim, const struct sim_node *node)
{
	const struct vote_intents *intents = vote_node_intents(node->vote);

	for (size_t i = 0; i < vote_intents_count(intents); i++) {
		const struct vote_intent *entry = vote_intents_at(intents, i);

		if (!was_asked(entry))
			sim_fail(sim, "node %zu: nobody asked for this %s of %s",
			    node->index, entry->op, entry->target);
		if (strcmp(entry->op, "clear") != 0 &&
		    has_ended_everywhere(sim, entry))
			sim_fail(sim, "node %zu: %s of %s has ended",
			    node->index, entry->op, entry->target);
	}
	for (size_t i = 0; i < oracle.n_intents; i++) {
		const struct oracle_intent *intent = &oracle.intents[i];
		const struct vote_intent *entry =
		    entry_of(intents, intent->target);

		if (!intent->may_be_lost &&
		    (entry == NULL || compare(entry, intent) < 0))
			sim_fail(sim, "node %zu: %s of %s is forgotten",
			    node->index, intent->op, intent->target);
	}
}

bool
sim_oracle_same_intents(const struct sim *sim)
{
	char *first = vote_node_intents_json(sim->nodes[0].vote);
	bool same = true;

	for (size_t i = 1; i < sim->n_nodes; i++) {
		char *text = vote_node_intents_json(sim->nodes[i].vote);

		same &= strcmp(first, text) == 0;
		free(text);
	}
	free(first);
	return same;
}

void
sim_oracle_check_intents(struct sim *sim)
{
	if (!sim_oracle_same_intents(sim))
		sim_fail(sim, "the nodes differ in their intents");
	for (size_t i = 0; i < sim->n_nodes; i++)
		check_map(sim, &sim->nodes[i]);
}
