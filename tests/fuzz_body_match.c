/* SPDX-License-Identifier: ISC */
/* The body of a probe's answer. The first line is the pattern: a substring, or
 * after "~" a regular expression that the configuration takes. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf_words.h"
#include "http/body_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 2000

/* A body comes in pieces, of which as much is kept as fits. */
static void
fill(struct body *body, const char *data, size_t size)
{
	size_t at = 0, piece = 1;

	while (at < size) {
		if (piece > size - at)
			piece = size - at;
		body_append(body, data + at, piece, BODY_MAX);
		at += piece;
		piece *= 3;
	}
	if (body->len != (size < BODY_MAX ? size : BODY_MAX) ||
	    (size > 0 && memcmp(body->data, data, body->len) != 0))
		abort();
}

/* Asked after each piece, a substring is found as in the whole. */
static void
try_pieces(struct body_pattern *pattern, const struct body *whole)
{
	bool found = false;
	struct body body = { 0 };

	for (size_t at = 0; at < whole->len && !found; at += 7) {
		size_t left = whole->len - at;

		body_append(&body, whole->data + at, left < 7 ? left : 7,
		    BODY_MAX);
		found = body_matches_yet(&body, pattern);
	}
	if (!pattern->has_regex && whole->len > 0 &&
	    found != (memmem(whole->data, whole->len, pattern->substring,
			  pattern->len) != NULL))
		abort();
	body_fini(&body);
}

/* A substring that is found is still found when more follows. */
static void
try_pattern(struct body_pattern *pattern, struct body *body)
{
	bool found = body_matches(body, pattern);

	if (found && !pattern->has_regex && pattern->len > body->len)
		abort();
	body_append(body, "\n", 1, BODY_MAX + 1);
	if (found && !pattern->has_regex && !body_matches(body, pattern))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
	struct body_pattern pattern;
	struct body body = { 0 };
	char *first, why[200];
	bool regex;

	if (end == NULL)
		return 0;
	first = strndup(text, (size_t)(end - text));
	if (first == NULL)
		return 0;
	regex = first[0] == '~';
	if (!regex || conf_check_regex(first + 1, why, sizeof why) == 0) {
		if (body_pattern_init(&pattern, regex ? NULL : first,
			strlen(first), regex ? first + 1 : NULL) != 0)
			abort();
		fill(&body, end + 1, size - (size_t)(end + 1 - text));
		try_pieces(&pattern, &body);
		try_pattern(&pattern, &body);
		body_fini(&body);
		body_pattern_fini(&pattern);
	}
	free(first);
	return 0;
}
