/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/tsig.h"
#include "dns/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1767225600

/* The key and the request of tests/check_tsig.c: what is in the corpus is
 * authentic. */
static uint8_t secret[32];
static struct tsig_key key = { .name = "key.test", .alg = TSIG_HMAC_SHA256,
	.secret = { secret, sizeof secret } };
static const struct tsig_mac request_mac = { .len = 32, .bytes = {
	0xb0, 0x9b, 0x2f, 0x73, 0x35, 0x99, 0xdb, 0x67, 0x87, 0x35, 0x5a, 0x57,
	0xe6, 0x09, 0x9a, 0xe5, 0xcf, 0xbe, 0x1d, 0x82, 0x61, 0x18, 0x5b, 0xa9,
	0xc8, 0x96, 0x0b, 0xd5, 0x2e, 0xbe, 0xe8, 0x1e } };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tsig_report report;
	uint8_t *wire = malloc(size + (size == 0));
	size_t len = size;
	enum tsig_result result;

	if (wire == NULL)
		return 0;
	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)(i + 1);
	if (size > 0)
		memcpy(wire, data, size);
	result = tsig_verify(wire, &len, &key, &request_mac, NOW, &report);
	if (result == TSIG_OK || result == TSIG_SERVER_ERROR) {
		if (len >= size || !wire_is_whole(wire, len))
			abort();
	} else if (len != size || memcmp(wire, data, size) != 0) {
		abort();
	}
	free(wire);
	return 0;
}
