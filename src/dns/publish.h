/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PUBLISH_H
#define RRDNSD_DNS_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "dns/desired.h"
#include "dns/rrset.h"

/*
 * Keeps the A and AAAA records of services right on their primaries, or with
 * the API of a DNS service: read, compare, compare and swap or step by step,
 * verify, reconcile (protocol.md section 6).
 *
 * Nothing is remembered as wanted: whenever a record was read, and again at
 * the moment an UPDATE is put together, the agent is asked what it wishes. So
 * an UPDATE can't carry a decision that was overtaken while it waited.
 */
struct conf_service;
struct http_fetch;
struct loop;
struct publisher;
struct publish_service;

struct publish_endpoint {
	struct addr addr;
	enum desired_action action;
};

/* What one RRset should hold, right now. */
struct publish_wish {
	const struct publish_endpoint *endpoints; /* the agent's, until it is
						     asked again */
	size_t n;
	bool may_write; /* quorum, start-up rule: S1, S4, S5 */
	bool may_empty; /* see desired_summary */
	unsigned write_delay_ms; /* rank x takeover_ms */
};

/* An RRset that was changed on a server, confirmed by reading it back; or,
 * with dry_run, that would have been. */
struct publish_change {
	const char *server; /* its name, as in the status below */
	enum addr_family family;
	const struct rrset *was;
	const struct rrset *now;
	bool dry_run;
	bool by_api; /* of a DNS service, not by UPDATE */
	bool drift; /* no wish changed: somebody else had changed the RRset */
	unsigned took_ms; /* from seeing the difference to the answer */
};

/* An UPDATE that ended: one message, for the records of any services. */
struct publish_update {
	const char *server; /* its name */
	/* Of the answer; or "timeout", "unreachable", "broken",
	 * "not authentic", "withdrawn" before anything was sent. Of an API
	 * "NOERROR", "gone", "limited", "away", "denied", "malformed". */
	const char *rcode;
	uint32_t duration_us; /* until the answer; 0: there was none */
};

/* All but the last two are called with the arg of publish_service_new. */
struct publish_hooks {
	void (*wish)(void *arg, enum addr_family family,
	    struct publish_wish *out);
	/* What was wished last leaves, or with dry_run is told, right now; as
	 * often as it does. */
	void (*sending)(void *arg, enum addr_family family);
	void (*changed)(void *arg, const struct publish_change *change);
	/* text NULL: it works again. Called when the text changes. */
	void (*failed)(void *arg, const char *server, enum addr_family family,
	    const char *text);
	/* A further server (verify_resolvers) shows the change; or, with
	 * gave_up, still does not. */
	void (*visible)(void *arg, const char *resolver,
	    enum addr_family family, unsigned took_ms, bool gave_up);
	/* Called with the arg of publisher_new. away: a server does not answer
	 * again and again, or asks to be left alone for long; once, until it
	 * answers. */
	void (*updated)(void *arg, const struct publish_update *update);
	void (*away)(void *arg, const char *server, const char *text);
};

/* hooks and fetch are copied. */
struct publisher *publisher_new(struct loop *loop,
    const struct publish_hooks *hooks, void *arg,
    const struct http_fetch *fetch, bool dry_run);
void publisher_free(struct publisher *publisher); /* NULL is fine */

/* Sends no further UPDATE; those in flight go on. */
void publisher_stop(struct publisher *publisher);
size_t publisher_writes_in_flight(const struct publisher *publisher);

/* Begins to keep the records of a service: the RRset of each family that it
 * has endpoints of, on each of its servers. The service is borrowed until
 * publish_service_free or publish_service_rebind. NULL: out of memory. */
struct publish_service *publish_service_new(struct publisher *publisher,
    const struct conf_service *service, void *arg);

/* Not from inside a hook. Answers to what is in flight are dropped. NULL is
 * fine. */
void publish_service_free(struct publish_service *ps);

/* After a reload: goes on with the new configuration of the same service if
 * nothing that matters for publishing changed, else returns false. */
bool publish_service_rebind(struct publish_service *ps,
    const struct conf_service *service, void *arg);

/* A wish may have changed: compare with DNS now. */
void publish_service_kick(struct publish_service *ps);

/* What is known of one RRset on one server, for status. */
enum publish_state {
	PUBLISH_UNREAD,
	PUBLISH_OK,
	PUBLISH_PENDING, /* differs; waits for quorum, rank or the server */
	PUBLISH_FAILED,
};

struct publish_status {
	const char *server; /* "192.0.2.53:53", "api.dynu.com" */
	enum addr_family family;
	enum publish_state state;
	bool known; /* it was read at least once */
	int64_t read_at_ms; /* loop clock */
	const struct rrset *rrset; /* as last read; valid until the next turn */
	const char *last_error; /* "" when none */
	int64_t failed_since_ms; /* loop clock; 0: it is not PUBLISH_FAILED */
	int64_t last_update_ms; /* loop clock; 0: never */
	unsigned failures; /* attempts in a row that failed */
};

size_t publish_service_count(const struct publish_service *ps);
struct publish_status publish_service_status(const struct publish_service *ps,
    size_t i);

/* Asks the further servers (verify_resolvers) of a family whether they show what
 * was last read, those that are asked already aside. Each says so by the hook
 * `visible`. */
void publish_service_verify(struct publish_service *ps,
    enum addr_family family);

/* True when all of them showed what they were last asked for. */
bool publish_service_verified(const struct publish_service *ps,
    enum addr_family family);

/* Counters over all servers, for metrics. */
struct publish_stats {
	uint64_t reads;
	uint64_t updates;
	uint64_t updates_failed;
	uint64_t cas_conflicts;
	uint64_t changes;
};
struct publish_stats publisher_stats(const struct publisher *publisher);

#endif
