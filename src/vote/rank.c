/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/rank.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "vote/gossip.h"

#define WEIGHT_LEN 32

struct weighed {
	unsigned char weight[WEIGHT_LEN];
	uint8_t node;
};

static void
weigh(const struct addr *node, const char *fqdn, unsigned char out[WEIGHT_LEN])
{
	char text[ADDR_TEXT_MAX + 256], name[ADDR_TEXT_MAX];
	unsigned len = 0;
	int n = snprintf(text, sizeof text, "%s|%s",
	    addr_format(node, true, name), fqdn);

	memset(out, 0, WEIGHT_LEN);
	EVP_Digest(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1,
	    out, &len, EVP_sha256(), NULL);
}

static int
heaviest_first(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	return memcmp(y->weight, x->weight, WEIGHT_LEN);
}

void
vote_rank(const struct addr *nodes, size_t n, const char *fqdn, uint8_t *order)
{
	struct weighed list[VOTE_NODES_MAX];

	assert(n <= VOTE_NODES_MAX);
	for (size_t i = 0; i < n; i++) {
		list[i].node = (uint8_t)i;
		weigh(&nodes[i], fqdn, list[i].weight);
	}
	qsort(list, n, sizeof *list, heaviest_first);
	for (size_t i = 0; i < n; i++)
		order[i] = list[i].node;
}
