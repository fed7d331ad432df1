/* SPDX-License-Identifier: ISC */
/* A node comes, goes, and gets another configuration. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "vote/node_impl.h"
#include "vote/rank.h"

static void
free_secrets(struct secret *secrets, size_t n)
{
	for (size_t i = 0; secrets != NULL && i < n; i++)
		secret_fini(&secrets[i]);
	free(secrets);
}

static void
free_peers(struct vote_peer *peers, size_t n)
{
	for (size_t i = 0; peers != NULL && i < n; i++)
		vote_peer_fini(&peers[i]);
	free(peers);
}

/* All that depends on the configuration. */
static void
clear(struct vote_node *node)
{
	free_peers(node->peers, node->table.n_rows);
	free_secrets(node->secrets, node->n_secrets);
	free(node->services);
	free(node->orders);
	free(node->marks);
	free(node->was_fresh);
	vote_table_fini(&node->table);
	node->peers = NULL;
	node->secrets = NULL;
	node->n_secrets = 0;
	node->services = NULL;
	node->orders = NULL;
	node->marks = NULL;
	node->was_fresh = NULL;
}

void
vote_node_free(struct vote_node *node)
{
	if (node == NULL)
		return;
	clear(node);
	vote_intents_free(node->intents);
	free(node);
}

static size_t
index_of(const struct addr *nodes, size_t n, const struct addr *wanted)
{
	size_t i = 0;

	while (i < n && addr_compare(&nodes[i], wanted) != 0)
		i++;
	return i;
}

static int
make_table(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n)
{
	struct vote_table_service *defs = calloc(n + 1, sizeof *defs);
	int err;

	if (defs == NULL)
		return ERR_NOMEM;
	for (size_t s = 0; s < n; s++) {
		memcpy(defs[s].hash, services[s].hash, VOTE_HASH_LEN);
		defs[s].n_endpoints = services[s].n_endpoints;
	}
	err = vote_table_init(&node->table, conf->nodes, conf->n_nodes,
	    index_of(conf->nodes, conf->n_nodes, &conf->self),
	    conf->vote_ttl_ms, defs, n);
	free(defs);
	return err;
}

static int
make_services(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n)
{
	node->services = calloc(n + 1, sizeof *node->services);
	node->orders = calloc(n + 1, conf->n_nodes);
	node->marks = calloc(n * conf->n_nodes + 1, sizeof *node->marks);
	if (node->services == NULL || node->orders == NULL ||
	    node->marks == NULL)
		return ERR_NOMEM;
	for (size_t s = 0; s < n; s++) {
		uint8_t *order = &node->orders[s * conf->n_nodes];

		vote_rank(conf->nodes, conf->n_nodes,
		    services[s].ranked_as != NULL ? services[s].ranked_as
						  : services[s].fqdn,
		    order);
		node->services[s].order = order;
		node->services[s].seen = &node->marks[s * conf->n_nodes];
		node->services[s].intents_seen = VOTE_INTENTS_UNSEEN;
		node->services[s].waits_since_ms = VOTE_NEVER;
	}
	return 0;
}

static int
make_peers(struct vote_node *node)
{
	size_t n = node->table.n_rows;

	node->was_fresh = calloc(n, sizeof *node->was_fresh);
	node->peers = calloc(n, sizeof *node->peers);
	if (node->was_fresh == NULL || node->peers == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		if (vote_peer_init(&node->peers[i], n) != 0)
			return ERR_NOMEM;
	return 0;
}

static int
copy_secrets(struct vote_node *node, const struct vote_node_conf *conf)
{
	node->secrets = calloc(conf->n_secrets + 1, sizeof *node->secrets);
	if (node->secrets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < conf->n_secrets; i++) {
		if (secret_from_bytes(conf->secrets[i].data,
			conf->secrets[i].len, &node->secrets[i]) != 0)
			return ERR_NOMEM;
		node->n_secrets++;
	}
	return 0;
}

static int
make(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n)
{
	int err = make_table(node, conf, services, n);

	if (err == 0)
		err = make_services(node, conf, services, n);
	if (err == 0)
		err = make_peers(node);
	if (err == 0)
		err = copy_secrets(node, conf);
	if (err != 0)
		clear(node);
	node->heartbeat_ms = conf->heartbeat_ms;
	node->vote_ttl_ms = conf->vote_ttl_ms;
	return err;
}

static void
inherit(struct vote_node *node, struct vote_node *old)
{
	for (size_t i = 0; i < node->table.n_rows; i++)
		for (size_t j = 0; j < old->table.n_rows; j++)
			if (addr_compare(&node->table.rows[i].node,
				&old->table.rows[j].node) == 0) {
				node->was_fresh[i] = old->was_fresh[j];
				vote_peer_inherit(&node->peers[i],
				    &old->peers[j]);
			}
	free_peers(old->peers, old->table.n_rows);
	vote_table_inherit(&node->table, &old->table);
	old->peers = NULL;
	clear(old);
	node->intents = old->intents;
	node->boots = old->boots;
	node->seq = old->seq;
	node->random = old->random;
	node->now_ms = old->now_ms;
	node->clock = old->clock;
	node->valid_from_ms = old->valid_from_ms;
}

int
vote_node_define(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n, int64_t now_ms)
{
	struct vote_node next = { 0 };
	int err = make(&next, conf, services, n);

	if (err != 0)
		return err;
	now_ms = vote_clock_from(&node->clock, now_ms);
	if (now_ms > node->now_ms)
		node->now_ms = now_ms;
	inherit(&next, node);
	*node = next;
	for (size_t i = 0; i < node->table.n_rows; i++)
		if (i != node->table.self)
			vote_peer_push(&node->peers[i], node->now_ms);
	return 0;
}

/* What makes no sense is none; what there is no memory for must not be lost. */
static int
read_intents(struct vote_node *node, const char *text)
{
	int err = text != NULL ? vote_intents_parse(text, &node->intents)
			       : ERR_SYNTAX;

	if (err == 0 || err == ERR_NOMEM)
		return err;
	node->intents = vote_intents_new();
	return node->intents != NULL ? 0 : ERR_NOMEM;
}

struct vote_node *
vote_node_new(const struct vote_node_conf *conf, int64_t now_ms,
    int64_t wall_ms)
{
	struct vote_node *node = calloc(1, sizeof *node);
	uint8_t hash[VOTE_HASH_LEN];

	if (node == NULL ||
	    index_of(conf->nodes, conf->n_nodes, &conf->self) ==
		conf->n_nodes ||
	    make(node, conf, NULL, 0) != 0 ||
	    read_intents(node, conf->intents) != 0) {
		vote_node_free(node);
		return NULL;
	}
	node->random = conf->random | 1;
	node->now_ms = now_ms;
	vote_clock_init(&node->clock, now_ms, wall_ms);
	node->valid_from_ms = now_ms;
	vote_node_own(node)->boot = conf->boot;
	vote_intents_hash(node->intents, hash);
	vote_table_set_intents(&node->table, hash);
	vote_table_beat(&node->table, now_ms);
	return node;
}
