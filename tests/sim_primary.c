/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_primary.h"

#include <string.h>

#include "dns/message.h"
#include "sim_oracle.h"

struct sim_primary sim_primary;

struct sim_set *
sim_primary_set(size_t service, enum addr_family family)
{
	return &sim_primary.sets[service][family == ADDR_IP6];
}

/* 192.0.2.s9: no endpoint in any version of the configuration. */
static struct addr
foreign_addr(size_t service)
{
	struct addr addr = { .family = ADDR_IP4,
		.bytes = { 192, 0, 2, (uint8_t)(10 * service + 9) } };

	return addr;
}

void
sim_primary_init(struct sim *sim)
{
	sim_primary = (struct sim_primary){ 0 };
	for (size_t s = 0; s < SIM_SERVICES; s++) {
		const struct conf_service *service =
		    &sim->confs[0].services[s];
		struct addr foreign = foreign_addr(s);

		for (size_t e = 0; e < service->n_endpoints; e++) {
			const struct addr *addr = &service->endpoints[e].addr;
			struct sim_set *set = sim_primary_set(s,
			    addr->family);

			set->ttl = service->ttl;
			sim_set_add(set, addr);
		}
		if (sim_chance(sim, 300))
			sim_set_add(sim_primary_set(s, ADDR_IP4), &foreign);
	}
}

static unsigned
check(const struct sim_change *change)
{
	const struct sim_set *set =
	    sim_primary_set(change->service, change->family);

	switch (change->prerequisite) {
	case SIM_UNCONDITIONAL:
		break;
	case SIM_EXISTS_NOT:
		return set->n > 0 ? DNS_YXRRSET : DNS_NOERROR;
	case SIM_IS_EXACTLY:
		return sim_set_equal(set, &change->was) ? DNS_NOERROR
							: DNS_NXRRSET;
	}
	return DNS_NOERROR;
}

static void
carry_out(struct sim *sim, size_t writer, const struct sim_change *change)
{
	struct sim_set *set = sim_primary_set(change->service, change->family);
	struct sim_set before = *set;
	char a[256], b[256];

	if (change->deletes)
		set->n = 0;
	for (size_t i = 0; i < change->now.n; i++)
		sim_set_add(set, &change->now.addrs[i]);
	set->ttl = change->now.ttl;
	sim_say(sim, "primary: s%zu: %s -> %s", change->service,
	    sim_set_text(&before, a, sizeof a), sim_set_text(set, b, sizeof b));
	sim_oracle_applied(sim, writer, change->service, change->family,
	    &before, set);
}

unsigned
sim_primary_update(struct sim *sim, size_t writer,
    const struct sim_update *update)
{
	for (size_t i = 0; i < update->n; i++) {
		unsigned rcode = check(&update->changes[i]);

		if (rcode == DNS_NOERROR)
			continue;
		sim_primary.conflicts++;
		return rcode;
	}
	for (size_t i = 0; i < update->n; i++)
		carry_out(sim, writer, &update->changes[i]);
	sim_primary.applied++;
	return DNS_NOERROR;
}

void
sim_primary_edit(struct sim *sim)
{
	size_t s = sim_below(sim, SIM_SERVICES);
	struct sim_set *set = sim_primary_set(s, ADDR_IP4);
	struct addr foreign = foreign_addr(s);
	char text[256];

	if (sim_chance(sim, 500) && set->n > 1)
		sim_set_remove(set, &set->addrs[sim_below(sim, set->n)]);
	else if (sim_set_has(set, &foreign) && set->n > 1)
		sim_set_remove(set, &foreign);
	else
		sim_set_add(set, &foreign);
	sim_say(sim, "by hand: s%zu: %s", s,
	    sim_set_text(set, text, sizeof text));
}
