/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/rank.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define WEIGHT_LEN 32

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

unsigned
vote_rank(const struct addr *nodes, size_t n, const struct addr *self,
    const char *fqdn)
{
	unsigned char ours[WEIGHT_LEN], theirs[WEIGHT_LEN];
	unsigned rank = 0;

	weigh(self, fqdn, ours);
	for (size_t i = 0; i < n; i++) {
		if (addr_compare(&nodes[i], self) == 0)
			continue;
		weigh(&nodes[i], fqdn, theirs);
		rank += memcmp(theirs, ours, WEIGHT_LEN) > 0;
	}
	return rank;
}
