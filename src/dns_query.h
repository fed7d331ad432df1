/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_QUERY_H
#define RRDNSD_DNS_QUERY_H

#include <stddef.h>
#include <stdint.h>

/*
 * One question to a DNS server and what its answer says, and how a room that
 * knows no DNS messages has them made and read: the agent hands src/http the
 * struct dns_query that dns/probe_query.h has.
 */
#define DNS_QUERY_MAX 320 /* bytes: header, question, and some room */

enum dns_reply {
	DNS_REPLY_ANSWERED, /* NOERROR, with such a record or an alias */
	DNS_REPLY_EMPTY, /* NOERROR without one */
	DNS_REPLY_RCODE, /* another rcode */
	DNS_REPLY_TRUNCATED, /* ask again by TCP */
	DNS_REPLY_FOREIGN, /* belongs to another query: late, or forged */
	DNS_REPLY_MALFORMED,
	DNS_REPLY_NOMEM, /* it could not be read */
};

struct dns_query {
	/* A query with a random id, recursion desired: resolvers look it up,
	 * authoritative servers take no notice. type: enum conf_dns_type. 0,
	 * ERR_INVALID or ERR_NOMEM. */
	int (*make)(const char *name, unsigned type,
	    uint8_t wire[DNS_QUERY_MAX], size_t *len);

	/* What came for a query of make. rcode gets its name. */
	enum dns_reply (*read)(const char *name, unsigned type,
	    const uint8_t *query, const uint8_t *wire, size_t len,
	    const char **rcode);
};

#endif
