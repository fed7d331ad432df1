/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HEALTHCHECK_H
#define RRDNSD_HEALTHCHECK_H

#include <stddef.h>
#include <stdint.h>

enum healthcheck_scheme {
	HEALTHCHECK_HTTP,
	HEALTHCHECK_HTTPS,
	HEALTHCHECK_TCP,
};

/* What is asked of an endpoint, out of a template such as
 * "https://{}:443/health?full=1"; {} stands for the endpoint's address. */
struct healthcheck {
	char *text; /* the template as configured */
	enum healthcheck_scheme scheme;
	uint16_t port; /* 80 and 443 when the template has none; tcp needs one */
	char *target; /* path and query, begins with "/"; "" for tcp */
};

/* On failure why says what would have been right. */
int healthcheck_parse(const char *text, struct healthcheck *out, char *why,
    size_t why_size);

/* The same for a plain http:// or https:// URL, without {}. */
int healthcheck_check_url(const char *text, char *why, size_t why_size);

int healthcheck_copy(const struct healthcheck *from, struct healthcheck *out);
void healthcheck_fini(struct healthcheck *check);

#endif
