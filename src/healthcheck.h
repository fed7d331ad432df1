/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HEALTHCHECK_H
#define RRDNSD_HEALTHCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum healthcheck_scheme {
	HEALTHCHECK_HTTP,
	HEALTHCHECK_HTTPS,
	HEALTHCHECK_TCP,
	HEALTHCHECK_TLS,
	HEALTHCHECK_DNS,
	HEALTHCHECK_EXEC,
};

/* What is asked of an endpoint, out of a template such as
 * "https://{}:443/health?full=1" or "exec:/usr/bin/check {}"; {} stands for
 * the endpoint's address. */
struct healthcheck {
	char *text; /* the template as configured */
	enum healthcheck_scheme scheme;
	uint16_t port; /* the scheme's when the template has none; tcp and tls
			need one, exec has none */
	/* http and https: path and query, begins with "/"; exec: the program
	 * and its arguments with one blank between, {} still in them; others:
	 * "" */
	char *target;
};

/* On failure why says what would have been right. */
int healthcheck_parse(const char *text, struct healthcheck *out, char *why,
    size_t why_size);

/* The same for a plain http:// or https:// URL, without {}. */
int healthcheck_check_url(const char *text, char *why, size_t why_size);

bool healthcheck_is_http(enum healthcheck_scheme scheme);
bool healthcheck_uses_tls(enum healthcheck_scheme scheme);

int healthcheck_copy(const struct healthcheck *from, struct healthcheck *out);
void healthcheck_fini(struct healthcheck *check);

#endif
