/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/tsig.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "dns/wire.h"
#include "err.h"

#define TYPE_TSIG 250
#define CLASS_ANY 255
#define ARCOUNT_AT 10
/* RFC 8945 section 10: recommended, and what servers sign answers with. */
#define COMMON_FUDGE_S 300

static const struct {
	const char *wire_name; /* as text */
	const char *digest;
	size_t mac_len;
} algs[] = {
	[TSIG_HMAC_MD5] = { "hmac-md5.sig-alg.reg.int", "MD5", 16 },
	[TSIG_HMAC_SHA1] = { "hmac-sha1", "SHA1", 20 },
	[TSIG_HMAC_SHA224] = { "hmac-sha224", "SHA224", 28 },
	[TSIG_HMAC_SHA256] = { "hmac-sha256", "SHA256", 32 },
	[TSIG_HMAC_SHA384] = { "hmac-sha384", "SHA384", 48 },
	[TSIG_HMAC_SHA512] = { "hmac-sha512", "SHA512", 64 },
};

struct tsig_signer {
	uint8_t name[WIRE_NAME_MAX];
	size_t name_len; /* at most 1: it is no name */
	uint8_t alg[WIRE_NAME_MAX];
	size_t alg_len;
	size_t mac_len;
	const struct tsig_key *key;
	EVP_MAC_CTX *begun; /* NULL: not yet, OpenSSL had no memory or digest */
};

/* A TSIG record apart (RFC 8945 section 4.2). Pointers lead into the message. */
struct tsig_rr {
	uint8_t name[WIRE_NAME_MAX];
	size_t name_len;
	uint8_t alg[WIRE_NAME_MAX];
	size_t alg_len;
	uint64_t time_s;
	unsigned fudge_s;
	const uint8_t *mac;
	size_t mac_len;
	unsigned original_id;
	unsigned error;
	const uint8_t *other;
	size_t other_len;
};

static void
put48(uint8_t *p, uint64_t value)
{
	for (int i = 5; i >= 0; i--, value >>= 8)
		p[i] = (uint8_t)value;
}

static uint64_t
get48(const uint8_t *p)
{
	uint64_t value = 0;

	for (int i = 0; i < 6; i++)
		value = value << 8 | p[i];
	return value;
}

static EVP_MAC_CTX *
begin_mac(const struct tsig_key *key)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	/* OpenSSL only reads it, but wants no const: nothing else drops that.
	 * NOLINTNEXTLINE(performance-no-int-to-ptr) */
	char *digest = (char *)(uintptr_t)algs[key->alg].digest;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end(),
	};

	EVP_MAC_free(mac);
	if (ctx != NULL &&
	    !EVP_MAC_init(ctx, key->secret.data, key->secret.len, params)) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

struct tsig_signer *
tsig_signer_new(const struct tsig_key *key)
{
	struct tsig_signer *signer = calloc(1, sizeof *signer);

	if (signer == NULL)
		return NULL;
	signer->name_len = wire_name_from_text(key->name, signer->name);
	signer->alg_len = wire_name_from_text(algs[key->alg].wire_name,
	    signer->alg);
	signer->mac_len = algs[key->alg].mac_len;
	signer->key = key;
	signer->begun = begin_mac(key);
	return signer;
}

void
tsig_signer_free(struct tsig_signer *signer)
{
	if (signer == NULL)
		return;
	EVP_MAC_CTX_free(signer->begun);
	free(signer);
}

/* The TSIG variables, RFC 8945 section 4.3.3. */
static bool
mac_add_variables(EVP_MAC_CTX *ctx, const struct tsig_rr *rr)
{
	static const uint8_t class_and_ttl[6] = { 0, CLASS_ANY };
	uint8_t fixed[12];

	put48(fixed, rr->time_s);
	wire_put16(fixed + 6, rr->fudge_s);
	wire_put16(fixed + 8, rr->error);
	wire_put16(fixed + 10, (unsigned)rr->other_len);
	return EVP_MAC_update(ctx, rr->name, rr->name_len) &&
	    EVP_MAC_update(ctx, class_and_ttl, sizeof class_and_ttl) &&
	    EVP_MAC_update(ctx, rr->alg, rr->alg_len) &&
	    EVP_MAC_update(ctx, fixed, sizeof fixed) &&
	    EVP_MAC_update(ctx, rr->other, rr->other_len);
}

/* What failed when the signer was made need not fail for ever. */
static EVP_MAC_CTX *
copy_begun(struct tsig_signer *signer)
{
	if (signer->begun == NULL)
		signer->begun = begin_mac(signer->key);
	return signer->begun != NULL ? EVP_MAC_CTX_dup(signer->begun) : NULL;
}

/* Over [length and bytes of the request's MAC,] the message as it was before
 * the TSIG was added, and the variables. */
static int
compute(struct tsig_signer *signer, const struct tsig_mac *request_mac,
    const uint8_t header[WIRE_HEADER_LEN], const uint8_t *rest,
    size_t rest_len, const struct tsig_rr *rr, struct tsig_mac *out)
{
	EVP_MAC_CTX *ctx = copy_begun(signer);
	uint8_t len16[2];
	bool ok = ctx != NULL;

	if (ok && request_mac != NULL) {
		wire_put16(len16, (unsigned)request_mac->len);
		ok = EVP_MAC_update(ctx, len16, 2) &&
		    EVP_MAC_update(ctx, request_mac->bytes, request_mac->len);
	}
	ok = ok && EVP_MAC_update(ctx, header, WIRE_HEADER_LEN) &&
	    EVP_MAC_update(ctx, rest, rest_len) &&
	    mac_add_variables(ctx, rr) &&
	    EVP_MAC_final(ctx, out->bytes, &out->len, sizeof out->bytes);
	EVP_MAC_CTX_free(ctx);
	return ok ? 0 : ERR_CRYPTO;
}

static int
name_key(const struct tsig_signer *signer, struct tsig_rr *rr)
{
	memcpy(rr->name, signer->name, signer->name_len);
	rr->name_len = signer->name_len;
	memcpy(rr->alg, signer->alg, signer->alg_len);
	rr->alg_len = signer->alg_len;
	return rr->name_len > 1 ? 0 : ERR_INVALID;
}

static void
append(struct dns_message *message, const struct tsig_rr *rr,
    const struct tsig_mac *mac)
{
	uint8_t *p = message->wire + message->len;
	size_t rdlen = rr->alg_len + 16 + mac->len;

	memcpy(p, rr->name, rr->name_len);
	p += rr->name_len;
	wire_put16(p, TYPE_TSIG);
	wire_put16(p + 2, CLASS_ANY);
	memset(p + 4, 0, 4);
	wire_put16(p + 8, (unsigned)rdlen);
	p += 10;
	memcpy(p, rr->alg, rr->alg_len);
	p += rr->alg_len;
	put48(p, rr->time_s);
	wire_put16(p + 6, rr->fudge_s);
	wire_put16(p + 8, (unsigned)mac->len);
	memcpy(p + 10, mac->bytes, mac->len);
	p += 10 + mac->len;
	wire_put16(p, rr->original_id);
	wire_put16(p + 2, 0);
	wire_put16(p + 4, 0);
	message->len += rr->name_len + 10 + rdlen;
	wire_put16(message->wire + ARCOUNT_AT,
	    wire_get16(message->wire + ARCOUNT_AT) + 1);
}

int
tsig_sign(struct dns_message *message, struct tsig_signer *signer,
    uint64_t now_s, unsigned fudge_s, struct tsig_mac *mac)
{
	struct tsig_rr rr = {
		.time_s = now_s,
		.fudge_s = fudge_s,
		.original_id = wire_get16(message->wire),
	};
	int err = name_key(signer, &rr);

	if (err != 0)
		return err;
	if (message->len + DNS_TSIG_ROOM > DNS_MESSAGE_MAX ||
	    message->len + DNS_TSIG_ROOM > message->cap)
		return ERR_TOOBIG;
	err = compute(signer, NULL, message->wire,
	    message->wire + WIRE_HEADER_LEN, message->len - WIRE_HEADER_LEN,
	    &rr, mac);
	if (err == 0)
		append(message, &rr, mac);
	return err;
}

/* Takes the record at `at`, which is known to be the last and complete, apart;
 * false when it is no well-formed TSIG. */
static bool
read_rr(const uint8_t *wire, size_t len, size_t at, struct tsig_rr *rr)
{
	size_t end;

	at = wire_name_read(wire, len, at, rr->name, &rr->name_len);
	if (at == 0 || wire_get16(wire + at) != TYPE_TSIG ||
	    wire_get16(wire + at + 2) != CLASS_ANY ||
	    memcmp(wire + at + 4, "\0\0\0\0", 4) != 0)
		return false;
	end = at + 10 + wire_get16(wire + at + 8);
	at = wire_name_read(wire, end, at + 10, rr->alg, &rr->alg_len);
	if (at == 0 || at + 10 > end)
		return false;
	rr->time_s = get48(wire + at);
	rr->fudge_s = wire_get16(wire + at + 6);
	rr->mac_len = wire_get16(wire + at + 8);
	rr->mac = wire + at + 10;
	at += 10 + rr->mac_len;
	if (at + 6 > end)
		return false;
	rr->original_id = wire_get16(wire + at);
	rr->error = wire_get16(wire + at + 2);
	rr->other_len = wire_get16(wire + at + 4);
	rr->other = wire + at + 6;
	return at + 6 + rr->other_len == end;
}

static bool
same_key(const struct tsig_rr *rr, const struct tsig_signer *signer)
{
	return signer->name_len > 1 && signer->name_len == rr->name_len &&
	    memcmp(signer->name, rr->name, rr->name_len) == 0 &&
	    signer->alg_len == rr->alg_len &&
	    memcmp(signer->alg, rr->alg, rr->alg_len) == 0;
}

static enum tsig_result
check_mac(const uint8_t *wire, size_t at, const struct tsig_rr *rr,
    struct tsig_signer *signer, const struct tsig_mac *request_mac)
{
	uint8_t header[WIRE_HEADER_LEN];
	struct tsig_mac expected;

	memcpy(header, wire, sizeof header);
	wire_put16(header, rr->original_id);
	wire_put16(header + ARCOUNT_AT, wire_get16(header + ARCOUNT_AT) - 1);
	if (compute(signer, request_mac, header, wire + WIRE_HEADER_LEN,
		at - WIRE_HEADER_LEN, rr, &expected) != 0)
		return TSIG_UNCHECKED;
	return rr->mac_len == signer->mac_len &&
		expected.len == rr->mac_len &&
		CRYPTO_memcmp(expected.bytes, rr->mac, rr->mac_len) == 0
	    ? TSIG_OK
	    : TSIG_WRONG_MAC;
}

/* Ours to say, not the answer's: a fudge of its own widens nothing. */
static bool
is_timely(uint64_t signed_s, uint64_t now_s, unsigned fudge_s)
{
	uint64_t skew_s = now_s > signed_s ? now_s - signed_s : signed_s - now_s;

	return skew_s <= (fudge_s > COMMON_FUDGE_S ? fudge_s : COMMON_FUDGE_S);
}

enum tsig_result
tsig_verify(uint8_t *wire, size_t *len, struct tsig_signer *signer,
    const struct tsig_mac *request_mac, uint64_t now_s, unsigned fudge_s,
    struct tsig_report *report)
{
	struct tsig_rr rr;
	size_t at;
	unsigned n_tsigs;
	enum tsig_result result;

	*report = (struct tsig_report){ 0 };
	if (*len < WIRE_HEADER_LEN || *len > DNS_MESSAGE_MAX)
		return TSIG_MALFORMED;
	if (!wire_is_whole(wire, *len))
		return TSIG_MALFORMED;
	at = wire_last_rr(wire, *len, TYPE_TSIG, &n_tsigs);
	if (n_tsigs == 0)
		return TSIG_MISSING;
	/* RFC 8945 section 5.1: one only, and as the very last record, which
	 * makes it one of the additional section. */
	if (n_tsigs > 1 || wire_get16(wire + ARCOUNT_AT) == 0 ||
	    !read_rr(wire, *len, at, &rr))
		return TSIG_MALFORMED;
	report->error = rr.error;
	report->time_signed_s = rr.time_s;
	if (rr.error == TSIG_BADTIME && rr.other_len == 6)
		report->server_time_s = get48(rr.other);
	if (rr.error != 0 && rr.mac_len == 0)
		return TSIG_UNSIGNED_ERROR;
	if (!same_key(&rr, signer))
		return TSIG_OTHER_KEY;
	result = check_mac(wire, at, &rr, signer, request_mac);
	if (result != TSIG_OK)
		return result;
	if (!is_timely(rr.time_s, now_s, fudge_s))
		return TSIG_WRONG_TIME;
	*len = at;
	wire_put16(wire + ARCOUNT_AT, wire_get16(wire + ARCOUNT_AT) - 1);
	return rr.error == 0 ? TSIG_OK : TSIG_SERVER_ERROR;
}
