/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_H
#define RRDNSD_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Wires the stages: probe -> health -> own vote -> verdict -> desired set ->
 * compare and swap. It decides nothing itself; what can be wrong is in the
 * pure modules that it calls.
 */
struct agent;
struct conf;
struct loop;

struct agent_options {
	bool dry_run; /* probe and vote, write nothing */
};

/* Takes over conf, also on failure. NULL: out of memory, or a library could
 * not be set up (logged). */
struct agent *agent_new(struct loop *loop, struct conf *conf,
    const struct agent_options *options);
void agent_free(struct agent *agent); /* NULL is fine */

/* Swaps the configuration; takes over conf, also on failure. What did not
 * change keeps its health, history and votes. On failure nothing changed. */
int agent_reload(struct agent *agent, struct conf *conf);

/* The option that is not in force yet, though it was read; NULL: all are. */
const char *agent_pending_option(const struct agent *agent);

/* The configuration was changed, or was to be: an event, for who asks later. */
void agent_tell_reload(struct agent *agent, const char *text);

/* Begins to stop: no further UPDATE is sent. Over when agent_is_idle. */
void agent_stop(struct agent *agent);
bool agent_is_idle(const struct agent *agent);

/* SIGCHLD: a program that was run has ended. */
void agent_on_child(struct agent *agent);

/* SIGUSR1: the whole state to the log. */
void agent_log_status(struct agent *agent);

#endif
