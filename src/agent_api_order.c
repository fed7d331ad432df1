/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent_api_order.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "agent_intents.h"
#include "err.h"

#define FOR_MAX_S (10 * INT64_C(366) * 86400)

#define FIELD(name, type, required, min, max)                                  \
	{ #name, type, required, min, max, offsetof(struct agent_order, name) }
#define OF_ALL                                                                 \
	FIELD(reason, API_FIELD_TEXT, false, 0, VOTE_INTENT_TEXT_MAX),         \
	FIELD(by, API_FIELD_TEXT, false, 0, VOTE_INTENT_TEXT_MAX),             \
	FIELD(for_s, API_FIELD_NUMBER, false, 1, FOR_MAX_S),                   \
	FIELD(force, API_FIELD_BOOL, false, 0, 0)

#define OF_ALL_COUNT 4

/* By kind: its own field, where it has one, is the first. */
static const struct api_field fields[][OF_ALL_COUNT + 1] = {
	[AGENT_ORDER_PLAIN] = { OF_ALL },
	[AGENT_ORDER_INTENT] = {
	    FIELD(intent, API_FIELD_TEXT, true, 0, VOTE_INTENT_OP_MAX),
	    OF_ALL },
	[AGENT_ORDER_FREEZE] = { FIELD(on, API_FIELD_BOOL, true, 0, 0),
	    OF_ALL },
	[AGENT_ORDER_FAILOVER] = {
	    FIELD(to, API_FIELD_WORD, true, 0, ADDR_TEXT_MAX), OF_ALL },
};

static void
name_caller(struct agent_order *order)
{
	const struct server_request *request = order->call->request;
	char ip[ADDR_TEXT_MAX];

	if (request->local)
		snprintf(order->who, sizeof order->who, "uid %u",
		    request->uid);
	else
		snprintf(order->who, sizeof order->who, "%s",
		    addr_format(&request->client, false, ip));
	if (order->by == NULL || order->by[0] == '\0')
		order->by = order->who;
	if (order->reason == NULL)
		order->reason = "";
}

bool
agent_order_begin(struct agent_order *order, enum agent_order_kind kind,
    const struct route_call *call, struct server_response *out)
{
	size_t n = OF_ALL_COUNT + (kind != AGENT_ORDER_PLAIN);
	char why[400];

	*order = (struct agent_order){ .call = call, .out = out };
	order->body = api_body_parse(call->request->body, call->request->len,
	    fields[kind], n, order, why, sizeof why);
	if (order->body == NULL) {
		agent_api_error(out, 400, "%s", why);
		return false;
	}
	name_caller(order);
	return true;
}

void
agent_order_end(struct agent_order *order)
{
	api_body_free(order->body);
}

struct vote_intent
agent_order_entry(const struct agent_order *order, const char *target,
    const char *op)
{
	bool clear = strcmp(op, VOTE_INTENT_CLEAR) == 0;

	return (struct vote_intent){
		.target = target,
		.op = op,
		.by = order->by,
		.reason = order->reason,
		.more = "",
		.until_ms = clear || order->for_s == 0
		    ? 0
		    : agent_wall_ms() + order->for_s * 1000,
	};
}

bool
agent_order_enter(const struct agent_order *order,
    const struct vote_intent *entries, size_t n)
{
	int err = agent_intents_set(order->call->agent, entries, n);

	if (err == ERR_TOOBIG)
		agent_api_error(order->out, 409,
		    "%d targets have intents, which is all that fit; cleared "
		    "ones go after 30 days",
		    VOTE_INTENTS_MAX);
	else if (err != 0)
		agent_api_error(order->out, 500,
		    "it can't be kept in state_dir (%s): nothing was changed",
		    err_text(err));
	return err == 0;
}

void
agent_order_answer(const struct agent_order *order,
    const struct vote_intent *entry, const char *intent, const char *note)
{
	struct agent *agent = order->call->agent;
	unsigned held = vote_node_intents_held(agent->node);
	size_t nodes = vote_node_count(agent->node);
	struct json_out json;
	char text[300];

	snprintf(text, sizeof text, "held by %u of %zu node%s%s%s", held,
	    nodes, nodes == 1 ? "" : "s", note != NULL ? "; " : "",
	    note != NULL ? note : "");
	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "target", entry->target);
	json_put_text(&json, "intent", intent);
	json_key(&json, "until");
	if (entry->until_ms == 0)
		json_none(&json);
	else
		json_time(&json, entry->until_ms);
	json_put_int(&json, "held_by", held);
	json_put_int(&json, "nodes", (int64_t)nodes);
	json_put_text(&json, "text", text);
	json_close(&json, '}');
	agent_api_answer(order->out, 200, &json);
}
