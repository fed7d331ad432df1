/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_json.h"
#include "ctl_view_events.h"

#define PATH "/api/v1/events"
#define ALL PATH "?limit=10000" /* EVENTS_MAX */
#define AT_ONCE 1000
#define PAUSE_S 1

static void
print(const struct ctl *ctl, const json_t *events)
{
	const json_t *event;
	size_t i;

	if (ctl->json)
		json_array_foreach(events, i, event) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		}
	else
		ctl_view_events(stdout, &ctl->style, events);
	fflush(stdout);
}

/* Goes on after `next`, over restarts of the daemon, until it is killed or
 * nobody reads any more. */
static enum ctl_exit
follow(struct ctl *ctl, int64_t next)
{
	bool away = false;

	while (!ferror(stdout)) {
		struct ctl_answer answer;
		char path[96];
		json_t *json = NULL;

		snprintf(path, sizeof path,
		    PATH "?since=%" PRId64 "&limit=%d", next, AT_ONCE);
		ctl_api_ask(ctl->api, "GET", path, NULL, &answer);
		if (answer.status == 200)
			json = json_loadb(answer.body, answer.len, 0, NULL);
		else if (!away)
			ctl_judge(&answer);
		away = answer.status == 0;
		ctl_answer_fini(&answer);
		if (json == NULL && !away)
			return CTL_REFUSED;
		if (json != NULL) {
			next = ctl_json_int(json, "next");
			print(ctl, json_object_get(json, "events"));
		}
		if (json_array_size(json_object_get(json, "events")) < AT_ONCE)
			sleep(PAUSE_S);
		json_decref(json);
	}
	return CTL_DONE;
}

static enum ctl_exit
print_json(struct ctl *ctl, const char *path)
{
	struct ctl_answer answer;
	enum ctl_exit result = ctl_ask(ctl, "GET", path, NULL, &answer);

	if (result == CTL_DONE)
		ctl_print_raw(&answer);
	ctl_answer_fini(&answer);
	return result;
}

enum ctl_exit
ctl_events(struct ctl *ctl, const struct ctl_args *args)
{
	const char *path = args->all ? ALL : PATH;
	enum ctl_exit result;
	json_t *json;
	int64_t next;

	if (ctl->json && !args->follow)
		return print_json(ctl, path);
	result = ctl_get(ctl, path, &json);
	if (result != CTL_DONE)
		return result;
	print(ctl, json_object_get(json, "events"));
	next = ctl_json_int(json, "next");
	json_decref(json);
	return args->follow ? follow(ctl, next) : CTL_DONE;
}
