/* SPDX-License-Identifier: ISC */
/* A gossip message: the codec, and what a node makes of it when whoever sent it
 * knows the secret. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vote/gossip.h"
#include "vote/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 100000

static struct secret secret = { .data = (uint8_t *)"secret", .len = 6 };

/* The first of the three nodes that the corpus is about. */
static struct vote_node *
make_node(void)
{
	static const struct vote_service services[2] = {
		{ .fqdn = "a.example.org", .hash = { 1 }, .n_endpoints = 3 },
		{ .fqdn = "b.example.org", .hash = { 2 }, .n_endpoints = 1 },
	};
	struct addr nodes[3];
	struct vote_node_conf conf = { .nodes = nodes, .n_nodes = 3,
		.heartbeat_ms = 1000, .vote_ttl_ms = 5000,
		.takeover_ms = 1500, .secrets = &secret, .n_secrets = 1,
		.boot = 1, .random = 1 };
	struct vote_node *node;

	if (addr_parse("192.0.2.1:3333", 0, &nodes[0]) != 0 ||
	    addr_parse("192.0.2.2:3333", 0, &nodes[1]) != 0 ||
	    addr_parse("192.0.2.3:3333", 0, &nodes[2]) != 0)
		abort();
	conf.self = nodes[0];
	node = vote_node_new(&conf, NOW, NOW);
	if (node == NULL ||
	    vote_node_define(node, &conf, services, 2, NOW) != 0)
		abort();
	return node;
}

/* What was taken can be told again, and is told as it was taken. */
static void
try_codec(const char *text, size_t len)
{
	struct vote_message first, second;
	char *once, *twice;
	size_t once_len, twice_len;

	if (vote_gossip_decode(text, len, &first) == 0) {
		if (vote_gossip_encode(&first, &once, &once_len) != 0 ||
		    vote_gossip_decode(once, once_len, &second) != 0 ||
		    vote_gossip_encode(&second, &twice, &twice_len) != 0 ||
		    once_len != twice_len ||
		    memcmp(once, twice, once_len) != 0)
			abort();
		free(once);
		free(twice);
		vote_message_fini(&second);
	}
	vote_message_fini(&first);
}

static void
try_node(const char *text, size_t len)
{
	struct vote_node *node = make_node();
	char auth[VOTE_AUTH_MAX];
	struct vote_out out;

	if (vote_auth_sign(&secret, VOTE_REQUEST, text, len, auth) != 0)
		abort();
	/* Twice: the second copy is old, or was refused before. */
	for (int i = 0; i < 2; i++) {
		vote_out_init(&out);
		vote_node_request(node, NOW + 10, NOW + 10, auth, text, len,
		    &out);
		if (out.reply.status == 401)
			abort();
		vote_out_fini(&out);
	}
	vote_out_init(&out);
	vote_node_tick(node, NOW + 1000, NOW + 1000, &out);
	if (vote_node_boot(node) == 1 && out.n_sends == 0)
		abort(); /* silenced, without being seen elsewhere */
	vote_out_fini(&out);
	vote_node_free(node);
}

/* As the answer to whatever the node says first. */
static void
try_answer(const char *text, size_t len)
{
	struct vote_node *node = make_node();
	struct vote_out said, out;
	char auth[VOTE_AUTH_MAX];

	if (vote_auth_sign(&secret, VOTE_ANSWER, text, len, auth) != 0)
		abort();
	vote_out_init(&said);
	vote_node_tick(node, NOW + 1000, NOW + 1000, &said);
	for (size_t i = 0; i < said.n_sends; i++) {
		vote_out_init(&out);
		vote_node_answer(node, NOW + 1010, NOW + 1010,
		    &said.sends[i].to, said.sends[i].seq, 200, auth, text, len,
		    &out);
		for (size_t j = 0; j < out.n_facts; j++)
			if (out.facts[j].kind == VOTE_FACT_BAD_MAC)
				abort();
		vote_out_fini(&out);
	}
	vote_out_fini(&said);
	vote_node_free(node);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_codec(text, size);
	try_node(text, size);
	try_answer(text, size);
	free(text);
	return 0;
}
