/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_INTENTS_H
#define RRDNSD_VOTE_INTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vote/hash.h"

/*
 * What operators asked for: one entry per target, merged so that all nodes end
 * with the same (protocol.md section 3). Pure.
 */
struct vote_intents;

#define VOTE_INTENT_CLEAR "clear"

/* Bounds of texts, in bytes, and of the map. */
#define VOTE_INTENT_TARGET_MAX 320
#define VOTE_INTENT_OP_MAX 32
#define VOTE_INTENT_TEXT_MAX 512 /* by, reason */
#define VOTE_INTENT_MORE_MAX 2048 /* unknown fields, as JSON */
#define VOTE_INTENTS_MAX 4096

struct vote_intent {
	const char *target; /* "*", "FQDN" or "FQDN/ADDRESS" */
	const char *op; /* "freeze", "maintenance", "drain", "up", "down",
			   "clear"; another one is kept and has no effect */
	const char *by;
	const char *reason;
	const char *more; /* fields of later versions, a JSON object, or "" */
	int64_t stamp;
	int64_t until_ms; /* wall clock; 0: no end */
};

/* NULL: out of memory. */
struct vote_intents *vote_intents_new(void);
void vote_intents_free(struct vote_intents *intents); /* NULL is fine */

/* Enters what is wanted under a stamp of max(wall_ms, highest known + 1), so
 * that it wins against all that this node has seen whatever the clocks say.
 * 0, ERR_INVALID, ERR_TOOBIG or ERR_NOMEM. */
int vote_intents_set(struct vote_intents *intents,
    const struct vote_intent *wanted, int64_t wall_ms);

/* Takes what wins: the higher stamp, then `by` bytewise, then "clear", then the
 * entry's bytes. ERR_NOMEM, ERR_TOOBIG: some were not taken. */
int vote_intents_merge(struct vote_intents *intents,
    const struct vote_intents *other, int64_t wall_ms, bool *changed);

/* Enters one with the stamp it has, if it wins. */
int vote_intents_take(struct vote_intents *intents,
    const struct vote_intent *entry, bool *changed);

/* Turns what has ended into "clear" with the same stamp and `by`, and forgets
 * what was cleared 30 days ago; true when something changed. */
bool vote_intents_expire(struct vote_intents *intents, int64_t wall_ms);

/* NULL: none, or cleared. Valid until the map changes. */
const struct vote_intent *vote_intents_find(
    const struct vote_intents *intents, const char *target);

size_t vote_intents_count(const struct vote_intents *intents); /* cleared too */
const struct vote_intent *vote_intents_at(const struct vote_intents *intents,
    size_t i); /* sorted by target */

/* SHA-256 of the whole map; the same on every node that holds the same. */
void vote_intents_hash(struct vote_intents *intents,
    uint8_t out[VOTE_HASH_LEN]);

/* The map as JSON text, for the state file; the caller frees it. NULL: out of
 * memory. And back: 0, ERR_SYNTAX, ERR_TOOBIG or ERR_NOMEM. */
char *vote_intents_format(const struct vote_intents *intents);
int vote_intents_parse(const char *text, struct vote_intents **out);

#endif
