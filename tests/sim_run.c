/* SPDX-License-Identifier: ISC */
/* The course of a run: a cluster starts, suffers, and has to find back. */
#include "config.h"

#include "agent_rules.h"
#include "sim_run.h"

#include <string.h>

#include "sim_faults.h"
#include "sim_net.h"
#include "sim_oracle.h"
#include "sim_primary.h"

#define SETTLES_US (75 * SIM_S)
#define QUIET_US (8 * SIM_S)

static void
choose_views(struct sim *sim)
{
	for (size_t s = 0; s < SIM_SERVICES; s++)
		for (size_t u = 0; u < SIM_ENDPOINTS; u++) {
			bool down = sim_chance(sim, 200);
			bool split = sim_chance(sim, 150);

			for (size_t i = 0; i < sim->n_nodes; i++)
				sim->nodes[i].view[s][u] =
				    down != (split && sim_chance(sim, 400))
				    ? SIM_VIEW_FAILED
				    : SIM_VIEW_OK;
		}
}

static void
start(struct sim *sim, void *arg)
{
	struct sim_node *node = arg;

	(void)sim;
	if (node->power == SIM_DOWN)
		sim_node_start(node);
}

static void
begin(struct sim *sim)
{
	static const enum sim_kind kinds[] = { SIM_CHAOS, SIM_CHAOS, SIM_CHAOS,
		SIM_CHAOS, SIM_CHAOS, SIM_CHAOS, SIM_RESTARTS,
		SIM_GOSSIP_FAULTS, SIM_GOSSIP_FAULTS, SIM_SWIFT };

	sim->kind = kinds[sim_below(sim, sizeof kinds / sizeof kinds[0])];
	if (sim->seed % 10 == 9)
		sim->kind = SIM_DAMPED; /* the others stay what they were */
	sim_conf_make(sim);
	sim_oracle_init(sim);
	sim_net_init(sim);
	sim_primary_init(sim);
	for (size_t i = 0; i < sim->n_nodes; i++)
		sim_node_init(sim, i);
	choose_views(sim);
	for (size_t i = 0; i < sim->confs[0].n_nodes; i++)
		sim_at(sim, sim->now_us + sim_between(sim, 0, 4 * SIM_S),
		    start, &sim->nodes[i]);
}

void
sim_settle(struct sim *sim, int64_t limit_us)
{
	int64_t until_us = sim->now_us + limit_us;

	while (!sim->failed) {
		const char *why;

		sim_run_until(sim, sim->now_us + 500 * SIM_MS);
		why = sim_oracle_unsettled(sim);
		if (why == NULL)
			return;
		if (sim->now_us >= until_us)
			sim_fail(sim, "%s", why);
	}
}

static void
suffer(struct sim *sim, int64_t for_us, int64_t most_us)
{
	int64_t until_us = sim->now_us + for_us;

	while (!sim->failed && sim->now_us < until_us) {
		sim_faults_step(sim);
		sim_run_until(sim, sim->now_us +
			sim_between(sim, 20 * SIM_MS, most_us));
	}
}

/* Some wish ends soon, by the clock of some node. */
static bool
something_ends(const struct sim *sim, int64_t within_us)
{
	for (size_t i = 0; i < sim->n_nodes; i++) {
		const struct sim_node *node = &sim->nodes[i];
		const struct vote_intents *intents =
		    vote_node_intents(node->vote);

		for (size_t k = 0; k < vote_intents_count(intents); k++) {
			const struct vote_intent *entry =
			    vote_intents_at(intents, k);

			if (strcmp(entry->op, "clear") != 0 &&
			    entry->until_ms != 0 &&
			    entry->until_ms <= sim_node_wall_ms(node) +
				    within_us / SIM_MS)
				return true;
		}
	}
	return false;
}

/* L2. */
static void
stay_quiet(struct sim *sim)
{
	size_t peers = sim->confs[sim->n_confs - 1].n_nodes - 1;
	uint64_t most = peers * (QUIET_US / SIM_S + 2);
	size_t largest = 500 + 280 * (peers + 1);

	if (something_ends(sim, QUIET_US))
		return;
	sim_say(sim, "nothing may happen from now on");
	sim->forbid_updates = true;
	for (size_t i = 0; i < sim->n_nodes; i++)
		sim->nodes[i].requests_sent = sim->nodes[i].largest_sent = 0;
	sim_run_until(sim, sim->now_us + QUIET_US);
	for (size_t i = 0; i < sim->n_nodes; i++) {
		const struct sim_node *node = &sim->nodes[i];

		if (node->requests_sent > most || node->largest_sent > largest)
			sim_fail(sim, "L2: node %zu sends %llu messages of up "
				      "to %zu bytes",
			    i, (unsigned long long)node->requests_sent,
			    node->largest_sent);
	}
}

static void
recover(struct sim *sim)
{
	sim_faults_heal(sim);
	/* Everybody has a verdict again, and wishes have met. */
	sim_run_until(sim, sim->now_us + 10 * SIM_S);
	sim_settle(sim, SETTLES_US);
	for (int i = 0; i < 3 && !sim->failed; i++)
		if (i == 0 || !sim_oracle_same_intents(sim))
			sim_run_until(sim, sim->now_us + 2 * SIM_S);
	if (!sim->failed)
		sim_oracle_check_intents(sim);
	sim_settle(sim, 2 * SIM_S);
	if (sim->failed)
		return;
	/* Somebody else's change is found and repaired. */
	sim_primary_edit(sim);
	sim_run_until(sim, sim->now_us + 10 * SIM_S);
	sim_settle(sim, 2 * SIM_S);
	if (!sim->failed)
		stay_quiet(sim);
}

/* The first tier of each service dies and comes back: who remembers that a
 * standby took over has something to forget now. */
static void
fail_over_and_back(struct sim *sim)
{
	static const enum sim_view views[] = { SIM_VIEW_FAILED, SIM_VIEW_OK };

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < sim->n_nodes; i++)
			for (size_t s = 0; s < SIM_SERVICES; s++)
				for (size_t u = 0; u < SIM_ENDPOINTS; u++)
					if (sim->confs[0].endpoints[s][u].tier ==
					    0)
						sim->nodes[i].view[s][u] =
						    views[k];
		sim_run_until(sim, sim->now_us + 12 * SIM_S);
	}
}

/* Endpoints come and go faster than their records may; in the end all are well,
 * and what was held has passed. */
static void
damp(struct sim *sim)
{
	suffer(sim, sim_between(sim, 40 * SIM_S, 90 * SIM_S), 2500 * SIM_MS);
	for (size_t i = 0; i < sim->n_nodes; i++)
		for (size_t s = 0; s < SIM_SERVICES; s++)
			for (size_t u = 0; u < SIM_ENDPOINTS; u++)
				sim->nodes[i].view[s][u] = SIM_VIEW_OK;
	sim_faults_heal(sim);
	sim_run_until(sim, sim->now_us + 30 * SIM_S);
	sim_settle(sim, SETTLES_US);
}

/* When the disks of a majority are lost, so is what they remembered. */
static bool
a_takeover_is_remembered(const struct sim *sim)
{
	for (size_t i = 0; i < sim->n_nodes; i++) {
		const struct vote_node *vote = sim->nodes[i].vote;
		const struct vote_intents *intents;

		if (vote == NULL) /* the run has failed before it was up */
			continue;
		intents = vote_node_intents(vote);
		for (size_t k = 0; k < vote_intents_count(intents); k++)
			if (strcmp(vote_intents_at(intents, k)->op,
				"clear") != 0 &&
			    agent_rules_is_takeover(
				vote_intents_at(intents, k)->target))
				return true;
	}
	return false;
}

bool
sim_run(struct sim *sim)
{
	begin(sim);
	switch (sim->kind) {
	case SIM_CHAOS:
		sim_run_until(sim, sim->now_us + sim_between(sim, 0,
		    12 * SIM_S));
		suffer(sim, sim_between(sim, 10 * SIM_S, 30 * SIM_S),
		    1500 * SIM_MS);
		recover(sim);
		break;
	case SIM_RESTARTS:
	case SIM_GOSSIP_FAULTS:
		sim_run_until(sim, sim->now_us + 22 * SIM_S);
		if (sim_chance(sim, 500))
			fail_over_and_back(sim);
		sim_settle(sim, SETTLES_US);
		sim_run_until(sim, sim->now_us + SIM_S);
		sim->disks_survive = a_takeover_is_remembered(sim);
		sim->forbid_updates = true;
		suffer(sim, 15 * SIM_S, 2500 * SIM_MS);
		sim_faults_heal(sim);
		sim_run_until(sim, sim->now_us + 20 * SIM_S);
		break;
	case SIM_SWIFT:
		sim_swift(sim);
		break;
	case SIM_DAMPED:
		sim_run_until(sim, sim->now_us + 22 * SIM_S);
		damp(sim);
		break;
	case SIM_KINDS:
		break;
	}
	return !sim->failed;
}
