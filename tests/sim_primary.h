/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_PRIMARY_H
#define RRDNSD_TESTS_SIM_PRIMARY_H

#include "sim_dns.h"

/* The authoritative server: carries out an UPDATE as a whole or not at all. */
struct sim_primary {
	bool down;
	struct sim_set sets[SIM_SERVICES][2]; /* A, AAAA */
	uint64_t conflicts;
	uint64_t applied;
};

extern struct sim_primary sim_primary;

/* All endpoints of the first configuration, and now and then a record that is
 * none. */
void sim_primary_init(struct sim *sim);

struct sim_set *sim_primary_set(size_t service, enum addr_family family);

/* The rcode. */
unsigned sim_primary_update(struct sim *sim, size_t writer,
    const struct sim_update *update);

/* Somebody edits the zone by hand. */
void sim_primary_edit(struct sim *sim);

#endif
