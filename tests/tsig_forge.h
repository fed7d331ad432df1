/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_TSIG_FORGE_H
#define RRDNSD_TESTS_TSIG_FORGE_H

#include <stddef.h>
#include <stdint.h>

#include "dns/tsig.h"

/*
 * The server's side of TSIG for tests, apart from ours: right signatures, and
 * those that are wrong in any one thing.
 */
struct tsig_forge {
	const char *name; /* as written: 03 'key' 04 'test' 00 */
	const char *alg; /* likewise */
	uint64_t time_s;
	unsigned fudge_s;
	unsigned original_id;
	unsigned error;
	const uint8_t *other;
	size_t other_len;
	size_t mac_len; /* what is written of it */
	const struct tsig_mac *request_mac; /* NULL: none */
};

/* What a well-behaved server writes under our key. */
struct tsig_forge tsig_forge_for(const struct tsig_key *key,
    const struct tsig_mac *request_mac, uint64_t now_s);

/* Appends the TSIG, signed with key's secret; the new length. */
size_t tsig_forge_append(uint8_t *wire, size_t len, size_t size,
    const struct tsig_key *key, const struct tsig_forge *forge);

/* A key with 32 bytes of secret: 1, 2, 3, ... */
struct tsig_key *tsig_forge_key(enum tsig_alg alg);

#endif
