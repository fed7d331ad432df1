/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_DNS_H
#define RRDNSD_TESTS_SIM_DNS_H

#include "sim.h"

/*
 * DNS as the virtual primary sees it, read from and written to the wire by code
 * of its own (RFC 1035, 2136).
 */
#define SIM_SET 12

/* Addresses of one family; unordered. */
struct sim_set {
	struct addr addrs[SIM_SET];
	size_t n;
	uint32_t ttl;
};

bool sim_set_has(const struct sim_set *set, const struct addr *addr);
bool sim_set_equal(const struct sim_set *a, const struct sim_set *b);
void sim_set_add(struct sim_set *set, const struct addr *addr);
void sim_set_remove(struct sim_set *set, const struct addr *addr);
const char *sim_set_text(const struct sim_set *set, char *buf, size_t size);

enum sim_prerequisite {
	SIM_UNCONDITIONAL,
	SIM_EXISTS_NOT, /* RFC 2136 section 2.4.3 */
	SIM_IS_EXACTLY, /* 2.4.2 */
};

/* What an UPDATE says of one RRset. */
struct sim_change {
	size_t service;
	enum addr_family family;
	enum sim_prerequisite prerequisite;
	struct sim_set was;
	bool deletes; /* the whole RRset, before now is added */
	struct sim_set now;
};

#define SIM_CHANGES (2 * SIM_SERVICES)

struct sim_update {
	struct sim_change changes[SIM_CHANGES];
	size_t n;
	int64_t signed_at_us;
};

/* False: malformed, or of another zone. */
bool sim_dns_read_update(const uint8_t *wire, size_t len,
    struct sim_update *out);
bool sim_dns_read_query(const uint8_t *wire, size_t len, size_t *service,
    enum addr_family *family);

/* Answers; return the length. The request's question is repeated. */
size_t sim_dns_write_answer(const uint8_t *request, size_t len,
    const struct sim_set *set, enum addr_family family, uint8_t *out);

#endif
