/* SPDX-License-Identifier: ISC */
/* As agent_damping.c: changes that come too soon, or too many at once, wait. */
#include "config.h"

#include "sim_damping.h"

static int64_t
now_ms(const struct sim_node *node)
{
	return loop_now_ms(node->loop);
}

static struct brake_rules
rules_of(const struct sim *sim)
{
	return (struct brake_rules){ .max_removals = sim->max_removals,
		.window_ms = sim->window_ms };
}

/* What the servers showed last. False: nothing was read yet. */
static bool
see(const struct sim_service *service, const struct addr *addr,
    struct damping_view *view)
{
	size_t n = service->publish != NULL
	    ? publish_service_count(service->publish)
	    : 0;

	for (size_t i = 0; i < n; i++) {
		struct publish_status status =
		    publish_service_status(service->publish, i);
		bool there;

		if (status.family != addr->family || !status.known)
			continue;
		there = rrset_has(status.rrset, addr);
		*view = (struct damping_view){ .there = there, .gone = !there,
			.read_at_ms = status.read_at_ms };
		return true;
	}
	return false;
}

void
sim_damping_prepare(struct sim_service *service)
{
	struct sim_node *node = service->node;
	struct damping_view view;

	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		struct damping *damping = &service->damping[e];

		if (see(service, &service->conf->endpoints[e].addr, &view))
			damping_begin(damping, view.there, node->started_ms);
		service->desired[e].settled = damping_settled(damping,
		    service->conf->min_dwell_ms, now_ms(node));
		service->desired[e].begun = damping_begun(damping);
	}
}

static void
step(struct sim_node *node)
{
	struct brake_rules rules = rules_of(node->sim);
	size_t pending = 0;

	for (size_t s = 0; s < SIM_SERVICES; s++)
		pending += node->services[s].removals_pending;
	if (!brake_step(&node->brake, &rules, pending, now_ms(node)))
		return;
	sim_say(node->sim, "node %zu: %zu removals %s", node->index, pending,
	    node->brake.held ? "are held" : "may pass");
	sim_node_decide_later(node);
}

static bool
all_is_read(const struct sim_node *node)
{
	for (size_t s = 0; s < SIM_SERVICES; s++) {
		const struct sim_service *service = &node->services[s];

		if (!service->open)
			return false;
		for (size_t e = 0; e < service->conf->n_endpoints; e++)
			if (service->damping[e].place == DAMPING_UNKNOWN)
				return false;
	}
	return true;
}

static size_t
count_gone(const struct sim_node *node)
{
	size_t n = 0;

	for (size_t s = 0; s < SIM_SERVICES; s++) {
		const struct sim_service *service = &node->services[s];

		for (size_t e = 0; e < service->conf->n_endpoints; e++)
			n += service->damping[e].place == DAMPING_OUT &&
			    service->desired[e].verdict != DESIRED_UP;
	}
	return n;
}

static bool
is_past_known(struct sim_node *node)
{
	struct brake_rules rules = rules_of(node->sim);

	if (node->brake.recalled)
		return true;
	if (!brake_recall(&node->brake, &rules, all_is_read(node),
		count_gone(node), node->started_ms, now_ms(node)))
		return false;
	sim_node_decide_later(node);
	return true;
}

bool
sim_damping_holds(struct sim_service *service)
{
	struct sim_node *node = service->node;
	size_t n = 0;

	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		n += damping_removes(&service->damping[e],
		    &service->desired[e]);
	service->removals_pending = n;
	if (n > 0 && node->sim->max_removals > 0 && !is_past_known(node))
		return true;
	if (n > 0)
		step(node);
	return node->brake.held;
}

void
sim_damping_note(struct sim_service *service)
{
	service->dwells_until_ms = 0;
	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		int64_t until_ms = service->damping[e].changed_at_ms +
		    service->conf->min_dwell_ms;

		damping_note(&service->damping[e], &service->desired[e],
		    now_ms(service->node));
		if (service->desired[e].why == DESIRED_WHY_DWELL &&
		    (service->dwells_until_ms == 0 ||
			until_ms < service->dwells_until_ms))
			service->dwells_until_ms = until_ms;
	}
}

void
sim_damping_send(struct sim_service *service, enum addr_family family)
{
	struct sim_node *node = service->node;
	size_t n = 0;

	for (size_t e = 0; e < service->conf->n_endpoints; e++)
		if (service->conf->endpoints[e].addr.family == family)
			n += damping_send(&service->damping[e],
			    &service->desired[e], now_ms(node));
	brake_note(&node->brake, n, now_ms(node));
	service->removals_pending -= n;
}

bool
sim_damping_see(struct sim_service *service, enum addr_family family)
{
	struct sim_node *node = service->node;
	bool changed = false;
	size_t n = 0;

	for (size_t e = 0; e < service->conf->n_endpoints; e++) {
		const struct addr *addr = &service->conf->endpoints[e].addr;
		enum damping_place before = service->damping[e].place;
		struct damping_view view;

		if (addr->family != family || !see(service, addr, &view))
			continue;
		n += damping_see(&service->damping[e], &service->desired[e],
		    &view, now_ms(node));
		changed |= service->damping[e].place != before;
	}
	brake_note(&node->brake, n, now_ms(node));
	return changed;
}

bool
sim_damping_is_due(const struct sim_service *service)
{
	return service->dwells_until_ms != 0 &&
	    now_ms(service->node) >= service->dwells_until_ms;
}

void
sim_damping_tick(struct sim_node *node)
{
	if (is_past_known(node))
		step(node);
}
