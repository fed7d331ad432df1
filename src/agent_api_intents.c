/* SPDX-License-Identifier: ISC */
/* POST: drain, up, down, auto, maintenance, freeze, failover, refresh. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_api_order.h"
#include "agent_damping.h"
#include "agent_intents.h"
#include "agent_rules.h"
#include "err.h"

/* How many endpoints of the family that are up would certainly be in DNS with
 * these intents in force, whatever freeze and maintenance hold back now. */
static bool
count_left(struct agent_service *service, enum addr_family family,
    const struct vote_intent *entry, size_t *left)
{
	const struct conf_service *conf = service->conf;
	const struct vote_intent thawed[] = {
		{ .target = "*", .op = VOTE_INTENT_CLEAR, .by = "",
		    .reason = "", .more = "" },
		{ .target = conf->fqdn, .op = VOTE_INTENT_CLEAR, .by = "",
		    .reason = "", .more = "" },
		*entry,
	};
	struct vote_intents *intents = agent_intents_copy(service->agent);
	struct desired_endpoint *endpoints =
	    calloc(service->n_endpoints, sizeof *endpoints);
	struct desired_summary summary[2];
	bool ok = intents != NULL && endpoints != NULL;

	for (size_t i = 0; ok && i < sizeof thawed / sizeof thawed[0]; i++)
		ok = vote_intents_set(intents, &thawed[i], 0) == 0;
	for (size_t i = 0; ok && i < service->n_endpoints; i++)
		endpoints[i].verdict = service->endpoints[i].verdict;
	if (ok) {
		agent_rules_decide(conf, intents, false, endpoints,
		    summary);
		*left = agent_rules_left(conf, endpoints, family);
	}
	vote_intents_free(intents);
	free(endpoints);
	return ok;
}

/* Taking an endpoint out must not surprise: false, answered 409, unless it was
 * forced. A drain keeps min_up; a down may go below, but not to nothing. */
static bool
may_take_out(const struct agent_order *order, struct agent_service *service,
    enum addr_family family, const struct vote_intent *entry)
{
	const struct conf_service *conf = service->conf;
	bool drain = strcmp(entry->op, "drain") == 0;
	size_t least = drain ? conf->min_up : 1, left = 0;

	if (order->force)
		return true;
	if (!count_left(service, family, entry, &left)) {
		agent_api_error(order->out, 500, "%s", err_text(ERR_NOMEM));
		return false;
	}
	if (left >= least)
		return true;
	agent_api_error(order->out, 409,
	    "%s: that would leave %zu endpoint%s with %s records that %s up, "
	    "fewer than %zu%s; \"force\": true does it all the same",
	    conf->fqdn, left, left == 1 ? "" : "s",
	    family == ADDR_IP4 ? "A" : "AAAA", left == 1 ? "is" : "are", least,
	    drain ? " (min_up)" : "");
	return false;
}

/* An operator's word for an endpoint, and what it is among nodes; NULL: no
 * such word. */
static const char *
endpoint_op(const char *intent)
{
	static const char *const ops[] = { "drain", "up", "down" };

	if (strcmp(intent, "auto") == 0)
		return VOTE_INTENT_CLEAR;
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(intent, ops[i]) == 0)
			return ops[i];
	return NULL;
}

static const char *
endpoint_note(const struct agent_service *service,
    const struct agent_endpoint *endpoint, const char *op)
{
	if (strcmp(op, VOTE_INTENT_CLEAR) == 0)
		return NULL;
	if (endpoint->why == DESIRED_WHY_FROZEN)
		return "frozen: DNS stays as it is until that ends";
	if (endpoint->why == DESIRED_WHY_MAINTENANCE)
		return "in maintenance: DNS stays as it is until that ends";
	if (endpoint->why == DESIRED_WHY_FLOOR && service->agent->brake.held)
		return "removals are held: nothing else is certain to be left";
	if (endpoint->why == DESIRED_WHY_FLOOR)
		return "its record stays, because no other one would certainly "
		       "be left; \"down\" removes it all the same";
	if (service->publish == NULL)
		return "update_method is none: no record is changed";
	return NULL;
}

static void
order_endpoint(const struct agent_order *order, struct agent_service *service,
    struct agent_endpoint *endpoint)
{
	const struct addr *addr = &endpoint->conf->addr;
	const char *op = endpoint_op(order->intent);
	char target[VOTE_INTENT_TARGET_MAX + 1], ip[ADDR_TEXT_MAX];
	struct vote_intent entry;

	if (op == NULL) {
		agent_api_error(order->out, 400,
		    "intent must be drain, up, down or auto, not \"%s\"",
		    order->intent);
		return;
	}
	snprintf(target, sizeof target, "%s/%s", service->conf->fqdn,
	    addr_format(addr, false, ip));
	entry = agent_order_entry(order, target, op);
	if ((strcmp(op, "drain") == 0 || strcmp(op, "down") == 0) &&
	    !may_take_out(order, service, addr->family, &entry))
		return;
	if (agent_order_enter(order, &entry, 1))
		agent_order_answer(order, &entry, order->intent,
		    endpoint_note(service, endpoint, op));
}

void
agent_api_endpoint_intent(const struct route_call *call,
    struct server_response *out)
{
	struct agent_service *service;
	struct agent_endpoint *endpoint;
	struct agent_order order;

	if (agent_api_stray_endpoint(call, out))
		return;
	service = agent_api_service(call, out);
	endpoint =
	    service != NULL ? agent_api_endpoint(call, service, out) : NULL;
	if (endpoint == NULL ||
	    !agent_order_begin(&order, AGENT_ORDER_INTENT, call, out))
		return;
	order_endpoint(&order, service, endpoint);
	agent_order_end(&order);
}

/* The targets by which a service can be failed over. */
struct failovers {
	char asked[VOTE_INTENT_TARGET_MAX + 1];
	char took_over[2][AGENT_TAKEOVER_MAX];
};
#define FAILOVERS 3

static void
name_failovers(struct failovers *names, const char *fqdn)
{
	snprintf(names->asked, sizeof names->asked,
	    "%s" AGENT_FAILOVER_TARGET, fqdn);
	agent_rules_takeover_target(fqdn, ADDR_IP4, names->took_over[0]);
	agent_rules_takeover_target(fqdn, ADDR_IP6, names->took_over[1]);
}

/* Appends what ends each failover that is in force, whoever made it. */
static size_t
end_failovers(const struct agent_order *order, const struct failovers *names,
    struct vote_intent *entries, size_t n)
{
	const char *targets[FAILOVERS] = { names->asked, names->took_over[0],
		names->took_over[1] };
	const struct vote_intents *now =
	    vote_node_intents(order->call->agent->node);

	for (size_t i = 0; i < FAILOVERS; i++)
		if (vote_intents_find(now, targets[i]) != NULL)
			entries[n++] = agent_order_entry(order, targets[i],
			    VOTE_INTENT_CLEAR);
	return n;
}

/* Auto takes back all that was asked for the service as a whole, and has it
 * return to its better tier now. */
static void
order_service_auto(const struct agent_order *order, const char *fqdn)
{
	struct vote_intent entries[1 + FAILOVERS];
	struct failovers names;

	name_failovers(&names, fqdn);
	entries[0] = agent_order_entry(order, fqdn, VOTE_INTENT_CLEAR);
	if (agent_order_enter(order, entries,
		end_failovers(order, &names, entries, 1)))
		agent_order_answer(order, &entries[0], "auto", NULL);
}

void
agent_api_service_intent(const struct route_call *call,
    struct server_response *out)
{
	const struct agent_service *service;
	struct agent_order order;
	struct vote_intent entry;

	if (agent_api_stray_service(call, out))
		return;
	service = agent_api_service(call, out);
	if (service == NULL ||
	    !agent_order_begin(&order, AGENT_ORDER_INTENT, call, out))
		return;
	if (strcmp(order.intent, "auto") == 0) {
		order_service_auto(&order, service->conf->fqdn);
	} else if (strcmp(order.intent, "maintenance") == 0) {
		entry = agent_order_entry(&order, service->conf->fqdn,
		    "maintenance");
		if (agent_order_enter(&order, &entry, 1))
			agent_order_answer(&order, &entry, "maintenance",
			    NULL);
	} else {
		agent_api_error(out, 400,
		    "intent of a service must be maintenance or auto, not "
		    "\"%s\"",
		    order.intent);
	}
	agent_order_end(&order);
}

void
agent_api_freeze(const struct route_call *call, struct server_response *out)
{
	struct agent_order order;
	struct vote_intent entry;

	if (!agent_order_begin(&order, AGENT_ORDER_FREEZE, call, out))
		return;
	entry = agent_order_entry(&order, "*",
	    order.on ? "freeze" : VOTE_INTENT_CLEAR);
	if (agent_order_enter(&order, &entry, 1))
		agent_order_answer(&order, &entry,
		    order.on ? "freeze" : "auto", NULL);
	agent_order_end(&order);
}

void
agent_api_allow_removals(const struct route_call *call,
    struct server_response *out)
{
	struct agent_order order;
	struct vote_intent entry;

	if (!agent_order_begin(&order, AGENT_ORDER_FREEZE, call, out))
		return;
	if (order.on && order.for_s == 0)
		order.for_s = (call->agent->conf->window_ms + 999) / 1000;
	entry = agent_order_entry(&order, AGENT_REMOVALS_TARGET,
	    order.on ? AGENT_REMOVALS_OP : VOTE_INTENT_CLEAR);
	if (agent_order_enter(&order, &entry, 1))
		agent_order_answer(&order, &entry,
		    order.on ? AGENT_REMOVALS_OP : "auto", NULL);
	agent_order_end(&order);
}

/* "1", or an address of that tier. */
static bool
read_tier(const struct agent_order *order,
    const struct agent_service *service, unsigned *tier)
{
	const struct conf_service *conf = service->conf;
	const struct conf_endpoint *endpoint;
	struct addr addr;
	unsigned long number;
	char *end;

	if (addr_parse_ip(order->to, &addr) == 0) {
		endpoint = conf_find_endpoint(conf, &addr);
		if (endpoint == NULL) {
			agent_api_error(order->out, 404,
			    "%s has no endpoint %s", conf->fqdn, order->to);
			return false;
		}
		*tier = endpoint->tier;
		return true;
	}
	number = strtoul(order->to, &end, 10);
	if (order->to[0] < '0' || order->to[0] > '9' || *end != '\0') {
		agent_api_error(order->out, 400,
		    "to must be the number of a tier or an address, not "
		    "\"%s\"",
		    order->to);
		return false;
	}
	*tier = (unsigned)number;
	for (size_t i = 0; i < conf->n_endpoints; i++)
		if (conf->endpoints[i].tier == number)
			return true;
	agent_api_error(order->out, 404, "%s has no endpoint of tier %s",
	    conf->fqdn, order->to);
	return false;
}

/* A tier that is not good would not be in charge: better said than wondered
 * about. */
static bool
may_fail_over(const struct agent_order *order,
    const struct agent_service *service, unsigned tier)
{
	size_t up = 0;

	for (size_t i = 0; i < service->n_endpoints; i++)
		up += service->endpoints[i].conf->tier == tier &&
		    service->endpoints[i].verdict == DESIRED_UP;
	if (order->force || up >= service->conf->min_up)
		return true;
	agent_api_error(order->out, 409,
	    "%s: %zu endpoint%s of tier %u %s up, fewer than %u (min_up), so "
	    "that it would not be in charge; \"force\": true has it wait for "
	    "that",
	    service->conf->fqdn, up, up == 1 ? "" : "s", tier,
	    up == 1 ? "is" : "are", service->conf->min_up);
	return false;
}

/* Where takeovers are remembered, to its first tier means: as if none had been.
 * A pin would outlast this return, and the next failover with it. */
static bool
is_return(const struct agent_service *service, unsigned tier)
{
	const struct conf_service *conf = service->conf;
	struct standby_rules rules = agent_rules_standby(conf);
	size_t up = 0;

	for (size_t i = 0; i < conf->n_endpoints; i++) {
		if (conf->endpoints[i].tier < tier)
			return false;
		up += conf->endpoints[i].tier == tier &&
		    service->endpoints[i].verdict == DESIRED_UP;
	}
	return standby_remembers(&rules) && up >= conf->min_up;
}

static void
order_failover(const struct agent_order *order,
    const struct agent_service *service, unsigned tier)
{
	struct vote_intent entries[1 + FAILOVERS];
	struct failovers names;
	bool returns = is_return(service, tier);
	char op[32];
	size_t n;

	name_failovers(&names, service->conf->fqdn);
	snprintf(op, sizeof op, AGENT_FAILOVER_OP "%u", tier);
	n = end_failovers(order, &names, entries, 0);
	if (!returns || n == 0)
		entries[n++] = agent_order_entry(order, names.asked,
		    returns ? VOTE_INTENT_CLEAR : op);
	if (agent_order_enter(order, entries, n))
		agent_order_answer(order, &entries[n - 1], "failover",
		    returns ? "it is back where it belongs, nothing is pinned"
			    : "auto on the service ends it");
}

void
agent_api_failover(const struct route_call *call, struct server_response *out)
{
	const struct agent_service *service = agent_api_service(call, out);
	struct agent_order order;
	unsigned tier;

	if (service == NULL ||
	    !agent_order_begin(&order, AGENT_ORDER_FAILOVER, call, out))
		return;
	if (read_tier(&order, service, &tier) &&
	    may_fail_over(&order, service, tier))
		order_failover(&order, service, tier);
	agent_order_end(&order);
}

void
agent_api_refresh(const struct route_call *call, struct server_response *out)
{
	struct agent_service *service = agent_api_service(call, out);
	struct agent_order order;
	struct json_out json;

	if (service == NULL ||
	    !agent_order_begin(&order, AGENT_ORDER_PLAIN, call, out))
		return;
	agent_refresh_start(service, order.by, order.reason);
	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "fqdn", service->conf->fqdn);
	json_put_text(&json, "text", service->publish == NULL
		? "update_method is none: there is nothing to read"
		: "its servers are read and put right now: what is missing "
		  "first, then what is too much");
	json_close(&json, '}');
	agent_api_answer(out, service->publish != NULL ? 202 : 200, &json);
	agent_order_end(&order);
}

/* Probes an endpoint at once; the outcome shows in its status. */
void
agent_api_check(const struct route_call *call, struct server_response *out)
{
	struct agent_service *service = agent_api_service(call, out);
	struct agent_endpoint *endpoint =
	    service != NULL ? agent_api_endpoint(call, service, out) : NULL;
	struct agent_order order;
	struct json_out json;
	char ip[ADDR_TEXT_MAX];

	if (endpoint == NULL ||
	    !agent_order_begin(&order, AGENT_ORDER_PLAIN, call, out))
		return;
	agent_order_end(&order);
	prober_probe_now(endpoint->sub);
	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "fqdn", service->conf->fqdn);
	json_put_text(&json, "ipaddr", addr_format(&endpoint->conf->addr, false, ip));
	json_put_text(&json, "text", "a probe was started; see probe in its status");
	json_close(&json, '}');
	agent_api_answer(out, 202, &json);
}
