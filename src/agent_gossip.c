/* SPDX-License-Identifier: ISC */
/* The node's mouth and ears: what the pure node asks for is done here, and
 * what arrives is handed to it. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_impl.h"
#include "err.h"
#include "http/http_client.h"
#include "http/server.h"
#include "log.h"
#include "state.h"
#include "vote/gossip.h"

#define FACT_LOG_MS 10000 /* at most one line of a kind in this time */
#define BODY_MAX_STRANGERS 1048576

/* A request under way to a peer. */
struct agent_call {
	struct agent *agent;
	struct addr peer;
	uint64_t seq;
	LIST_ENTRY(agent_call) entry;
};

int64_t
agent_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Of a message: when it was taken from the socket, or ages come out too small
 * (vote/node.h). */
static int64_t
fresh_ms(void)
{
	return loop_clock_us() / 1000;
}

static const char *
fact_text(enum vote_fact_kind kind)
{
	switch (kind) {
	case VOTE_FACT_BAD_MAC:
		return "sent a message that is not signed by nodes_secret: refused";
	case VOTE_FACT_MALFORMED:
		return "sent a malformed message: refused";
	case VOTE_FACT_NOT_FOR_US:
		return "sent a message meant for another node: refused";
	case VOTE_FACT_UNKNOWN_NODE:
		return "is not among our nodes: refused";
	case VOTE_FACT_REPLAY:
		return "sent an old message once more: refused";
	case VOTE_FACT_WRONG_BOOT:
		return "does not know yet that we were restarted";
	case VOTE_FACT_DROPPED:
		return "answered what was not asked";
	case VOTE_FACT_NO_ANSWER:
		return "does not answer";
	case VOTE_FACT_REFUSED:
		return "refused our message";
	case VOTE_FACT_BOOT_ADOPTED:
		return "was seen with our name: a new boot number is taken";
	case VOTE_FACT_CONTESTED:
		return "another process bears our name: abstaining, and "
		       "writing nothing";
	case VOTE_FACT_UNCONTESTED:
		return "our name is ours alone again";
	case VOTE_FACT_SUSPENDED:
		return "this machine stood still: what is known of others is "
		       "stale";
	case VOTE_FACT_NODE_FRESH:
		return "its votes count from now on";
	case VOTE_FACT_NODE_STALE:
		return "is lost: its votes no longer count";
	case VOTE_FACT_INTENTS:
		return "brought new intents";
	case VOTE_FACT_COUNT:
		break;
	}
	return "";
}

static void
log_fact(struct agent *agent, const struct vote_fact *fact)
{
	unsigned held = 0;
	char name[ADDR_TEXT_MAX], more[32] = "";
	bool fresh = fact->kind == VOTE_FACT_NODE_FRESH ||
	    fact->kind == VOTE_FACT_NODE_STALE;

	if (!fresh &&
	    !log_limit_pass(&agent->fact_limits[fact->kind],
		loop_now_ms(agent->loop), FACT_LOG_MS, &held))
		return;
	if (held > 0)
		snprintf(more, sizeof more, " (and %u more)", held);
	if (fact->kind == VOTE_FACT_NODE_FRESH)
		log_notice("node %s: %s", addr_format(&fact->node, true, name),
		    fact_text(fact->kind));
	else
		log_warning("node %s: %s%s",
		    addr_format(&fact->node, true, name),
		    fact_text(fact->kind), more);
}

static void
save(struct agent *agent)
{
	struct state state = { .boot = vote_node_boot(agent->node),
		.intents = vote_node_intents_json(agent->node) };

	state_save(agent->conf->state_dir, &state);
	state_fini(&state);
}

static void
on_answer(void *arg, const struct http_fetch_answer *answer)
{
	struct agent_call *call = arg;
	struct agent *agent = call->agent;
	struct vote_out out;

	LIST_REMOVE(call, entry);
	agent_metrics_gossip(agent, answer->len, answer->status == 200);
	vote_out_init(&out);
	vote_node_answer(agent->node, fresh_ms(), agent_wall_ms(), &call->peer,
	    call->seq, answer->body ? answer->status : 0, answer->headers[0],
	    answer->body ? answer->body : "", answer->len, &out);
	free(call);
	agent_vote_apply(agent, &out);
}

static bool
post(struct agent *agent, const struct vote_send *send)
{
	struct agent_call *call = calloc(1, sizeof *call);
	char auth[sizeof VOTE_AUTH_HEADER + VOTE_AUTH_MAX + 2];
	char url[sizeof "https://" + ADDR_TEXT_MAX + sizeof VOTE_PATH];
	char name[ADDR_TEXT_MAX];
	const char *const headers[] = { "Content-Type: application/json",
		auth };
	static const char *const wanted[] = { VOTE_AUTH_HEADER };
	struct http_fetch_request request = { .method = "POST",
		.url = url,
		.headers = headers,
		.n_headers = 2,
		.wanted = wanted,
		.n_wanted = 1,
		.body = send->body,
		.len = send->len,
		.max_answer = VOTE_BODY_MAX,
		.timeout_ms = send->timeout_ms };

	if (call == NULL)
		return false;
	snprintf(auth, sizeof auth, VOTE_AUTH_HEADER ": %s", send->auth);
	snprintf(url, sizeof url, "%s://%s" VOTE_PATH,
	    agent->conf->nodes_https ? "https" : "http",
	    addr_format(&send->to, true, name));
	*call = (struct agent_call){ .agent = agent, .peer = send->to,
		.seq = send->seq };
	if (http_client_fetch(agent->client, &request, on_answer, call) ==
	    NULL) {
		free(call);
		return false;
	}
	LIST_INSERT_HEAD(&agent->calls, call, entry);
	agent_metrics_gossip(agent, send->len, false);
	return true;
}

/* What could not even be sent has ended without an answer. */
static void
send_all(struct agent *agent, const struct vote_out *out)
{
	for (size_t i = 0; i < out->n_sends; i++) {
		const struct vote_send *send = &out->sends[i];
		struct vote_out again;

		if (agent->client != NULL && post(agent, send))
			continue;
		vote_out_init(&again);
		vote_node_answer(agent->node, fresh_ms(), agent_wall_ms(),
		    &send->to, send->seq, 0, NULL, "", 0, &again);
		vote_out_fini(&again);
	}
}

void
agent_vote_apply(struct agent *agent, struct vote_out *out)
{
	if (out->save)
		save(agent);
	send_all(agent, out);
	for (size_t i = 0; i < out->n_facts; i++) {
		agent_metrics_fact(agent, out->facts[i].kind);
		log_fact(agent, &out->facts[i]);
	}
	if (out->changed)
		for (size_t i = 0; i < agent->n_services; i++)
			agent_decide(agent->services[i]);
	vote_out_fini(out);
	agent_gossip_rearm(agent);
}

static void
on_wake(void *arg)
{
	struct agent *agent = arg;
	struct vote_out out;

	vote_out_init(&out);
	vote_node_wake(agent->node, loop_now_ms(agent->loop), agent_wall_ms(),
	    &out);
	agent_vote_apply(agent, &out);
}

void
agent_gossip_rearm(struct agent *agent)
{
	int64_t at_ms = vote_node_next_deadline(agent->node);

	if (agent->client == NULL || at_ms == INT64_MAX)
		loop_timer_cancel(agent->loop, &agent->wake);
	else
		loop_timer_set(agent->loop, &agent->wake, at_ms);
}

/* Only who may be a node may send much. */
static size_t
limit_of(void *arg, const char *path, struct addr client)
{
	const struct agent *agent = arg;

	if (strcmp(path, VOTE_PATH) != 0)
		return BODY_MAX_STRANGERS;
	for (size_t i = 0; i < agent->conf->nodes.len; i++)
		if (addr_compare_ip(&agent->conf->nodes.list[i], &client) == 0)
			return VOTE_BODY_MAX;
	return BODY_MAX_STRANGERS;
}

static void
say(struct server_response *out, unsigned status, const char *text)
{
	int len = asprintf(&out->body, "{\"error\":\"%s\"}\n", text);

	out->status = status;
	out->len = len < 0 ? 0 : (size_t)len;
	if (len < 0)
		out->body = NULL;
}

static void
on_request(void *arg, const struct server_request *request,
    struct server_response *response)
{
	static char auth[VOTE_AUTH_MAX];
	struct agent *agent = arg;
	struct vote_out out;

	if (strcmp(request->path, VOTE_PATH) != 0) {
		say(response, 404, "there is nothing here");
		return;
	}
	if (strcmp(request->method, "POST") != 0) {
		say(response, 405, "this takes POST");
		return;
	}
	vote_out_init(&out);
	vote_node_request(agent->node, fresh_ms(), agent_wall_ms(),
	    server_header(request, VOTE_AUTH_HEADER), request->body,
	    request->len, &out);
	agent_metrics_gossip(agent, request->len + out.reply.len,
	    out.reply.status == 200);
	response->status = out.reply.status;
	response->body = out.reply.body;
	response->len = out.reply.len;
	out.reply.body = NULL;
	if (response->body != NULL) {
		memcpy(auth, out.reply.auth, sizeof auth);
		response->header_name = VOTE_AUTH_HEADER;
		response->header_value = auth;
	}
	agent_vote_apply(agent, &out);
}

int
agent_gossip_start(struct agent *agent)
{
	const struct conf *conf = agent->conf;
	struct server_conf server = { .listen = conf->listen,
		.tls_cert = conf->tls_cert,
		.tls_key = conf->tls_key,
		.handler = on_request,
		.limit = limit_of,
		.arg = agent };
	char name[ADDR_TEXT_MAX], why[256];
	int err;

	loop_timer_init(&agent->wake, on_wake, agent);
	if (conf->nodes.len < 2 && conf->canaries.len == 0)
		return 0;
	agent->client = http_client_new(agent->loop, conf->nodes_ca_file);
	if (agent->client == NULL || agent_canaries_start(agent) != 0)
		return ERR_NOMEM;
	if (conf->nodes.len < 2)
		return 0;
	err = server_new(agent->loop, &server, &agent->server, why,
	    sizeof why);
	if (err != 0) {
		log_error("listen %s: %s",
		    addr_format(&conf->listen, true, name), why);
		return err;
	}
	agent_gossip_rearm(agent);
	return 0;
}

void
agent_gossip_stop(struct agent *agent)
{
	struct agent_call *call;

	loop_timer_cancel(agent->loop, &agent->wake);
	server_free(agent->server);
	agent->server = NULL;
	http_client_free(agent->client);
	agent->client = NULL;
	agent_canaries_stop(agent);
	while ((call = LIST_FIRST(&agent->calls)) != NULL) {
		LIST_REMOVE(call, entry);
		free(call);
	}
}
