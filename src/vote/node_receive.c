/* SPDX-License-Identifier: ISC */
/* What a node takes from others, and what it refuses. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"
#include "vote/node_impl.h"

static size_t
row_of(const struct vote_node *node, const struct addr *addr)
{
	for (size_t i = 0; i < node->table.n_rows; i++)
		if (addr_compare(&node->table.rows[i].node, addr) == 0)
			return i;
	return SIZE_MAX;
}

/* Section 1: our name was seen with a higher boot, or with ours and more than
 * we ever said. True when that made us another one. */
static bool
heed_own_boot(struct vote_node *node, const struct vote_message *message,
    struct vote_out *out)
{
	const struct vote_row *own = vote_node_own(node);
	const struct vote_digest *seen =
	    vote_message_digest_of(message, &own->node);

	if (seen == NULL || seen->boot < own->boot ||
	    (seen->boot == own->boot && seen->heartbeat <= own->heartbeat &&
		seen->version <= own->version))
		return false;
	vote_node_adopt(node, seen->boot, out);
	return true;
}

static void
take_intents(struct vote_node *node, const struct vote_message *message,
    struct vote_out *out)
{
	bool changed = false;

	if (message->intents == NULL)
		return;
	vote_intents_merge(node->intents, message->intents, node->clock.wall_ms,
	    &changed);
	if (!changed)
		return;
	/* One may have ended by our clock. */
	vote_intents_expire(node->intents, node->clock.wall_ms);
	vote_node_intents_changed(node, out);
	vote_node_fact(out, VOTE_FACT_INTENTS, &message->from, 0);
}

static void
spread(struct vote_node *node, size_t from, const bool *news,
    struct vote_out *out)
{
	for (size_t i = 0; i < node->table.n_rows; i++) {
		if (!news[i])
			continue;
		out->changed = true;
		for (size_t k = 0; k < node->table.n_rows; k++)
			if (k != node->table.self && k != from && k != i)
				vote_peer_relay(&node->peers[k], node->now_ms,
				    vote_node_relay_delay(node));
	}
}

/* A message that is authentic, from row i, for us and for this boot. */
static void
take(struct vote_node *node, size_t i, const struct vote_message *message,
    struct vote_out *out)
{
	bool *news = calloc(node->table.n_rows, sizeof *news);
	int64_t way_ms =
	    vote_way(message, node->valid_from_ms, node->now_ms);

	if (news == NULL)
		return;
	vote_table_take(&node->table, message, way_ms, node->now_ms, news);
	take_intents(node, message, out);
	vote_peer_learn(&node->peers[i], i, &node->table, message,
	    node->now_ms, vote_node_relay_delay(node));
	vote_peer_hold(&node->peers[i], message,
	    MUTANT(HELD_COUNTS_STOPS) ? node->now_ms : node->clock.now_ms);
	spread(node, i, news, out);
	free(news);
}

static void
refuse(struct vote_node *node, size_t i, const struct vote_message *message,
    enum vote_fact_kind why, struct vote_out *out)
{
	vote_node_fact(out, why, &message->from, message->seq);
	vote_node_refuse(node, i, message, out);
}

static void
on_request(struct vote_node *node, const struct vote_message *message,
    struct vote_out *out)
{
	size_t i = row_of(node, &message->from);
	const struct vote_row *own = vote_node_own(node);
	bool ours;

	if (addr_compare(&message->to, &own->node) != 0 &&
	    !MUTANT(TO_IGNORED)) {
		refuse(node, i, message, VOTE_FACT_NOT_FOR_US, out);
		return;
	}
	if (i == SIZE_MAX || i == node->table.self) {
		refuse(node, i, message, VOTE_FACT_UNKNOWN_NODE, out);
		return;
	}
	if ((message->boot < node->table.rows[i].boot &&
		!MUTANT(OLD_BOOT_TAKEN)) ||
	    !vote_peer_is_new(&node->peers[i], message->boot, message->seq)) {
		refuse(node, i, message, VOTE_FACT_REPLAY, out);
		return;
	}
	ours = message->to_boot == own->boot || MUTANT(TO_BOOT_IGNORED);
	heed_own_boot(node, message, out);
	if (ours) {
		vote_peer_remember(&node->peers[i], message->boot,
		    message->seq);
		take(node, i, message, out);
	} else {
		vote_node_fact(out, VOTE_FACT_WRONG_BOOT, &message->from,
		    message->to_boot);
	}
	vote_node_reply(node, i, message, ours, out);
}

void
vote_node_request(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    const char *auth, const char *body, size_t len, struct vote_out *out)
{
	struct vote_message message;
	int err = vote_auth_verify(node->secrets, node->n_secrets,
	    VOTE_REQUEST, body, len, auth);

	vote_node_enter(node, now_ms, wall_ms, out);
	out->reply.status = 401;
	if (err == ERR_AUTH && !MUTANT(MAC_IGNORED)) {
		vote_node_fact(out, VOTE_FACT_BAD_MAC, NULL, 0);
		return;
	}
	if (err == ERR_CRYPTO || vote_boots_contested(&node->boots)) {
		out->reply.status = 503;
		return;
	}
	err = vote_gossip_decode(body, len, &message);
	if (err == 0 && !message.refusal) {
		on_request(node, &message, out);
	} else if (err == ERR_NOMEM) {
		out->reply.status = 503;
	} else {
		out->reply.status = 400;
		vote_node_fact(out, VOTE_FACT_MALFORMED, NULL, 0);
	}
	vote_message_fini(&message);
	vote_node_leave(node, out);
}

/* A sender that finds its own boot with a seq it never sent is not alone. */
static void
on_refusal(struct vote_node *node, const struct vote_message *message,
    unsigned status, struct vote_out *out)
{
	const struct vote_row *own = vote_node_own(node);

	vote_node_fact(out, VOTE_FACT_REFUSED, &message->from, status);
	if (message->known_boot > own->boot ||
	    (message->known_boot == own->boot &&
		message->known_seq > node->seq))
		vote_node_adopt(node, message->known_boot, out);
}

static void
on_answer(struct vote_node *node, size_t i, uint64_t seq, unsigned status,
    const struct vote_message *message, struct vote_out *out)
{
	const struct vote_row *own = vote_node_own(node);
	const struct vote_row *row = &node->table.rows[i];
	struct vote_peer *peer = &node->peers[i];

	if (addr_compare(&message->from, &row->node) != 0 ||
	    addr_compare(&message->to, &own->node) != 0 ||
	    ((message->to_boot != own->boot || message->seq != seq) &&
		!MUTANT(ANSWER_UNMATCHED))) {
		vote_node_fact(out, VOTE_FACT_DROPPED, &row->node, seq);
		return;
	}
	if (message->refusal) {
		on_refusal(node, message, status, out);
		return;
	}
	heed_own_boot(node, message, out);
	/* An older boot is ignored; our digest will tell it. */
	if (message->boot < row->boot)
		return;
	take(node, i, message, out);
	if (message->boot != peer->sent_to_boot)
		peer->beat_due = true;
}

static void
read_answer(struct vote_node *node, size_t i, uint64_t seq, unsigned status,
    const char *auth, const char *body, size_t len, struct vote_out *out)
{
	const struct addr *peer = &node->table.rows[i].node;
	struct vote_message message = { 0 };
	int err = vote_auth_verify(node->secrets, node->n_secrets,
	    VOTE_ANSWER, body, len, auth);

	if (err == ERR_AUTH) {
		vote_node_fact(out,
		    status == 200 || status == 409 ? VOTE_FACT_BAD_MAC
						   : VOTE_FACT_REFUSED,
		    peer, status);
		return;
	}
	if (err == 0)
		err = vote_gossip_decode(body, len, &message);
	if (err == 0)
		on_answer(node, i, seq, status, &message, out);
	else if (err == ERR_NOMEM || err == ERR_CRYPTO)
		vote_node_fact(out, VOTE_FACT_NO_ANSWER, peer, seq);
	else
		vote_node_fact(out, VOTE_FACT_MALFORMED, peer, status);
	vote_message_fini(&message);
}

void
vote_node_answer(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    const struct addr *peer, uint64_t seq, unsigned status, const char *auth,
    const char *body, size_t len, struct vote_out *out)
{
	size_t i = row_of(node, peer);

	vote_node_enter(node, now_ms, wall_ms, out);
	if (i == SIZE_MAX || i == node->table.self ||
	    !node->peers[i].in_flight || node->peers[i].seq != seq) {
		if (status != 0)
			vote_node_fact(out, VOTE_FACT_DROPPED, peer, seq);
		return;
	}
	node->peers[i].in_flight = false;
	if (status == 0)
		vote_node_fact(out, VOTE_FACT_NO_ANSWER, peer, seq);
	else if (!vote_boots_contested(&node->boots))
		read_answer(node, i, seq, status, auth, body, len, out);
	vote_node_leave(node, out);
}
