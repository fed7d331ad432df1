/* SPDX-License-Identifier: ISC */
/* What the agent knows, for people: the SIGUSR1 report and one line. */
#define LOG_TAG "[status]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent_impl.h"
#include "agent_intents.h"
#include "log.h"

void
agent_describe(const struct agent *agent, char *buf, size_t size)
{
	size_t endpoints = 0, down = 0, undecided = 0;

	for (size_t i = 0; i < agent->n_services; i++) {
		const struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++) {
			endpoints++;
			down += service->endpoints[j].verdict == DESIRED_DOWN;
			undecided += service->endpoints[j].verdict ==
			    DESIRED_UNDECIDED;
		}
	}
	snprintf(buf, size,
	    "%zu service%s, %zu endpoint%s: %zu down, %zu undecided%s%s%s",
	    agent->n_services, agent->n_services == 1 ? "" : "s", endpoints,
	    endpoints == 1 ? "" : "s", down, undecided,
	    agent->quorum ? "" : "; no quorum",
	    agent_is_frozen(agent) ? "; frozen" : "",
	    agent->options.dry_run ? "; dry run" : "");
}

static void
log_endpoint(const struct agent_endpoint *endpoint)
{
	char ip[ADDR_TEXT_MAX], history[65], reason[AGENT_REASON_MAX];

	log_notice("%s %s: %s, last probe %s after %u ms, %s (%s) %s",
	    endpoint->service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip),
	    agent_reason_text(endpoint, reason),
	    endpoint->probed_at_ms != 0 ? endpoint->detail : "none",
	    endpoint->duration_us / 1000, agent_action_text(endpoint->action),
	    desired_why_text(endpoint->why),
	    health_history(&endpoint->health, history));
}

/* For people, in the log. */
static const char *
vote_phrase(char vote)
{
	switch (vote) {
	case 'u':
		return "up";
	case 'd':
		return "down";
	case 'a':
		return "abstains";
	}
	return "another definition";
}

/* How each node votes, why, and how old that is at most. */
static void
log_votes(const struct agent_endpoint *endpoint)
{
	const struct agent_service *service = endpoint->service;
	const struct vote_node *node = service->agent->node;
	int64_t now_ms = loop_now_ms(service->agent->loop);
	char ip[ADDR_TEXT_MAX], name[ADDR_TEXT_MAX];

	for (size_t i = 0; i < vote_node_count(node); i++) {
		struct vote_node_info info;
		char cause = VOTE_NO_CAUSE;
		char vote = vote_node_vote_of(node, i, service->index,
		    endpoint->index, &cause);
		const char *why = agent_cause_text(cause);

		vote_node_info(node, i, now_ms, &info);
		log_notice("%s %s: %s %s%s%s%s, %lld ms old%s",
		    service->conf->fqdn,
		    addr_format(&endpoint->conf->addr, false, ip),
		    addr_format(&info.addr, true, name), vote_phrase(vote),
		    why ? " (" : "", why ? why : "", why ? ")" : "",
		    (long long)info.age_ms,
		    info.fresh ? "" : ": stale, does not count");
	}
}

static void
log_servers(const struct agent_service *service)
{
	size_t n =
	    service->publish ? publish_service_count(service->publish) : 0;

	for (size_t i = 0; i < n; i++) {
		struct publish_status status =
		    publish_service_status(service->publish, i);
		char text[256];

		log_notice("%s %s at %s: %s: %s%s%s", service->conf->fqdn,
		    status.family == ADDR_IP4 ? "A" : "AAAA", status.server,
		    agent_publish_state_text(status.state),
		    rrset_format(status.rrset, text, sizeof text),
		    status.last_error[0] != '\0' ? ": " : "",
		    status.last_error);
	}
}

/* Who writes this service, or why this node must not. */
static void
log_writer(const struct agent_service *service)
{
	const struct vote_node *node = service->agent->node;
	int64_t now_ms = loop_now_ms(service->agent->loop);
	unsigned n_nodes = (unsigned)vote_node_count(node);
	unsigned needed = vote_quorum(n_nodes);
	unsigned agreeing = vote_node_agreeing(node, service->index, now_ms);
	struct addr first;
	char name[ADDR_TEXT_MAX];

	if (vote_node_may_write(service->agent->node, service->index, now_ms) &&
	    vote_node_writer(node, service->index, now_ms, &first))
		log_notice("%s: %s writes first, we are writer %u of %u",
		    service->conf->fqdn, addr_format(&first, true, name),
		    vote_node_rank(node, service->index, now_ms) + 1,
		    agreeing);
	else if (agreeing < needed)
		log_notice("%s: we must not write now: %u of %u nodes have our "
			   "definition and are heard, %u are needed",
		    service->conf->fqdn, agreeing, n_nodes, needed);
	else
		log_notice("%s: we must not write now: our intents are not yet "
			   "known to %u nodes, or another process bears our "
			   "name", service->conf->fqdn, needed);
}

static void
log_intents(const struct agent *agent)
{
	const struct vote_intents *intents = vote_node_intents(agent->node);

	for (size_t i = 0; i < vote_intents_count(intents); i++) {
		const struct vote_intent *entry = vote_intents_at(intents, i);

		if (strcmp(entry->op, VOTE_INTENT_CLEAR) != 0)
			log_notice("intent %s: %s by %s%s%s", entry->target,
			    entry->op, entry->by,
			    entry->reason[0] != '\0' ? ": " : "",
			    entry->reason);
	}
}

static void
log_one(const struct agent_endpoint *endpoint)
{
	log_endpoint(endpoint);
	if (endpoint->service->agent->conf->nodes.len > 1)
		log_votes(endpoint);
}

void
agent_log_status(struct agent *agent)
{
	char text[160];

	struct publish_stats stats = publisher_stats(agent->publisher);

	agent_describe(agent, text, sizeof text);
	log_notice("%s", text);
	log_notice("servers: %" PRIu64 " reads, %" PRIu64 " updates, %" PRIu64
		   " failed, %" PRIu64 " conflicts, %" PRIu64 " RRsets changed",
	    stats.reads, stats.updates, stats.updates_failed,
	    stats.cas_conflicts, stats.changes);
	if (agent->tcp.error[0] != '\0')
		log_notice("listen: %s", agent->tcp.error);
	if (agent->local.error[0] != '\0')
		log_notice("api_socket: %s", agent->local.error);
	agent_facts_log(agent);
	log_intents(agent);
	for (size_t i = 0; i < agent->n_services; i++) {
		const struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++)
			log_one(&service->endpoints[j]);
		log_servers(service);
		if (agent->conf->nodes.len > 1)
			log_writer(service);
	}
}
