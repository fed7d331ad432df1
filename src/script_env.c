/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "script_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "exec.h"

static void
defuse(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* "2026-11-25T14:21:15.123Z", as the API has it. */
static void
format_time(int64_t at_ms, char *buf, size_t size)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&at, &tm);
	len = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, size - len, ".%03dZ", (int)(at_ms % 1000));
}

int
script_env_init(struct script_env *env, const struct event *event,
    const char *node, bool tells)
{
	char id[24], group[24], at[40];
	const struct {
		const char *name;
		const char *value;
	} all[] = {
		{ "RRDNSD_EVENT", event_kind_text(event->kind) },
		{ "RRDNSD_ID", id },
		{ "RRDNSD_GROUP", group },
		{ "RRDNSD_AT", at },
		{ "RRDNSD_NODE", node },
		{ "RRDNSD_TELLS", tells ? "1" : "0" },
		{ "RRDNSD_FQDN", event->fqdn },
		{ "RRDNSD_IPADDR", event->ipaddr },
		{ "RRDNSD_PEER", event->node },
		{ "RRDNSD_SERVER", event->server },
		{ "RRDNSD_STATE", event->state },
		{ "RRDNSD_CAUSE", event->cause },
		{ "RRDNSD_TEXT", event->text },
	};
	size_t n = 0;

	*env = (struct script_env){ 0 };
	snprintf(id, sizeof id, "%" PRIu64, event->id);
	snprintf(group, sizeof group, "%" PRIu64, event->group);
	format_time(event->at_ms, at, sizeof at);
	env->list[n] = strdup(EXEC_PATH);
	if (env->list[n++] == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i].value == NULL)
			continue;
		if (asprintf(&env->list[n], "%s=%s", all[i].name,
			all[i].value) < 0) {
			env->list[n] = NULL;
			return ERR_NOMEM;
		}
		defuse(env->list[n++]);
	}
	return 0;
}

void
script_env_fini(struct script_env *env)
{
	for (size_t i = 0; env->list[i] != NULL; i++)
		free(env->list[i]);
	*env = (struct script_env){ 0 };
}
