/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_WIRE_TEXT_H
#define RRDNSD_TESTS_WIRE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Messages as tests write them: hexadecimal digits with spaces between, and
 * 'text' for bytes that are letters. */
size_t wire_from_text(const char *text, uint8_t *out, size_t size);

/* Aborts the test unless wire is what text says. */
void wire_assert_eq(const uint8_t *wire, size_t len, const char *text);

#endif
