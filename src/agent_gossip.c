/* SPDX-License-Identifier: ISC */
/* The node's mouth and ears: what the pure node asks for is done here, and
 * what arrives is handed to it. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "agent_intents.h"
#include "err.h"
#include "http/http_client.h"
#include "log.h"
#include "vote/gossip.h"

_Static_assert(CONF_NODES_MAX == VOTE_NODES_MAX,
    "what may be configured can be told");

/* A request under way to a peer. */
struct agent_call {
	struct agent *agent;
	struct addr peer;
	uint64_t seq;
	LIST_ENTRY(agent_call) entry;
};

static void apply(struct agent *agent, struct vote_out *out, const char *why);

static void
on_answer(void *arg, const struct http_fetch_answer *answer)
{
	struct agent_call *call = arg;
	struct agent *agent = call->agent;
	struct vote_out out;

	LIST_REMOVE(call, entry);
	agent_metrics_gossip(agent, answer->len, answer->status == 200);
	vote_out_init(&out);
	vote_node_answer(agent->node, agent_now_ms(), agent_wall_ms(), &call->peer,
	    call->seq, answer->body ? answer->status : 0, answer->headers[0],
	    answer->body ? answer->body : "", answer->len, &out);
	free(call);
	apply(agent, &out, answer->why);
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
		.timeout_ms = send->timeout_ms,
		.connect_ms = send->timeout_ms / 2 };

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

/* Until it is told, the node says nothing more to that peer. */
static void
end_unanswered(struct agent *agent, const struct addr *peer, uint64_t seq,
    const char *why)
{
	struct vote_out out;

	vote_out_init(&out);
	vote_node_answer(agent->node, agent_now_ms(), agent_wall_ms(), peer,
	    seq, 0, NULL, "", 0, &out);
	apply(agent, &out, why);
}

static void
send_all(struct agent *agent, const struct vote_out *out)
{
	for (size_t i = 0; i < out->n_sends; i++) {
		const struct vote_send *send = &out->sends[i];

		if (agent->client == NULL || !post(agent, send))
			end_unanswered(agent, &send->to, send->seq,
			    "it could not be asked");
	}
}

/* why: in words, why there was no answer or whom a request is from */
static void
apply(struct agent *agent, struct vote_out *out, const char *why)
{
	if (out->save)
		agent_save(agent, NULL);
	send_all(agent, out);
	if (out->stood_ms > 0)
		agent_probe_stood(agent, out->stood_ms);
	for (size_t i = 0; i < out->n_facts; i++) {
		agent_metrics_fact(agent, out->facts[i].kind);
		agent_fact_tell(agent, &out->facts[i], why);
	}
	agent_note_quorum(agent);
	if (out->changed)
		agent_intents_changed(agent);
	vote_out_fini(out);
	agent_gossip_rearm(agent);
}

void
agent_vote_apply(struct agent *agent, struct vote_out *out)
{
	apply(agent, out, "");
}

void
agent_vote_look(struct agent *agent)
{
	struct vote_out out;

	vote_out_init(&out);
	vote_node_wake(agent->node, agent_now_ms(), agent_wall_ms(), &out);
	agent_vote_apply(agent, &out);
}

static void
on_wake(void *arg)
{
	agent_vote_look(arg);
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

/* POST VOTE_PATH */
void
agent_api_gossip(const struct route_call *call, struct server_response *out)
{
	struct agent *agent = call->agent;
	const struct server_request *request = call->request;
	struct vote_out vote;
	char name[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX + 8];

	snprintf(from, sizeof from, "from %s",
	    addr_format(&request->client, false, name));
	vote_out_init(&vote);
	vote_node_request(agent->node, agent_now_ms(), agent_wall_ms(),
	    server_header(request, VOTE_AUTH_HEADER), request->body,
	    request->len, &vote);
	agent_metrics_gossip(agent, request->len + vote.reply.len,
	    vote.reply.status == 200);
	out->status = vote.reply.status;
	out->body = vote.reply.body;
	out->len = vote.reply.len;
	vote.reply.body = NULL;
	if (out->body != NULL)
		server_add_header(out, VOTE_AUTH_HEADER, vote.reply.auth);
	apply(agent, &vote, from);
}

int
agent_gossip_start(struct agent *agent)
{
	const struct conf *conf = agent->conf;

	loop_timer_init(&agent->wake, on_wake, agent);
	if (conf->nodes.len < 2 && conf->canaries.len == 0)
		return 0;
	agent->client = http_client_new(agent->loop, conf->nodes_ca_file);
	if (agent->client == NULL || agent_canaries_start(agent) != 0)
		return ERR_NOMEM;
	if (conf->nodes.len > 1)
		agent_gossip_rearm(agent);
	return 0;
}

/* No call under way will be answered. */
static void
hang_up(struct agent *agent)
{
	loop_timer_cancel(agent->loop, &agent->wake);
	http_client_free(agent->client);
	agent->client = NULL;
	agent_canaries_stop(agent);
}

int
agent_gossip_restart(struct agent *agent)
{
	struct agent_call *call = LIST_FIRST(&agent->calls), *next;
	int err;

	LIST_INIT(&agent->calls);
	hang_up(agent);
	err = agent_gossip_start(agent);
	for (; call != NULL; call = next) {
		next = LIST_NEXT(call, entry);
		end_unanswered(agent, &call->peer, call->seq,
		    "cut off by a reload");
		free(call);
	}
	return err;
}

void
agent_gossip_stop(struct agent *agent)
{
	struct agent_call *call;

	hang_up(agent);
	while ((call = LIST_FIRST(&agent->calls)) != NULL) {
		LIST_REMOVE(call, entry);
		free(call);
	}
}
