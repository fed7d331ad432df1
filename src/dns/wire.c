/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/wire.h"

#include <ctype.h>
#include <string.h>

#define CLASS_IN 1
#define TYPE_A 1
#define TYPE_AAAA 28
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

static size_t
skip_question(const uint8_t *wire, size_t size, size_t at)
{
	at = skip_name(wire, size, at);
	return at != 0 && at + 4 <= size ? at + 4 : 0;
}

/* ldns takes an A record of 5 to 7 bytes for one of 4. */
static bool
rdata_fits(unsigned type, unsigned class, unsigned rdlen)
{
	if (class != CLASS_IN)
		return true;
	return (type != TYPE_A || rdlen == 4) &&
	    (type != TYPE_AAAA || rdlen == 16);
}

/* The offset behind the record at `at`, and its type. */
static size_t
skip_rr(const uint8_t *wire, size_t size, size_t at, unsigned *type)
{
	unsigned rdlen;

	at = skip_name(wire, size, at);
	if (at == 0 || at + 10 > size)
		return 0;
	*type = wire_get16(wire + at);
	rdlen = wire_get16(wire + at + 8);
	if (at + 10 + rdlen > size ||
	    !rdata_fits(*type, wire_get16(wire + at + 2), rdlen))
		return 0;
	return at + 10 + rdlen;
}

/* The offset behind the questions; 0 on any fault. */
static size_t
skip_questions(const uint8_t *wire, size_t size)
{
	size_t at = WIRE_HEADER_LEN;

	if (size < WIRE_HEADER_LEN)
		return 0;
	for (unsigned n = wire_get16(wire + 4); n > 0 && at != 0; n--)
		at = skip_question(wire, size, at);
	return at;
}

static unsigned
count_records(const uint8_t *wire)
{
	return wire_get16(wire + 6) + wire_get16(wire + 8) +
	    wire_get16(wire + 10);
}

size_t
wire_last_rr(const uint8_t *wire, size_t size, unsigned type,
    unsigned *n_of_type)
{
	size_t at = skip_questions(wire, size), last = 0;

	*n_of_type = 0;
	if (at == 0)
		return 0;
	for (unsigned n = count_records(wire); n > 0; n--) {
		unsigned this_type = 0;

		last = at;
		at = skip_rr(wire, size, at, &this_type);
		if (at == 0)
			return 0;
		if (this_type == type)
			++*n_of_type;
	}
	return at == size ? last : 0;
}

bool
wire_is_whole(const uint8_t *wire, size_t size)
{
	size_t at = skip_questions(wire, size);
	unsigned type;

	if (at == 0)
		return false;
	for (unsigned n = count_records(wire); n > 0 && at != 0; n--)
		at = skip_rr(wire, size, at, &type);
	return at == size;
}

bool
wire_same_question(const uint8_t *a, size_t a_size, const uint8_t *b,
    size_t b_size)
{
	uint8_t a_name[WIRE_NAME_MAX], b_name[WIRE_NAME_MAX];
	size_t a_len, b_len, a_at, b_at;

	if (a_size < WIRE_HEADER_LEN || b_size < WIRE_HEADER_LEN ||
	    wire_get16(a + 4) != 1 || wire_get16(b + 4) != 1)
		return false;
	a_at = wire_name_read(a, a_size, WIRE_HEADER_LEN, a_name, &a_len);
	b_at = wire_name_read(b, b_size, WIRE_HEADER_LEN, b_name, &b_len);
	return a_at != 0 && b_at != 0 && a_at + 4 <= a_size &&
	    b_at + 4 <= b_size && a_len == b_len &&
	    memcmp(a_name, b_name, a_len) == 0 &&
	    memcmp(a + a_at, b + b_at, 4) == 0;
}
