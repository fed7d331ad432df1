/* SPDX-License-Identifier: ISC */
/* What the primary may see where records dwell and removals are limited: judged
 * by what became of DNS alone. Where nodes restart neither is asserted: they
 * forget what they removed, and who waits after its start takes for drift what
 * another node adds meanwhile. */
#include "config.h"

#include <string.h>

#include "sim_oracle_impl.h"

/* A node dwells from its decision on, and may have to wait for its rank, a read
 * and an UPDATE until the record changes. */
#define LATE_US(sim) \
	((SIM_NODES - 1) * (int64_t)(sim)->takeover_ms * SIM_MS + 2 * SIM_S)

/* In true time; 0: long ago. */
static int64_t came_at_us[SIM_SERVICES][SIM_ENDPOINTS];
static int64_t left_at_us[SIM_SERVICES][SIM_ENDPOINTS];
static size_t left_by[SIM_SERVICES][SIM_ENDPOINTS];

void
oracle_damping_init(void)
{
	memset(came_at_us, 0, sizeof came_at_us);
	memset(left_at_us, 0, sizeof left_at_us);
}

static void
check_dwell(struct sim *sim, size_t s, size_t u)
{
	const struct conf_service *conf = &sim->confs[0].services[s];
	int64_t least_us = conf->min_dwell_ms * SIM_MS - LATE_US(sim);
	int64_t stayed_us = sim->now_us - came_at_us[s][u];

	if (came_at_us[s][u] != 0 && stayed_us < least_us)
		sim_fail(sim, "damping: s%zu/%zu leaves %lld ms after it came",
		    s, u, (long long)(stayed_us / SIM_MS));
}

static bool
has_tiers(const struct sim *sim, size_t s)
{
	const struct sim_conf *conf = &sim->confs[0];

	return conf->endpoints[s][conf->services[s].n_endpoints - 1].tier > 0;
}

/* Of services without tiers: what leaves does so because it is down. What came
 * back since does not count, because a node that did not read DNS meanwhile
 * can't know of it; nor, where the writer changes, does what the one before
 * removed: rrdnsd.conf(5) says that up to twice the limit may go then. */
static void
check_limit(struct sim *sim, size_t writer)
{
	int64_t since_us = sim->now_us - sim->window_ms * SIM_MS +
	    LATE_US(sim);
	size_t n = 0;

	for (size_t s = 0; s < SIM_SERVICES; s++)
		for (size_t u = 0; u < SIM_ENDPOINTS; u++)
			n += !has_tiers(sim, s) && left_by[s][u] == writer &&
			    left_at_us[s][u] > since_us;
	if (n > sim->max_removals)
		sim_fail(sim, "damping: %zu removals within the window, and "
			      "%u are allowed",
		    n, sim->max_removals);
}

void
oracle_damping_check(struct sim *sim, size_t writer, size_t s,
    const struct sim_set *before, const struct sim_set *after)
{
	for (size_t i = 0; i < after->n; i++) {
		size_t u = sim_conf_universal(&after->addrs[i]);

		if (u >= SIM_ENDPOINTS || sim_set_has(before, &after->addrs[i]))
			continue;
		came_at_us[s][u] = sim->now_us;
		left_at_us[s][u] = 0;
	}
	for (size_t i = 0; i < before->n && !sim->restarts; i++) {
		size_t u = sim_conf_universal(&before->addrs[i]);

		if (u >= SIM_ENDPOINTS ||
		    sim_set_has(after, &before->addrs[i]))
			continue;
		left_at_us[s][u] = sim->now_us;
		left_by[s][u] = writer;
		check_dwell(sim, s, u);
		check_limit(sim, writer);
	}
}
