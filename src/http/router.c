/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/router.h"

#include <stdio.h>
#include <string.h>

/* The length of the segment that begins at p, which is behind a slash. */
static size_t
segment_len(const char *p)
{
	return strcspn(p, "/");
}

static bool
take_param(const char *segment, size_t len, size_t *n,
    struct route_match *out)
{
	if (len == 0 || len >= ROUTE_PARAM_MAX || *n == ROUTE_PARAMS_MAX)
		return false;
	memcpy(out->params[*n], segment, len);
	out->params[(*n)++][len] = '\0';
	return true;
}

static bool
fits(const char *pattern, const char *path, struct route_match *out)
{
	size_t n = 0;

	while (*pattern == '/' && *path == '/') {
		size_t wanted = segment_len(++pattern);
		size_t len = segment_len(++path);

		if (wanted == 1 && *pattern == '*') {
			if (!take_param(path, len, &n, out))
				return false;
		} else if (wanted != len ||
		    memcmp(pattern, path, len) != 0) {
			return false;
		}
		pattern += wanted;
		path += len;
	}
	return *pattern == '\0' &&
	    (*path == '\0' || strcmp(path, "/") == 0);
}

static bool
serves(const char *served, const char *method)
{
	return strcmp(served, method) == 0 ||
	    (strcmp(served, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static void
add_allowed(struct route_match *out, const char *method)
{
	size_t used = strlen(out->allow);

	snprintf(out->allow + used, sizeof out->allow - used, "%s%s%s",
	    used > 0 ? ", " : "", method,
	    strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void
route_find(const struct route *routes, size_t n, const char *method,
    const char *path, struct route_match *out)
{
	*out = (struct route_match){ .status = 404 };
	for (size_t i = 0; i < n; i++) {
		if (!fits(routes[i].pattern, path, out))
			continue;
		if (serves(routes[i].method, method)) {
			out->status = 200;
			out->route = &routes[i];
			out->allow[0] = '\0';
			return;
		}
		out->status = 405;
		add_allowed(out, routes[i].method);
	}
}
