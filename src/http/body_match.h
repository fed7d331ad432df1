/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_BODY_MATCH_H
#define RRDNSD_HTTP_BODY_MATCH_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* What a body must hold: a substring, a POSIX extended regular expression, or
 * both. Compiled once, used for every probe. */
struct body_pattern {
	char *substring; /* len bytes; NULL: none */
	size_t len;
	bool has_regex;
	regex_t regex;
};

/* Either may be NULL. ERR_NOMEM, or ERR_SYNTAX for a bad expression. */
int body_pattern_init(struct body_pattern *pattern, const char *substring,
    size_t len, const char *regex);
void body_pattern_fini(struct body_pattern *pattern);
bool body_pattern_is_set(const struct body_pattern *pattern);

/* A body as it arrives, of which at most max bytes are kept. */
struct body {
	char *data; /* a NUL follows len */
	size_t len;
	size_t cap;
};

/* Keeps as much of the piece as fits; ERR_TOOBIG when max is reached (what
 * fitted is kept), ERR_NOMEM. */
int body_append(struct body *body, const char *piece, size_t len, size_t max);
void body_fini(struct body *body);

/* True when the body, as far as it is here, holds what it must. NUL bytes in
 * it hide nothing. */
bool body_matches(const struct body *body, const struct body_pattern *pattern);

#endif
