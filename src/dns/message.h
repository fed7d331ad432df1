/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_MESSAGE_H
#define RRDNSD_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/rrset.h"

/*
 * DNS messages, built and read by ldns, which appears only in message.c and
 * answer.c.
 * Messages are made with a random id (RFC 5452) and room for a TSIG
 * (DNS_TSIG_ROOM bytes) behind them.
 */
#define DNS_MESSAGE_MAX 65535
#define DNS_TSIG_ROOM 600

struct dns_message {
	uint8_t *wire; /* cap >= len + DNS_TSIG_ROOM */
	size_t len;
	size_t cap;
};

void dns_message_fini(struct dns_message *message);

enum dns_qtype {
	DNS_QTYPE_A = 1,
	DNS_QTYPE_SOA = 6,
	DNS_QTYPE_AAAA = 28,
};

/* A query with RD 0 for an authoritative server; rd for a resolver. */
int dns_message_query(const char *name, enum dns_qtype qtype, bool rd,
    struct dns_message *out);

/* One compare and swap: replace the RRset `was` (exactly what was read: RFC
 * 2136 section 2.4.2, value dependent; 2.4.3 when empty) by `now`. An RRset
 * that a wildcard synthesized gets 2.4.3, too, because no such RRset exists at
 * the name itself. */
struct dns_change {
	const char *fqdn;
	const struct rrset *was;
	const struct rrset *now; /* same family; len 0 deletes */
	bool was_synthesized;
};

/* UPDATE of one zone: all prerequisites, then for each change "delete RRset"
 * (2.5.2) and "add to an RRset" for all of it (2.5.1). ERR_TOOBIG when it
 * can't fit 65,535 bytes with a TSIG. */
int dns_message_update(const char *zone, const struct dns_change *changes,
    size_t n, struct dns_message *out);

/* What an answer holds that we care about. */
struct dns_answer {
	uint16_t id;
	unsigned rcode;
	bool aa;
	bool tc;
	bool cname; /* the name is an alias */
	bool has_soa; /* in the answer section */
	uint32_t serial; /* of that SOA */
	struct rrset rrset; /* of the asked name and type; the lowest TTL */
	bool ttl_mixed; /* its records bear different TTLs */
};

/* Parses an answer to the question (name, qtype); anything that is not a
 * well-formed answer to it is ERR_SYNTAX; ERR_TOOBIG when it holds more than
 * RRSET_MAX addresses; ERR_INVALID when name is none, ERR_NOMEM. Header-only
 * answers (rcode not NOERROR) are accepted without the question. */
int dns_answer_parse(const uint8_t *wire, size_t len, const char *name,
    enum dns_qtype qtype, struct dns_answer *out);
void dns_answer_fini(struct dns_answer *answer);

/* "NOERROR", "NXRRSET", ...; "RCODE23" for unassigned ones. */
const char *dns_rcode_text(unsigned rcode);

enum dns_rcode {
	DNS_NOERROR = 0, DNS_FORMERR = 1, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4, DNS_REFUSED = 5, DNS_YXDOMAIN = 6, DNS_YXRRSET = 7,
	DNS_NXRRSET = 8, DNS_NOTAUTH = 9, DNS_NOTZONE = 10,
};

#endif
