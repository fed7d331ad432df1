/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_PUBLISH_FIXTURE_H
#define RRDNSD_TESTS_PUBLISH_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "check_main.h"
#include "conf.h"
#include "dns/exchange.h"
#include "dns/publish.h"

/*
 * The publisher on a virtual clock, with one primary that holds two names of one
 * zone. The primary answers each query at once, from what the test says that it
 * holds; what becomes of an UPDATE the test decides.
 */
#define SITE_ENDPOINTS 2

struct site {
	/* What the agent says, and what the primary holds. */
	struct publish_endpoint wish[SITE_ENDPOINTS];
	bool held[SITE_ENDPOINTS];
	uint32_t held_ttl;

	struct publish_service *service;
	unsigned reads; /* queries that the primary answered */
	unsigned sendings; /* calls of the hook `sending` */
	char told[512]; /* changes, one a line */
	char failure[256];

	char fqdn[32];
	struct conf_service conf;
	struct conf_endpoint endpoints[SITE_ENDPOINTS];
};

extern struct site www, ftp;

/* Begins to publish both, which are as wished; time passes until nothing is
 * under way. */
void begin(bool dry_run);

/* Lets so many milliseconds pass. */
void pass(int64_t ms);

/* The wish for an endpoint changes, and the publisher is told so. */
void wish_for(struct site *site, unsigned endpoint,
    enum desired_action action);

/* Whether an UPDATE is in flight, or one that changes this name. */
bool update_in_flight(void);
bool update_of(const struct site *site);

/* Ends the one in flight. */
void end_update(enum exchange_status status);

void use_publish(TCase *tcase);

#endif
