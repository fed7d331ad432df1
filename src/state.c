/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[state]"
#include "config.h"

#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "log.h"

#define NAME "state.json"

void
state_set_aside(const char *dir, const char *why)
{
	char from[4096], to[4096];

	snprintf(from, sizeof from, "%s/" NAME, dir);
	snprintf(to, sizeof to, "%s/" NAME ".broken", dir);
	if (rename(from, to) == 0)
		log_error("%s: %s; set aside as %s, starting without it", from,
		    why, to);
	else
		log_error("%s: %s; starting without it", from, why);
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

static bool
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool
sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

int
state_save(const char *dir, const struct state *state)
{
	char path[4096], fresh[4096];
	char *text = NULL;
	int fd, len, err = ERR_IO;

	snprintf(path, sizeof path, "%s/" NAME, dir);
	snprintf(fresh, sizeof fresh, "%s/" NAME ".new", dir);
	len = asprintf(&text,
	    "{\"boot\":%" PRIu64 ",\"events\":%" PRIu64 ",\"intents\":%s}\n",
	    state->boot, state->events,
	    state->intents ? state->intents : "null");
	if (len < 0)
		return ERR_NOMEM;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd >= 0 && write_all(fd, text, (size_t)len) &&
	    rename(fresh, path) == 0 && sync_directory(dir))
		err = 0;
	if (err != 0)
		log_error("%s: can't be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(text);
	return err;
}
