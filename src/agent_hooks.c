/* SPDX-License-Identifier: ISC */
/* Who is told of what happens: scripts on each node, webhooks by one node where
 * all nodes see the same. */
#define LOG_TAG "[agent]"
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "err.h"

bool
agent_hooks_wants(const struct conf_strings *kinds, const struct event *event)
{
	for (size_t i = 0; i < kinds->len; i++)
		if (strcmp(kinds->list[i], event_kind_text(event->kind)) == 0)
			return true;
	return kinds->len == 0 && event->kind != EVENT_PROBES &&
	    event->kind != EVENT_SETTINGS;
}

const struct event *
agent_hooks_event(const struct agent *agent, uint64_t id)
{
	const struct event *event = events_after(agent->events, id - 1);

	return event != NULL && event->id == id ? event : NULL;
}

/* What all nodes make out of the same votes and intents, or see of the same
 * thing. The rest is what one node does, or how it sees the world: only it can
 * tell. */
static bool
is_common(enum event_kind kind)
{
	switch (kind) {
	case EVENT_ENDPOINT_UP:
	case EVENT_ENDPOINT_DOWN:
	case EVENT_SERVICE_DOWN:
	case EVENT_SERVICE_UP:
	case EVENT_FAIL_OPEN_ON:
	case EVENT_FAIL_OPEN_OFF:
	case EVENT_NODE_JOINED:
	case EVENT_NODE_LOST:
	case EVENT_INTENT:
	case EVENT_CERTIFICATE:
	case EVENT_FAILOVER:
	case EVENT_FAILBACK:
	case EVENT_HOLD_ON:
	case EVENT_HOLD_OFF:
		return true;
	case EVENT_VOTE_CHANGED:
	case EVENT_PUBLISHED:
	case EVENT_PUBLISH_FAILED:
	case EVENT_QUORUM_LOST:
	case EVENT_QUORUM_BACK:
	case EVENT_RELOAD:
	case EVENT_DRIFT_REPAIRED:
	case EVENT_PROBES:
	case EVENT_SETTINGS:
	case EVENT_KIND_COUNT:
		break;
	}
	return false;
}

/* Of what is about no service, the first of the fresh nodes tells. */
static bool
is_first_node(const struct agent *agent)
{
	int64_t now_ms = loop_now_ms(agent->loop);

	for (size_t i = 0; i < vote_node_count(agent->node); i++) {
		struct vote_node_info info;

		vote_node_info(agent->node, i, now_ms, &info);
		if (info.self)
			return true;
		if (info.fresh)
			return false;
	}
	return true;
}

bool
agent_hooks_tells(const struct agent *agent, const struct event *event)
{
	if (!is_common(event->kind) || agent->conf->nodes.len < 2)
		return true;
	for (size_t i = 0; event->fqdn != NULL && i < agent->n_services; i++)
		if (strcmp(agent->services[i]->conf->fqdn, event->fqdn) == 0)
			return vote_node_rank(agent->node,
				   agent->services[i]->index,
				   loop_now_ms(agent->loop)) == 0;
	return is_first_node(agent);
}

/* By then a node that was dead at the time of the event is known to be. */
static int64_t
due_ms(const struct agent *agent, const struct event *event)
{
	int64_t ago_ms = agent_wall_ms() - event->at_ms;
	int64_t wait_ms = (int64_t)agent->conf->vote_ttl_ms +
	    agent->conf->takeover_ms;

	/* The wall clock may have been set meanwhile. */
	if (ago_ms < 0 || ago_ms > wait_ms)
		ago_ms = 0;
	return loop_now_ms(agent->loop) + wait_ms - ago_ms;
}

static void
hold(struct agent *agent, const struct event *event)
{
	struct agent_hooks *hooks = &agent->hooks;

	hook_queue_push(&hooks->held, event->id);
	if (!loop_timer_is_set(&hooks->held_timer))
		loop_timer_set(agent->loop, &hooks->held_timer,
		    due_ms(agent, event));
}

static void
tell_dropped(struct agent *agent)
{
	struct hook_queue *held = &agent->hooks.held;

	if (held->dropped == 0)
		return;
	log_warning("webhooks: %" PRIu64 " events that another node was to "
		    "tell of were dropped, too many came: nobody tells of "
		    "them if it did not", held->dropped);
	agent_webhooks_dropped(agent, held->dropped);
	held->dropped = 0;
}

/* The first one's time is over; those that came soon after it go with it. */
static void
on_held(void *arg)
{
	struct agent *agent = arg;
	struct agent_hooks *hooks = &agent->hooks;
	uint64_t id;

	tell_dropped(agent);
	while ((id = hook_queue_pop(&hooks->held)) != 0) {
		const struct event *event = agent_hooks_event(agent, id);

		if (event != NULL && agent_hooks_tells(agent, event))
			agent_webhooks_event(agent, event);
		if (hooks->held.n == 0)
			return;
		event = agent_hooks_event(agent,
		    hooks->held.ids[hooks->held.first]);
		if (event != NULL && due_ms(agent, event) >
			loop_now_ms(agent->loop) + EVENT_BURST_MS / 4) {
			loop_timer_set(agent->loop, &hooks->held_timer,
			    due_ms(agent, event));
			return;
		}
	}
}

static void
on_event(void *arg, const struct event *event)
{
	struct agent *agent = arg;

	agent_scripts_event(agent, event);
	if (agent->hooks.n_webhooks == 0)
		return;
	if (agent_hooks_tells(agent, event))
		agent_webhooks_event(agent, event);
	else
		hold(agent, event);
}

int
agent_hooks_start(struct agent *agent)
{
	struct agent_hooks *hooks = &agent->hooks;

	loop_timer_init(&hooks->held_timer, on_held, agent);
	hooks->exec = exec_new(agent->loop, AGENT_SCRIPTS_AT_ONCE,
	    agent_scripts_next, agent);
	if (hooks->exec == NULL ||
	    agent_webhooks_start(agent, NULL, 0) != 0 ||
	    agent_scripts_start(agent, NULL, 0) != 0)
		return ERR_NOMEM;
	hooks->sub = (struct event_sub){ .cb = on_event, .arg = agent };
	events_subscribe(agent->events, &hooks->sub);
	return 0;
}

/* What goes on going to the same place keeps its queue. */
void
agent_hooks_follow(struct agent *agent)
{
	struct agent_hooks *hooks = &agent->hooks;
	struct webhook **webhooks = hooks->webhooks;
	struct script **scripts = hooks->scripts;

	if (agent_webhooks_start(agent, webhooks, hooks->n_webhooks) != 0 ||
	    agent_scripts_start(agent, scripts, hooks->n_scripts) != 0)
		log_error("webhooks, scripts: out of memory");
	free(webhooks);
	free(scripts);
}

void
agent_hooks_stop(struct agent *agent)
{
	struct agent_hooks *hooks = &agent->hooks;

	if (hooks->sub.cb != NULL)
		events_unsubscribe(agent->events, &hooks->sub);
	hooks->sub.cb = NULL;
	loop_timer_cancel(agent->loop, &hooks->held_timer);
	agent_webhooks_stop(agent);
	exec_free(hooks->exec);
	hooks->exec = NULL;
	agent_scripts_stop(agent);
}

bool
agent_hooks_idle(const struct agent *agent)
{
	return agent_webhooks_idle(agent) && agent_scripts_idle(agent);
}
