/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PROVIDERS_PROVIDER_SET_H
#define RRDNSD_DNS_PROVIDERS_PROVIDER_SET_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "dns/rrset.h"

/* One A or AAAA record as an API has it: with a number of its own. */
struct provider_record {
	uint64_t id; /* never used again for another record */
	struct addr addr; /* port 0 */
	uint32_t ttl; /* seconds */
};

/* All records of one name and family, in the order of their ids, each id once.
 * An address may stand there twice: nothing keeps two writers from adding it. */
struct provider_set {
	enum addr_family family;
	struct provider_record *list;
	size_t len;
};

void provider_set_init(struct provider_set *set, enum addr_family family);
void provider_set_fini(struct provider_set *set);

/* A record that is there already (pages of a list overlap when records come
 * and go meanwhile) is replaced. ERR_TOOBIG above RRSET_MAX records. */
int provider_set_put(struct provider_set *set,
    const struct provider_record *record);

#endif
