/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBER_H
#define RRDNSD_HTTP_PROBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/outcome.h"

struct conf_endpoint;
struct conf_service;
struct dns_query;
struct loop;
struct prober;
struct prober_sub;

#define PROBE_DETAIL_MAX 160

/* What one finished probe found. Valid during the callback only. */
struct probe_result {
	enum outcome outcome;
	char detail[PROBE_DETAIL_MAX]; /* "status 503", "connect timeout"... */
	uint32_t duration_us;
	int64_t at_ms; /* loop clock, when it finished */
	bool certificate_known;
	int certificate_days; /* until it ends; negative: ended */
};

typedef void prober_result_cb(void *arg, const struct probe_result *result);

/* endpoints: roughly how many there will be; sizes the shards. dns: how
 * dns:// endpoints are asked; outlives the prober. */
struct prober *prober_new(struct loop *loop, size_t endpoints,
    const struct dns_query *dns);
void prober_free(struct prober *prober); /* cancels without callbacks */

/* Looks which checks by exec: have ended; to be called at SIGCHLD. */
void prober_reap(struct prober *prober);

/* Probes an endpoint the way its service says, at its interval, the first one
 * at a random moment of the interval. Subscriptions whose probes would be
 * byte for byte the same share one; everything is copied, so the conf may go
 * away. Subscribing a new conf before unsubscribing the old carries the
 * running probe over a reload. NULL: out of memory. */
struct prober_sub *prober_subscribe(struct prober *prober,
    const struct conf_service *service, const struct conf_endpoint *endpoint,
    prober_result_cb *cb, void *arg);

/* True when both get the results of the same probes: nothing that matters for
 * probing differs. */
bool prober_same_target(const struct prober_sub *a,
    const struct prober_sub *b);

/* No callback comes afterwards. Legal inside a callback; NULL is fine. */
void prober_unsubscribe(struct prober_sub *sub);

/* While any subscriber is in doubt, the fast interval is used; the next probe
 * is due one fast interval after the last start (or at once). */
void prober_set_fast(struct prober_sub *sub, bool fast);

/* Starts a probe now unless one is in flight. */
void prober_probe_now(struct prober_sub *sub);

/* For metrics. */
struct prober_stats {
	uint64_t started;
	uint64_t finished;
	size_t in_flight;
	size_t targets;
};
struct prober_stats prober_stats(const struct prober *prober);

#endif
