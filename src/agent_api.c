/* SPDX-License-Identifier: ISC */
/* Which request goes where, and who may make it. */
#include "config.h"

#include "agent_api.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "http/api_access.h"
#include "vote/auth.h"
#include "vote/gossip.h"

#define BODY_MAX 1048576 /* 1 MiB: design.md section 6 */

/* A page is given out again for as long as ten times what it took to make, so
 * that asking never costs more than a tenth of the processor. */
#define PAGE_SHARE 10
#define PAGE_LONGEST_US 1000000

static const struct route routes[] = {
	{ "POST", VOTE_PATH, ROUTE_PEER, BODY_MAX, agent_api_gossip },
	{ "GET", "/health", ROUTE_OPEN, BODY_MAX, agent_api_health },
	{ "GET", "/", ROUTE_OPEN, BODY_MAX, agent_api_front },
	{ "GET", "/dash", ROUTE_OPEN, BODY_MAX, agent_api_dash },
	{ "GET", "/api/v1/status", ROUTE_READ, BODY_MAX, agent_api_status },
	{ "GET", "/api/v1/services/*", ROUTE_READ, BODY_MAX,
	    agent_api_one_service },
	{ "GET", "/api/v1/events", ROUTE_READ, BODY_MAX, agent_api_events },
	{ "GET", "/metrics", ROUTE_READ, BODY_MAX, agent_api_metrics },
	{ "POST", "/api/v1/services", ROUTE_CHANGE, BODY_MAX,
	    agent_api_add_service },
	{ "DELETE", "/api/v1/services/*", ROUTE_CHANGE, BODY_MAX,
	    agent_api_remove_service },
	{ "POST", "/api/v1/services/*/endpoints", ROUTE_CHANGE, BODY_MAX,
	    agent_api_add_endpoint },
	{ "DELETE", "/api/v1/services/*/endpoints/*", ROUTE_CHANGE, BODY_MAX,
	    agent_api_remove_endpoint },
	{ "POST", "/api/v1/nodes", ROUTE_CHANGE, BODY_MAX,
	    agent_api_add_node },
	{ "DELETE", "/api/v1/nodes/*", ROUTE_CHANGE, BODY_MAX,
	    agent_api_remove_node },
	{ "POST", "/api/v1/freeze", ROUTE_CHANGE, BODY_MAX, agent_api_freeze },
	{ "POST", "/api/v1/allow-removals", ROUTE_CHANGE, BODY_MAX,
	    agent_api_allow_removals },
	{ "POST", "/api/v1/services/*/intent", ROUTE_CHANGE, BODY_MAX,
	    agent_api_service_intent },
	{ "POST", "/api/v1/services/*/failover", ROUTE_CHANGE, BODY_MAX,
	    agent_api_failover },
	{ "POST", "/api/v1/services/*/refresh", ROUTE_CHANGE, BODY_MAX,
	    agent_api_refresh },
	{ "POST", "/api/v1/services/*/endpoints/*/intent", ROUTE_CHANGE,
	    BODY_MAX, agent_api_endpoint_intent },
	{ "POST", "/api/v1/services/*/endpoints/*/check", ROUTE_CHANGE,
	    BODY_MAX, agent_api_check },
};

void
agent_api_error(struct server_response *out, unsigned status,
    const char *format, ...)
{
	struct json_out json;
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "error", text);
	json_close(&json, '}');
	agent_api_answer(out, status, &json);
}

void
agent_api_answer(struct server_response *out, unsigned status,
    struct json_out *json)
{
	json_end_line(json);
	out->body = json_out_take(json, &out->len);
	out->status = out->body != NULL ? status : 500;
}

void
agent_api_page(struct agent *agent, struct agent_page *cached,
    agent_page_maker *make, struct server_response *out)
{
	int64_t began_us = loop_clock_us(), valid_us;

	if (cached->page == NULL || began_us >= cached->valid_until_us) {
		server_page_free(cached->page);
		cached->page = make(agent);
		valid_us = PAGE_SHARE * (loop_clock_us() - began_us);
		cached->valid_until_us = began_us +
		    (valid_us < PAGE_LONGEST_US ? valid_us : PAGE_LONGEST_US);
	}
	out->page = cached->page;
	out->status = cached->page != NULL ? 200 : 500;
}

void
agent_api_fqdn(const char *text, char fqdn[ROUTE_PARAM_MAX])
{
	size_t len;

	snprintf(fqdn, ROUTE_PARAM_MAX, "%s", text);
	len = strlen(fqdn);
	for (size_t i = 0; i < len; i++)
		fqdn[i] = (char)tolower((unsigned char)fqdn[i]);
	if (len > 1 && fqdn[len - 1] == '.')
		fqdn[len - 1] = '\0';
}

struct agent_service *
agent_api_service(const struct route_call *call, struct server_response *out)
{
	const struct agent *agent = call->agent;
	char fqdn[ROUTE_PARAM_MAX];

	agent_api_fqdn(call->params[0], fqdn);
	for (size_t i = 0; i < agent->n_services; i++)
		if (strcmp(agent->services[i]->conf->fqdn, fqdn) == 0)
			return agent->services[i];
	agent_api_error(out, 404, "there is no service %s here", fqdn);
	return NULL;
}

struct agent_endpoint *
agent_api_endpoint(const struct route_call *call,
    struct agent_service *service, struct server_response *out)
{
	struct addr addr;

	if (addr_parse_ip(call->params[1], &addr) == 0)
		for (size_t i = 0; i < service->n_endpoints; i++)
			if (addr_compare_ip(&service->endpoints[i].conf->addr,
				&addr) == 0)
				return &service->endpoints[i];
	agent_api_error(out, 404, "%s has no endpoint %s", service->conf->fqdn,
	    call->params[1]);
	return NULL;
}

static void
find(const struct server_request *request, struct route_match *match)
{
	route_find(routes, sizeof routes / sizeof routes[0], request->method,
	    request->path, match);
}

static struct access_rules
rules_of(const struct agent *agent)
{
	return (struct access_rules){ .token = &agent->conf->api_token,
		.reads_need_token = agent->conf->api_reads_need_token };
}

static struct access_request
describe(const struct server_request *request, const struct route *route)
{
	return (struct access_request){
		.right = route->right,
		.has_body = strcmp(route->method, "POST") == 0,
		.local = request->local,
		.needs_host = strcmp(request->version, "HTTP/1.0") != 0,
		.n_hosts = server_header_count(request, "Host"),
		.host = server_header(request, "Host"),
		.origin = server_header(request, "Origin"),
		.authorization = server_header(request, "Authorization"),
		.content_type = server_header(request, "Content-Type"),
	};
}

/* Only who may be a node may send much. */
static size_t
gossip_max(const struct agent *agent, const struct addr *client)
{
	for (size_t i = 0; i < agent->conf->nodes.len; i++)
		if (addr_compare_ip(&agent->conf->nodes.list[i], client) == 0)
			return VOTE_BODY_MAX;
	return BODY_MAX;
}

static void
refuse_route(const struct server_request *request,
    const struct route_match *match, struct server_response *out)
{
	if (match->status == 404) {
		agent_api_error(out, 404, "there is nothing at %s",
		    request->path);
		return;
	}
	agent_api_error(out, 405, "%s takes %s", request->path, match->allow);
	server_add_header(out, "Allow", match->allow);
}

bool
agent_api_admit(void *arg, const struct server_request *request,
    struct server_terms *terms, struct server_response *out)
{
	const struct agent *agent = arg;
	struct access_rules rules = rules_of(agent);
	struct access_request access;
	struct access_answer answer;
	struct route_match match;

	terms->body_max = BODY_MAX;
	find(request, &match);
	if (match.status != 200) {
		refuse_route(request, &match, out);
		return false;
	}
	access = describe(request, match.route);
	answer = access_check(&access, &rules);
	if (answer.status != 200) {
		agent_api_error(out, answer.status, "%s", answer.text);
		if (answer.status == 401)
			server_add_header(out, "WWW-Authenticate",
			    "Bearer realm=\"rrdnsd\"");
		return false;
	}
	/* Votes are in time, and whoever looks after us gets an answer,
	 * whatever others ask for. */
	terms->urgent = match.route->right == ROUTE_PEER ||
	    match.route->right == ROUTE_OPEN;
	terms->body_max = match.route->right == ROUTE_PEER
	    ? gossip_max(agent, &request->client)
	    : match.route->body_max;
	return true;
}

void
agent_api_handle(void *arg, const struct server_request *request,
    struct server_response *out)
{
	struct agent *agent = arg;
	struct access_rules rules = rules_of(agent);
	struct access_request access;
	struct route_match match;
	struct route_call call = { .agent = agent, .request = request };

	find(request, &match);
	access = describe(request, match.route);
	call.may_read = access_may_read(&access, &rules);
	for (size_t i = 0; i < ROUTE_PARAMS_MAX; i++)
		call.params[i] = match.params[i];
	match.route->handler(&call, out);
}
