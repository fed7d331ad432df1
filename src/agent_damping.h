/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_DAMPING_H
#define RRDNSD_AGENT_DAMPING_H

/* Changes that come too soon, or too many at once, are held: agent_damping.c,
 * between the rules and what becomes of them. */
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

struct agent;
struct agent_service;

/* By which an operator lets all removals pass. */
#define AGENT_REMOVALS_TARGET "*/removals"
#define AGENT_REMOVALS_OP "allow"

/* Before the rules: which endpoints may not change yet. */
void agent_damping_prepare(struct agent_service *service);

/* After them: whether all is held. */
bool agent_damping_holds(struct agent_service *service);

/* What was decided in the end. */
void agent_damping_note(struct agent_service *service);

/* That is about to be sent: what it removes counts. */
void agent_damping_send(struct agent_service *service,
    enum addr_family family);

/* DNS was read, perhaps: what it lacks may have been removed by another node.
 * True: decide once more. */
bool agent_damping_see(struct agent_service *service,
    enum addr_family family);

/* Whether time alone lets an endpoint change. */
bool agent_damping_is_due(const struct agent_service *service);

/* Whether time, a limit or an operator ends what is held. */
void agent_damping_tick(struct agent *agent);

/* A service is gone: it removes nothing more. */
void agent_damping_forget(struct agent_service *service);

size_t agent_damping_removed(const struct agent *agent);
bool agent_damping_is_released(const struct agent *agent);

#endif
