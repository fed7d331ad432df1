/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/wire.h"

#include <ctype.h>
#include <string.h>

#define LABEL_MAX 63
#define POINTERS_MAX 126

size_t
wire_name_from_text(const char *text, uint8_t out[WIRE_NAME_MAX])
{
	size_t used = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ".");

		if (len == 0 || len > LABEL_MAX ||
		    used + len + 2 > WIRE_NAME_MAX)
			return 0;
		out[used++] = (uint8_t)len;
		for (size_t i = 0; i < len; i++)
			out[used++] = (uint8_t)tolower((unsigned char)text[i]);
		text += len;
		if (*text == '.')
			text++;
	}
	out[used++] = 0;
	return used;
}

size_t
wire_name_read(const uint8_t *wire, size_t size, size_t at,
    uint8_t out[WIRE_NAME_MAX], size_t *len)
{
	size_t used = 0, end = 0, pointers = 0;

	while (at < size) {
		uint8_t c = wire[at];

		if ((c & 0xc0) == 0xc0) {
			size_t target;

			if (at + 2 > size || ++pointers > POINTERS_MAX)
				return 0;
			target = wire_get16(wire + at) & 0x3fff;
			if (target >= at)
				return 0;
			if (end == 0)
				end = at + 2;
			at = target;
			continue;
		}
		if (c > LABEL_MAX || at + 1 + c > size ||
		    used + 1 + c > WIRE_NAME_MAX)
			return 0;
		out[used++] = c;
		for (size_t i = 1; i <= c; i++)
			out[used++] = (uint8_t)tolower(wire[at + i]);
		at += 1 + (size_t)c;
		if (c == 0) {
			*len = used;
			return end != 0 ? end : at;
		}
	}
	return 0;
}

static size_t
skip_name(const uint8_t *wire, size_t size, size_t at)
{
	while (at < size) {
		uint8_t c = wire[at];

		if ((c & 0xc0) == 0xc0)
			return at + 2 <= size ? at + 2 : 0;
		if (c > LABEL_MAX)
			return 0;
		at += 1 + (size_t)c;
		if (c == 0)
			return at <= size ? at : 0;
	}
	return 0;
}

size_t
wire_skip_rr(const uint8_t *wire, size_t size, size_t at)
{
	at = skip_name(wire, size, at);
	if (at == 0 || at + 10 > size)
		return 0;
	at += 10 + (size_t)wire_get16(wire + at + 8);
	return at <= size ? at : 0;
}

size_t
wire_last_rr(const uint8_t *wire, size_t size)
{
	size_t at = WIRE_HEADER_LEN, last = 0, n;

	if (size < WIRE_HEADER_LEN)
		return 0;
	for (n = wire_get16(wire + 4); n > 0; n--) {
		at = skip_name(wire, size, at);
		if (at == 0 || at + 4 > size)
			return 0;
		at += 4;
	}
	n = wire_get16(wire + 6) + wire_get16(wire + 8) +
	    wire_get16(wire + 10);
	for (; n > 0; n--) {
		last = at;
		at = wire_skip_rr(wire, size, at);
		if (at == 0)
			return 0;
	}
	return at == size ? last : 0;
}
