/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[state]"
#include "config.h"

#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "file_read.h"
#include "file_replace.h"
#include "json_text.h"
#include "log.h"

#define NAME "state.json"
#define STATE_MAX (256 << 20) /* bytes; all intents that fit take less */

void
state_set_aside(const char *dir, const char *why)
{
	file_set_aside(dir, NAME, why);
}

/* The intents as they stand there; "null" is as good as none. */
static int
decode_intents(const json_t *root, struct state *out)
{
	const json_t *intents = json_object_get(root, "intents");

	if (intents == NULL || json_is_null(intents))
		return 0;
	out->intents = json_text_write(intents,
	    JSON_COMPACT | JSON_ENCODE_ANY, NULL);
	return out->intents != NULL ? 0 : ERR_NOMEM;
}

int
state_decode(const char *text, size_t len, struct state *out, char *why,
    size_t why_size)
{
	json_error_t error;
	json_t *root;
	const json_t *boot;
	int err = json_text_read(text, len, &root, &error);

	*out = (struct state){ 0 };
	if (err != 0) {
		snprintf(why, why_size, "%s", error.text);
		return err;
	}
	boot = json_object_get(root, "boot");
	if (!json_is_integer(boot)) {
		snprintf(why, why_size, "no boot in it");
		err = ERR_SYNTAX;
	} else {
		out->boot = (uint64_t)json_integer_value(boot);
		out->events = (uint64_t)json_integer_value(
		    json_object_get(root, "events"));
		err = decode_intents(root, out);
	}
	json_decref(root);
	return err;
}

int
state_load(const char *dir, struct state *out)
{
	char path[4096], why[200], *text;
	size_t len;
	int err;

	*out = (struct state){ 0 };
	snprintf(path, sizeof path, "%s/" NAME, dir);
	if (access(path, F_OK) != 0)
		return 0;
	err = file_read(path, STATE_MAX, &text, &len, why, sizeof why);
	if (err == 0) {
		err = state_decode(text, len, out, why, sizeof why);
		free(text);
	}
	if (err == 0)
		return 0;
	/* It is good, for all we know: later it will be read. */
	if (err == ERR_NOMEM) {
		log_error("%s: %s", path, err_text(err));
		return err;
	}
	state_set_aside(dir, why);
	return 0;
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
