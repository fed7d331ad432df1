/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_PEER_H
#define RRDNSD_VOTE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vote/table.h"

/*
 * What one node keeps about its exchange with another: when to speak, what the
 * other has, and which of its messages are old (protocol.md sections 3 and 7).
 * Pure.
 */
#define VOTE_NEVER INT64_MAX
#define VOTE_COALESCE_MS 30 /* own changes wait for company */
#define VOTE_RELAY_MIN_MS 50 /* foreign ones for a shorter way */
#define VOTE_RELAY_MAX_MS 150

/* Both clocks are read in whole milliseconds, each twice on the way: what is
 * added so that an upper bound stays one. */
#define VOTE_ROUNDING_MS 3

struct vote_peer_has {
	bool listed; /* the peer knows this node at all */
	uint64_t boot;
	uint64_t version;
};

struct vote_peer {
	bool in_flight; /* one exchange at a time */
	uint64_t seq; /* of the request in flight */
	uint64_t sent_to_boot; /* the boot that it was meant for */
	bool beat_due;
	int64_t push_at_ms; /* own news, VOTE_NEVER: none */
	int64_t relay_at_ms; /* news of others */

	uint64_t has_boot; /* the boot that told what it has; 0: not told */
	struct vote_peer_has *has; /* by row */
	uint8_t has_intents[VOTE_HASH_LEN];

	int64_t ms; /* its clock in the last message taken, 0: none */
	uint64_t ms_boot;
	int64_t held_from_ms; /* when we got it */

	uint64_t seq_boot; /* of its last request taken */
	uint64_t last_seq;
};

int vote_peer_init(struct vote_peer *peer, size_t n_rows); /* ERR_NOMEM */
void vote_peer_fini(struct vote_peer *peer);

/* Goes on where `old` was, after the list of nodes changed. */
void vote_peer_inherit(struct vote_peer *peer, const struct vote_peer *old);

/* Own news, or news of others with the chosen delay. */
void vote_peer_push(struct vote_peer *peer, int64_t now_ms);
void vote_peer_relay(struct vote_peer *peer, int64_t now_ms, unsigned delay_ms);

/* Whether row i is news for the peer that is row `peer_row`. */
bool vote_peer_lacks(const struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, size_t i);

/* Whether a request is to be sent now. Forgets a relay that somebody else has
 * done meanwhile. */
bool vote_peer_is_due(struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, int64_t now_ms);
int64_t vote_peer_deadline(const struct vote_peer *peer);

void vote_peer_sent(struct vote_peer *peer, uint64_t seq, uint64_t to_boot);

/* Takes from an accepted message of the peer what it has, and, when it has just
 * (re)started, what it needs to be sent. */
void vote_peer_learn(struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, const struct vote_message *message,
    int64_t now_ms, unsigned delay_ms);

/* Its clock in an accepted message, and, for a message to its boot, how long we
 * hold it: a lower bound, as the peer takes it off. So plain_ms is the clock to
 * which nothing was added for stops, because the time of day may just have been
 * set. */
void vote_peer_hold(struct vote_peer *peer,
    const struct vote_message *message, int64_t plain_ms);
void vote_peer_echo(const struct vote_peer *peer, uint64_t boot,
    int64_t plain_ms, int64_t *to_ms, int64_t *to_held);

/* Whether a request is new: of the boot last seen and above its last seq, or
 * of a newer boot. Remembers nothing. */
bool vote_peer_is_new(const struct vote_peer *peer, uint64_t boot,
    uint64_t seq);
void vote_peer_remember(struct vote_peer *peer, uint64_t boot, uint64_t seq);

/* Upper bound of a message's time under way; VOTE_AGE_UNKNOWN when it shows no
 * clock of ours that is valid, which are those read from valid_from_ms on. */
int64_t vote_way(const struct vote_message *message, int64_t valid_from_ms,
    int64_t now_ms);

#endif
