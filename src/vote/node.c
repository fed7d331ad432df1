/* SPDX-License-Identifier: ISC */
/* One node: time, heartbeats, own votes and intents. */
#include "config.h"

#include "vote/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mutant.h"
#include "vote/node_impl.h"

void
vote_out_init(struct vote_out *out)
{
	out->sends = NULL;
	out->n_sends = 0;
	out->reply = (struct vote_reply){ 0 };
	out->n_facts = 0;
	out->stood_ms = 0;
	out->save = false;
	out->changed = false;
}

void
vote_out_fini(struct vote_out *out)
{
	for (size_t i = 0; i < out->n_sends; i++)
		free(out->sends[i].body);
	free(out->sends);
	free(out->reply.body);
	vote_out_init(out);
}

void
vote_node_fact(struct vote_out *out, enum vote_fact_kind kind,
    const struct addr *about, uint64_t value)
{
	struct vote_fact *fact = &out->facts[out->n_facts];

	if (out->n_facts == VOTE_FACTS_MAX)
		return;
	*fact = (struct vote_fact){ .kind = kind, .value = value };
	if (about != NULL)
		fact->node = *about;
	out->n_facts++;
}

/* xorshift64: spreads relays and boots, protects nothing. */
static uint64_t
next_random(struct vote_node *node)
{
	node->random ^= node->random << 13;
	node->random ^= node->random >> 7;
	node->random ^= node->random << 17;
	return node->random >> 33;
}

unsigned
vote_node_relay_delay(struct vote_node *node)
{
	return VOTE_RELAY_MIN_MS + (unsigned)(next_random(node) %
	    (VOTE_RELAY_MAX_MS - VOTE_RELAY_MIN_MS + 1));
}

/* After a long stop nothing that was heard before is relied on. */
void
vote_node_enter(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out)
{
	int64_t stood_ms;

	if (now_ms < node->clock.now_ms)
		now_ms = node->clock.now_ms;
	stood_ms = vote_clock_step(&node->clock, now_ms, wall_ms);
	node->now_ms = vote_clock_from(&node->clock, now_ms);
	out->stood_ms += stood_ms;
	if (stood_ms <= (int64_t)node->heartbeat_ms)
		return;
	vote_table_void(&node->table);
	node->valid_from_ms = node->now_ms;
	vote_node_fact(out, VOTE_FACT_SUSPENDED, NULL, (uint64_t)stood_ms);
}

static void
tell_freshness(struct vote_node *node, struct vote_out *out)
{
	for (size_t i = 0; i < node->table.n_rows; i++) {
		bool fresh =
		    vote_table_is_fresh(&node->table, i, node->now_ms);

		if (fresh == node->was_fresh[i])
			continue;
		node->was_fresh[i] = fresh;
		out->changed = true;
		vote_node_fact(out,
		    fresh ? VOTE_FACT_NODE_FRESH : VOTE_FACT_NODE_STALE,
		    &node->table.rows[i].node, 0);
	}
}

void
vote_node_leave(struct vote_node *node, struct vote_out *out)
{
	tell_freshness(node, out);
	vote_node_pump(node, out);
}

static void
push_to_all(struct vote_node *node, int64_t now_ms)
{
	for (size_t i = 0; i < node->table.n_rows; i++)
		if (i != node->table.self)
			vote_peer_push(&node->peers[i], now_ms);
}

/* Somebody has our boot, or saw a higher one. What peers hold of our row is
 * void with the new one, so everything is told anew. */
void
vote_node_adopt(struct vote_node *node, uint64_t seen, struct vote_out *out)
{
	struct vote_row *own = vote_node_own(node);

	if (MUTANT(BOOT_KEPT))
		return;
	own->boot = vote_boot_above(seen, next_random(node));
	node->seq = 0;
	out->save = true;
	vote_node_fact(out, VOTE_FACT_BOOT_ADOPTED, NULL, own->boot);
	for (size_t i = 0; i < node->table.n_rows; i++)
		node->peers[i].beat_due = i != node->table.self;
	if (!vote_boots_adopt(&node->boots, node->now_ms))
		return;
	own->aged = false;
	vote_node_fact(out, VOTE_FACT_CONTESTED, NULL, 0);
}

void
vote_node_intents_changed(struct vote_node *node, struct vote_out *out)
{
	uint8_t hash[VOTE_HASH_LEN];

	vote_intents_hash(node->intents, hash);
	vote_table_set_intents(&node->table, hash);
	push_to_all(node, node->now_ms);
	for (size_t s = 0; s < node->table.n_services; s++)
		node->services[s].waits_since_ms = VOTE_NEVER;
	if (out != NULL) {
		out->save = true;
		out->changed = true;
	}
}

static void
beat(struct vote_node *node)
{
	const struct vote_row *own = vote_node_own(node);

	/* More often than wished for says nothing more. */
	if (own->aged &&
	    node->now_ms - own->beat_at_ms < node->heartbeat_ms / 2)
		return;
	vote_table_beat(&node->table, node->now_ms);
	for (size_t i = 0; i < node->table.n_rows; i++)
		node->peers[i].beat_due = i != node->table.self;
}

/* Waiting for others to hold our intents ends when they do, though nobody may
 * have asked meanwhile. */
static void
end_waits(struct vote_node *node)
{
	for (size_t s = 0; s < node->table.n_services; s++)
		if (node->services[s].waits_since_ms != VOTE_NEVER)
			vote_node_may_write(node, s, node->clock.now_ms);
}

void
vote_node_tick(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out)
{
	vote_node_enter(node, now_ms, wall_ms, out);
	if (vote_boots_calm(&node->boots, node->now_ms))
		vote_node_fact(out, VOTE_FACT_UNCONTESTED, NULL, 0);
	if (vote_intents_expire(node->intents, wall_ms))
		vote_node_intents_changed(node, out);
	if (!vote_boots_contested(&node->boots))
		beat(node);
	end_waits(node);
	vote_node_leave(node, out);
}

void
vote_node_wake(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out)
{
	vote_node_enter(node, now_ms, wall_ms, out);
	vote_node_leave(node, out);
}

int64_t
vote_node_next_deadline(const struct vote_node *node)
{
	int64_t next_ms = VOTE_NEVER;

	if (vote_boots_contested(&node->boots))
		return VOTE_NEVER;
	for (size_t i = 0; i < node->table.n_rows; i++) {
		int64_t at_ms = i == node->table.self
		    ? VOTE_NEVER
		    : vote_peer_deadline(&node->peers[i]);

		if (at_ms < next_ms)
			next_ms = at_ms;
	}
	return next_ms == VOTE_NEVER ? VOTE_NEVER
				     : vote_clock_to(&node->clock, next_ms);
}

void
vote_node_set_vote(struct vote_node *node, size_t service, size_t endpoint,
    char vote, char cause, int64_t now_ms)
{
	if (vote_table_set(&node->table, service, endpoint, vote, cause) &&
	    !MUTANT(NO_PUSH))
		push_to_all(node, vote_clock_from(&node->clock, now_ms));
}

int
vote_node_set_intent(struct vote_node *node, const struct vote_intent *wanted,
    int64_t now_ms, int64_t wall_ms)
{
	int err = vote_intents_set(node->intents, wanted, wall_ms);

	if (vote_clock_from(&node->clock, now_ms) > node->now_ms)
		node->now_ms = vote_clock_from(&node->clock, now_ms);
	if (err == 0)
		vote_node_intents_changed(node, NULL);
	return err;
}

const struct vote_intents *
vote_node_intents(const struct vote_node *node)
{
	return node->intents;
}

const uint8_t *
vote_node_intents_hash(const struct vote_node *node)
{
	return node->table.rows[node->table.self].intents_hash;
}

uint64_t
vote_node_boot(const struct vote_node *node)
{
	return node->table.rows[node->table.self].boot;
}

char *
vote_node_intents_json(const struct vote_node *node)
{
	return vote_intents_format(node->intents);
}
