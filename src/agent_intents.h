/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_INTENTS_H
#define RRDNSD_AGENT_INTENTS_H

#include <stdbool.h>
#include <stddef.h>

struct agent;
struct vote_intent;
struct vote_intents;

/*
 * What operators ask for, on its way into the node (protocol.md section 3):
 * saved with fsync before it is answered, acted on or sent.
 */

/* Enters all n or none: 0, an error of file_replace (could not be saved),
 * ERR_INVALID, ERR_TOOBIG (too many targets) or ERR_NOMEM. Takes effect at
 * once. */
int agent_intents_set(struct agent *agent, const struct vote_intent *wanted,
    size_t n);

/* What is held now, to try something out on; the caller frees it. NULL: out of
 * memory. */
struct vote_intents *agent_intents_copy(const struct agent *agent);

/* Whether somebody wants no record changed at all. */
bool agent_is_frozen(const struct agent *agent);

/* Tells (log, events) what changed since the last call; the first one tells
 * nothing. False: nothing did. */
bool agent_intents_notice(struct agent *agent);

/* The same, and decides anew. */
void agent_intents_changed(struct agent *agent);

#endif
