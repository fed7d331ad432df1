/* SPDX-License-Identifier: ISC */
/* GET /health */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "err.h"
#include "http/api_health.h"

/* A server is told of after so many attempts in a row (design.md section 6),
 * and so many servers at most. */
#define ATTEMPTS 3
#define SERVERS_MAX 16
#define SERVER_TEXT_MAX 400

struct servers {
	char texts[SERVERS_MAX][SERVER_TEXT_MAX];
	const char *list[SERVERS_MAX];
	size_t n;
};

static void
add_server(struct servers *servers, const struct publish_status *status)
{
	size_t len = strlen(status->server);
	char *text;

	for (size_t i = 0; i < servers->n; i++)
		if (strncmp(servers->list[i], status->server, len) == 0 &&
		    strncmp(servers->list[i] + len, ": ", 2) == 0)
			return;
	if (servers->n == SERVERS_MAX)
		return;
	text = servers->texts[servers->n];
	snprintf(text, SERVER_TEXT_MAX, "%s: %s", status->server,
	    status->last_error);
	servers->list[servers->n++] = text;
}

static void
look_at_servers(const struct agent *agent, struct servers *servers)
{
	for (size_t i = 0; i < agent->n_services; i++) {
		const struct publish_service *publish =
		    agent->services[i]->publish;
		size_t n =
		    publish != NULL ? publish_service_count(publish) : 0;

		for (size_t j = 0; j < n; j++) {
			struct publish_status status =
			    publish_service_status(publish, j);

			if (status.failures >= ATTEMPTS ||
			    status.state == PUBLISH_FAILED)
				add_server(servers, &status);
		}
	}
}

/* Until it can have been probed, an endpoint has time. */
static bool
is_stale(const struct agent_endpoint *endpoint, int64_t now_ms)
{
	const struct conf_endpoint *conf = endpoint->conf;

	if (endpoint->health.counted_at_ms == 0)
		return now_ms - endpoint->since_ms >
		    3 * (int64_t)conf->probe_interval_ms +
			conf->probe_timeout_ms;
	return health_is_stale(&endpoint->health, conf->probe_interval_ms,
	    conf->probe_timeout_ms, now_ms);
}

static void
look_at_probes(const struct agent *agent, struct api_health *health)
{
	int64_t now_ms = loop_now_ms(agent->loop);

	for (size_t i = 0; i < agent->n_services; i++) {
		const struct agent_service *service = agent->services[i];

		health->n_endpoints += service->n_endpoints;
		for (size_t j = 0; j < service->n_endpoints; j++)
			health->n_stale +=
			    is_stale(&service->endpoints[j], now_ms);
	}
}

static void
look_at_nodes(const struct agent *agent, struct api_health *health)
{
	int64_t now_ms = loop_now_ms(agent->loop);
	size_t n = vote_node_count(agent->node);

	health->nodes_needed = vote_quorum((unsigned)n);
	for (size_t i = 0; i < n; i++) {
		struct vote_node_info info;

		vote_node_info(agent->node, i, now_ms, &info);
		health->nodes_fresh += info.fresh;
	}
}

void
agent_api_health(const struct route_call *call, struct server_response *out)
{
	const struct agent *agent = call->agent;
	struct servers servers = { .n = 0 };
	struct api_health health = { .stalled_ms = agent_stalled_ms(agent) };
	struct json_out json;
	unsigned status;

	look_at_nodes(agent, &health);
	look_at_probes(agent, &health);
	look_at_servers(agent, &servers);
	health.servers = servers.list;
	health.n_servers = servers.n;
	if (agent->save_error != 0)
		health.state_error = err_text(agent->save_error);
	health.listen_error = agent_server_error(agent);
	json_out_init(&json);
	status = api_write_health(&json, &health, call->may_read);
	agent_api_answer(out, status, &json);
}
