/* SPDX-License-Identifier: ISC */
/* The table itself and the own row. */
#include "config.h"

#include "vote/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"

void
vote_table_fini(struct vote_table *table)
{
	for (size_t i = 0; i < table->n_rows; i++)
		vote_row_fini(&table->rows[i]);
	free(table->rows);
	free(table->services);
	free(table->found);
	*table = (struct vote_table){ 0 };
}

/* Each ballot gets a version of its own: a row that is too large for one
 * message is cut between versions. */
static int
blank_own_row(struct vote_table *table)
{
	struct vote_row *own = &table->rows[table->self];

	for (size_t s = 0; s < table->n_services; s++)
		if (vote_row_put(own, table->services[s].hash, ++own->version,
			NULL, NULL, table->services[s].n_endpoints) != 0)
			return ERR_NOMEM;
	return 0;
}

int
vote_table_init(struct vote_table *table, const struct addr *nodes,
    size_t n_nodes, size_t self, int64_t vote_ttl_ms,
    const struct vote_table_service *services, size_t n_services)
{
	assert(self < n_nodes);
	*table = (struct vote_table){ .self = self,
		.vote_ttl_ms = vote_ttl_ms };
	table->rows = calloc(n_nodes, sizeof *table->rows);
	table->services = calloc(n_services + 1, sizeof *table->services);
	table->found = calloc(n_nodes * n_services + 1, sizeof *table->found);
	if (table->rows == NULL || table->services == NULL ||
	    table->found == NULL) {
		vote_table_fini(table);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n_nodes; i++)
		vote_row_init(&table->rows[i], &nodes[i]);
	table->n_rows = n_nodes;
	if (n_services > 0)
		memcpy(table->services, services,
		    n_services * sizeof *services);
	table->n_services = n_services;
	if (blank_own_row(table) != 0) {
		vote_table_fini(table);
		return ERR_NOMEM;
	}
	vote_table_index(table, self);
	return 0;
}

/* Takes the votes of the old own row into the blank new one, so that a
 * definition that stays keeps its ballot and its version. */
static void
inherit_own(struct vote_row *own, struct vote_row *old, bool *withdrawn)
{
	for (size_t i = 0; i < old->n; i++) {
		struct vote_ballot *before = old->ballots[i];
		struct vote_ballot *ballot = vote_row_find(own, before->hash);

		if (ballot != NULL && ballot->n == before->n) {
			struct vote_ballot blank = *ballot;

			*ballot = *before;
			*before = blank;
		} else {
			*withdrawn = true;
		}
	}
}

/* New ballots get versions above all that were ever told. */
static void
renumber_new(struct vote_row *own, const struct vote_row *old)
{
	own->version = old->version;
	for (size_t i = 0; i < own->n; i++) {
		struct vote_ballot *ballot = own->ballots[i];
		const struct vote_ballot *before =
		    vote_row_find(old, ballot->hash);

		if (before == NULL || before->n != ballot->n)
			ballot->version = ++own->version;
	}
}

static void
merge_own(struct vote_row *own, struct vote_row *old)
{
	bool withdrawn = false;

	inherit_own(own, old, &withdrawn);
	renumber_new(own, old);
	own->whole_since = old->whole_since;
	if (withdrawn && !MUTANT(WITHDRAWAL_UNTOLD))
		own->whole_since = ++own->version;
	own->boot = old->boot;
	own->heartbeat = old->heartbeat;
	own->aged = old->aged;
	own->beat_at_ms = old->beat_at_ms;
	memcpy(own->intents_hash, old->intents_hash, VOTE_HASH_LEN);
	own->intents_version = old->intents_version;
}

static struct vote_row *
find_row(struct vote_table *table, const struct addr *node)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (addr_compare(&table->rows[i].node, node) == 0)
			return &table->rows[i];
	return NULL;
}

void
vote_table_inherit(struct vote_table *table, struct vote_table *old)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		struct vote_row *row = &table->rows[i];
		struct vote_row *before = find_row(old, &row->node);

		if (before == NULL)
			continue;
		if (i == table->self) {
			merge_own(row, before);
		} else {
			struct vote_row empty = *row;

			*row = *before;
			*before = empty;
		}
		vote_table_index(table, i);
	}
	vote_table_fini(old);
}

bool
vote_table_set(struct vote_table *table, size_t service, size_t endpoint,
    char vote, char cause)
{
	struct vote_row *own = &table->rows[table->self];
	struct vote_ballot *ballot;

	assert(service < table->n_services);
	assert(vote == 'u' || vote == 'd' || vote == 'a');
	ballot = table->found[table->self * table->n_services + service];
	assert(ballot != NULL && endpoint < ballot->n);
	/* A cause alone is no news; it travels with the next change. */
	ballot->causes[endpoint] = cause;
	if (ballot->votes[endpoint] == vote)
		return false;
	ballot->votes[endpoint] = vote;
	if (!MUTANT(VERSION_NOT_RAISED))
		ballot->version = ++own->version;
	return true;
}

void
vote_table_set_intents(struct vote_table *table,
    const uint8_t hash[VOTE_HASH_LEN])
{
	struct vote_row *own = &table->rows[table->self];

	if (memcmp(own->intents_hash, hash, VOTE_HASH_LEN) == 0)
		return;
	memcpy(own->intents_hash, hash, VOTE_HASH_LEN);
	own->intents_version = ++own->version;
}

void
vote_table_beat(struct vote_table *table, int64_t now_ms)
{
	struct vote_row *own = &table->rows[table->self];

	own->heartbeat++;
	own->aged = true;
	own->beat_at_ms = now_ms;
}

void
vote_table_void(struct vote_table *table)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (i != table->self)
			table->rows[i].aged = false;
}

int64_t
vote_table_age(const struct vote_table *table, size_t row, int64_t now_ms)
{
	int64_t age_ms = now_ms - table->rows[row].beat_at_ms;

	if (!table->rows[row].aged)
		return VOTE_AGE_UNKNOWN;
	return age_ms > 0 ? age_ms : 0;
}

bool
vote_table_is_fresh(const struct vote_table *table, size_t row, int64_t now_ms)
{
	int64_t age_ms = vote_table_age(table, row, now_ms);

	if (MUTANT(NEVER_STALE) && row != table->self)
		return age_ms != VOTE_AGE_UNKNOWN;
	return age_ms != VOTE_AGE_UNKNOWN && age_ms < table->vote_ttl_ms;
}

const struct vote_ballot *
vote_table_counting(const struct vote_table *table, size_t row,
    size_t service, int64_t now_ms)
{
	if (!vote_table_is_fresh(table, row, now_ms))
		return NULL;
	return table->found[row * table->n_services + service];
}

void
vote_table_index(struct vote_table *table, size_t row)
{
	struct vote_ballot **found = &table->found[row * table->n_services];

	for (size_t s = 0; s < table->n_services; s++) {
		found[s] = vote_row_find(&table->rows[row],
		    table->services[s].hash);
		if (MUTANT(HASH_IGNORED) && found[s] == NULL &&
		    table->rows[row].n > s)
			found[s] = table->rows[row].ballots[s];
		if (found[s] != NULL &&
		    found[s]->n != table->services[s].n_endpoints)
			found[s] = NULL;
	}
}
