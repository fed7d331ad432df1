/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_API_ORDER_H
#define RRDNSD_AGENT_API_ORDER_H

/*
 * What the requests for intents have in common: their body, who asks, and the
 * answer "held by k of n". Only the handlers of intents include it.
 */
#include "agent_api.h"
#include "agent_impl.h"
#include "http/api_request.h"

struct agent_order {
	const struct route_call *call;
	struct server_response *out;
	/* The body; what a request has no field for stays 0. */
	const char *intent;
	const char *to;
	bool on;
	bool force;
	const char *reason; /* "" when none was given */
	const char *by; /* else the uid or address that asks */
	int64_t for_s; /* 0: no end */
	struct api_body *body;
	char who[64];
};

/* The field that an order has beside reason, by, for_s and force. */
enum agent_order_kind {
	AGENT_ORDER_PLAIN, /* none */
	AGENT_ORDER_INTENT, /* "intent" */
	AGENT_ORDER_FREEZE, /* "on" */
	AGENT_ORDER_FAILOVER, /* "to" */
};

/* False, answered 400, when the body is not what it should be. */
bool agent_order_begin(struct agent_order *order, enum agent_order_kind kind,
    const struct route_call *call, struct server_response *out);
void agent_order_end(struct agent_order *order);

/* target and op have to outlive the entry. */
struct vote_intent agent_order_entry(const struct agent_order *order,
    const char *target, const char *op);

/* Enters all of them or none; false: answered why not. */
bool agent_order_enter(const struct agent_order *order,
    const struct vote_intent *entries, size_t n);

/* Answers what was entered; intent is the word for it, note (NULL: none) what
 * the operator should know. */
void agent_order_answer(const struct agent_order *order,
    const struct vote_intent *entry, const char *intent, const char *note);

/* agent_api_stray.c: POST .../intent for an endpoint or a service that is not
 * here. False: no intent is in force for it, and nothing was answered. */
bool agent_api_stray_endpoint(const struct route_call *call,
    struct server_response *out);
bool agent_api_stray_service(const struct route_call *call,
    struct server_response *out);

#endif
