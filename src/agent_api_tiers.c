/* SPDX-License-Identifier: ISC */
/* Which tier of a service is in charge, since when, and how it comes back. */
#include "config.h"

#include <stdio.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "agent_rules.h"
#include "json_out.h"

/* Since when, on the wall clock; 0: since before this node started. */
static int64_t
since_ms(const struct agent_service *service, enum addr_family family)
{
	const struct agent_standby *standby =
	    &service->standby[family == ADDR_IP6];
	unsigned tier;
	const struct vote_intent *entry =
	    agent_rules_takeover(vote_node_intents(service->agent->node),
		service->conf->fqdn, family, &tier);

	if (entry != NULL && tier == standby->tier)
		return entry->stamp;
	return standby->since_ms == 0
	    ? 0
	    : agent_wall_of(service->agent, standby->since_ms);
}

static void
write_family(struct json_out *json, const struct agent_service *service,
    enum addr_family family)
{
	const struct agent_standby *standby =
	    &service->standby[family == ADDR_IP6];
	const struct conf_service *conf = service->conf;
	char text[700];
	int64_t at_ms;
	unsigned first;

	if (!agent_rules_has_tiers(conf, family, &first))
		return;
	json_open(json, '{');
	json_put_text(json, "family", family == ADDR_IP4 ? "A" : "AAAA");
	json_put_int(json, "first", first);
	json_key(json, "in_charge");
	if (standby->told)
		json_int(json, standby->tier);
	else
		json_none(json);
	json_put_time(json, "since", since_ms(service, family));
	json_put_text(json, "failback",
	    conf->failback_manual ? "manual" : "auto");
	json_put_time(json, "returns_at",
	    agent_standby_returns_at(service, family, &at_ms)
		? agent_wall_of(service->agent, at_ms)
		: 0);
	snprintf(text, sizeof text, "failed over to tier %u", standby->tier);
	if (conf->failback_manual)
		snprintf(text, sizeof text,
		    "failed over to tier %u, failback is manual: "
		    "rrdnsctl failover %s %u",
		    standby->tier, conf->fqdn, first);
	json_put_text(json, "text",
	    standby->told && standby->tier > first ? text : NULL);
	json_close(json, '}');
}

void
agent_api_write_tiers(struct json_out *json,
    const struct agent_service *service)
{
	json_key(json, "tiers");
	json_open(json, '[');
	write_family(json, service, ADDR_IP4);
	write_family(json, service, ADDR_IP6);
	json_close(json, ']');
}
