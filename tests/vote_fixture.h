/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_VOTE_FIXTURE_H
#define RRDNSD_TESTS_VOTE_FIXTURE_H

#include "vote/node.h"

/* Nodes 192.0.2.1:3333 and so on of one cluster, which talk when a test lets
 * them. Node i's clock is `now_ms`; its time of day as well. */
#define FIXTURE_NODES 5
#define FIXTURE_BOOT 1000 /* of node i: 1000 x (i + 1) */
#define FIXTURE_TTL_MS 5000
#define FIXTURE_SECRET "a secret of all nodes"

struct vote_fixture {
	struct addr addrs[FIXTURE_NODES];
	size_t n;
	struct vote_node *nodes[FIXTURE_NODES];
	struct secret secret;
	int64_t now_ms;
	int64_t wall_ms;
	struct vote_out last; /* of the last call on a node; what it sends is
				 lost with the next one, unless delivered */
	size_t last_node;
};

/* Two services: 0 of two endpoints, 1 of one. */
extern const struct vote_service fixture_services[2];

void fixture_init(struct vote_fixture *f, size_t n);
void fixture_fini(struct vote_fixture *f);
struct vote_node_conf fixture_conf(const struct vote_fixture *f, size_t self);
void fixture_restart(struct vote_fixture *f, size_t i, uint64_t boot);

/* The node raises its heartbeat; what it sends is in f->last. */
void fixture_tick(struct vote_fixture *f, size_t i);

/* Delivers the request of f->last for node `to` and the answer; false: there
 * was none. f->last is what the answer led to. */
bool fixture_deliver(struct vote_fixture *f, size_t from, size_t to);

/* All nodes beat, and talk until nobody has more to say. */
void fixture_talk(struct vote_fixture *f);

/* A body signed by the cluster's secret arrives at node i; the status. */
unsigned fixture_request(struct vote_fixture *f, size_t i, const char *body);
bool fixture_has_fact(const struct vote_out *out, enum vote_fact_kind kind);

/* A message of node `from` to node `to`; what is not said is empty. The caller
 * frees it. */
struct vote_message fixture_message(const struct vote_fixture *f, size_t from,
    size_t to, uint64_t seq);
char *fixture_encode(const struct vote_message *message);

#endif
