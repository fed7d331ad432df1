/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_NODE_IMPL_H
#define RRDNSD_VOTE_NODE_IMPL_H

/* Shared by the files of the node; nobody else includes it. */

#include "vote/clock.h"
#include "vote/node.h"
#include "vote/peer.h"
#include "vote/table.h"

/* A ballot that counted, as one boot of its node made it; 0: none did. */
struct vote_mark {
	uint64_t boot;
	uint64_t version;
};

#define VOTE_INTENTS_UNSEEN UINT64_MAX

struct vote_node_service {
	struct vote_mark *seen; /* by row, when vote_node_has_news was asked */
	uint64_t intents_seen; /* their version, or VOTE_INTENTS_UNSEEN */
	const uint8_t *order; /* rows as they write, the first one first */
	int64_t waits_since_ms; /* for others to hold our intents; or
				   VOTE_NEVER */
};

struct vote_node {
	struct vote_table table;
	struct vote_peer *peers; /* by row; that of self is unused */
	bool *was_fresh; /* by row, as last told */
	struct vote_node_service *services;
	uint8_t *orders; /* of all services */
	struct vote_mark *marks; /* of all services */
	struct vote_intents *intents;
	struct secret *secrets;
	size_t n_secrets;
	struct vote_boots boots;
	unsigned heartbeat_ms;
	unsigned vote_ttl_ms;
	uint64_t seq; /* of the last request of this boot */
	uint64_t random;
	struct vote_clock clock;
	int64_t now_ms; /* of the last event, on that clock */
	int64_t valid_from_ms; /* our clock in earlier messages is void */
};

static inline struct vote_row *
vote_node_own(struct vote_node *node)
{
	return &node->table.rows[node->table.self];
}

/* node.c: what every event begins and ends with */
void vote_node_enter(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out);
void vote_node_leave(struct vote_node *node, struct vote_out *out);
void vote_node_fact(struct vote_out *out, enum vote_fact_kind kind,
    const struct addr *about, uint64_t value);
void vote_node_adopt(struct vote_node *node, uint64_t seen,
    struct vote_out *out);
void vote_node_intents_changed(struct vote_node *node, struct vote_out *out);
unsigned vote_node_relay_delay(struct vote_node *node);

/* node_send.c */
void vote_node_pump(struct vote_node *node, struct vote_out *out);

/* Answers a request of row i; taken is false when it was meant for an earlier
 * boot of ours. */
void vote_node_reply(struct vote_node *node, size_t i,
    const struct vote_message *request, bool taken, struct vote_out *out);

/* Refuses it with 409; i is SIZE_MAX for a node that is not known. */
void vote_node_refuse(struct vote_node *node, size_t i,
    const struct vote_message *request, struct vote_out *out);

#endif
