/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_TABLE_H
#define RRDNSD_VOTE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vote/gossip.h"
#include "vote/row.h"

/*
 * A row for each configured node, the own one included (protocol.md section
 * 3). Pure. Rows are in the order of the configured nodes; services in that of
 * the definition.
 */
struct vote_table_service {
	uint8_t hash[VOTE_HASH_LEN];
	size_t n_endpoints;
};

struct vote_table {
	struct vote_row *rows;
	size_t n_rows;
	size_t self;
	struct vote_table_service *services;
	size_t n_services;
	/* Row i's ballot on service s at [i * n_services + s]; NULL: none
	 * under our definition with as many endpoints. */
	struct vote_ballot **found;
	int64_t vote_ttl_ms;
};

/* services is copied; self is an index of nodes. ERR_NOMEM: the table is as
 * after vote_table_fini. */
int vote_table_init(struct vote_table *table, const struct addr *nodes,
    size_t n_nodes, size_t self, int64_t vote_ttl_ms,
    const struct vote_table_service *services, size_t n_services);
void vote_table_fini(struct vote_table *table);

/* Moves what `old` knows about nodes that both have into `table`, own votes
 * under definitions that stay included, and ends old. */
void vote_table_inherit(struct vote_table *table, struct vote_table *old);

/* The own vote; true when it changed, which raises the version. */
bool vote_table_set(struct vote_table *table, size_t service, size_t endpoint,
    char vote, char cause);

/* The own intents changed, which raises the version. */
void vote_table_set_intents(struct vote_table *table,
    const uint8_t hash[VOTE_HASH_LEN]);

/* Another heartbeat of our own. */
void vote_table_beat(struct vote_table *table, int64_t now_ms);

/* We had stopped: nothing that was heard before says anything about now. */
void vote_table_void(struct vote_table *table);

/* Who asks may have read the clock before the heartbeat came: its age is 0
 * then. */
int64_t vote_table_age(const struct vote_table *table, size_t row,
    int64_t now_ms); /* VOTE_AGE_UNKNOWN when no heartbeat is known */
bool vote_table_is_fresh(const struct vote_table *table, size_t row,
    int64_t now_ms);

/* The ballot of a fresh row under our definition; NULL: doesn't count. */
const struct vote_ballot *vote_table_counting(const struct vote_table *table,
    size_t row, size_t service, int64_t now_ms);

/* Brings the ballots of row i in the order of the services, after its ballots
 * came, went or changed their size. */
void vote_table_index(struct vote_table *table, size_t row);

/* Takes the rows of a message that was found good. way_ms is the upper bound of
 * its time under way, or VOTE_AGE_UNKNOWN when there is none: then no
 * heartbeat and age are taken. news[i] is set where row i has a new version
 * or boot. ERR_NOMEM: not everything was taken, and can be sent again. */
int vote_table_take(struct vote_table *table,
    const struct vote_message *message, int64_t way_ms, int64_t now_ms,
    bool *news);

/* Fills in the digest of a message. ERR_NOMEM. */
int vote_table_digest(const struct vote_table *table, int64_t now_ms,
    struct vote_message *message);

/* Appends to the message what row i has beyond what a holder of (boot, version)
 * has, as far as *room bytes go; the texts are borrowed from the table. There
 * is space for one more delta. ERR_NOMEM. */
int vote_table_delta(const struct vote_table *table, size_t i,
    uint64_t boot, uint64_t version, size_t *room,
    struct vote_message *message);

#endif
