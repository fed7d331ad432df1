/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/hash.h"

#include <string.h>

#include <openssl/evp.h>

#include "err.h"

static const char digits[] = "0123456789abcdef";

int
vote_hash_bytes(const void *data, size_t len, uint8_t out[VOTE_HASH_LEN])
{
	memset(out, 0, VOTE_HASH_LEN);
	if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
		return ERR_CRYPTO;
	return 0;
}

const char *
vote_hash_format(const uint8_t hash[VOTE_HASH_LEN],
    char buf[VOTE_HASH_TEXT_MAX])
{
	for (size_t i = 0; i < VOTE_HASH_LEN; i++) {
		buf[2 * i] = digits[hash[i] >> 4];
		buf[2 * i + 1] = digits[hash[i] & 15];
	}
	buf[2 * VOTE_HASH_LEN] = '\0';
	return buf;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
vote_hash_parse(const char *text, uint8_t out[VOTE_HASH_LEN])
{
	if (strlen(text) != 2 * VOTE_HASH_LEN)
		return ERR_SYNTAX;
	for (size_t i = 0; i < VOTE_HASH_LEN; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
