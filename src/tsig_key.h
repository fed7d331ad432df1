/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TSIG_KEY_H
#define RRDNSD_TSIG_KEY_H

#include <stdbool.h>

#include "secret.h"

/* RFC 8945 section 6; hmac-md5 only when named. */
enum tsig_alg {
	TSIG_HMAC_MD5,
	TSIG_HMAC_SHA1,
	TSIG_HMAC_SHA224,
	TSIG_HMAC_SHA256,
	TSIG_HMAC_SHA384,
	TSIG_HMAC_SHA512,
};

struct tsig_key {
	char name[256]; /* domain name, lower case, no final dot */
	enum tsig_alg alg;
	struct secret secret; /* decoded */
};

/* Reads `[alg:]name:base64` (nsupdate -y, knsupdate -y; default hmac-sha256)
 * or a BIND key file as tsig-keygen writes it (key "name" { algorithm ...;
 * secret "..."; };, comments allowed, exactly one key). On failure why says
 * what was wrong without quoting any of the secret. */
int tsig_key_parse(const char *text, struct tsig_key *out, char *why,
    size_t why_size);
void tsig_key_fini(struct tsig_key *key);

/* NULL is a key, too: none. The copy is on the heap; end it with
 * tsig_key_fini and free. NULL: out of memory. */
bool tsig_key_equal(const struct tsig_key *a, const struct tsig_key *b);
struct tsig_key *tsig_key_copy(const struct tsig_key *key);

/* "hmac-sha256" and so on. */
const char *tsig_alg_name(enum tsig_alg alg);

#endif
