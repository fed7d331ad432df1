/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PROVIDERS_PROVIDER_IMPL_H
#define RRDNSD_DNS_PROVIDERS_PROVIDER_IMPL_H

/* Shared by the files of this folder; nobody else includes it. */

#include <jansson.h>

#include "dns/providers/provider.h"

/* What a vendor's answer says about itself. */
struct provider_error {
	unsigned status; /* 0: no error */
	const char *kind; /* short; NULL: none */
	const char *message; /* NULL: none */
};

struct provider {
	const char *name;
	bool can_swap;

	/* All NULL without an API; lookup where names have to be known. */
	const char *auth; /* header, up to the token */
	int (*lookup)(const struct provider_target *target,
	    struct provider_request *out);
	int (*list)(const struct provider_target *target, unsigned page,
	    struct provider_request *out);
	int (*add)(const struct provider_target *target,
	    const struct provider_record *record,
	    struct provider_request *out);
	int (*change)(const struct provider_target *target,
	    const struct provider_record *record,
	    struct provider_request *out);
	int (*remove)(const struct provider_target *target, uint64_t id,
	    struct provider_request *out);

	/* The error in an answer; its status is 0 when there is none. */
	struct provider_error (*error)(const json_t *root);
	/* 0, ERR_NOMEM, ERR_TOOBIG, ERR_SYNTAX; ERR_INVALID with the reason in
	 * text. */
	int (*take_lookup)(const json_t *root, struct provider_target *target,
	    char text[PROVIDER_TEXT_MAX]);

	const char *records; /* the name of the list in an answer */
	bool (*is_ours)(const json_t *record,
	    const struct provider_target *target);
	const char *(*address_of)(const json_t *record,
	    const struct provider_target *target); /* NULL: it has none */
	/* As take_lookup; NULL: all of a list comes at once. */
	int (*next_page)(const json_t *root, unsigned *page);
};

extern const struct provider provider_digitalocean;
extern const struct provider provider_dynu;

/* "A" or "AAAA" */
const char *provider_type(const struct provider_target *target);

/* The fqdn without its zone; `apex` when nothing is left. */
const char *provider_node(const struct provider_target *target,
    const char *apex, char buf[256]);

/* url by a format; body is taken over, NULL in place of one that could not be
 * made: ERR_NOMEM. */
int provider_fill(struct provider_request *out, const char *method,
    json_t *body, bool has_body, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
