/* SPDX-License-Identifier: ISC */
/* What a node says: requests that are due, answers, refusals. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mutant.h"
#include "vote/node_impl.h"

/* A peer that hangs holds up what is sent to itself alone. Less than this, and
 * one that is far away would never be reached: a new connection takes a round
 * trip, or several with TLS, before the message makes its own. */
static unsigned
timeout_ms(const struct vote_node *node)
{
	return node->vote_ttl_ms;
}

/* Whole rows only for a peer that has told what it has. */
static bool
add_rows(struct vote_node *node, size_t i, struct vote_message *message)
{
	const struct vote_peer *peer = &node->peers[i];
	size_t room = VOTE_ROWS_MAX;

	message->deltas = calloc(node->table.n_rows, sizeof *message->deltas);
	if (message->deltas == NULL)
		return false;
	for (size_t j = 0; j < node->table.n_rows; j++)
		if (vote_peer_lacks(peer, i, &node->table, j) &&
		    vote_table_delta(&node->table, j, peer->has[j].boot,
			peer->has[j].version, &room, message) != 0)
			return false;
	return true;
}

static void
add_intents(struct vote_node *node, size_t i, struct vote_message *message)
{
	const struct vote_peer *peer = &node->peers[i];
	const struct vote_row *own = vote_node_own(node);

	if (peer->has_boot != 0 &&
	    memcmp(peer->has_intents, own->intents_hash, VOTE_HASH_LEN) != 0)
		message->intents = node->intents;
}

static struct vote_message
head(struct vote_node *node, const struct addr *to, uint64_t to_boot,
    uint64_t seq)
{
	return (struct vote_message){
		.from = vote_node_own(node)->node,
		.boot = vote_node_own(node)->boot,
		.to = *to,
		.to_boot = to_boot,
		.seq = seq,
		.ms = node->now_ms,
	};
}

static bool
seal(struct vote_node *node, enum vote_direction direction,
    const struct vote_message *message, char **body, size_t *len, char *auth)
{
	if (node->n_secrets == 0 ||
	    vote_gossip_encode(message, body, len) != 0)
		return false;
	if (vote_auth_sign(&node->secrets[0], direction, *body, *len,
		auth) == 0)
		return true;
	free(*body);
	*body = NULL;
	return false;
}

static bool
add_send(struct vote_out *out, const struct vote_send *send)
{
	struct vote_send *sends = realloc(out->sends,
	    (out->n_sends + 1) * sizeof *sends);

	if (sends == NULL)
		return false;
	out->sends = sends;
	sends[out->n_sends++] = *send;
	return true;
}

static void
send_to(struct vote_node *node, size_t i, struct vote_out *out)
{
	struct vote_peer *peer = &node->peers[i];
	const struct vote_row *row = &node->table.rows[i];
	struct vote_send send = { .to = row->node, .seq = node->seq + 1,
		.timeout_ms = timeout_ms(node) };
	struct vote_message message =
	    head(node, &row->node, row->boot, send.seq);

	vote_peer_echo(peer, row->boot,
	    MUTANT(HELD_COUNTS_STOPS) ? node->now_ms : node->clock.now_ms,
	    &message.to_ms, &message.to_held);
	add_intents(node, i, &message);
	if (add_rows(node, i, &message) &&
	    vote_table_digest(&node->table, node->now_ms, &message) == 0 &&
	    seal(node, VOTE_REQUEST, &message, &send.body, &send.len,
		send.auth)) {
		node->seq++;
		if (add_send(out, &send))
			vote_peer_sent(peer, send.seq, row->boot);
		else
			free(send.body);
	}
	vote_message_fini(&message);
}

void
vote_node_pump(struct vote_node *node, struct vote_out *out)
{
	if (vote_boots_contested(&node->boots))
		return;
	for (size_t i = 0; i < node->table.n_rows; i++)
		if (i != node->table.self &&
		    vote_peer_is_due(&node->peers[i], i, &node->table,
			node->now_ms))
			send_to(node, i, out);
}

static void
finish_reply(struct vote_node *node, unsigned status,
    const struct vote_message *message, struct vote_out *out)
{
	struct vote_reply *reply = &out->reply;

	reply->status = status;
	if (!seal(node, VOTE_ANSWER, message, &reply->body, &reply->len,
		reply->auth))
		reply->status = 500;
}

void
vote_node_reply(struct vote_node *node, size_t i,
    const struct vote_message *request, bool taken, struct vote_out *out)
{
	struct vote_message message =
	    head(node, &request->from, request->boot, request->seq);
	bool ok = true;

	message.to_ms = request->ms;
	if (taken) {
		add_intents(node, i, &message);
		ok = add_rows(node, i, &message);
	}
	if (ok && vote_table_digest(&node->table, node->now_ms, &message) == 0)
		finish_reply(node, 200, &message, out);
	else
		out->reply.status = 500;
	vote_message_fini(&message);
}

void
vote_node_refuse(struct vote_node *node, size_t i,
    const struct vote_message *request, struct vote_out *out)
{
	struct vote_message message =
	    head(node, &request->from, request->boot, request->seq);

	message.refusal = true;
	if (i != SIZE_MAX) {
		const struct vote_peer *peer = &node->peers[i];

		message.known_boot = node->table.rows[i].boot;
		if (peer->seq_boot >= message.known_boot) {
			message.known_boot = peer->seq_boot;
			message.known_seq = peer->last_seq;
		}
	}
	finish_reply(node, 409, &message, out);
	vote_message_fini(&message);
}
