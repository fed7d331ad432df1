/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_net.h"
#include "sim_oracle.h"
#include "sim_primary.h"

static struct sim_node *
any_node(struct sim *sim)
{
	return &sim->nodes[sim_below(sim, sim->n_nodes)];
}

static void
cut_off(struct sim *sim, size_t i)
{
	for (size_t j = 0; j < sim->n_nodes; j++)
		sim_net.peers[i][j].cut = sim_net.peers[j][i].cut = true;
	sim_say(sim, "cut: %zu from all", i);
}

static void
cut_links(struct sim *sim)
{
	size_t i = sim_below(sim, sim->n_nodes);
	size_t j = sim_below(sim, sim->n_nodes);

	switch (sim_below(sim, 4)) {
	case 0: /* one direction */
		sim_net.peers[i][j].cut = true;
		sim_say(sim, "cut: %zu to %zu", i, j);
		break;
	case 1:
		sim_net.peers[i][j].cut = sim_net.peers[j][i].cut = true;
		sim_say(sim, "cut: %zu and %zu", i, j);
		break;
	case 2: /* one from all */
		cut_off(sim, i);
		break;
	case 3: /* in two */
		for (size_t a = 0; a < sim->n_nodes; a++)
			for (size_t b = 0; b < sim->n_nodes; b++)
				if ((a <= i) != (b <= i))
					sim_net.peers[a][b].cut = true;
		sim_say(sim, "cut: up to %zu from the rest", i);
		break;
	}
}

static void
mend_links(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_nodes; i++)
		for (size_t j = 0; j < sim->n_nodes; j++)
			if (sim_chance(sim, 700))
				sim_net.peers[i][j].cut = false;
	sim_say(sim, "most links are mended");
}

static void
spoil(struct sim *sim, struct sim_link *link)
{
	static const int64_t worst_ms[] = { 20, 20, 150, 400, 2000, 6000 };
	int64_t high_ms = worst_ms[sim_below(sim, 6)];

	link->delay_low_us = sim_between(sim, 100, high_ms * SIM_MS / 2);
	link->delay_high_us = high_ms * SIM_MS;
	link->loss = sim_chance(sim, 500) ? 0 : (unsigned)sim_below(sim, 400);
	link->repeats = (unsigned)sim_below(sim, 80);
	link->swaps = (unsigned)sim_below(sim, 80);
}

static void
spoil_links(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_nodes; i++)
		for (size_t j = 0; j < sim->n_nodes; j++)
			if (sim_chance(sim, 500))
				spoil(sim, &sim_net.peers[i][j]);
	sim_say(sim, "links change their ways");
}

/* The process, or the machine with its clock; and now and then the disk. */
static void
restart(struct sim *sim, struct sim_node *node, bool disk_survives)
{
	if (node->power == SIM_PAUSED)
		return;
	if (node->power == SIM_UP) {
		sim_say(sim, "node %zu: dies", node->index);
		sim_node_crash(node);
		return;
	}
	if (node->index >= sim->confs[node->conf].n_nodes)
		return; /* not yet among the nodes */
	if (!disk_survives && !sim->disks_survive) {
		sim_say(sim, "node %zu: its disk is empty", node->index);
		sim_oracle_lost_disk(node);
		node->disk_boot = 0;
		free(node->disk_intents);
		node->disk_intents = NULL;
	}
	if (sim_chance(sim, 300)) /* its machine has just started, too */
		node->boot_offset_us = -sim->now_us +
		    sim_between(sim, 1, 3 * SIM_S);
	if (sim_chance(sim, 500))
		node->twelve_bits = sim_below(sim, 4096);
	sim_node_start(node);
}

static void
stop_for_a_while(struct sim *sim, struct sim_node *node)
{
	int64_t us = sim_between(sim, 100 * SIM_MS, 15 * SIM_S);
	bool clock_runs = sim_chance(sim, 500);

	if (node->power != SIM_UP || node->wall_was_set)
		return;
	sim_say(sim, "node %zu: stands still for %lld ms%s", node->index,
	    (long long)(us / SIM_MS),
	    clock_runs ? "" : ", and so does its clock");
	sim_node_pause(node, us, clock_runs);
}

static void
stutter(struct sim *sim, void *arg)
{
	struct sim_node *node = arg;

	if (sim->calm || node->power != SIM_UP || node->wall_was_set)
		return;
	sim_node_pause(node, sim_between(sim, 300, 950) * SIM_MS, false);
	sim_say(sim, "node %zu: stutters", node->index);
	if (sim_chance(sim, 850))
		sim_at(sim, node->resume_at_us +
			sim_between(sim, 50 * SIM_MS, 400 * SIM_MS),
		    stutter, node);
}

static void
step_wall_clock(struct sim *sim, struct sim_node *node)
{
	int64_t by_us = sim_chance(sim, 300)
	    ? sim_between(sim, -3600, 3600) * SIM_S
	    : sim_between(sim, -3000, 3000) * SIM_MS;

	/* At the very moment of a stop nobody could tell one from the other. */
	if (node->power == SIM_PAUSED || node->was_paused)
		return;
	node->wall_was_set = true;
	node->wall_offset_us += by_us;
	sim_say(sim, "node %zu: its time of day is set by %lld ms",
	    node->index, (long long)(by_us / SIM_MS));
}

/* For all, or as one node alone sees it. */
static void
change_view(struct sim *sim)
{
	static const enum sim_view views[] = { SIM_VIEW_OK, SIM_VIEW_OK,
		SIM_VIEW_FAILED, SIM_VIEW_FAILED, SIM_VIEW_LOCAL_FAULT };
	enum sim_view view = views[sim_below(sim, 5)];
	size_t s = sim_below(sim, SIM_SERVICES);
	size_t u = sim_below(sim, SIM_ENDPOINTS);
	bool all = sim_chance(sim, 600);
	size_t one = sim_below(sim, sim->n_nodes);

	for (size_t i = 0; i < sim->n_nodes; i++)
		if (all || i == one)
			sim->nodes[i].view[s][u] = view;
	sim_say(sim, "endpoint s%zu/%zu: %s for %s", s, u,
	    view == SIM_VIEW_OK	      ? "up"
		: view == SIM_VIEW_FAILED ? "down"
					  : "not to be probed",
	    all ? "all" : "one");
}

static void
ask_for_something(struct sim *sim)
{
	static const char *const ops[] = { "drain", "up", "down", "clear",
		"clear", "drain" };
	struct sim_node *node = any_node(sim);
	size_t s = sim_below(sim, SIM_SERVICES);
	const struct conf_service *service;
	char target[128], ip[ADDR_TEXT_MAX];
	int64_t for_ms = sim_chance(sim, 400) ? sim_between(sim, 500, 15000)
					      : 0;

	if (node->power != SIM_UP)
		return;
	service = &sim_node_conf(node)->services[s];
	if (sim_chance(sim, 100)) {
		sim_node_intent(node, "*",
		    sim_chance(sim, 500) ? "freeze" : "clear", for_ms);
	} else if (sim_chance(sim, 100)) {
		sim_node_intent(node, service->fqdn,
		    sim_chance(sim, 500) ? "maintenance" : "clear", for_ms);
	} else {
		size_t e = sim_below(sim, service->n_endpoints);

		snprintf(target, sizeof target, "%s/%s", service->fqdn,
		    addr_format(&service->endpoints[e].addr, false, ip));
		sim_node_intent(node, target, ops[sim_below(sim, 6)], for_ms);
	}
}

static void
roll_out(struct sim *sim)
{
	struct sim_node *node = any_node(sim);

	if (node->conf + 1 >= sim->n_confs || node->power == SIM_PAUSED)
		return;
	if (node->power == SIM_UP)
		sim_node_reload(node, node->conf + 1);
	else if (node->index < sim->confs[0].n_nodes)
		node->conf++;
}

/* The new node comes when all others know of it (protocol.md section 1). */
static void
let_in(struct sim *sim)
{
	struct sim_node *node = &sim->nodes[sim->n_nodes - 1];

	if (sim->n_nodes == sim->confs[0].n_nodes || node->power != SIM_DOWN ||
	    node->conf > 0)
		return;
	for (size_t i = 0; i < sim->confs[0].n_nodes; i++)
		if (sim->nodes[i].conf == 0)
			return;
	node->conf = 1;
	sim_node_start(node);
}

static void
trouble_primary(struct sim *sim)
{
	size_t i = sim_below(sim, sim->n_nodes);

	switch (sim_below(sim, 4)) {
	case 0:
		sim_primary.down = !sim_primary.down;
		sim_say(sim, "primary: %s", sim_primary.down ? "down" : "up");
		break;
	case 1:
		sim_net.up[i].cut = !sim_net.up[i].cut;
		break;
	case 2:
		sim_net.down[i].cut = !sim_net.down[i].cut;
		break;
	case 3:
		spoil(sim, &sim_net.up[i]);
		spoil(sim, &sim_net.down[i]);
		break;
	}
}

/* A node that is about to write is stopped, slowed down or cut off between
 * seeing the difference and sending. */
static void
trip(struct sim *sim, struct sim_node *node)
{
	int64_t us = sim_between(sim, 2 * SIM_S, 12 * SIM_S);

	if (node->power != SIM_UP || node->wall_was_set)
		return;
	sim_primary_edit(sim);
	sim_loop_begin_turn(node->loop);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		publish_service_kick(node->services[s].publish);
	sim_node_end_turn(node);
	switch (sim_below(sim, 3)) {
	case 0:
		sim_say(sim, "node %zu: its turn takes %lld ms", node->index,
		    (long long)(us / SIM_MS));
		node->stalls_us = us;
		break;
	case 1:
		sim_say(sim, "node %zu: stands still for %lld ms, and so "
			     "does its clock",
		    node->index, (long long)(us / SIM_MS));
		sim_node_pause(node, us, false);
		break;
	case 2:
		cut_off(sim, node->index);
		sim_net.down[node->index].loss = 600;
		sim_net.up[node->index].loss = 600;
		break;
	}
}

static void
chaos(struct sim *sim)
{
	uint64_t dice = sim_below(sim, 100);

	if (dice < 14)
		cut_links(sim);
	else if (dice < 22)
		mend_links(sim);
	else if (dice < 30)
		spoil_links(sim);
	else if (dice < 46)
		restart(sim, any_node(sim), sim_chance(sim, 750));
	else if (dice < 52)
		stop_for_a_while(sim, any_node(sim));
	else if (dice < 55)
		step_wall_clock(sim, any_node(sim));
	else if (dice < 73)
		change_view(sim);
	else if (dice < 80)
		ask_for_something(sim);
	else if (dice < 84)
		roll_out(sim);
	else if (dice < 89)
		trouble_primary(sim);
	else if (dice < 92)
		sim_primary_edit(sim);
	else if (dice < 94)
		trip(sim, any_node(sim));
	else if (dice < 95)
		stutter(sim, any_node(sim));
	else if (dice < 96)
		any_node(sim)->canaries_failed ^= true;
	else
		sim_net_attack(sim);
	let_in(sim);
}

static void
gossip_faults(struct sim *sim)
{
	uint64_t dice = sim_below(sim, 100);

	if (dice < 35)
		cut_links(sim);
	else if (dice < 55)
		mend_links(sim);
	else if (dice < 80)
		spoil_links(sim);
	else
		sim_net_attack(sim);
}

void
sim_faults_step(struct sim *sim)
{
	switch (sim->kind) {
	case SIM_CHAOS:
		chaos(sim);
		break;
	case SIM_RESTARTS:
		restart(sim, any_node(sim), sim_chance(sim, 700));
		break;
	case SIM_GOSSIP_FAULTS:
		gossip_faults(sim);
		break;
	case SIM_DAMPED:
		if (sim->restarts && sim_chance(sim, 300))
			restart(sim, any_node(sim), sim_chance(sim, 700));
		else
			change_view(sim);
		break;
	case SIM_SWIFT:
	case SIM_KINDS:
		break;
	}
}

static void
heal_node(struct sim *sim, struct sim_node *node)
{
	node->canaries_failed = false;
	sim_node_resume(node);
	if (node->power == SIM_UP && node->conf + 1 < sim->n_confs)
		sim_node_reload(node, sim->n_confs - 1);
	node->conf = sim->n_confs - 1;
	if (node->power == SIM_DOWN)
		sim_node_start(node);
}

void
sim_faults_heal(struct sim *sim)
{
	sim_say(sim, "all is well from now on");
	sim->calm = true;
	sim_net_heal(sim);
	sim_primary.down = false;
	for (size_t i = 0; i < sim->n_nodes; i++)
		heal_node(sim, &sim->nodes[i]);
}
