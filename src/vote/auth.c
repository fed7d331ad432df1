/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/auth.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "err.h"
#include "vote/hash.h"

#define PREFIX "v1 "

static bool
feed(EVP_MAC_CTX *ctx, const char *data, size_t len)
{
	return EVP_MAC_update(ctx, (const unsigned char *)data, len) == 1;
}

static bool
digest(EVP_MAC_CTX *ctx, const struct secret *secret,
    enum vote_direction direction, const char *body, size_t len,
    unsigned char out[VOTE_HASH_LEN])
{
	static char sha256[] = "SHA256";
	const char *text = direction == VOTE_REQUEST
	    ? "request\n" VOTE_PATH "\n"
	    : "answer\n" VOTE_PATH "\n";
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string("digest", sha256, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t made = 0;

	return EVP_MAC_init(ctx, secret->data, secret->len, params) == 1 &&
	    feed(ctx, text, strlen(text)) && feed(ctx, body, len) &&
	    EVP_MAC_final(ctx, out, &made, VOTE_HASH_LEN) == 1 &&
	    made == VOTE_HASH_LEN;
}

int
vote_auth_sign(const struct secret *secret, enum vote_direction direction,
    const char *body, size_t len, char out[VOTE_AUTH_MAX])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	unsigned char made[VOTE_HASH_LEN];
	int err = ERR_CRYPTO;

	out[0] = '\0';
	if (ctx != NULL && digest(ctx, secret, direction, body, len, made)) {
		memcpy(out, PREFIX, sizeof PREFIX - 1);
		vote_hash_format(made, out + sizeof PREFIX - 1);
		err = 0;
	}
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return err;
}

int
vote_auth_verify(const struct secret *secrets, size_t n,
    enum vote_direction direction, const char *body, size_t len,
    const char *header)
{
	char wanted[VOTE_AUTH_MAX];
	bool good = false, failed = false;

	if (header == NULL ||
	    strlen(header) != sizeof PREFIX - 1 + 2 * VOTE_HASH_LEN)
		return ERR_AUTH;
	for (size_t i = 0; i < n; i++)
		if (vote_auth_sign(&secrets[i], direction, body, len,
			wanted) == 0)
			good |= CRYPTO_memcmp(wanted, header,
				    strlen(wanted)) == 0;
		else
			failed = true;
	if (good)
		return 0;
	return failed ? ERR_CRYPTO : ERR_AUTH;
}
