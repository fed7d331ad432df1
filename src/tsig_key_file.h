/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TSIG_KEY_FILE_H
#define RRDNSD_TSIG_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "tsig_key.h"

/* BIND's key files (named.conf syntax), for tsig_key.c. */

/* True when the first word, comments aside, is "key" or there is a brace. */
bool tsig_key_file_looks_like(const char *text);
int tsig_key_file_parse(const char *text, struct tsig_key *out, char *why,
    size_t why_size);

/* Puts a key together from its texts; alg NULL is hmac-sha256. */
int tsig_key_assemble(const char *alg, const char *name, const char *secret,
    struct tsig_key *out, char *why, size_t why_size);

#endif
