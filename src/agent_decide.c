/* SPDX-License-Identifier: ISC */
/* Votes become verdicts, verdicts the desired set; each change is one line. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_impl.h"
#include "log.h"

static const char *
verdict_text(enum desired_verdict verdict)
{
	switch (verdict) {
	case DESIRED_UP:
		return "up";
	case DESIRED_DOWN:
		return "down";
	case DESIRED_UNDECIDED:
		break;
	}
	return "undecided";
}

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

/* "down: 2 of 3 nodes (connect timeout)"; the words in brackets are what this
 * node saw last, or else what another one did. */
static void
write_reason(struct agent_endpoint *endpoint, const struct vote_verdict *v)
{
	unsigned votes = v->verdict == VOTE_VERDICT_DOWN ? v->n_down : v->n_up;
	const char *detail = endpoint->detail[0] != '\0' &&
		(endpoint->vote == 'd') == (v->verdict == VOTE_VERDICT_DOWN)
	    ? endpoint->detail
	    : words_of_others(endpoint,
		v->verdict == VOTE_VERDICT_DOWN ? 'd' : 'u');

	if (v->verdict == VOTE_VERDICT_UNDECIDED)
		snprintf(endpoint->reason, sizeof endpoint->reason,
		    "undecided: %u up, %u down, %u of %u needed", v->n_up,
		    v->n_down, v->needed, v->n_nodes);
	else
		snprintf(endpoint->reason, sizeof endpoint->reason,
		    "%s: %u of %u nodes (%s)", verdict_text(endpoint->verdict),
		    votes, v->n_nodes, detail);
}

static enum desired_verdict
to_desired(enum vote_verdict_kind kind)
{
	return kind == VOTE_VERDICT_UP ? DESIRED_UP
	    : kind == VOTE_VERDICT_DOWN ? DESIRED_DOWN
					: DESIRED_UNDECIDED;
}

static void
judge(struct agent_endpoint *endpoint)
{
	struct agent_service *service = endpoint->service;
	struct agent *agent = service->agent;
	enum desired_verdict before = endpoint->verdict;
	struct vote_verdict verdict;
	char ip[ADDR_TEXT_MAX];

	vote_node_verdict(agent->node, service->index, endpoint->index,
	    loop_now_ms(agent->loop), &verdict);
	endpoint->verdict = to_desired(verdict.verdict);
	write_reason(endpoint, &verdict);
	if (endpoint->verdict == before)
		return;
	log_notice("%s %s: %s -> %s (%s, %u ms)", service->conf->fqdn,
	    addr_format(&endpoint->conf->addr, false, ip),
	    verdict_text(before), verdict_text(endpoint->verdict),
	    endpoint->reason, endpoint->duration_us / 1000);
}

static enum desired_fail_mode
fail_mode(const struct conf_service *conf)
{
	switch (conf->fail_mode) {
	case CONF_FAIL_RESTORE:
		return DESIRED_RESTORE;
	case CONF_FAIL_HOLD:
		return DESIRED_HOLD;
	case CONF_FAIL_CLOSED:
		break;
	}
	return DESIRED_CLOSED;
}

/* Rules 1 to 6 for the endpoints of one family; true when an action changed. */
static bool
decide_family(struct agent_service *service, enum addr_family family,
    struct desired_summary *summary)
{
	struct desired_rules rules = {
		.fail_mode = fail_mode(service->conf),
		.fail_open_percent = service->conf->fail_open_percent,
		.min_up = service->conf->min_up,
	};
	struct desired_endpoint *desired = service->desired;
	size_t n = 0;
	bool changed = false;

	for (size_t i = 0; i < service->n_endpoints; i++)
		if (service->endpoints[i].conf->addr.family == family)
			desired[n++] = (struct desired_endpoint){
				.verdict = service->endpoints[i].verdict,
				.tier = service->endpoints[i].conf->tier,
			};
	*summary = desired_decide(&rules, desired, n);
	n = 0;
	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];

		if (endpoint->conf->addr.family != family)
			continue;
		changed |= endpoint->action != desired[n].action;
		endpoint->action = desired[n].action;
		endpoint->why = desired[n++].why;
	}
	return changed;
}

static void
note_fail_open(struct agent_service *service, bool fail_open)
{
	if (fail_open == service->fail_open)
		return;
	service->fail_open = fail_open;
	if (fail_open)
		log_warning("%s: more than %u %% of its endpoints are down: %s",
		    service->conf->fqdn, service->conf->fail_open_percent,
		    service->conf->fail_mode == CONF_FAIL_RESTORE
			? "failing open, their records stay or come back"
			: "holding, no further record is removed");
	else
		log_notice("%s: enough endpoints are up again: "
			   "records follow the verdicts",
		    service->conf->fqdn);
}

static void
note_down(struct agent_service *service)
{
	size_t up = 0, down = 0;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		up += service->endpoints[i].verdict == DESIRED_UP;
		down += service->endpoints[i].verdict == DESIRED_DOWN;
	}
	if (down == service->n_endpoints && !service->down) {
		service->down = true;
		log_error("%s: the whole service is down: "
			  "no endpoint of %zu is up",
		    service->conf->fqdn, service->n_endpoints);
	} else if (up > 0 && service->down) {
		service->down = false;
		log_notice("%s: the service is up again", service->conf->fqdn);
	}
}

/* protocol.md section 6, start-up: a service is first written when every
 * endpoint has a verdict, or after three times what one needs. */
static bool
may_open(const struct agent_service *service)
{
	int64_t age_ms =
	    loop_now_ms(service->agent->loop) - service->started_ms;
	bool decided = true;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct agent_endpoint *endpoint = &service->endpoints[i];
		int64_t patience_ms = 3 *
		    ((int64_t)service->conf->fall *
			    endpoint->conf->probe_interval_ms +
			endpoint->conf->probe_timeout_ms);

		if (endpoint->verdict == DESIRED_UNDECIDED &&
		    age_ms < patience_ms)
			decided = false;
	}
	return decided;
}

static void
kick(void *arg)
{
	struct agent_service *service = arg;

	service->kick_scheduled = false;
	if (service->publish != NULL)
		publish_service_kick(service->publish);
}

/* At the end of the turn: the publisher itself asks for decisions, and all
 * that one turn brings is one change. */
static void
schedule_kick(struct agent_service *service)
{
	if (service->kick_scheduled || service->publish == NULL)
		return;
	service->kick_scheduled = true;
	loop_defer(service->agent->loop, kick, service);
}

void
agent_decide(struct agent_service *service)
{
	struct desired_summary ip4, ip6;
	bool changed = false;

	for (size_t i = 0; i < service->n_endpoints; i++)
		judge(&service->endpoints[i]);
	changed |= decide_family(service, ADDR_IP4, &ip4);
	changed |= decide_family(service, ADDR_IP6, &ip6);
	service->may_empty[0] = ip4.may_empty;
	service->may_empty[1] = ip6.may_empty;
	note_fail_open(service, ip4.fail_open || ip6.fail_open);
	note_down(service);
	if (!service->open && may_open(service)) {
		service->open = true;
		changed = true;
	}
	if (changed && service->open)
		schedule_kick(service);
}
