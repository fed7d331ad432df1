/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_SCRIPT_ENV_H
#define RRDNSD_SCRIPT_ENV_H

#include <stdbool.h>

#include "events.h"

/* The environment of a script: PATH, and RRDNSD_* for what is known of the
 * event. Control characters become "?". Pure. */
#define SCRIPT_ENV_MAX 16

struct script_env {
	char *list[SCRIPT_ENV_MAX]; /* ends with NULL */
};

/* node: this one; tells: whether webhooks are this node's to send. 0 or
 * ERR_NOMEM; ends with script_env_fini in any case. */
int script_env_init(struct script_env *env, const struct event *event,
    const char *node, bool tells);
void script_env_fini(struct script_env *env);

#endif
