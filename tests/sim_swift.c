/* SPDX-License-Identifier: ISC */
/* L1 with its bound: a majority that is connected, over whatever path, changes
 * DNS in time, and by one UPDATE. */
#include "config.h"

#include "sim_faults.h"
#include "sim_net.h"
#include "sim_oracle.h"
#include "sim_run.h"

#define FAR 99

static bool
is_cut(size_t a, size_t b)
{
	return sim_net.peers[a][b].cut || sim_net.peers[b][a].cut;
}

/* The longest of all shortest ways between the living; FAR: not connected. */
static unsigned
diameter(const struct sim *sim)
{
	unsigned way[SIM_NODES][SIM_NODES], longest = 0;
	size_t n = sim->n_nodes;

	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++)
			way[a][b] = a == b        ? 0
			    : is_cut(a, b)        ? FAR
						  : 1;
	for (size_t k = 0; k < n; k++)
		for (size_t a = 0; a < n && sim->nodes[k].power == SIM_UP; a++)
			for (size_t b = 0; b < n; b++)
				if (way[a][k] + way[k][b] < way[a][b])
					way[a][b] = way[a][k] + way[k][b];
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++)
			if (sim->nodes[a].power == SIM_UP &&
			    sim->nodes[b].power == SIM_UP &&
			    way[a][b] > longest)
				longest = way[a][b];
	return longest;
}

static void
lose_a_minority(struct sim *sim)
{
	size_t n = sim->n_nodes, spare = n - (n / 2 + 1);

	for (size_t i = 0; i < n && spare > 0; i++)
		if (sim_chance(sim, 250)) {
			sim_node_crash(&sim->nodes[i]);
			spare--;
		}
}

static void
cut_what_can_be_spared(struct sim *sim)
{
	for (size_t a = 0; a < sim->n_nodes; a++)
		for (size_t b = a + 1; b < sim->n_nodes; b++) {
			struct sim_link *link = sim_chance(sim, 500)
			    ? &sim_net.peers[a][b]
			    : &sim_net.peers[b][a];

			link->cut = sim_chance(sim, 500);
			if (diameter(sim) >= FAR)
				link->cut = false;
		}
}

static int64_t
choose_delay(struct sim *sim)
{
	static const int64_t ms[] = { 1, 5, 20, 100, 300 };
	int64_t most_us = ms[sim_below(sim, 5)] * SIM_MS;

	for (size_t a = 0; a < SIM_NODES; a++)
		for (size_t b = 0; b < SIM_NODES; b++) {
			sim_net.peers[a][b].delay_low_us = most_us / 10;
			sim_net.peers[a][b].delay_high_us = most_us;
		}
	return most_us;
}

/* Turns an endpoint over, for all, so that DNS has to change. */
static bool
turn_one_over(struct sim *sim, size_t *service, size_t *endpoint)
{
	for (int tries = 0; tries < 16; tries++) {
		size_t s = sim_below(sim, SIM_SERVICES);
		size_t u = sim_below(sim, SIM_ENDPOINTS);
		enum sim_view was[SIM_NODES] = { 0 };
		enum sim_view view = sim_chance(sim, 500) ? SIM_VIEW_OK
							  : SIM_VIEW_FAILED;

		for (size_t i = 0; i < sim->n_nodes; i++) {
			was[i] = sim->nodes[i].view[s][u];
			sim->nodes[i].view[s][u] = view;
		}
		*service = s;
		*endpoint = u;
		if (sim_oracle_unsettled(sim) != NULL) {
			sim_say(sim, "s%zu/%zu turns over", s, u);
			return true;
		}
		for (size_t i = 0; i < sim->n_nodes; i++)
			sim->nodes[i].view[s][u] = was[i];
	}
	return false;
}

/* Only this one of the living reaches the primary; SIM_NODES: all do. */
static size_t
choose_writer(struct sim *sim)
{
	size_t writer = sim_below(sim, sim->n_nodes);

	if (sim_chance(sim, 300) || sim->nodes[writer].power != SIM_UP)
		return SIM_NODES;
	for (size_t i = 0; i < sim->n_nodes; i++)
		sim_net.up[i].cut = i != writer;
	sim_say(sim, "only node %zu reaches the primary", writer);
	return writer;
}

static int64_t
takeover_us(const struct sim *sim, size_t service, size_t writer)
{
	const struct sim_node *node = &sim->nodes[writer];

	/* Ranked are those whose votes count: one of them is the first. */
	if (writer == SIM_NODES)
		return 0;
	return (int64_t)vote_node_rank(node->vote, service,
		   sim_node_now_us(node) / SIM_MS) *
	    sim->takeover_ms * SIM_MS;
}

static size_t
count_votes(const struct sim *sim, size_t s, size_t u, char vote)
{
	size_t n = 0;

	for (size_t i = 0; i < sim->n_nodes; i++) {
		const struct sim_node *node = &sim->nodes[i];
		const struct conf_service *conf =
		    &sim_node_conf(node)->services[s];

		for (size_t e = 0; e < conf->n_endpoints; e++)
			n += node->power == SIM_UP &&
			    sim_conf_universal(&conf->endpoints[e].addr) ==
				u &&
			    node->services[s].votes[e] == vote;
	}
	return n;
}

/* Until a majority votes as it now sees. */
static void
wait_for_votes(struct sim *sim, size_t s, size_t u)
{
	char vote = 'a';
	int64_t until_us = sim->now_us + 10 * SIM_S;

	for (size_t i = 0; i < sim->n_nodes; i++)
		if (sim->nodes[i].power == SIM_UP)
			vote = sim->nodes[i].view[s][u] == SIM_VIEW_OK ? 'u'
								       : 'd';
	while (!sim->failed &&
	    count_votes(sim, s, u, vote) <= sim->n_nodes / 2) {
		sim_run_until(sim, sim->now_us + 5 * SIM_MS);
		if (sim->now_us > until_us)
			sim_fail(sim, "nobody notices s%zu/%zu", s, u);
	}
}

/* Per link an exchange under way and the way, before the first one the
 * coalescing, before each other one the relay's wait; then a read, a connection
 * and an update. */
static int64_t
bound_us(const struct sim *sim, int64_t delay_us)
{
	int64_t links = diameter(sim);

	return 30 * SIM_MS + (links - 1) * 150 * SIM_MS + links * 3 * delay_us +
	    160 * SIM_MS;
}

void
sim_swift(struct sim *sim)
{
	int64_t delay_us = choose_delay(sim);
	size_t service, endpoint, writer;
	uint64_t sent;

	sim_run_until(sim, sim->now_us + 22 * SIM_S);
	lose_a_minority(sim);
	cut_what_can_be_spared(sim);
	sim_settle(sim, 40 * SIM_S);
	sim_run_until(sim, sim->now_us + 9 * SIM_S);
	writer = choose_writer(sim);
	if (sim->failed || !turn_one_over(sim, &service, &endpoint))
		return;
	sent = sim->updates_sent;
	wait_for_votes(sim, service, endpoint);
	sim_run_until(sim, sim->now_us + bound_us(sim, delay_us) +
		takeover_us(sim, service, writer));
	sim_settle(sim, 0);
	if (!sim->failed && writer == SIM_NODES && sim->updates_sent != sent + 1)
		sim_fail(sim, "L1: one change took %llu updates",
		    (unsigned long long)(sim->updates_sent - sent));
}
