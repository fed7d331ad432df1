/* SPDX-License-Identifier: ISC */
/* Intents for what this node does not have: another node does, or it was
 * removed at run time. They can be taken back, and nothing else. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_api_order.h"
#include "agent_rules.h"

/* False: there is none, and nothing was answered. */
static bool
order_stray(const struct route_call *call, const char *target,
    struct server_response *out)
{
	struct agent_order order;
	struct vote_intent entry;

	if (vote_intents_find(vote_node_intents(call->agent->node), target) ==
	    NULL)
		return false;
	if (!agent_order_begin(&order, AGENT_ORDER_INTENT, call, out))
		return true;
	entry = agent_order_entry(&order, target, VOTE_INTENT_CLEAR);
	if (strcmp(order.intent, "auto") != 0)
		agent_api_error(out, 404,
		    "this node has no %s; auto takes back what was asked for it",
		    target);
	else if (agent_order_enter(&order, &entry, 1))
		agent_order_answer(&order, &entry, "auto", NULL);
	agent_order_end(&order);
	return true;
}

bool
agent_api_stray_endpoint(const struct route_call *call,
    struct server_response *out)
{
	const struct conf *conf = call->agent->conf;
	const struct conf_service *service;
	char fqdn[ROUTE_PARAM_MAX], ip[ADDR_TEXT_MAX];
	char target[ROUTE_PARAM_MAX + ADDR_TEXT_MAX];
	struct addr addr;

	if (addr_parse_ip(call->params[1], &addr) != 0)
		return false;
	agent_api_fqdn(call->params[0], fqdn);
	service = conf_find_service(conf, fqdn);
	if (service != NULL && conf_find_endpoint(service, &addr) != NULL)
		return false;
	snprintf(target, sizeof target, "%s/%s", fqdn,
	    addr_format(&addr, false, ip));
	return order_stray(call, target, out);
}

bool
agent_api_stray_service(const struct route_call *call,
    struct server_response *out)
{
	char fqdn[ROUTE_PARAM_MAX];
	char failover[ROUTE_PARAM_MAX + sizeof AGENT_FAILOVER_TARGET];
	char took_over[AGENT_TAKEOVER_MAX];

	agent_api_fqdn(call->params[0], fqdn);
	if (conf_find_service(call->agent->conf, fqdn) != NULL)
		return false;
	snprintf(failover, sizeof failover, "%s" AGENT_FAILOVER_TARGET, fqdn);
	return order_stray(call, fqdn, out) ||
	    order_stray(call, failover, out) ||
	    order_stray(call,
		agent_rules_takeover_target(fqdn, ADDR_IP4, took_over), out) ||
	    order_stray(call,
		agent_rules_takeover_target(fqdn, ADDR_IP6, took_over), out);
}
