/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_NODE_H
#define RRDNSD_VOTE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/*
 * What one node knows of all nodes' votes, and what they add up to
 * (protocol.md sections 3, 4 and 6). Pure: time comes in with each call, in
 * milliseconds on a clock that counts suspended time.
 */
struct vote_node;

struct vote_node_conf {
	const struct addr *nodes; /* all configured ones, sorted */
	size_t n_nodes;
	struct addr self;
	unsigned heartbeat_ms;
	unsigned vote_ttl_ms;
	unsigned takeover_ms;
};

#define VOTE_HASH_LEN 32

struct vote_service {
	const char *fqdn;
	uint8_t hash[VOTE_HASH_LEN]; /* of its definition */
	size_t n_endpoints; /* sorted by address: a vote's place */
};

enum vote_verdict_kind {
	VOTE_VERDICT_UNDECIDED,
	VOTE_VERDICT_UP,
	VOTE_VERDICT_DOWN,
};

struct vote_verdict {
	enum vote_verdict_kind verdict;
	unsigned n_up; /* fresh votes under our definition */
	unsigned n_down;
	unsigned n_abstain;
	unsigned n_nodes; /* configured */
	unsigned needed; /* Q */
};

/* Copies the nodes. NULL: out of memory. */
struct vote_node *vote_node_new(const struct vote_node_conf *conf,
    int64_t now_ms, int64_t wall_ms);
void vote_node_free(struct vote_node *node); /* NULL is fine */

/* The services of a (new) configuration, sorted by name, and its nodes. Own
 * votes start as abstentions. On failure (ERR_NOMEM) nothing changed. */
int vote_node_define(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n, int64_t now_ms);

/* The probe loop is alive: the own row is fresh. */
void vote_node_tick(struct vote_node *node, int64_t now_ms, int64_t wall_ms);

/* The own vote for an endpoint: 'u', 'd' or 'a'. */
void vote_node_set_vote(struct vote_node *node, size_t service,
    size_t endpoint, char vote, int64_t now_ms);

/* Counts the fresh rows that bear our definition of the service. Q or more of
 * the configured nodes decide; silence never does. */
void vote_node_verdict(const struct vote_node *node, size_t service,
    size_t endpoint, int64_t now_ms, struct vote_verdict *out);

/* Whether Q fresh rows, the own one included, bear our definition. */
bool vote_node_may_write(const struct vote_node *node, size_t service,
    int64_t now_ms);

/* The own place among the nodes for this service, by rendezvous hashing of
 * node and service name with SHA-256: 0 writes first. */
unsigned vote_node_rank(const struct vote_node *node, size_t service);

#endif
