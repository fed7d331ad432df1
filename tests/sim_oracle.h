/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_ORACLE_H
#define RRDNSD_TESTS_SIM_ORACLE_H

#include "sim.h"
#include "sim_dns.h"

/*
 * The observer who sees everything and asserts S1 to S6, L1 and L2 of
 * protocol.md section 8, and what they rest on: ages are upper bounds, a row is
 * what its node once said. It shares no code with what it judges.
 */

/* Until when, in true time, somebody can know something of each node: no
 * message says more than its sender could know. */
struct sim_knowledge {
	int64_t until_us[SIM_NODES];
};

void sim_oracle_init(struct sim *sim);

/* What the node says of itself from now on: after each step that may say it. */
void sim_oracle_note(struct sim_node *node);

/* After each event of a node: the same, and what it knows of others. */
void sim_oracle_look(struct sim_node *node);
/* After each heartbeat: who has not probed for long abstains (section 2). */
void sim_oracle_check_probes(struct sim_node *node);
void sim_oracle_died(struct sim_node *node);
void sim_oracle_facts(struct sim_node *node, const struct vote_out *out);

const struct sim_knowledge *sim_oracle_knowledge(struct sim_node *node);
void sim_oracle_heard(struct sim_node *node,
    const struct sim_knowledge *knowledge);

/* Around an event that must leave the node as it was. */
void sim_oracle_expect_nothing(struct sim_node *node);
void sim_oracle_check_nothing(struct sim_node *node, const char *what);

/* A node's UPDATE goes onto the wire: S1, S4, S5, S6. */
void sim_oracle_update(struct sim_node *node, const struct sim_update *update);

/* The primary carried one out, of that node: S2, S3. */
void sim_oracle_applied(struct sim *sim, size_t writer, size_t service,
    enum addr_family family, const struct sim_set *before,
    const struct sim_set *after);

/* An operator's wish was taken. highest: of the stamps that the node knew. */
void sim_oracle_intent(struct sim_node *node,
    const struct vote_intent *wanted, int64_t highest);
int64_t sim_oracle_highest_stamp(const struct sim_node *node);

/* The node's disk is gone, and with it what nobody else holds. */
void sim_oracle_lost_disk(struct sim_node *node);

/* L1: whether DNS is what it should be; NULL, or what is wrong. */
const char *sim_oracle_unsettled(struct sim *sim);

/* After a time without faults, the intents of all nodes. One may just have
 * ended at one of them: then they are the same a moment later. */
bool sim_oracle_same_intents(const struct sim *sim);
void sim_oracle_check_intents(struct sim *sim);

#endif
