/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PUBLISH_PLAN_H
#define RRDNSD_DNS_PUBLISH_PLAN_H

#include "dns/publish.h"
#include "dns/rrset.h"

/* Pure: from what a server holds and what is wished to what to write. */
enum publish_plan {
	PLAN_SAME, /* nothing to do */
	PLAN_CHANGE,
	PLAN_WOULD_EMPTY, /* refused: the last line of defence of S2 */
	PLAN_NOMEM,
};

/* Absent endpoints leave, present ones join, kept ones and records that are no
 * endpoint stay as they are (S3), all get the TTL. target is initialised in
 * any case; the caller frees it. */
enum publish_plan publish_plan(const struct rrset *read, bool untidy,
    const struct publish_wish *wish, uint32_t ttl, struct rrset *target);

/* Waiting before try number `tries` (1, 2, ...) after something that another
 * reading may clear up: 100 ms, doubling; 0 when it is time to give up until
 * the next reconcile. */
unsigned publish_retry_ms(unsigned tries);

/* Waiting before a server that does not answer is tried again: 250 ms,
 * doubling up to 10 s, 25 % of it spread by `random`. */
unsigned publish_backoff_ms(unsigned failures, uint32_t random);

/* interval +-10 %, spread by `random`. */
unsigned publish_jitter_ms(unsigned interval_ms, uint32_t random);

/* The further looks after an update, which undo the harm of a late copy of an
 * older one: at once, 2.5 s and 8 s after; returns the step's time from the
 * update, or -1 when there are no more. */
int publish_verify_ms(unsigned step);

#endif
