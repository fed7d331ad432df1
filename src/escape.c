/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "escape.h"

#include <string.h>

#include "err.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* What stands behind "\": its length, or 0. */
static size_t
read_one(const char *text, char *out)
{
	static const char letters[] = "rnt\\", bytes[] = "\r\n\t\\";
	const char *letter = strchr(letters, text[0]);
	int high, low;

	if (text[0] != '\0' && letter != NULL) {
		*out = bytes[letter - letters];
		return 1;
	}
	if (text[0] != 'x' || (high = hex_digit(text[1])) < 0 ||
	    (low = hex_digit(text[2])) < 0)
		return 0;
	*out = (char)(high << 4 | low);
	return 3;
}

int
escape_read(const char *text, char *out, size_t *len)
{
	*len = 0;
	while (*text != '\0') {
		char c = *text++;

		if (c == '\\') {
			size_t used = read_one(text, &c);

			if (used == 0)
				return ERR_SYNTAX;
			text += used;
		}
		out[(*len)++] = c;
	}
	return 0;
}
