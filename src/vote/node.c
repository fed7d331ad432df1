/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "vote/rank.h"

/* The votes of one node for one service, under that node's definition. */
struct ballot {
	uint8_t hash[VOTE_HASH_LEN];
	char *votes; /* a letter per endpoint; NULL: none known */
	size_t n;
};

struct row {
	struct addr addr;
	bool heard; /* at least one heartbeat */
	int64_t beat_at_ms; /* when the last one was raised, at the latest */
	struct ballot *ballots; /* one per service */
};

struct service {
	uint8_t hash[VOTE_HASH_LEN];
	size_t n_endpoints;
	unsigned rank;
};

struct vote_node {
	struct row *rows;
	size_t n_rows;
	size_t self;
	struct service *services;
	size_t n_services;
	unsigned vote_ttl_ms;
};

static void
free_rows(struct row *rows, size_t n_rows, size_t n_services)
{
	for (size_t i = 0; rows != NULL && i < n_rows; i++) {
		for (size_t s = 0;
		     rows[i].ballots != NULL && s < n_services; s++)
			free(rows[i].ballots[s].votes);
		free(rows[i].ballots);
	}
	free(rows);
}

void
vote_node_free(struct vote_node *node)
{
	if (node == NULL)
		return;
	free_rows(node->rows, node->n_rows, node->n_services);
	free(node->services);
	free(node);
}

static struct row *
make_rows(const struct vote_node_conf *conf, size_t n_services)
{
	struct row *rows = calloc(conf->n_nodes, sizeof *rows);

	for (size_t i = 0; rows != NULL && i < conf->n_nodes; i++) {
		rows[i].addr = conf->nodes[i];
		rows[i].ballots =
		    calloc(n_services + 1, sizeof *rows[i].ballots);
		if (rows[i].ballots == NULL) {
			free_rows(rows, conf->n_nodes, n_services);
			return NULL;
		}
	}
	return rows;
}

static size_t
find_self(const struct vote_node_conf *conf)
{
	size_t i = 0;

	while (i < conf->n_nodes &&
	    addr_compare(&conf->nodes[i], &conf->self) != 0)
		i++;
	assert(i < conf->n_nodes);
	return i;
}

struct vote_node *
vote_node_new(const struct vote_node_conf *conf, int64_t now_ms,
    int64_t wall_ms)
{
	struct vote_node *node = calloc(1, sizeof *node);

	if (node == NULL)
		return NULL;
	if (vote_node_define(node, conf, NULL, 0, now_ms) != 0) {
		vote_node_free(node);
		return NULL;
	}
	vote_node_tick(node, now_ms, wall_ms);
	return node;
}

static int
blank_ballots(struct row *row, const struct vote_service *services, size_t n)
{
	for (size_t s = 0; s < n; s++) {
		struct ballot *ballot = &row->ballots[s];

		ballot->votes = malloc(services[s].n_endpoints + 1);
		if (ballot->votes == NULL)
			return ERR_NOMEM;
		memset(ballot->votes, 'a', services[s].n_endpoints);
		ballot->votes[services[s].n_endpoints] = '\0';
		ballot->n = services[s].n_endpoints;
		memcpy(ballot->hash, services[s].hash, VOTE_HASH_LEN);
	}
	return 0;
}

static struct service *
make_services(const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n)
{
	struct service *made = calloc(n + 1, sizeof *made);

	for (size_t s = 0; made != NULL && s < n; s++) {
		memcpy(made[s].hash, services[s].hash, VOTE_HASH_LEN);
		made[s].n_endpoints = services[s].n_endpoints;
		made[s].rank = vote_rank(conf->nodes, conf->n_nodes,
		    &conf->self, services[s].fqdn);
	}
	return made;
}

int
vote_node_define(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n, int64_t now_ms)
{
	struct row *rows = make_rows(conf, n);
	struct service *made = make_services(conf, services, n);
	size_t self = find_self(conf);

	if (rows == NULL || made == NULL ||
	    blank_ballots(&rows[self], services, n) != 0) {
		free_rows(rows, rows ? conf->n_nodes : 0, n);
		free(made);
		return ERR_NOMEM;
	}
	free_rows(node->rows, node->n_rows, node->n_services);
	free(node->services);
	node->rows = rows;
	node->n_rows = conf->n_nodes;
	node->self = self;
	node->services = made;
	node->n_services = n;
	node->vote_ttl_ms = conf->vote_ttl_ms;
	rows[self].heard = true;
	rows[self].beat_at_ms = now_ms;
	return 0;
}

void
vote_node_tick(struct vote_node *node, int64_t now_ms, int64_t wall_ms)
{
	(void)wall_ms;
	node->rows[node->self].heard = true;
	node->rows[node->self].beat_at_ms = now_ms;
}

void
vote_node_set_vote(struct vote_node *node, size_t service, size_t endpoint,
    char vote, int64_t now_ms)
{
	struct ballot *ballot =
	    &node->rows[node->self].ballots[service];

	assert(service < node->n_services && endpoint < ballot->n);
	assert(vote == 'u' || vote == 'd' || vote == 'a');
	ballot->votes[endpoint] = vote;
	node->rows[node->self].beat_at_ms = now_ms;
}

static bool
counts(const struct vote_node *node, size_t i, size_t service, int64_t now_ms)
{
	const struct row *row = &node->rows[i];
	const struct ballot *ballot = &row->ballots[service];

	return row->heard && now_ms - row->beat_at_ms < node->vote_ttl_ms &&
	    ballot->votes != NULL &&
	    memcmp(ballot->hash, node->services[service].hash,
		VOTE_HASH_LEN) == 0;
}

static unsigned
quorum(const struct vote_node *node)
{
	return (unsigned)node->n_rows / 2 + 1;
}

void
vote_node_verdict(const struct vote_node *node, size_t service,
    size_t endpoint, int64_t now_ms, struct vote_verdict *out)
{
	*out = (struct vote_verdict){ .n_nodes = (unsigned)node->n_rows,
		.needed = quorum(node) };
	for (size_t i = 0; i < node->n_rows; i++) {
		if (!counts(node, i, service, now_ms))
			continue;
		switch (node->rows[i].ballots[service].votes[endpoint]) {
		case 'u':
			out->n_up++;
			break;
		case 'd':
			out->n_down++;
			break;
		default:
			out->n_abstain++;
		}
	}
	if (out->n_down >= out->needed)
		out->verdict = VOTE_VERDICT_DOWN;
	else if (out->n_up >= out->needed)
		out->verdict = VOTE_VERDICT_UP;
}

bool
vote_node_may_write(const struct vote_node *node, size_t service,
    int64_t now_ms)
{
	unsigned agreeing = 0;

	for (size_t i = 0; i < node->n_rows; i++)
		agreeing += counts(node, i, service, now_ms);
	return counts(node, node->self, service, now_ms) &&
	    agreeing >= quorum(node);
}

unsigned
vote_node_rank(const struct vote_node *node, size_t service)
{
	return node->services[service].rank;
}
