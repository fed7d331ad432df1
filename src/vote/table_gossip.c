/* SPDX-License-Identifier: ISC */
/* What the table takes from a message, and what it tells. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"
#include "vote/table.h"
#include "vote/verdict.h"

/* Bytes of a ballot in JSON besides its letters: hash, version, quotes, and
 * the hash again for the causes. */
#define BALLOT_BYTES 160
#define ROW_BYTES 120

static bool
stands_in(const struct vote_ballot *ballot, const void *arg)
{
	const struct vote_delta *delta = arg;

	return vote_delta_find(delta, ballot->hash) != NULL;
}

/* The row becomes complete up to delta->upto; or, without memory, stays where
 * it was as far as its version goes. */
static int
apply(struct vote_row *row, const struct vote_delta *delta)
{
	if (delta->base == 0) {
		vote_row_drop(row, stands_in, delta);
		row->whole_since = delta->upto;
	}
	for (size_t i = 0; i < delta->n; i++) {
		const struct vote_delta_ballot *ballot = &delta->ballots[i];
		const struct vote_ballot *held =
		    vote_row_find(row, ballot->hash);

		if (held != NULL && held->version >= ballot->version)
			continue;
		if (held == NULL && row->n >= VOTE_BALLOTS_MAX)
			return ERR_TOOBIG;
		if (vote_row_put(row, ballot->hash, ballot->version,
			ballot->votes, ballot->causes, ballot->n) != 0)
			return ERR_NOMEM;
	}
	row->version = delta->upto;
	return 0;
}

static bool
fits(const struct vote_row *row, const struct vote_delta *delta)
{
	if (MUTANT(BASE_IGNORED))
		return true;
	return delta->base <= row->version;
}

/* Heartbeat and age mean the votes up to entry->version: none of these may be
 * missing. */
static void
take_age(struct vote_row *row, const struct vote_digest *entry,
    int64_t way_ms, int64_t now_ms)
{
	int64_t beat_at_ms = now_ms - entry->age_ms - way_ms;

	if (MUTANT(AGE_WITHOUT_WAY))
		beat_at_ms = now_ms - entry->age_ms;
	if (MUTANT(AGE_FROM_ARRIVAL))
		beat_at_ms = now_ms - way_ms;
	if (row->aged && entry->heartbeat == row->heartbeat &&
	    beat_at_ms <= row->beat_at_ms)
		return;
	row->aged = true;
	row->heartbeat = entry->heartbeat;
	row->beat_at_ms = beat_at_ms;
}

static int
take_row(struct vote_row *row, const struct vote_digest *entry,
    const struct vote_delta *delta, int64_t way_ms, int64_t now_ms,
    bool *reindex)
{
	int err = 0;

	if (entry->boot > row->boot) {
		vote_row_restart(row, entry->boot);
		*reindex = true;
	}
	if (delta != NULL && delta->upto > row->version && fits(row, delta)) {
		err = apply(row, delta);
		*reindex = true;
	}
	if (err != 0 ||
	    (row->version < entry->version && !MUTANT(HEARTBEAT_AHEAD)))
		return err;
	if (entry->version >= row->intents_version) {
		memcpy(row->intents_hash, entry->intents_hash, VOTE_HASH_LEN);
		row->intents_version = entry->version;
	}
	if (way_ms >= 0 && entry->age_ms >= 0 &&
	    entry->heartbeat >= row->heartbeat)
		take_age(row, entry, way_ms, now_ms);
	return 0;
}

int
vote_table_take(struct vote_table *table, const struct vote_message *message,
    int64_t way_ms, int64_t now_ms, bool *news)
{
	int err = 0;

	for (size_t i = 0; i < table->n_rows; i++) {
		struct vote_row *row = &table->rows[i];
		const struct vote_digest *entry =
		    vote_message_digest_of(message, &row->node);
		uint64_t boot = row->boot, version = row->version;
		bool reindex = false;
		int one;

		/* Only j changes row j: a late copy of an older boot's votes
		 * must not come back, nor anybody's idea of our own. */
		if ((i == table->self && !MUTANT(OWN_ROW_TAKEN)) ||
		    entry == NULL || entry->boot == 0 ||
		    (entry->boot < boot && !MUTANT(OLD_BOOT_TAKEN)))
			continue;
		if (MUTANT(OLD_BOOT_TAKEN) && entry->boot < boot) {
			vote_row_restart(row, entry->boot);
			reindex = true;
		}
		one = take_row(row, entry,
		    vote_message_delta_of(message, &row->node), way_ms,
		    now_ms, &reindex);
		if (one != 0)
			err = one;
		if (reindex)
			vote_table_index(table, i);
		news[i] = row->boot != boot || row->version != version;
	}
	return err;
}

int
vote_table_digest(const struct vote_table *table, int64_t now_ms,
    struct vote_message *message)
{
	message->digest = calloc(table->n_rows, sizeof *message->digest);
	if (message->digest == NULL)
		return ERR_NOMEM;
	message->n_digest = table->n_rows;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct vote_row *row = &table->rows[i];
		struct vote_digest *entry = &message->digest[i];

		entry->node = row->node;
		entry->boot = row->boot;
		entry->heartbeat = row->heartbeat;
		entry->version = row->version;
		entry->age_ms = vote_table_age(table, i, now_ms);
		memcpy(entry->intents_hash, row->intents_hash, VOTE_HASH_LEN);
	}
	return 0;
}

static int
by_version(const void *a, const void *b)
{
	const struct vote_ballot *const *x = a, *const *y = b;

	return ((*x)->version > (*y)->version) -
	    ((*x)->version < (*y)->version);
}

/* The ballots that changed after base, oldest change first. */
static struct vote_ballot **
changed_after(const struct vote_row *row, uint64_t base, size_t *n)
{
	struct vote_ballot **list = calloc(row->n + 1, sizeof(*list));

	*n = 0;
	for (size_t i = 0; list != NULL && i < row->n; i++)
		if (row->ballots[i]->version > base)
			list[(*n)++] = row->ballots[i];
	if (list != NULL)
		qsort(list, *n, sizeof(*list), by_version);
	return list;
}

static bool
has_causes(const struct vote_ballot *ballot)
{
	for (size_t i = 0; i < ballot->n; i++)
		if (ballot->causes[i] != VOTE_NO_CAUSE)
			return true;
	return false;
}

/* As many as *room takes; upto then stops where the last one changed. But who
 * holds less than whole_since is given the same beginning again and again: a row
 * that is told as a whole goes on at least up to there. */
static void
fill(const struct vote_row *row, struct vote_ballot *const *list, size_t n,
    size_t *room, struct vote_delta *delta)
{
	delta->upto = row->version;
	for (size_t i = 0; i < n; i++) {
		const struct vote_ballot *from = list[i];
		struct vote_delta_ballot *to = &delta->ballots[i];
		size_t bytes = BALLOT_BYTES + 2 * from->n;

		if (bytes > *room &&
		    (i == 0 || list[i - 1]->version >= row->whole_since)) {
			delta->upto = i > 0 ? list[i - 1]->version : 0;
			*room = 0;
			return;
		}
		*room -= bytes < *room ? bytes : *room;
		memcpy(to->hash, from->hash, VOTE_HASH_LEN);
		to->version = from->version;
		to->votes = from->votes;
		to->causes = has_causes(from) ? from->causes : NULL;
		to->n = from->n;
		delta->n++;
	}
}

int
vote_table_delta(const struct vote_table *table, size_t i, uint64_t boot,
    uint64_t version, size_t *room, struct vote_message *message)
{
	const struct vote_row *row = &table->rows[i];
	struct vote_delta *delta = &message->deltas[message->n_deltas];
	struct vote_ballot **list;
	size_t n;

	if (row->boot == 0 || boot > row->boot ||
	    (boot == row->boot && version >= row->version) ||
	    *room <= ROW_BYTES)
		return 0;
	*room -= ROW_BYTES;
	*delta = (struct vote_delta){ .node = row->node };
	if (boot == row->boot && version >= row->whole_since)
		delta->base = version;
	list = changed_after(row, delta->base, &n);
	delta->ballots = calloc(n + 1, sizeof *delta->ballots);
	if (list == NULL || delta->ballots == NULL) {
		free(list);
		free(delta->ballots);
		return ERR_NOMEM;
	}
	fill(row, list, n, room, delta);
	free(list);
	if (delta->upto == 0)
		free(delta->ballots);
	else
		message->n_deltas++;
	return 0;
}
