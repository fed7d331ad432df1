/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_WIRE_H
#define RRDNSD_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounded reading of DNS messages from the network (RFC 1035 section 4.1). */
#define WIRE_NAME_MAX 255
#define WIRE_HEADER_LEN 12

static inline unsigned
wire_get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline void
wire_put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* Text ("key.example", no escapes) to wire form in lower case; the length, or
 * 0 when it is no domain name. */
size_t wire_name_from_text(const char *text, uint8_t out[WIRE_NAME_MAX]);

/* Expands the name at `at` in lower case. Pointers must lead backwards. *len
 * is its expanded length; returns the offset behind it, 0 on any fault. */
size_t wire_name_read(const uint8_t *wire, size_t size, size_t at,
    uint8_t out[WIRE_NAME_MAX], size_t *len);

/* The offset of the last record of the message, found by walking through all
 * of it; 0 when it is malformed, has no records or has bytes behind its end.
 * *n_of_type is how many of its records are of that type. */
size_t wire_last_rr(const uint8_t *wire, size_t size, unsigned type,
    unsigned *n_of_type);

/* The records that the header counts are all there, addresses have their
 * length, and nothing is behind. */
bool wire_is_whole(const uint8_t *wire, size_t size);

/* Both have one question, and it is the same; the case of letters aside. */
bool wire_same_question(const uint8_t *a, size_t a_size, const uint8_t *b,
    size_t b_size);

#endif
