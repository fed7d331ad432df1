/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PUBLISH_STEP_H
#define RRDNSD_DNS_PUBLISH_STEP_H

#include "dns/providers/provider_set.h"
#include "dns/publish.h"

/*
 * Pure: the one next step towards what is wished, where nothing can compare
 * and swap and every request changes a single record.
 *
 * The record with the lowest id is the anchor. It is never removed, but given
 * another address; whoever removes a record has seen one with a lower id. So
 * the lowest id there ever was is still there, and the name has a record, in
 * whatever order the requests of several writers arrive, late ones and copies
 * included, and even if the writers disagree. Nothing else is assumed of ids
 * than that no other record gets a used one.
 *
 * The exceptions are those of S2: an anchor has to go when the set may be
 * empty, and when no other endpoint is wished for certain (intents).
 */
enum publish_step_kind {
	STEP_NONE, /* as wished */
	STEP_ADD,
	STEP_CHANGE, /* the record with this id gets this address and TTL */
	STEP_REMOVE,
	STEP_WOULD_EMPTY, /* refused, see publish_plan.h */
};

struct conf_service;

struct publish_step {
	enum publish_step_kind kind;
	struct provider_record record;
	bool twin; /* the address then stands there twice, for a while */
};

/* What is missing takes the place of what has to go, or is added; then what
 * has to go goes, twice the same address included; then TTLs are repaired.
 * Records that are no endpoint are never touched (S3).
 *
 * no_twins: the API refuses a second record with the same address; the anchor
 * is then removed as any other, while another record is there. */
struct publish_step publish_step_next(const struct provider_set *set,
    const struct publish_wish *wish, uint32_t ttl, bool no_twins);

/* What DNS shows of it, for publish_plan: there is a next step exactly when that
 * finds a difference, or untidiness: an endpoint's address that stands there
 * twice. The TTL is that of the endpoints' records, another than the
 * service's if there is one. */
int publish_step_view(const struct provider_set *set,
    const struct conf_service *service, struct rrset *out, bool *untidy);

/* "add 192.0.2.1" and the like, for messages. size: at least 80. */
const char *publish_step_text(const struct publish_step *step, char *buf,
    size_t size);

#endif
