/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_HASH_H
#define RRDNSD_VOTE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 and its text, as definitions and intents are named on the wire. */
#define VOTE_HASH_LEN 32
#define VOTE_HASH_TEXT_MAX (2 * VOTE_HASH_LEN + 1)

int vote_hash_bytes(const void *data, size_t len, uint8_t out[VOTE_HASH_LEN]);
const char *vote_hash_format(const uint8_t hash[VOTE_HASH_LEN],
    char buf[VOTE_HASH_TEXT_MAX]);

/* 64 lower case hexadecimal digits, or ERR_SYNTAX. */
int vote_hash_parse(const char *text, uint8_t out[VOTE_HASH_LEN]);

#endif
