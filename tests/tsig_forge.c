/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tsig_forge.h"

#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "dns/wire.h"
#include "wire_text.h"

static const struct {
	const char *name;
	const char *digest;
	size_t mac_len;
} algs[] = {
	[TSIG_HMAC_MD5] = { "08 'hmac-md5' 07 'sig-alg' 03 'reg' 03 'int' 00",
	    "MD5", 16 },
	[TSIG_HMAC_SHA1] = { "09 'hmac-sha1' 00", "SHA1", 20 },
	[TSIG_HMAC_SHA224] = { "0b 'hmac-sha224' 00", "SHA224", 28 },
	[TSIG_HMAC_SHA256] = { "0b 'hmac-sha256' 00", "SHA256", 32 },
	[TSIG_HMAC_SHA384] = { "0b 'hmac-sha384' 00", "SHA384", 48 },
	[TSIG_HMAC_SHA512] = { "0b 'hmac-sha512' 00", "SHA512", 64 },
};

struct buffer {
	uint8_t bytes[DNS_MESSAGE_MAX];
	size_t len;
};

static void
put(struct buffer *buffer, const void *data, size_t len)
{
	ck_assert_uint_le(buffer->len + len, sizeof buffer->bytes);
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, data, len);
	buffer->len += len;
}

static void
put16(struct buffer *buffer, unsigned value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(buffer, bytes, sizeof bytes);
}

static void
put_time(struct buffer *buffer, const struct tsig_forge *forge)
{
	put16(buffer, (unsigned)(forge->time_s >> 32) & 0xffff);
	put16(buffer, (unsigned)(forge->time_s >> 16) & 0xffff);
	put16(buffer, (unsigned)forge->time_s & 0xffff);
	put16(buffer, forge->fudge_s);
}

static void
put_name(struct buffer *buffer, const char *text, bool lower)
{
	uint8_t name[WIRE_NAME_MAX];
	size_t len = wire_from_text(text, name, sizeof name);

	for (size_t i = 0; i < len && lower; i++)
		name[i] = (uint8_t)tolower(name[i]);
	put(buffer, name, len);
}

static unsigned
sign(struct buffer *signed_part, const struct tsig_key *key, uint8_t *mac)
{
	unsigned len = 0;

	ck_assert_ptr_nonnull(HMAC(
	    EVP_get_digestbyname(algs[key->alg].digest), key->secret.data,
	    (int)key->secret.len, signed_part->bytes, signed_part->len, mac,
	    &len));
	return len;
}

size_t
tsig_forge_append(uint8_t *wire, size_t len, size_t size,
    const struct tsig_key *key, const struct tsig_forge *forge)
{
	static struct buffer over, rr;
	uint8_t mac[TSIG_MAC_MAX] = { 0 };
	size_t rdlen_at;

	over.len = rr.len = 0;
	if (forge->request_mac != NULL) {
		put16(&over, (unsigned)forge->request_mac->len);
		put(&over, forge->request_mac->bytes, forge->request_mac->len);
	}
	put16(&over, forge->original_id);
	put(&over, wire + 2, len - 2);
	put_name(&over, forge->name, true);
	put(&over, "\0\377\0\0\0\0", 6);
	put_name(&over, forge->alg, true);
	put_time(&over, forge);
	put16(&over, forge->error);
	put16(&over, (unsigned)forge->other_len);
	put(&over, forge->other, forge->other_len);
	sign(&over, key, mac);

	put_name(&rr, forge->name, false);
	put(&rr, "\0\372\0\377\0\0\0\0", 8);
	rdlen_at = rr.len;
	put16(&rr, 0);
	put_name(&rr, forge->alg, false);
	put_time(&rr, forge);
	put16(&rr, (unsigned)forge->mac_len);
	put(&rr, mac, forge->mac_len);
	put16(&rr, forge->original_id);
	put16(&rr, forge->error);
	put16(&rr, (unsigned)forge->other_len);
	put(&rr, forge->other, forge->other_len);
	wire_put16(rr.bytes + rdlen_at, (unsigned)(rr.len - rdlen_at - 2));

	ck_assert_uint_le(len + rr.len, size);
	memcpy(wire + len, rr.bytes, rr.len);
	wire_put16(wire + 10, wire_get16(wire + 10) + 1);
	return len + rr.len;
}

struct tsig_forge
tsig_forge_for(const struct tsig_key *key, const struct tsig_mac *request_mac,
    uint64_t now_s)
{
	return (struct tsig_forge){
		.name = "03 'key' 04 'test' 00",
		.alg = algs[key->alg].name,
		.time_s = now_s,
		.fudge_s = 300,
		.original_id = 0x1234,
		.mac_len = algs[key->alg].mac_len,
		.request_mac = request_mac,
	};
}

struct tsig_key *
tsig_forge_key(enum tsig_alg alg)
{
	struct tsig_key *key = calloc(1, sizeof *key);
	uint8_t secret[32];

	ck_assert_ptr_nonnull(key);
	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)(i + 1);
	strcpy(key->name, "key.test");
	key->alg = alg;
	ck_assert_int_eq(secret_from_bytes(secret, sizeof secret,
			     &key->secret), 0);
	return key;
}
