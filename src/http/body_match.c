/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/body_match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"

#define STEP_US 200 /* about that, between two looks at the processor time */

/* However cheap the places before were, each of the next ones may cost a walk to
 * the end: no step has so many that they could stop the loop for long. */
#define STEPS_MAX 4096 /* of a body without any costly place, about that */
#define PLACES_MIN 64

int
body_pattern_init(struct body_pattern *pattern, const char *substring,
    size_t len, const char *regex)
{
	*pattern = (struct body_pattern){ 0 };
	if (substring != NULL) {
		pattern->substring = malloc(len + 1);
		if (pattern->substring == NULL)
			return ERR_NOMEM;
		memcpy(pattern->substring, substring, len);
		pattern->len = len;
	}
	if (regex == NULL)
		return 0;
	if (regcomp(&pattern->regex, regex,
		REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0) {
		body_pattern_fini(pattern);
		return ERR_SYNTAX;
	}
	pattern->has_regex = true;
	return 0;
}

void
body_pattern_fini(struct body_pattern *pattern)
{
	free(pattern->substring);
	if (pattern->has_regex)
		regfree(&pattern->regex);
	*pattern = (struct body_pattern){ 0 };
}

bool
body_pattern_is_set(const struct body_pattern *pattern)
{
	return pattern->substring != NULL || pattern->has_regex;
}

static int
grow(struct body *body, size_t need)
{
	size_t cap = body->cap ? body->cap : 512;
	char *data;

	if (need <= body->cap)
		return 0;
	while (cap < need)
		cap *= 2;
	data = realloc(body->data, cap);
	if (data == NULL)
		return ERR_NOMEM;
	body->data = data;
	body->cap = cap;
	return 0;
}

int
body_append(struct body *body, const char *piece, size_t len, size_t max)
{
	size_t room = max > body->len ? max - body->len : 0;
	size_t take = len < room ? len : room;

	if (grow(body, body->len + take + 1) != 0)
		return ERR_NOMEM;
	memcpy(body->data + body->len, piece, take);
	body->len += take;
	body->data[body->len] = '\0';
	return take < len ? ERR_TOOBIG : 0;
}

void
body_fini(struct body *body)
{
	free(body->data);
	*body = (struct body){ 0 };
}

static int64_t
clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* When the processor time was read last. That is a system call, and costs as
 * much as a thousand cheap places: it is read when so much time has passed at
 * all. */
struct watch {
	int64_t wall_us;
	int64_t cpu_us;
};

static int64_t
watch_read(struct watch *watch)
{
	int64_t before_us = watch->cpu_us;

	watch->cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
	watch->wall_us = clock_us(CLOCK_MONOTONIC);
	return watch->cpu_us - before_us;
}

bool
body_is_costly(const struct body *body)
{
	return body->spent_us >= BODY_REGEX_MS * 1000;
}

/* glibc's re_search, unlike regexec, can be told at which places to begin: as
 * many at once as take little time, or the time could not be bounded. */
static bool
regex_matches(struct body *body, regex_t *regex)
{
	size_t at = 0, places = 1, most = body->len / STEPS_MAX;
	struct watch watch = { 0 };

	if (most < PLACES_MIN)
		most = PLACES_MIN;
	body->tried = body->len;
	watch_read(&watch);
	while (at <= body->len && !body_is_costly(body)) {
		if (places > body->len - at + 1)
			places = body->len - at + 1;
		if (re_search(regex, body->data, (regoff_t)body->len,
			(regoff_t)at, (regoff_t)places - 1, NULL) >= 0)
			return true;
		at += places;
		if (clock_us(CLOCK_MONOTONIC) - watch.wall_us < STEP_US) {
			places = 2 * places < most ? 2 * places : most;
			continue;
		}
		body->spent_us += watch_read(&watch);
		places = (places + 1) / 2;
	}
	body->spent_us += watch_read(&watch);
	return false;
}

/* Looks only where what is new may have completed it. */
static bool
substring_matches(struct body *body, const struct body_pattern *pattern)
{
	const char *found = memmem(body->data + body->searched,
	    body->len - body->searched, pattern->substring, pattern->len);

	if (found != NULL)
		body->searched = (size_t)(found - body->data);
	else if (body->len - body->searched >= pattern->len)
		body->searched = body->len - (pattern->len - 1);
	return found != NULL;
}

bool
body_matches(struct body *body, struct body_pattern *pattern)
{
	if (body->data == NULL)
		return !body_pattern_is_set(pattern);
	if (pattern->substring != NULL && !substring_matches(body, pattern))
		return false;
	return !pattern->has_regex || regex_matches(body, &pattern->regex);
}

bool
body_matches_yet(struct body *body, struct body_pattern *pattern)
{
	if (pattern->has_regex && body->len < 2 * body->tried)
		return false;
	return body_matches(body, pattern);
}
