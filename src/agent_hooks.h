/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_HOOKS_H
#define RRDNSD_AGENT_HOOKS_H

/* Shared by agent.c and the files of webhooks and scripts. */

#include <stdbool.h>

#include "conf.h"
#include "events.h"
#include "exec.h"
#include "hook_queue.h"
#include "loop.h"

struct agent;
struct script;
struct webhook;

#define AGENT_SCRIPTS_AT_ONCE 4

struct agent_hooks {
	struct event_sub sub;
	struct webhook **webhooks; /* in the order of the configuration */
	size_t n_webhooks;
	struct script **scripts;
	size_t n_scripts;
	struct exec *exec; /* where scripts run */
	/* Events that a node before us tells of, if it lives: by their due
	 * times, the earliest first. */
	struct hook_queue held;
	struct timer held_timer;
};

/* agent_hooks.c: who is told of what, and by which node */
int agent_hooks_start(struct agent *agent); /* 0 or ERR_NOMEM */
void agent_hooks_follow(struct agent *agent); /* the configuration is another */
void agent_hooks_stop(struct agent *agent);
bool agent_hooks_idle(const struct agent *agent);
bool agent_hooks_wants(const struct conf_strings *kinds,
    const struct event *event);

/* The event, or NULL when it is forgotten already. */
const struct event *agent_hooks_event(const struct agent *agent, uint64_t id);

/* Whether this node is the one that tells of it. */
bool agent_hooks_tells(const struct agent *agent, const struct event *event);

/* agent_webhooks.c */
int agent_webhooks_start(struct agent *agent, struct webhook **old,
    size_t n_old); /* takes over old, without the array */
void agent_webhooks_stop(struct agent *agent);
void agent_webhooks_event(struct agent *agent, const struct event *event);
void agent_webhooks_dropped(struct agent *agent, uint64_t n); /* for all */
bool agent_webhooks_idle(const struct agent *agent);

/* agent_scripts.c */
int agent_scripts_start(struct agent *agent, struct script **old,
    size_t n_old);
void agent_scripts_stop(struct agent *agent);
void agent_scripts_event(struct agent *agent, const struct event *event);
bool agent_scripts_idle(const struct agent *agent);
void agent_scripts_next(void *arg); /* agent: a place to run in became free */

#endif
