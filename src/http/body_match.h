/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_BODY_MATCH_H
#define RRDNSD_HTTP_BODY_MATCH_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	size_t searched; /* no substring begins before this */
	size_t tried; /* the length at which the expression was tried last */
	int64_t spent_us; /* of processor time, on the expression */
};

/* Keeps as much of the piece as fits; ERR_TOOBIG when max is reached (what
 * fitted is kept), ERR_NOMEM. */
int body_append(struct body *body, const char *piece, size_t len, size_t max);
void body_fini(struct body *body);

/* True when the body, as far as it is here, holds what it must. NUL bytes in
 * it hide nothing. A body that takes the expression more than BODY_REGEX_MS of
 * processor time in all has not matched: with "[a-z]+: ok" regexec(3) needs 8 s
 * for 64 kB of letters, and who sends them must not stop the loop. The time is
 * looked at between steps, of which the last may be longer: with 64 kB at most
 * some 20 ms, with 1 MB, of somebody who knows the expression, a second. */
#define BODY_REGEX_MS 5
bool body_matches(struct body *body, struct body_pattern *pattern);

/* Whether it took that long. */
bool body_is_costly(const struct body *body);

/* To be asked after each piece, however small: all of the questions together
 * cost as much as a few about the whole body. A substring is seen at once, an
 * expression perhaps only when the body is twice as long, or by body_matches
 * at the end. */
bool body_matches_yet(struct body *body, struct body_pattern *pattern);

#endif
