/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tsig_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct tsig_key key = { .name = "" };
	char why[160] = "";

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (tsig_key_parse(text, &key, why, sizeof why) == 0) {
		if (key.name[0] == '\0' || key.secret.len == 0)
			abort();
		tsig_key_fini(&key);
	} else if (why[0] == '\0') {
		abort();
	}
	free(text);
	return 0;
}
