/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "wire_text.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

size_t
wire_from_text(const char *text, uint8_t *out, size_t size)
{
	size_t len = 0;

	while (*text != '\0') {
		unsigned byte;

		if (*text == ' ') {
			text++;
			continue;
		}
		ck_assert_uint_lt(len, size);
		if (*text == '\'') {
			for (text++; *text != '\''; text++) {
				ck_assert_uint_lt(len, size);
				out[len++] = (uint8_t)*text;
			}
			text++;
			continue;
		}
		ck_assert_int_eq(sscanf(text, "%2x", &byte), 1);
		out[len++] = (uint8_t)byte;
		text += 2;
	}
	return len;
}

void
wire_assert_eq(const uint8_t *wire, size_t len, const char *text)
{
	static uint8_t expected[65535];
	size_t expected_len = wire_from_text(text, expected, sizeof expected);

	for (size_t i = 0; i < len && i < expected_len; i++)
		ck_assert_msg(wire[i] == expected[i],
		    "byte %zu is %02x, not %02x", i, wire[i], expected[i]);
	ck_assert_uint_eq(len, expected_len);
}
