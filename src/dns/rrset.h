/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_RRSET_H
#define RRDNSD_DNS_RRSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* More addresses than this in one RRset are not ours to handle; a full set of
 * AAAA still fits one TCP message. */
#define RRSET_MAX 1024

/* The A or the AAAA records of one name. Addresses are sorted and unique,
 * their port 0. len 0: the RRset does not exist. */
struct rrset {
	enum addr_family family;
	uint32_t ttl; /* seconds */
	struct addr *addrs;
	size_t len;
};

void rrset_init(struct rrset *set, enum addr_family family, uint32_t ttl);
void rrset_fini(struct rrset *set);
int rrset_add(struct rrset *set, const struct addr *addr); /* once only */
bool rrset_has(const struct rrset *set, const struct addr *addr);
void rrset_remove(struct rrset *set, const struct addr *addr);
int rrset_copy(const struct rrset *from, struct rrset *to); /* to: raw */

/* Same addresses; and with the TTL. */
bool rrset_same_addrs(const struct rrset *a, const struct rrset *b);
bool rrset_equal(const struct rrset *a, const struct rrset *b);

/* "192.0.2.1 192.0.2.2 ttl 30" or "(none)"; cut with "..." when long. size is at
 * least 24. */
const char *rrset_format(const struct rrset *set, char *buf, size_t size);

#endif
