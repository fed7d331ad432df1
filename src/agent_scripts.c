/* SPDX-License-Identifier: ISC */
/* Scripts: each event that one wants runs it once, four at a time. */
#define LOG_TAG "[script]"
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "err.h"
#include "script_env.h"

#define LINES_MAX 50 /* of the output of one run, in the log */

struct script {
	const struct conf_script *conf;
	struct hook_queue queue;
};

/* One run. Outlives its script, when a reload takes that away. */
struct run {
	char *path;
	uint64_t id;
	unsigned lines;
};

static void
run_free(struct run *run)
{
	free(run->path);
	free(run);
}

static void
on_line(void *arg, const char *line)
{
	struct run *run = arg;

	if (run->lines < LINES_MAX)
		log_info("%s: %s", run->path, line);
	else if (run->lines == LINES_MAX)
		log_warning("%s: the rest of its output is left out",
		    run->path);
	run->lines++;
}

static void
on_end(void *arg, enum exec_how how, int number)
{
	struct run *run = arg;

	if (how == EXEC_TIMED_OUT)
		log_warning("%s: event %" PRIu64 ": took too long, was ended",
		    run->path, run->id);
	else if (how == EXEC_SIGNALLED)
		log_warning("%s: event %" PRIu64 ": ended by signal %d",
		    run->path, run->id, number);
	else if (number != 0)
		log_warning("%s: event %" PRIu64 ": exit status %d", run->path,
		    run->id, number);
	else
		log_debug("%s: event %" PRIu64 ": done", run->path, run->id);
	run_free(run);
}

static int
start_run(struct agent *agent, const struct conf_script *conf,
    const struct event *event, struct run *run)
{
	char node[ADDR_TEXT_MAX];
	struct script_env env;
	char *argv[] = { run->path, NULL };
	struct exec_command command = { argv, env.list, conf->timeout_ms };
	struct exec_child *child;
	int err = script_env_init(&env, event,
	    addr_format(&agent->conf->local_node, true, node),
	    agent_hooks_tells(agent, event));

	if (err == 0)
		err = exec_start(agent->hooks.exec, &command, on_line, on_end,
		    run, &child);
	script_env_fini(&env);
	return err;
}

static void
run_script(struct agent *agent, struct script *script, uint64_t id)
{
	const struct event *event = agent_hooks_event(agent, id);
	struct run *run = event != NULL ? calloc(1, sizeof *run) : NULL;
	int err = ERR_NOMEM;

	if (event == NULL) {
		script->queue.dropped++;
		return;
	}
	if (run != NULL && (run->path = strdup(script->conf->path)) != NULL) {
		run->id = id;
		err = start_run(agent, script->conf, event, run);
	}
	agent_metrics_hooked(agent, script->conf->path,
	    err == 0 ? "delivered" : "dropped", 1);
	if (err == 0)
		return;
	log_error("%s: event %" PRIu64 ": can't be run: %s",
	    script->conf->path, id, err_text(err));
	if (run != NULL)
		run_free(run);
}

static void
tell_dropped(struct agent *agent, struct script *script)
{
	agent_metrics_hooked(agent, script->conf->path, "dropped",
	    script->queue.dropped);
	if (script->queue.dropped > 0)
		log_warning("%s: %" PRIu64 " events were dropped, too many "
			    "came", script->conf->path, script->queue.dropped);
	script->queue.dropped = 0;
}

static bool
has_place(const struct agent *agent)
{
	return exec_running(agent->hooks.exec) < AGENT_SCRIPTS_AT_ONCE;
}

/* By turns, so that a busy script does not keep the others waiting. */
void
agent_scripts_next(void *arg)
{
	struct agent *agent = arg;
	bool any = true;

	while (any && has_place(agent)) {
		any = false;
		for (size_t i = 0;
		     i < agent->hooks.n_scripts && has_place(agent); i++) {
			struct script *script = agent->hooks.scripts[i];
			uint64_t id = hook_queue_pop(&script->queue);

			if (id == 0)
				continue;
			any = true;
			run_script(agent, script, id);
			tell_dropped(agent, script);
		}
	}
}

void
agent_scripts_event(struct agent *agent, const struct event *event)
{
	for (size_t i = 0; i < agent->hooks.n_scripts; i++) {
		struct script *script = agent->hooks.scripts[i];

		if (agent_hooks_wants(&script->conf->events, event))
			hook_queue_push(&script->queue, event->id);
	}
	agent_scripts_next(agent);
}

static struct script *
take_old(struct script **old, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		struct script *script = old[i];

		if (script == NULL || strcmp(script->conf->path, path) != 0)
			continue;
		old[i] = NULL;
		return script;
	}
	return NULL;
}

int
agent_scripts_start(struct agent *agent, struct script **old, size_t n_old)
{
	struct agent_hooks *hooks = &agent->hooks;
	const struct conf *conf = agent->conf;

	hooks->n_scripts = 0;
	hooks->scripts = calloc(conf->n_scripts + 1, sizeof *hooks->scripts);
	for (size_t i = 0; hooks->scripts && i < conf->n_scripts; i++) {
		struct script *script =
		    take_old(old, n_old, conf->scripts[i].path);

		if (script == NULL)
			script = calloc(1, sizeof *script);
		if (script == NULL)
			break;
		script->conf = &conf->scripts[i];
		agent_metrics_hooked(agent, script->conf->path, "dropped", 0);
		hooks->scripts[hooks->n_scripts++] = script;
	}
	for (size_t i = 0; i < n_old; i++)
		free(old[i]);
	return hooks->n_scripts == conf->n_scripts ? 0 : ERR_NOMEM;
}

void
agent_scripts_stop(struct agent *agent)
{
	struct agent_hooks *hooks = &agent->hooks;

	while (hooks->n_scripts > 0)
		free(hooks->scripts[--hooks->n_scripts]);
	free(hooks->scripts);
	hooks->scripts = NULL;
}

bool
agent_scripts_idle(const struct agent *agent)
{
	return exec_running(agent->hooks.exec) == 0;
}
