/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PROVIDERS_PROVIDER_H
#define RRDNSD_DNS_PROVIDERS_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "dns/providers/provider_set.h"
#include "http_fetch.h"

/*
 * The one interface to whoever holds records: list those of a name, add,
 * change, remove; and whether it can compare and swap. Pure: here requests are
 * put into words and answers are read, dns/publish_api.c sends them.
 *
 * Who can compare and swap has all of that in one message (dns/message.h), and
 * nothing but its name here; who holds no records neither.
 */
struct provider;

const struct provider *provider_of(enum conf_method method);
bool provider_has_api(const struct provider *provider);
bool provider_can_swap(const struct provider *provider);

/* Whose records. All of it is borrowed. */
struct provider_target {
	const char *url; /* base of the API, without a "/" at its end */
	const char *fqdn;
	const char *zone;
	enum addr_family family;
	uint64_t domain; /* what a lookup found, 0: nothing yet */
};

struct provider_request {
	const char *method;
	char *url;
	char *body; /* NULL: none */
};

void provider_request_fini(struct provider_request *request);

/* The header that shows who we are, to be freed and wiped by the caller; NULL:
 * out of memory. */
char *provider_auth_header(const struct provider *provider,
    const struct secret *token);

/* True while provider_lookup has to come before anything else. */
bool provider_needs_lookup(const struct provider *provider,
    const struct provider_target *target);

/* Each fills in a request. 0 or ERR_NOMEM. */
int provider_lookup(const struct provider *provider,
    const struct provider_target *target, struct provider_request *out);
int provider_list(const struct provider *provider,
    const struct provider_target *target, unsigned page,
    struct provider_request *out); /* pages count from 1 */
int provider_add(const struct provider *provider,
    const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out); /* the id is not looked at */
int provider_change(const struct provider *provider,
    const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out); /* of this id: address and TTL */
int provider_remove(const struct provider *provider,
    const struct provider_target *target, uint64_t id,
    struct provider_request *out);

enum provider_result {
	PROVIDER_OK,
	PROVIDER_GONE, /* what was asked for is not there */
	PROVIDER_LIMITED, /* too many requests: later */
	PROVIDER_AWAY, /* no answer, or a fault on their side: again */
	PROVIDER_STRANGER, /* the token is wrong, or not allowed to do this */
	PROVIDER_DENIED, /* what was asked for; somebody has to look at it */
	PROVIDER_MALFORMED,
};

#define PROVIDER_TEXT_MAX 240

/* All read an untrusted answer; what is not OK leaves its reason in text. */
enum provider_result provider_read_done(const struct provider *provider,
    const struct http_fetch_answer *answer, char text[PROVIDER_TEXT_MAX]);
enum provider_result provider_read_lookup(const struct provider *provider,
    struct provider_target *target, const struct http_fetch_answer *answer,
    char text[PROVIDER_TEXT_MAX]);

/* Puts the records of the target into the set. *page is the one that was
 * asked for, and then the next one, 0 when this was the last. */
enum provider_result provider_read_list(const struct provider *provider,
    const struct provider_target *target,
    const struct http_fetch_answer *answer, struct provider_set *set,
    unsigned *page, char text[PROVIDER_TEXT_MAX]);

#endif
