/* SPDX-License-Identifier: ISC */
/* Votes become verdicts, verdicts the desired set; each change is one line. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_damping.h"
#include "agent_impl.h"
#include "agent_rules.h"
#include "log.h"

/* What some other node saw that votes like this. */
static const char *
words_of_others(const struct agent_endpoint *endpoint, char letter)
{
	const struct agent_service *service = endpoint->service;
	const struct vote_node *node = service->agent->node;

	for (size_t i = 0; i < vote_node_count(node); i++) {
		char cause = VOTE_NO_CAUSE;

		if (vote_node_vote_of(node, i, service->index,
			endpoint->index, &cause) == letter &&
		    agent_cause_text(cause) != NULL)
			return agent_cause_text(cause);
	}
	return "reported by others";
}

static void
count_votes(const struct agent_endpoint *endpoint, struct vote_verdict *out)
{
	const struct agent_service *service = endpoint->service;

	vote_node_verdict(service->agent->node, service->index,
	    endpoint->index, agent_now_ms(), out);
}

/* "down: 2 of 3 nodes (connect timeout)"; the words in brackets are what this
 * node saw last, or else what another one did. */
const char *
agent_reason_text(const struct agent_endpoint *endpoint,
    char buf[AGENT_REASON_MAX])
{
	struct vote_verdict v;
	bool down = endpoint->verdict == DESIRED_DOWN;
	const char *detail = endpoint->detail;

	count_votes(endpoint, &v);
	if (endpoint->verdict == DESIRED_UNDECIDED) {
		snprintf(buf, AGENT_REASON_MAX,
		    "undecided: %u up, %u down, %u of %u needed", v.n_up,
		    v.n_down, v.needed, v.n_nodes);
		return buf;
	}
	if (detail[0] == '\0' || (endpoint->vote == 'd') != down)
		detail = words_of_others(endpoint, down ? 'd' : 'u');
	snprintf(buf, AGENT_REASON_MAX, "%s: %u of %u nodes (%s)",
	    agent_verdict_text(endpoint->verdict), down ? v.n_down : v.n_up,
	    v.n_nodes, detail);
	return buf;
}

static const struct vote_intent *
intent_of(const struct agent_endpoint *endpoint)
{
	const struct agent_service *service = endpoint->service;
	char target[VOTE_INTENT_TARGET_MAX + 1], ip[ADDR_TEXT_MAX];

	snprintf(target, sizeof target, "%s/%s", service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip));
	return vote_intents_find(vote_node_intents(service->agent->node),
	    target);
}

/* Why its record is, or is not, in DNS: "drain by alice: new disk". */
const char *
agent_why_text(const struct agent_endpoint *endpoint, enum desired_why why,
    char *buf, size_t size)
{
	const struct vote_intent *intent =
	    why == DESIRED_WHY_INTENT ? intent_of(endpoint) : NULL;
	char reason[AGENT_REASON_MAX];

	if (intent != NULL)
		snprintf(buf, size, "%s by %s%s%s", intent->op, intent->by,
		    intent->reason[0] != '\0' ? ": " : "", intent->reason);
	else
		snprintf(buf, size, "%s",
		    why == DESIRED_WHY_VERDICT
			? agent_reason_text(endpoint, reason)
			: desired_why_text(why));
	return buf;
}

static void
tell_verdict(struct agent_endpoint *endpoint, enum desired_verdict before)
{
	static const enum event_kind kinds[] = {
		[DESIRED_UNDECIDED] = EVENT_VOTE_CHANGED,
		[DESIRED_UP] = EVENT_ENDPOINT_UP,
		[DESIRED_DOWN] = EVENT_ENDPOINT_DOWN,
	};
	const struct agent_service *service = endpoint->service;
	const char *now = agent_verdict_text(endpoint->verdict);
	char ip[ADDR_TEXT_MAX], reason[AGENT_REASON_MAX];
	char text[AGENT_REASON_MAX + 400];

	endpoint->verdict_at_ms = loop_now_ms(service->agent->loop);
	agent_metrics_verdict(endpoint);
	agent_reason_text(endpoint, reason);
	snprintf(text, sizeof text, "%s %s: %s -> %s (%s, %u ms)",
	    service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip),
	    agent_verdict_text(before), now, reason,
	    endpoint->duration_us / 1000);
	log_notice("%s", text);
	agent_event_of(endpoint, kinds[endpoint->verdict], now, reason,
	    text);
}

static void
judge(struct agent_endpoint *endpoint)
{
	enum desired_verdict before = endpoint->verdict;
	struct vote_verdict verdict;

	count_votes(endpoint, &verdict);
	endpoint->verdict = agent_rules_verdict(verdict.verdict);
	if (endpoint->verdict != before)
		tell_verdict(endpoint, before);
}

static void
run_rules(struct agent_service *service, bool held,
    struct desired_summary summary[2])
{
	for (size_t i = 0; i < service->n_endpoints; i++)
		service->desired[i] = (struct desired_endpoint){
			.verdict = service->endpoints[i].verdict };
	agent_damping_prepare(service);
	agent_rules_decide(service->conf,
	    vote_node_intents(service->agent->node), held, service->desired,
	    summary);
}

/* True when an action changed. */
static bool
apply_rules(struct agent_service *service, struct desired_summary summary[2])
{
	struct desired_endpoint *desired = service->desired;
	bool changed = false;

	run_rules(service, false, summary);
	if (service->open && agent_damping_holds(service))
		run_rules(service, true, summary);
	if (service->open)
		agent_damping_note(service);
	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];

		changed |= endpoint->action != desired[i].action;
		endpoint->action = desired[i].action;
		endpoint->why = desired[i].why;
		endpoint->intent = desired[i].intent;
	}
	return changed;
}

static void
tell(struct agent_service *service, enum event_kind kind, const char *cause)
{
	char text[400];
	struct event event = { .kind = kind,
		.fqdn = service->conf->fqdn,
		.cause = cause,
		.text = text };

	snprintf(text, sizeof text, "%s: %s", service->conf->fqdn, cause);
	switch (kind) {
	case EVENT_SERVICE_DOWN:
		log_error("%s", text);
		break;
	case EVENT_FAIL_OPEN_ON:
		log_warning("%s", text);
		break;
	default:
		log_notice("%s", text);
		break;
	}
	agent_event(service->agent, &event);
}

static void
note_fail_open(struct agent_service *service,
    const struct desired_summary summary[2])
{
	bool fail_open = summary[0].fail_open || summary[1].fail_open;
	bool in_doubt = summary[0].fail_open_in_doubt ||
	    summary[1].fail_open_in_doubt;
	char cause[160];

	if (fail_open == service->fail_open || (!fail_open && in_doubt))
		return;
	service->fail_open = fail_open;
	service->fail_open_at_ms = loop_now_ms(service->agent->loop);
	if (!fail_open) {
		tell(service, EVENT_FAIL_OPEN_OFF,
		    "enough endpoints are up again");
		return;
	}
	snprintf(cause, sizeof cause,
	    "more than %u %% of its endpoints are down: %s",
	    service->conf->fail_open_percent,
	    service->conf->fail_mode == CONF_FAIL_RESTORE
		? "failing open, their records stay or come back"
		: "holding, no further record is removed");
	tell(service, EVENT_FAIL_OPEN_ON, cause);
}

static void
note_down(struct agent_service *service)
{
	size_t up = 0, down = 0;
	char cause[100];

	for (size_t i = 0; i < service->n_endpoints; i++) {
		up += service->endpoints[i].verdict == DESIRED_UP;
		down += service->endpoints[i].verdict == DESIRED_DOWN;
	}
	if (down == service->n_endpoints && !service->down) {
		service->down = true;
		snprintf(cause, sizeof cause,
		    "the whole service is down: no endpoint of %zu is up",
		    service->n_endpoints);
		tell(service, EVENT_SERVICE_DOWN, cause);
	} else if (up > 0 && service->down) {
		service->down = false;
		tell(service, EVENT_SERVICE_UP, "the service is up again");
	}
}

static void
kick(void *arg)
{
	struct agent_service *service = arg;

	service->kick_scheduled = false;
	agent_standby_act(service); /* remembered before it is done */
	if (service->publish != NULL)
		publish_service_kick(service->publish);
}

/* At the end of the turn: the publisher itself asks for decisions, and all
 * that one turn brings is one change. */
static void
schedule_kick(struct agent_service *service)
{
	if (service->kick_scheduled)
		return;
	service->kick_scheduled = true;
	loop_defer(service->agent->loop, kick, service);
}

void
agent_decide(struct agent_service *service)
{
	struct desired_summary summary[2];
	int64_t age_ms =
	    loop_now_ms(service->agent->loop) - service->started_ms;
	bool changed;

	for (size_t i = 0; i < service->n_endpoints; i++)
		judge(&service->endpoints[i]);
	changed = apply_rules(service, summary);
	service->may_empty[0] = summary[0].may_empty;
	service->may_empty[1] = summary[1].may_empty;
	note_fail_open(service, summary);
	note_down(service);
	if (!service->open &&
	    agent_rules_may_open(service->conf, service->desired, age_ms)) {
		service->open = true;
		changed = true;
	}
	if (service->open)
		agent_standby_look(service, summary);
	if (changed && service->open)
		schedule_kick(service);
}

void
agent_decide_news(struct agent_service *service)
{
	if (vote_node_has_news(service->agent->node, service->index,
		agent_now_ms()) ||
	    !service->open || agent_standby_is_due(service) ||
	    agent_damping_is_due(service))
		agent_decide(service);
}
