/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "file_replace.h"

#define NAME "state.json"

void
state_set_aside(const char *dir, const char *why)
{
	file_set_aside(dir, NAME, why);
}

void
state_load(const char *dir, struct state *out)
{
	char path[4096];
	json_error_t error;
	json_t *root, *intents;

	*out = (struct state){ 0 };
	snprintf(path, sizeof path, "%s/" NAME, dir);
	if (access(path, F_OK) != 0)
		return;
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL || !json_is_integer(json_object_get(root, "boot"))) {
		state_set_aside(dir, root == NULL ? error.text : "no boot in it");
		json_decref(root);
		return;
	}
	out->boot =
	    (uint64_t)json_integer_value(json_object_get(root, "boot"));
	out->events =
	    (uint64_t)json_integer_value(json_object_get(root, "events"));
	intents = json_object_get(root, "intents");
	if (intents != NULL)
		out->intents = json_dumps(intents, JSON_COMPACT);
	json_decref(root);
}

void
state_fini(struct state *state)
{
	free(state->intents);
	*state = (struct state){ 0 };
}

int
state_save(const char *dir, const struct state *state)
{
	char *text = NULL;
	int err;

	if (asprintf(&text,
		"{\"boot\":%" PRIu64 ",\"events\":%" PRIu64
		",\"intents\":%s}\n",
		state->boot, state->events,
		state->intents ? state->intents : "null") < 0)
		return ERR_NOMEM;
	err = file_replace(dir, NAME, text, 0640);
	free(text);
	return err;
}
