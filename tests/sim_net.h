/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_NET_H
#define RRDNSD_TESTS_SIM_NET_H

#include "sim.h"

/*
 * The network: between nodes, where HTTP exchanges are lost, late, cut in one
 * direction, and recorded by somebody who plays them back, elsewhere or
 * changed; and from each node to the primary.
 */
struct sim_link {
	bool cut;
	unsigned loss; /* permille */
	unsigned repeats; /* permille: played back later */
	unsigned swaps; /* permille: an old answer instead */
	int64_t delay_low_us;
	int64_t delay_high_us;
};

struct sim_net {
	struct sim_link peers[SIM_NODES][SIM_NODES]; /* from, to */
	struct sim_link up[SIM_NODES]; /* node to primary */
	struct sim_link down[SIM_NODES]; /* primary to node */
};

extern struct sim_net sim_net;

void sim_net_init(struct sim *sim);
void sim_net_heal(struct sim *sim); /* no fault from now on */

/* Whether something sent now gets through, and how long it takes. */
bool sim_net_passes(struct sim *sim, const struct sim_link *link,
    int64_t *delay_us);

/* A request of vote/node.h; it will be answered, or time out. */
void sim_net_send(struct sim_node *from, const struct vote_send *send);

/* Somebody plays back a recorded request: to whom it was for, or to another, or
 * with another content and the old signature. */
void sim_net_attack(struct sim *sim);

#endif
