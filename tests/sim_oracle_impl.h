/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_ORACLE_IMPL_H
#define RRDNSD_TESTS_SIM_ORACLE_IMPL_H

/* Shared by the files of the oracle; nobody else includes it. */

#include "sim_oracle.h"

/* A node raised its heartbeat. */
struct oracle_beat {
	uint64_t boot;
	uint64_t heartbeat;
	uint64_t version; /* that it had then */
	int64_t at_us;
};

/* What a node voted from at_us on. */
struct oracle_ballot {
	int64_t at_us;
	bool alive;
	uint64_t boot;
	uint64_t version;
	size_t conf;
	char votes[SIM_SERVICES][SIM_ENDPOINTS + 1]; /* in the order of conf */
};

#define ORACLE_HISTORY 4096

/* How far a node had come by what another one knew last. */
struct oracle_row {
	uint64_t boot;
	uint64_t heartbeat;
	uint64_t version;
};

struct oracle_node {
	struct oracle_beat beats[ORACLE_HISTORY];
	size_t n_beats;
	struct oracle_ballot ballots[ORACLE_HISTORY];
	size_t n_ballots;
	struct sim_knowledge knows;
	struct oracle_row rows[SIM_NODES]; /* what this one knew */
};

struct oracle_intent {
	char target[64];
	char op[16];
	char by[16];
	int64_t stamp;
	int64_t until_ms;
	bool may_be_lost; /* nobody held it when a disk was lost */
};

#define ORACLE_INTENTS 1024

struct oracle {
	struct oracle_node nodes[SIM_NODES];
	struct oracle_intent intents[ORACLE_INTENTS];
	size_t n_intents;
	bool forced_down[SIM_SERVICES];
};

extern struct oracle oracle;

unsigned oracle_quorum(const struct sim_conf *conf);

/* By how much ages may be too small: what a stop with the clock standing has of
 * it before it is told from rounding. */
int64_t oracle_slack_us(const struct sim *sim);

/* sim_oracle_damping.c: a record neither leaves too soon, nor with too many */
void oracle_damping_init(void);
void oracle_damping_check(struct sim *sim, size_t writer, size_t s,
    const struct sim_set *before, const struct sim_set *after);

/* sim_oracle_rows.c: what the node holds of others is what they said */
void oracle_check_rows(struct sim_node *node);

#endif
