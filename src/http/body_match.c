/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/body_match.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

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

/* regexec stops at a NUL unless told where the text ends. */
static bool
regex_matches(const struct body *body, const regex_t *regex)
{
	regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)body->len };

	return regexec(regex, body->data, 1, &range, REG_STARTEND) == 0;
}

bool
body_matches(const struct body *body, const struct body_pattern *pattern)
{
	if (body->data == NULL)
		return !body_pattern_is_set(pattern);
	if (pattern->substring != NULL &&
	    memmem(body->data, body->len, pattern->substring,
		pattern->len) == NULL)
		return false;
	return !pattern->has_regex || regex_matches(body, &pattern->regex);
}
