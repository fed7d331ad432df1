/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "file_read.h"
#include "file_replace.h"
#include "json_text.h"

#define FILE_MODE 0600
#define CHANGES_MAX (256 << 20) /* bytes */

static const char *const kinds[] = {
	[CONF_CHANGE_SERVICE] = "service",
	[CONF_CHANGE_ENDPOINT] = "endpoint",
	[CONF_CHANGE_NODE] = "node",
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void
forget(struct conf_changes *changes, size_t i)
{
	free(changes->list[i].name);
	free(changes->list[i].ipaddr);
	wipe(changes->list[i].added);
	changes->len--;
	memmove(&changes->list[i], &changes->list[i + 1],
	    (changes->len - i) * sizeof *changes->list);
}

void
conf_changes_fini(struct conf_changes *changes)
{
	while (changes->len > 0)
		forget(changes, changes->len - 1);
	free(changes->list);
	*changes = (struct conf_changes){ 0 };
}

static struct conf_change *
find(const struct conf_changes *changes, enum conf_change_kind kind,
    const char *name, const char *ipaddr)
{
	for (size_t i = 0; i < changes->len; i++) {
		struct conf_change *change = &changes->list[i];

		if (change->kind == kind && strcmp(change->name, name) == 0 &&
		    strcmp(change->ipaddr, ipaddr) == 0)
			return change;
	}
	return NULL;
}

/* The entry, made when there is none; NULL: out of memory. */
static struct conf_change *
enter(struct conf_changes *changes, enum conf_change_kind kind,
    const char *name, const char *ipaddr)
{
	struct conf_change *change = find(changes, kind, name, ipaddr), *list;

	if (change != NULL)
		return change;
	list = realloc(changes->list, (changes->len + 1) * sizeof *list);
	if (list == NULL)
		return NULL;
	changes->list = list;
	change = &list[changes->len];
	*change = (struct conf_change){ .kind = kind,
		.name = strdup(name),
		.ipaddr = strdup(ipaddr) };
	changes->len++;
	if (change->name != NULL && change->ipaddr != NULL)
		return change;
	forget(changes, changes->len - 1);
	return NULL;
}

int
conf_changes_add(struct conf_changes *changes, enum conf_change_kind kind,
    const char *name, const char *ipaddr, const char *json)
{
	char *copy = strdup(json);
	struct conf_change *change =
	    copy != NULL ? enter(changes, kind, name, ipaddr) : NULL;

	if (change == NULL) {
		free(copy);
		return ERR_NOMEM;
	}
	wipe(change->added);
	change->added = copy;
	return 0;
}

int
conf_changes_remove(struct conf_changes *changes, enum conf_change_kind kind,
    const char *name, const char *ipaddr, bool in_file)
{
	struct conf_change *change;

	for (size_t i = changes->len; kind == CONF_CHANGE_SERVICE && i > 0; i--)
		if (changes->list[i - 1].kind == CONF_CHANGE_ENDPOINT &&
		    strcmp(changes->list[i - 1].name, name) == 0)
			forget(changes, i - 1);
	if (!in_file) {
		change = find(changes, kind, name, ipaddr);
		if (change != NULL)
			forget(changes, (size_t)(change - changes->list));
		return 0;
	}
	change = enter(changes, kind, name, ipaddr);
	if (change == NULL)
		return ERR_NOMEM;
	wipe(change->added);
	change->added = NULL;
	change->removed = true;
	return 0;
}

int
conf_changes_copy(const struct conf_changes *from, struct conf_changes *to)
{
	*to = (struct conf_changes){ 0 };
	for (size_t i = 0; i < from->len; i++) {
		const struct conf_change *change = &from->list[i];
		struct conf_change *copy = enter(to, change->kind,
		    change->name, change->ipaddr);

		if (copy != NULL && change->added != NULL)
			copy->added = strdup(change->added);
		if (copy == NULL ||
		    (change->added != NULL && copy->added == NULL)) {
			conf_changes_fini(to);
			return ERR_NOMEM;
		}
		copy->removed = change->removed;
	}
	return 0;
}

/* NULL: out of memory. */
static json_t *
encode(const struct conf_change *change)
{
	json_t *json = json_pack("{s:s, s:b}", kinds[change->kind],
	    change->name, "removed", change->removed);
	json_t *added;
	int bad = json == NULL;

	if (!bad && change->added != NULL)
		bad = json_text_read(change->added, strlen(change->added), &added,
			  NULL) != 0 ||
		    json_object_set_new(json, "added", added) != 0;
	if (!bad && change->kind == CONF_CHANGE_ENDPOINT)
		bad = json_object_set_new(json, "ipaddr",
		    json_string(change->ipaddr));
	if (!bad)
		return json;
	json_decref(json);
	return NULL;
}

int
conf_changes_save(const char *dir, const struct conf_changes *changes)
{
	json_t *root = json_array();
	char *text = NULL;
	int err = root != NULL ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < changes->len && err == 0; i++)
		if (json_array_append_new(root, encode(&changes->list[i])) != 0)
			err = ERR_NOMEM;
	if (err == 0) {
		text = json_text_write(root, JSON_INDENT(1), NULL);
		err = text != NULL ? file_replace(dir, CONF_CHANGES_FILE, text,
					 FILE_MODE)
				   : ERR_NOMEM;
	}
	wipe(text);
	json_decref(root);
	return err;
}

/* ERR_SYNTAX: it is none. */
static int
decode(const json_t *json, struct conf_changes *out)
{
	const char *ipaddr = json_string_value(json_object_get(json, "ipaddr"));
	json_t *added = json_object_get(json, "added");
	struct conf_change *change = NULL;

	for (size_t kind = 0; kind < N_KINDS; kind++) {
		const char *name =
		    json_string_value(json_object_get(json, kinds[kind]));

		if (name == NULL)
			continue;
		change = enter(out, (enum conf_change_kind)kind, name,
		    ipaddr != NULL ? ipaddr : "");
		if (change == NULL)
			return ERR_NOMEM;
	}
	if (change == NULL || (added != NULL && !json_is_object(added)) ||
	    (change->kind == CONF_CHANGE_ENDPOINT && ipaddr == NULL))
		return ERR_SYNTAX;
	change->removed = json_is_true(json_object_get(json, "removed"));
	if (added == NULL || change->added != NULL)
		return 0;
	change->added = json_text_write(added, JSON_COMPACT, NULL);
	return change->added != NULL ? 0 : ERR_NOMEM;
}

static int
decode_all(const json_t *root, struct conf_changes *out)
{
	size_t i;
	json_t *json;
	int err = json_is_array(root) ? 0 : ERR_SYNTAX;

	json_array_foreach((json_t *)root, i, json)
		if (err == 0)
			err = decode(json, out);
	return err;
}

int
conf_changes_decode(const char *text, size_t len, struct conf_changes *out,
    char *why, size_t why_size)
{
	json_error_t error;
	json_t *root;
	int err = json_text_read(text, len, &root, &error);

	*out = (struct conf_changes){ 0 };
	if (err == 0) {
		err = decode_all(root, out);
		snprintf(why, why_size, "%s",
		    err == ERR_NOMEM ? err_text(err) : "no list of changes");
	} else {
		snprintf(why, why_size, "%s", error.text);
	}
	if (err != 0)
		conf_changes_fini(out);
	json_decref(root);
	return err;
}

int
conf_changes_load(const char *dir, struct conf_changes *out, char *why,
    size_t why_size)
{
	char path[4096], *text;
	size_t len;
	int err;

	*out = (struct conf_changes){ 0 };
	snprintf(path, sizeof path, "%s/" CONF_CHANGES_FILE, dir);
	if (access(path, F_OK) != 0)
		return 0;
	err = file_read(path, CHANGES_MAX, &text, &len, why, why_size);
	if (err != 0)
		return err;
	err = conf_changes_decode(text, len, out, why, why_size);
	wipe(text);
	return err;
}

const char *
conf_change_text(const struct conf_change *change, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s%s%s: %s", kinds[change->kind], change->name,
	    change->ipaddr[0] != '\0' ? " " : "", change->ipaddr,
	    change->added == NULL ? "removed"
		: change->removed ? "replaced"
				  : "added");
	return buf;
}
