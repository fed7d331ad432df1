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
	int (*take_list)(const json_t *root,
	    const struct provider_target *target, struct provider_set *set,
	    unsigned *page);
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

/* One record out of a list: id and TTL are JSON numbers. 0, ERR_SYNTAX or what
 * provider_set_put says. */
int provider_take_record(struct provider_set *set, const json_t *id,
    const json_t *ttl, const char *addr);

#endif
