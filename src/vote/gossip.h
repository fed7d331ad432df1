/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_GOSSIP_H
#define RRDNSD_VOTE_GOSSIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "vote/hash.h"
#include "vote/intents.h"

/*
 * A gossip message and its JSON (protocol.md section 3). Pure.
 *
 *   { "from": "192.0.2.10:3333", "boot": 1, "to": "...", "to_boot": 2,
 *     "seq": 3, "ms": 4, "to_ms": 5, "to_held": 6,
 *     "digest": { NODE: { "boot": 1, "heartbeat": 2, "version": 3,
 *                         "age": 4, "intents_hash": HEX } },
 *     "rows": { NODE: { "base": 0, "upto": 3,
 *                       "votes": { HEX: [ 3, "ud" ] },
 *                       "causes": { HEX: "-e" } } },
 *     "intents": { TARGET: { ... } } }
 *
 * A node that stands in no digest is one the sender does not know. "age" is
 * missing where no heartbeat is known; "causes" and "intents" where there are
 * none. A row with base 0 is whole: what is not in it is gone. A refusal (409)
 * has "known_boot" and "known_seq" instead of digest and rows. Unknown keys
 * are ignored. Integers are below 2^62.
 */
#define VOTE_BODY_MAX (16u << 20)
#define VOTE_ROWS_MAX (1u << 20) /* bytes of rows that we put in a message; more
				  only for one that can only be told whole */
#define VOTE_NODES_MAX 256
#define VOTE_BALLOTS_MAX 65536 /* per node */
#define VOTE_ENDPOINTS_MAX 65536 /* per service */
#define VOTE_DEPTH_MAX 16
#define VOTE_NUMBER_MAX ((uint64_t)1 << 62)
#define VOTE_AGE_UNKNOWN (-1)

struct vote_digest {
	struct addr node;
	uint64_t boot; /* 0: nothing is known */
	uint64_t heartbeat;
	uint64_t version; /* held completely */
	int64_t age_ms; /* upper bound, or VOTE_AGE_UNKNOWN */
	uint8_t intents_hash[VOTE_HASH_LEN];
};

struct vote_delta_ballot {
	uint8_t hash[VOTE_HASH_LEN];
	uint64_t version;
	const char *votes; /* n letters u, d, a and a NUL */
	const char *causes; /* n letters and a NUL, or NULL: none */
	size_t n;
};

struct vote_delta {
	struct addr node;
	uint64_t base;
	uint64_t upto;
	struct vote_delta_ballot *ballots; /* decoded: sorted by hash */
	size_t n;
};

struct vote_message {
	struct addr from;
	struct addr to;
	uint64_t boot;
	uint64_t to_boot; /* 0: never learned */
	uint64_t seq;
	int64_t ms; /* the sender's clock */
	int64_t to_ms; /* the receiver's, 0: none was accepted */
	int64_t to_held;
	bool refusal;
	uint64_t known_boot;
	uint64_t known_seq;
	struct vote_digest *digest;
	size_t n_digest;
	struct vote_delta *deltas;
	size_t n_deltas;
	struct vote_intents *intents; /* NULL: not in it */
	void *backing; /* what the texts of a decoded one point into */
};

/* The text is the caller's, without a NUL in *len. 0 or ERR_NOMEM. */
int vote_gossip_encode(const struct vote_message *message, char **text,
    size_t *len);

/* 0, ERR_SYNTAX, ERR_TOOBIG or ERR_NOMEM; message is to be given to
 * vote_message_fini in any case. */
int vote_gossip_decode(const char *text, size_t len,
    struct vote_message *message);

/* Frees digest, deltas with their ballots, and backing; and the intents of a
 * decoded message. */
void vote_message_fini(struct vote_message *message);

const struct vote_digest *vote_message_digest_of(
    const struct vote_message *message, const struct addr *node);
const struct vote_delta *vote_message_delta_of(
    const struct vote_message *message, const struct addr *node);

/* In a decoded delta; NULL: not in it. */
const struct vote_delta_ballot *vote_delta_find(
    const struct vote_delta *delta, const uint8_t hash[VOTE_HASH_LEN]);

/* By hash, for qsort. */
int vote_delta_compare(const void *a, const void *b);

#endif
