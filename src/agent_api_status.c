/* SPDX-License-Identifier: ISC */
/* GET /api/v1/status and GET /api/v1/services/FQDN */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_api.h"
#include "agent_damping.h"
#include "agent_impl.h"
#include "agent_intents.h"
#include "agent_rules.h"
#include "err.h"
#include "http/api_status.h"
#include "vote/hash.h"

/* What is the same for all endpoints while a status is made. */
struct writer {
	struct json_out json;
	struct agent *agent;
	int64_t now_ms;
	int64_t wall_ms;
	size_t n_nodes;
	struct vote_node_info *nodes;
	char (*names)[ADDR_TEXT_MAX];
	struct api_vote *votes; /* room for one of each node */
};

static bool
writer_init(struct writer *w, struct agent *agent)
{
	size_t n = vote_node_count(agent->node);

	*w = (struct writer){ .agent = agent,
		.now_ms = loop_now_ms(agent->loop),
		.wall_ms = agent_wall_ms(),
		.n_nodes = n,
		.nodes = calloc(n, sizeof *w->nodes),
		.names = calloc(n, sizeof *w->names),
		.votes = calloc(n, sizeof *w->votes) };
	json_out_init(&w->json);
	if (w->nodes == NULL || w->names == NULL || w->votes == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		vote_node_info(agent->node, i, w->now_ms, &w->nodes[i]);
		addr_format(&w->nodes[i].addr, true, w->names[i]);
	}
	return true;
}

static void
writer_fini(struct writer *w)
{
	json_out_fini(&w->json);
	free(w->nodes);
	free(w->names);
	free(w->votes);
}

static int64_t
wall_of(const struct writer *w, int64_t loop_ms)
{
	return loop_ms == 0 ? 0 : w->wall_ms - (w->now_ms - loop_ms);
}

/* As the API promises it. */
static const char *
vote_word(char vote)
{
	switch (vote) {
	case 'u':
		return "up";
	case 'd':
		return "down";
	case 'a':
		return "abstain";
	}
	return NULL;
}

static void
collect_votes(struct writer *w, const struct agent_endpoint *endpoint)
{
	for (size_t i = 0; i < w->n_nodes; i++) {
		const struct vote_node_info *node = &w->nodes[i];
		char cause = VOTE_NO_CAUSE;
		char vote = vote_node_vote_of(w->agent->node, i,
		    endpoint->service->index, endpoint->index, &cause);

		w->votes[i] = (struct api_vote){
			.node = w->names[i],
			.vote = vote_word(vote),
			.reason = node->self ? endpoint->detail
					     : agent_cause_text(cause),
			.age_ms = node->heard ? node->age_ms : -1,
		};
	}
}

/* By all servers, by none, or neither. */
static enum api_published
published(const struct agent_endpoint *endpoint)
{
	struct agent_published is = agent_endpoint_published(endpoint);

	if (is.servers == 0 || is.known < is.servers ||
	    (is.held > 0 && is.held < is.servers))
		return API_UNKNOWN;
	return is.held > 0 ? API_PUBLISHED : API_NOT_PUBLISHED;
}

/* An entry, as it is shown; NULL: none. */
static struct api_intent
show_intent(const struct vote_intent *entry)
{
	struct api_intent intent = { 0 };

	if (entry == NULL)
		return intent;
	return (struct api_intent){ .intent = entry->op,
		.reason = entry->reason,
		.by = entry->by,
		.at_ms = entry->stamp,
		.until_ms = entry->until_ms };
}

static struct api_intent
intent_of(const struct writer *w, const struct agent_endpoint *endpoint)
{
	char target[VOTE_INTENT_TARGET_MAX + 1], ip[ADDR_TEXT_MAX];

	if (endpoint->intent == DESIRED_AUTO)
		return (struct api_intent){ 0 };
	snprintf(target, sizeof target, "%s/%s", endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip));
	return show_intent(
	    vote_intents_find(vote_node_intents(w->agent->node), target));
}

static void
write_endpoint(struct writer *w, const struct agent_endpoint *endpoint)
{
	bool probed = endpoint->probed_at_ms != 0;
	char ip[ADDR_TEXT_MAX], history[65], why[AGENT_WHY_MAX];
	struct api_endpoint e = {
		.ipaddr = addr_format(&endpoint->conf->addr, false, ip),
		.label = endpoint->conf->label,
		.tier = endpoint->conf->tier,
		.verdict = agent_verdict_text(endpoint->verdict),
		.own = vote_word(endpoint->vote),
		.since_ms = wall_of(w, endpoint->verdict_at_ms),
		.votes = w->votes,
		.n_votes = w->n_nodes,
		.intent = intent_of(w, endpoint),
		.desired = agent_action_text(endpoint->action),
		.published = published(endpoint),
		.why = agent_why_text(endpoint, endpoint->why, why,
		    sizeof why),
		.safe_to_stop_ms = agent_drain_safe_ms(endpoint),
		.outcome = probed ? outcome_text(endpoint->outcome) : NULL,
		.detail = endpoint->detail,
		.duration_us = endpoint->duration_us,
		.probed_at_ms = wall_of(w, endpoint->probed_at_ms),
		.history = health_history(&endpoint->health, history),
	};

	collect_votes(w, endpoint);
	api_write_endpoint(&w->json, &e);
}

/* Nodes that are heard, but count apart: they have another definition. */
static void
write_differing(struct writer *w, const struct agent_service *service)
{
	json_key(&w->json, "nodes_differing");
	json_open(&w->json, '[');
	for (size_t i = 0; i < w->n_nodes; i++)
		if (w->nodes[i].fresh &&
		    !vote_node_agrees(w->agent->node, i, service->index))
			json_text(&w->json, w->names[i]);
	json_close(&w->json, ']');
}

static void
write_state(struct writer *w, const struct agent_service *service)
{
	size_t n[3] = { 0 };
	char reason[200];

	for (size_t i = 0; i < service->n_endpoints; i++)
		n[service->endpoints[i].verdict]++;
	snprintf(reason, sizeof reason,
	    "%zu up, %zu down, %zu undecided of %zu endpoints%s",
	    n[DESIRED_UP], n[DESIRED_DOWN], n[DESIRED_UNDECIDED],
	    service->n_endpoints,
	    service->fail_open
		? service->conf->fail_mode == CONF_FAIL_RESTORE
		    ? "; failing open: the records of dead ones stay"
		    : "; holding: no further record is removed"
		: "");
	json_put_text(&w->json, "state",
	    api_service_state(n[DESIRED_UP], n[DESIRED_DOWN],
		n[DESIRED_UNDECIDED]));
	json_put_text(&w->json, "reason", reason);
	json_put_bool(&w->json, "fail_open", service->fail_open);
	json_put_time(&w->json, "fail_open_since",
	    service->fail_open ? wall_of(w, service->fail_open_at_ms) : 0);
}

static void
write_service_intents(struct writer *w, const char *fqdn)
{
	const struct vote_intents *intents = vote_node_intents(w->agent->node);
	const struct vote_intent *entry = vote_intents_find(intents, fqdn);
	struct api_intent intent = show_intent(entry);
	unsigned tier;

	json_put_bool(&w->json, "maintenance",
	    entry != NULL && strcmp(entry->op, "maintenance") == 0);
	json_key(&w->json, "intent");
	api_write_intent(&w->json, &intent);
	json_key(&w->json, "failover_tier");
	if (agent_rules_failover(intents, fqdn, &tier))
		json_int(&w->json, tier);
	else
		json_none(&w->json);
}

static void
write_service(struct writer *w, const struct agent_service *service)
{
	const struct conf_service *conf = service->conf;
	struct json_out *json = &w->json;
	char hash[VOTE_HASH_TEXT_MAX];

	json_open(json, '{');
	json_put_text(json, "fqdn", conf->fqdn);
	json_put_text(json, "zone", conf->zone);
	json_put_int(json, "ttl", conf->ttl);
	write_state(w, service);
	write_service_intents(w, conf->fqdn);
	agent_api_write_tiers(json, service);
	json_put_text(json, "definition", vote_hash_format(conf->hash, hash));
	json_put_int(json, "nodes_agreeing",
	    vote_node_agreeing(w->agent->node, service->index, w->now_ms));
	write_differing(w, service);
	json_key(json, "endpoints");
	json_open(json, '[');
	for (size_t i = 0; i < service->n_endpoints; i++)
		write_endpoint(w, &service->endpoints[i]);
	json_close(json, ']');
	agent_api_write_servers(json, service->publish, w->now_ms,
	    w->wall_ms);
	json_close(json, '}');
}

static void
write_nodes(struct writer *w)
{
	struct api_quorum quorum = { .nodes = (unsigned)w->n_nodes,
		.needed = vote_quorum((unsigned)w->n_nodes) };

	for (size_t i = 0; i < w->n_nodes; i++)
		quorum.fresh += w->nodes[i].fresh;
	json_key(&w->json, "quorum");
	api_write_quorum(&w->json, &quorum);
	json_key(&w->json, "nodes");
	json_open(&w->json, '[');
	for (size_t i = 0; i < w->n_nodes; i++) {
		const struct vote_node_info *info = &w->nodes[i];
		struct api_node node = { .node = w->names[i],
			.self = info->self,
			.fresh = info->fresh,
			.age_ms = info->heard ? info->age_ms : -1,
			.boot = info->boot,
			.version = info->version,
			.same_intents = info->same_intents };

		api_write_node(&w->json, &node);
	}
	json_close(&w->json, ']');
}

/* All that is in force, those for what is not configured here included. */
static void
write_intents(struct writer *w)
{
	const struct vote_intents *intents = vote_node_intents(w->agent->node);

	json_key(&w->json, "intents_held_by");
	json_int(&w->json, vote_node_intents_held(w->agent->node));
	json_key(&w->json, "intents");
	json_open(&w->json, '[');
	for (size_t i = 0; i < vote_intents_count(intents); i++) {
		const struct vote_intent *entry = vote_intents_at(intents, i);
		struct api_intent intent = show_intent(entry);

		assert(entry != NULL);
		intent.target = entry->target;
		if (strcmp(entry->op, VOTE_INTENT_CLEAR) != 0)
			api_write_intent(&w->json, &intent);
	}
	json_close(&w->json, ']');
}

/* Where this node's configuration is not what its file says. */
static void
write_changes(struct writer *w)
{
	const struct conf_changes *changes = &w->agent->conf->changes;
	char text[400];

	json_key(&w->json, "runtime_changes");
	json_open(&w->json, '[');
	for (size_t i = 0; i < changes->len; i++)
		json_text(&w->json,
		    conf_change_text(&changes->list[i], text, sizeof text));
	json_close(&w->json, ']');
}

static void
write_removals(struct writer *w)
{
	const struct agent *agent = w->agent;
	struct json_out *json = &w->json;

	json_key(json, "removals");
	json_open(json, '{');
	json_put_bool(json, "held", agent->brake.held);
	json_put_time(json, "since", agent->brake.held
		? agent_wall_of(agent, agent->brake.changed_at_ms)
		: 0);
	json_put_int(json, "pending", (int64_t)agent->removals_pending);
	json_put_int(json, "removed", (int64_t)agent_damping_removed(agent));
	json_put_int(json, "max", agent->conf->max_removals);
	json_put_int(json, "window_ms", agent->conf->window_ms);
	json_put_bool(json, "allowed", agent_damping_is_released(agent));
	json_close(json, '}');
}

static void
write_all(struct writer *w)
{
	struct agent *agent = w->agent;
	struct json_out *json = &w->json;
	char name[ADDR_TEXT_MAX];

	json_open(json, '{');
	json_put_text(json, "node",
	    addr_format(&agent->conf->local_node, true, name));
	json_put_text(json, "version", PACKAGE_VERSION);
	json_key(json, "at");
	json_time(json, w->wall_ms);
	json_put_int(json, "uptime_s", (w->now_ms - agent->started_ms) / 1000);
	json_put_bool(json, "dry_run", agent->options.dry_run);
	json_put_bool(json, "frozen", agent_is_frozen(agent));
	json_put_text(json, "state_error",
	    agent->save_error != 0 ? err_text(agent->save_error) : NULL);
	write_removals(w);
	write_nodes(w);
	write_intents(w);
	write_changes(w);
	json_key(json, "services");
	json_open(json, '[');
	for (size_t i = 0; i < agent->n_services; i++)
		write_service(w, agent->services[i]);
	json_close(json, ']');
	json_close(json, '}');
	json_end_line(json);
}

/* NULL: out of memory. */
static struct server_page *
make_page(struct agent *agent)
{
	struct server_page *page = NULL;
	struct writer w;
	size_t len;
	char *text;

	if (writer_init(&w, agent)) {
		write_all(&w);
		text = json_out_take(&w.json, &len);
		if (text != NULL)
			page = server_page_new(text, len, NULL);
	}
	writer_fini(&w);
	return page;
}

void
agent_status_changed(struct agent *agent)
{
	agent->status_page.valid_until_us = 0;
}

void
agent_api_status(const struct route_call *call, struct server_response *out)
{
	agent_api_page(call->agent, &call->agent->status_page, make_page, out);
}

void
agent_api_one_service(const struct route_call *call,
    struct server_response *out)
{
	const struct agent_service *service = agent_api_service(call, out);
	struct writer w;

	if (service == NULL)
		return;
	if (writer_init(&w, call->agent)) {
		write_service(&w, service);
		agent_api_answer(out, 200, &w.json);
	}
	writer_fini(&w);
}
