/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_API_H
#define RRDNSD_AGENT_API_H

/*
 * What is served over HTTP: the table of routes is in agent_api.c, each handler
 * in the file that its comment names. Whoever adds one adds a line there and a
 * declaration here.
 */
#include "http/router.h"
#include "http/server.h"
#include "json_out.h"

struct agent;
struct agent_endpoint;
struct agent_page;
struct agent_service;

/* A request for one of the routes. All of it is valid while the handler runs,
 * which answers before it returns. */
struct route_call {
	struct agent *agent;
	const struct server_request *request;
	const char *params[ROUTE_PARAMS_MAX]; /* what "*" took */
	bool may_read; /* what only some may read, too (ROUTE_OPEN) */
};

/* agent_api.c: what server.h asks for; arg is the agent */
bool agent_api_admit(void *arg, const struct server_request *request,
    struct server_terms *terms, struct server_response *out);
void agent_api_handle(void *arg, const struct server_request *request,
    struct server_response *out);

/* {"error": "..."} */
void agent_api_error(struct server_response *out, unsigned status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Answers with what was written; ends json. */
void agent_api_answer(struct server_response *out, unsigned status,
    struct json_out *json);

/* Answers with a page that is made anew only when it is a little old. The
 * maker returns NULL when memory runs out. */
typedef struct server_page *agent_page_maker(struct agent *agent);
void agent_api_page(struct agent *agent, struct agent_page *cached,
    agent_page_maker *make, struct server_response *out);

/* A name as it stands in the configuration: lower case, no final dot. */
void agent_api_fqdn(const char *text, char fqdn[ROUTE_PARAM_MAX]);

/* The service that the path names, or NULL: then it was answered 404. */
struct agent_service *agent_api_service(const struct route_call *call,
    struct server_response *out);
struct agent_endpoint *agent_api_endpoint(const struct route_call *call,
    struct agent_service *service, struct server_response *out);

/* agent_gossip.c */
route_handler agent_api_gossip;

/* agent_server.c */
route_handler agent_api_dash;
route_handler agent_api_front; /* to the dashboard */

/* agent_api_servers.c: the key "servers" and its value; publish may be NULL */
struct publish_service;
void agent_api_write_servers(struct json_out *json,
    const struct publish_service *publish, int64_t now_ms, int64_t wall_ms);

/* agent_api_tiers.c: the key "tiers" and its value */
struct agent_service;
void agent_api_write_tiers(struct json_out *json,
    const struct agent_service *service);

/* agent_api_status.c */
route_handler agent_api_status;
route_handler agent_api_one_service;

/* agent_api_health.c */
route_handler agent_api_health;

/* agent_api_events.c */
route_handler agent_api_events;

/* agent_metrics_text.c */
route_handler agent_api_metrics;

/* agent_api_changes.c */
route_handler agent_api_add_service;
route_handler agent_api_remove_service;
route_handler agent_api_add_endpoint;
route_handler agent_api_remove_endpoint;
route_handler agent_api_add_node;
route_handler agent_api_remove_node;

/* agent_api_intents.c */
route_handler agent_api_endpoint_intent;
route_handler agent_api_service_intent;
route_handler agent_api_freeze;
route_handler agent_api_allow_removals;
route_handler agent_api_failover;
route_handler agent_api_refresh;
route_handler agent_api_check;

#endif
