/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/peer.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"

int
vote_peer_init(struct vote_peer *peer, size_t n_rows)
{
	*peer = (struct vote_peer){ .push_at_ms = VOTE_NEVER,
		.relay_at_ms = VOTE_NEVER };
	peer->has = calloc(n_rows, sizeof *peer->has);
	return peer->has != NULL ? 0 : ERR_NOMEM;
}

void
vote_peer_fini(struct vote_peer *peer)
{
	free(peer->has);
	peer->has = NULL;
}

void
vote_peer_inherit(struct vote_peer *peer, const struct vote_peer *old)
{
	struct vote_peer_has *has = peer->has;

	*peer = *old;
	peer->has = has;
	peer->has_boot = 0;
}

void
vote_peer_push(struct vote_peer *peer, int64_t now_ms)
{
	if (peer->push_at_ms == VOTE_NEVER)
		peer->push_at_ms = now_ms + VOTE_COALESCE_MS;
}

void
vote_peer_relay(struct vote_peer *peer, int64_t now_ms, unsigned delay_ms)
{
	if (peer->relay_at_ms == VOTE_NEVER)
		peer->relay_at_ms = now_ms + delay_ms;
}

bool
vote_peer_lacks(const struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, size_t i)
{
	const struct vote_peer_has *has = &peer->has[i];
	const struct vote_row *row = &table->rows[i];

	if (i == peer_row || peer->has_boot == 0 || !has->listed)
		return false;
	if (MUTANT(NO_RELAY) && i != table->self)
		return false;
	return row->boot > has->boot ||
	    (row->boot == has->boot && row->version > has->version);
}

static bool
lacks_any(const struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (vote_peer_lacks(peer, peer_row, table, i))
			return true;
	return false;
}

bool
vote_peer_is_due(struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, int64_t now_ms)
{
	if (peer->in_flight)
		return false;
	if (peer->relay_at_ms <= now_ms &&
	    !lacks_any(peer, peer_row, table) &&
	    !MUTANT(RELAY_TO_ALL))
		peer->relay_at_ms = VOTE_NEVER;
	return peer->beat_due || peer->push_at_ms <= now_ms ||
	    peer->relay_at_ms <= now_ms;
}

int64_t
vote_peer_deadline(const struct vote_peer *peer)
{
	if (peer->in_flight)
		return VOTE_NEVER;
	if (peer->beat_due)
		return 0;
	return peer->push_at_ms < peer->relay_at_ms ? peer->push_at_ms
						    : peer->relay_at_ms;
}

void
vote_peer_sent(struct vote_peer *peer, uint64_t seq, uint64_t to_boot)
{
	peer->in_flight = true;
	peer->seq = seq;
	peer->sent_to_boot = to_boot;
	peer->beat_due = false;
	peer->push_at_ms = VOTE_NEVER;
	peer->relay_at_ms = VOTE_NEVER;
}

static void
learn_has(struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, const struct vote_message *message)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct vote_digest *entry =
		    vote_message_digest_of(message, &table->rows[i].node);
		struct vote_peer_has *has = &peer->has[i];

		*has = (struct vote_peer_has){ .listed = entry != NULL };
		if (entry == NULL)
			continue;
		has->boot = entry->boot;
		has->version = entry->version;
		if (i == peer_row)
			memcpy(peer->has_intents, entry->intents_hash,
			    VOTE_HASH_LEN);
	}
}

void
vote_peer_learn(struct vote_peer *peer, size_t peer_row,
    const struct vote_table *table, const struct vote_message *message,
    int64_t now_ms, unsigned delay_ms)
{
	bool is_new = message->boot != peer->has_boot;

	learn_has(peer, peer_row, table, message);
	peer->has_boot = message->boot;
	if (!is_new || !lacks_any(peer, peer_row, table))
		return;
	if (vote_peer_lacks(peer, peer_row, table, table->self))
		vote_peer_push(peer, now_ms);
	vote_peer_relay(peer, now_ms, delay_ms);
}

void
vote_peer_hold(struct vote_peer *peer, const struct vote_message *message,
    int64_t plain_ms)
{
	peer->ms = message->ms;
	peer->ms_boot = message->boot;
	peer->held_from_ms = plain_ms;
}

void
vote_peer_echo(const struct vote_peer *peer, uint64_t boot, int64_t plain_ms,
    int64_t *to_ms, int64_t *to_held)
{
	bool valid = peer->ms != 0 && peer->ms_boot == boot;

	*to_ms = valid ? peer->ms : 0;
	*to_held = valid ? plain_ms - peer->held_from_ms : 0;
}

bool
vote_peer_is_new(const struct vote_peer *peer, uint64_t boot, uint64_t seq)
{
	if (MUTANT(SEQ_IGNORED))
		return true;
	return boot > peer->seq_boot ||
	    (boot == peer->seq_boot && seq > peer->last_seq);
}

void
vote_peer_remember(struct vote_peer *peer, uint64_t boot, uint64_t seq)
{
	peer->seq_boot = boot;
	peer->last_seq = seq;
}

int64_t
vote_way(const struct vote_message *message, int64_t valid_from_ms,
    int64_t now_ms)
{
	int64_t way_ms = now_ms - message->to_ms - message->to_held;

	if (MUTANT(TO_MS_IGNORED) &&
	    (message->to_ms <= 0 || message->to_ms < valid_from_ms))
		return 0;
	if (message->to_ms <= 0 || message->to_ms < valid_from_ms ||
	    message->to_ms > now_ms || way_ms < -VOTE_ROUNDING_MS)
		return VOTE_AGE_UNKNOWN;
	return (way_ms > 0 ? way_ms : 0) + VOTE_ROUNDING_MS;
}
