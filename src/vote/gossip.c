/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/gossip.h"

#include <stdlib.h>
#include <string.h>

const struct vote_digest *
vote_message_digest_of(const struct vote_message *message,
    const struct addr *node)
{
	for (size_t i = 0; i < message->n_digest; i++)
		if (addr_compare(&message->digest[i].node, node) == 0)
			return &message->digest[i];
	return NULL;
}

const struct vote_delta *
vote_message_delta_of(const struct vote_message *message,
    const struct addr *node)
{
	for (size_t i = 0; i < message->n_deltas; i++)
		if (addr_compare(&message->deltas[i].node, node) == 0)
			return &message->deltas[i];
	return NULL;
}

int
vote_delta_compare(const void *a, const void *b)
{
	const struct vote_delta_ballot *x = a, *y = b;

	return memcmp(x->hash, y->hash, VOTE_HASH_LEN);
}

const struct vote_delta_ballot *
vote_delta_find(const struct vote_delta *delta,
    const uint8_t hash[VOTE_HASH_LEN])
{
	struct vote_delta_ballot key = { 0 };

	memcpy(key.hash, hash, VOTE_HASH_LEN);
	return bsearch(&key, delta->ballots, delta->n, sizeof *delta->ballots,
	    vote_delta_compare);
}
