/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_ROW_H
#define RRDNSD_VOTE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "vote/hash.h"

/* One node's votes, as one node knows them. Pure. */

/* On one service under one definition. */
struct vote_ballot {
	uint8_t hash[VOTE_HASH_LEN];
	uint64_t version; /* of the row, when it changed last */
	size_t n;
	char *votes; /* n letters and a NUL */
	char *causes; /* n letters and a NUL */
};

struct vote_row {
	struct addr node;
	uint64_t boot; /* 0: nothing was ever heard of it */
	uint64_t heartbeat;
	uint64_t version; /* held completely */
	uint64_t whole_since; /* who holds less needs the whole row: a ballot
				 that is gone can't be told as a change */
	bool aged; /* beat_at_ms is known */
	int64_t beat_at_ms; /* the heartbeat was not raised before this */
	uint8_t intents_hash[VOTE_HASH_LEN];
	uint64_t intents_version; /* which told intents_hash */
	struct vote_ballot **ballots; /* sorted by hash */
	size_t n;
	size_t room;
};

void vote_row_init(struct vote_row *row, const struct addr *node);
void vote_row_fini(struct vote_row *row);

/* Forgets everything that was heard under an earlier boot. */
void vote_row_restart(struct vote_row *row, uint64_t boot);

struct vote_ballot *vote_row_find(const struct vote_row *row,
    const uint8_t hash[VOTE_HASH_LEN]); /* NULL: none */

/* Makes or replaces a ballot. votes and causes have n letters; NULL: all
 * abstentions, no causes. ERR_NOMEM: nothing changed. */
int vote_row_put(struct vote_row *row, const uint8_t hash[VOTE_HASH_LEN],
    uint64_t version, const char *votes, const char *causes, size_t n);

/* Drops each ballot that keep() says no to; true when one was. */
bool vote_row_drop(struct vote_row *row,
    bool (*keep)(const struct vote_ballot *ballot, const void *arg),
    const void *arg);

#endif
