/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_EXCHANGE_H
#define RRDNSD_DNS_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "dns/message.h"
#include "tsig_key.h"

struct loop;

/*
 * Requests to one server: signed, sent by UDP or over one kept TCP connection
 * with several in flight, matched to authentic answers. UDP is retransmitted
 * (the same bytes); on TCP bytes are never sent twice (protocol.md section 6).
 */
struct exchange;
struct exchange_request;

enum exchange_transport {
	EXCHANGE_AUTO, /* UDP for queries, TCP for updates with UDP as a way out */
	EXCHANGE_TCP,
	EXCHANGE_UDP,
};

struct exchange_conf {
	struct addr server;
	const struct tsig_key *key; /* copied; NULL: unsigned */
	enum exchange_transport transport;
	unsigned timeout_ms; /* for a request in all, from its sending */
	unsigned fudge_s; /* of what we sign (RFC 8945 section 5.2.3), and how
			     far off an answer may be, 300 s at least */
};

enum exchange_kind {
	EXCHANGE_QUERY,
	EXCHANGE_UPDATE,
};

enum exchange_status {
	EXCHANGE_ANSWERED, /* authentic; look at rcode */
	EXCHANGE_TIMED_OUT, /* an update may or may not have been applied */
	EXCHANGE_UNREACHABLE, /* nothing was sent: refused, no route */
	EXCHANGE_BROKEN, /* connection lost or garbage: may have been applied */
	EXCHANGE_NOT_AUTHENTIC, /* TSIG error or no valid TSIG */
	EXCHANGE_WITHDRAWN, /* nothing was sent: no longer wanted */
};

struct exchange_outcome {
	enum exchange_status status;
	unsigned rcode; /* when answered; else a hint of what was not authentic */
	unsigned tsig_error; /* RFC 8945 section 3: 16 BADSIG ... ; 0 */
	int64_t clock_offset_s; /* server minus ours, with BADTIME */
	bool tcp;
	uint32_t duration_us; /* from sending to the answer */
	const uint8_t *answer; /* TSIG taken off; NULL when there is none */
	size_t answer_len;
	/* In words: "refused by the server's update policy", "the server's
	 * clock differs by 412 s", "key name unknown to the server". */
	char text[256];
};

typedef void exchange_cb(void *arg, const struct exchange_outcome *outcome);

struct exchange *exchange_new(struct loop *loop,
    const struct exchange_conf *conf);

/* Forgets what is in flight without callbacks. Legal inside a callback. */
void exchange_free(struct exchange *exchange);

/* Whether the request is still wanted: asked, with the arg of its callback, when
 * its first byte is about to leave, be it at once or when there is a connection,
 * and before each further copy. When it is not, nothing (more) leaves. */
typedef bool exchange_wanted_cb(void *arg);

/* Signs and sends; takes over the message's buffer in any case. wanted may be
 * NULL: always. cb comes once and never before this returns. NULL: out of
 * memory, or far too many are in flight; nothing was sent. */
struct exchange_request *exchange_send(struct exchange *exchange,
    enum exchange_kind kind, struct dns_message *message,
    exchange_wanted_cb *wanted, exchange_cb *cb, void *arg);

/* No callback afterwards; what was sent may still take effect. */
void exchange_cancel(struct exchange_request *request);

size_t exchange_in_flight(const struct exchange *exchange);

#endif
