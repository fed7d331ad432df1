/* SPDX-License-Identifier: ISC */
/* Answers as they come, and once more with the signature that makes them
 * authentic, which no fuzzer would find. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "dns/tsig.h"
#include "dns/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1767225600
#define TYPE_TSIG 250
#define MAC_LEN 32

/* The key and the request of tests/check_tsig.c: what is in the corpus is
 * authentic. */
static uint8_t secret[32];
static struct tsig_key key = { .name = "key.test", .alg = TSIG_HMAC_SHA256,
	.secret = { secret, sizeof secret } };
static const struct tsig_mac request_mac = { .len = 32, .bytes = {
	0xb0, 0x9b, 0x2f, 0x73, 0x35, 0x99, 0xdb, 0x67, 0x87, 0x35, 0x5a, 0x57,
	0xe6, 0x09, 0x9a, 0xe5, 0xcf, 0xbe, 0x1d, 0x82, 0x61, 0x18, 0x5b, 0xa9,
	0xc8, 0x96, 0x0b, 0xd5, 0x2e, 0xbe, 0xe8, 0x1e } };

/* The TSIG variables (RFC 8945 section 4.3.3) of the record at `at`, which is of
 * a whole message, go to out; *mac and *id are where its MAC and its original
 * id are. The length; 0 when it is no TSIG, or its MAC is not one of ours. */
static size_t
read_variables(uint8_t *wire, size_t size, size_t at, uint8_t *out,
    uint8_t **mac, uint8_t **id)
{
	static const uint8_t class_and_ttl[6] = { 0, 255 };
	size_t used, len, other_len;

	at = wire_name_read(wire, size, at, out, &used);
	if (at == 0 || wire_get16(wire + at) != TYPE_TSIG)
		return 0;
	memcpy(out + used, class_and_ttl, sizeof class_and_ttl);
	used += sizeof class_and_ttl;
	at = wire_name_read(wire, size, at + 10, out + used, &len);
	if (at == 0 || at + 10 + MAC_LEN + 6 > size ||
	    wire_get16(wire + at + 8) != MAC_LEN)
		return 0;
	used += len;
	memcpy(out + used, wire + at, 8); /* time and fudge */
	*mac = wire + at + 10;
	*id = *mac + MAC_LEN;
	other_len = wire_get16(*id + 4);
	if (*id + 6 + other_len != wire + size)
		return 0;
	memcpy(out + used + 8, *id + 2, 4 + other_len);
	return used + 12 + other_len;
}

/* Gives the message the right signature, so that what is behind it is reached.
 * False when it has no TSIG to hold one. */
static bool
sign(uint8_t *wire, size_t size)
{
	static uint8_t text[2 + MAC_LEN + DNS_MESSAGE_MAX + 2 * WIRE_NAME_MAX +
	    DNS_MESSAGE_MAX];
	uint8_t variables[2 * WIRE_NAME_MAX + 18 + DNS_MESSAGE_MAX];
	uint8_t *mac, *id, *message = text + 2 + MAC_LEN;
	unsigned n_tsigs, mac_len;
	size_t at, len;

	if (size > DNS_MESSAGE_MAX)
		return false;
	at = wire_last_rr(wire, size, TYPE_TSIG, &n_tsigs);
	len = at != 0 ? read_variables(wire, size, at, variables, &mac, &id)
		      : 0;
	if (len == 0)
		return false;
	wire_put16(text, MAC_LEN);
	memcpy(text + 2, request_mac.bytes, MAC_LEN);
	memcpy(message, wire, at);
	memcpy(message, id, 2);
	wire_put16(message + 10, wire_get16(message + 10) - 1);
	memcpy(message + at, variables, len);
	return HMAC(EVP_sha256(), secret, sizeof secret, text,
		   2 + MAC_LEN + at + len, mac, &mac_len) != NULL;
}

/* What is not authentic stays as it was; what is, has lost its TSIG. */
static enum tsig_result
verify(const uint8_t *data, size_t size)
{
	struct tsig_report report;
	uint8_t *wire = malloc(size + (size == 0));
	size_t len = size;
	struct tsig_signer *signer;
	enum tsig_result result;

	signer = tsig_signer_new(&key);
	if (wire == NULL || signer == NULL)
		abort();
	if (size > 0)
		memcpy(wire, data, size);
	result = tsig_verify(wire, &len, signer, &request_mac, NOW, 300,
	    &report);
	if (result == TSIG_OK || result == TSIG_SERVER_ERROR) {
		if (len >= size || !wire_is_whole(wire, len))
			abort();
	} else if (len != size || memcmp(wire, data, size) != 0) {
		abort();
	}
	tsig_signer_free(signer);
	free(wire);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));

	if (copy == NULL)
		return 0;
	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)(i + 1);
	if (size > 0)
		memcpy(copy, data, size);
	if (wire_same_question(data, size, data, size) &&
	    wire_get16(data + 4) != 1)
		abort();
	verify(data, size);
	if (sign(copy, size) && verify(copy, size) == TSIG_WRONG_MAC)
		abort();
	free(copy);
	return 0;
}
