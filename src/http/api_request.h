/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_API_REQUEST_H
#define RRDNSD_HTTP_API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The body of a request: a JSON object with known fields of known types. Pure.
 * What is wrong is said together with what would be right.
 */
struct api_body;

enum api_field_type {
	API_FIELD_TEXT, /* const char *; max: bytes */
	API_FIELD_NUMBER, /* int64_t; min and max */
	API_FIELD_BOOL, /* bool */
	API_FIELD_WORD, /* const char *; a text, or a whole number as text */
};

struct api_field {
	const char *name;
	enum api_field_type type;
	bool required;
	int64_t min;
	int64_t max;
	size_t offset; /* in the struct that is filled in */
};

/* Fills in the fields that are given; others stay as they are. An empty body is
 * an empty object. Texts are valid until api_body_free. NULL: why says what is
 * wrong. */
struct api_body *api_body_parse(const char *text, size_t len,
    const struct api_field *fields, size_t n_fields, void *to, char *why,
    size_t why_size);
void api_body_free(struct api_body *body); /* NULL is fine */

#endif
