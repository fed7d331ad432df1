/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

static bool
has_children(const struct conf_value *value)
{
	return value->type == CONF_LIST || value->type == CONF_GROUP;
}

static int
append(struct conf_value *parent, struct conf_value *child)
{
	assert(has_children(parent));
	if (parent->u.children.len == parent->u.children.cap) {
		size_t cap = parent->u.children.cap * 2 + 4;
		struct conf_value **list = realloc(parent->u.children.list,
		    cap * sizeof *list);

		if (list == NULL)
			return -1;
		parent->u.children.list = list;
		parent->u.children.cap = cap;
	}
	parent->u.children.list[parent->u.children.len++] = child;
	child->parent = parent;
	return 0;
}

struct conf_value *
conf_value_new(struct conf_value *parent, enum conf_type type,
    const char *name, const char *file, int line)
{
	struct conf_value *value = calloc(1, sizeof *value);

	if (value == NULL)
		return NULL;
	value->type = type;
	value->line = line;
	if (name != NULL && (value->name = strdup(name)) == NULL)
		goto fail;
	if (file != NULL && (parent == NULL ||
	    strcmp(conf_value_file(parent), file) != 0) &&
	    (value->file = strdup(file)) == NULL)
		goto fail;
	if (parent != NULL && append(parent, value) != 0)
		goto fail;
	return value;
fail:
	conf_value_free(value);
	return NULL;
}

struct conf_value *
conf_value_new_string(struct conf_value *parent, const char *name,
    const char *text, const char *file, int line)
{
	char *copy = strdup(text);
	struct conf_value *value;

	if (copy == NULL)
		return NULL;
	value = conf_value_new(parent, CONF_STRING, name, file, line);
	if (value == NULL)
		free(copy);
	else
		value->u.string = copy;
	return value;
}

void
conf_value_free(struct conf_value *root)
{
	if (root == NULL)
		return;
	if (has_children(root)) {
		for (size_t i = 0; i < root->u.children.len; i++)
			/* append() set all below len.
			 * NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
			conf_value_free(root->u.children.list[i]);
		free(root->u.children.list);
	} else if (root->type == CONF_STRING && root->u.string != NULL) {
		/* It may be a secret. */
		explicit_bzero(root->u.string, strlen(root->u.string));
		free(root->u.string);
	}
	free(root->name);
	free(root->file);
	free(root);
}

static struct conf_value *
copy_under(struct conf_value *parent, const struct conf_value *from)
{
	struct conf_value *to;

	if (from->type == CONF_STRING)
		to = conf_value_new_string(parent, from->name, from->u.string,
		    from->file, from->line);
	else
		to = conf_value_new(parent, from->type, from->name, from->file,
		    from->line);
	if (to == NULL || from->type == CONF_STRING)
		return to;
	if (!has_children(from)) {
		to->u = from->u;
		return to;
	}
	for (size_t i = 0; i < from->u.children.len; i++)
		if (copy_under(to, from->u.children.list[i]) == NULL)
			return NULL; /* freed with the root */
	return to;
}

struct conf_value *
conf_value_copy(const struct conf_value *root)
{
	struct conf_value *copy = conf_value_new(NULL, root->type, root->name,
	    root->file, root->line);

	for (size_t i = 0; copy != NULL && i < root->u.children.len; i++)
		if (copy_under(copy, root->u.children.list[i]) == NULL) {
			conf_value_free(copy);
			return NULL;
		}
	return copy;
}

int
conf_value_attach(struct conf_value *parent, struct conf_value *child)
{
	return append(parent, child) == 0 ? 0 : ERR_NOMEM;
}

static void
take_out(struct conf_value *parent, const struct conf_value *child)
{
	size_t i = 0;

	while (parent->u.children.list[i] != child)
		i++;
	parent->u.children.len--;
	memmove(&parent->u.children.list[i], &parent->u.children.list[i + 1],
	    (parent->u.children.len - i) * sizeof(struct conf_value *));
}

void
conf_value_detach(struct conf_value *child)
{
	take_out(child->parent, child);
	child->parent = NULL;
}

int
conf_value_make_list(struct conf_value *group, const char *name)
{
	struct conf_value *value = conf_value_find(group, name), *list;

	if (value != NULL && value->type == CONF_LIST)
		return 0;
	list = conf_value_new(NULL, CONF_LIST, name, NULL,
	    value != NULL ? value->line : group->line);
	if (list == NULL || (value != NULL && append(list, value) != 0)) {
		conf_value_free(list);
		return ERR_NOMEM;
	}
	if (value != NULL)
		take_out(group, value);
	if (append(group, list) == 0)
		return 0;
	/* Only without a value: with one, its place is free. */
	conf_value_free(list);
	return ERR_NOMEM;
}

struct conf_value *
conf_value_find(const struct conf_value *group, const char *name)
{
	for (size_t i = 0; i < group->u.children.len; i++)
		if (strcmp(group->u.children.list[i]->name, name) == 0)
			return group->u.children.list[i];
	return NULL;
}

const char *
conf_value_file(const struct conf_value *value)
{
	while (value->file == NULL && value->parent != NULL)
		value = value->parent;
	return value->file == NULL ? "" : value->file;
}

const char *
conf_type_text(enum conf_type type)
{
	switch (type) {
	case CONF_BOOL:
		return "true or false";
	case CONF_INT:
		return "a whole number";
	case CONF_FLOAT:
		return "a number with a point";
	case CONF_STRING:
		return "a string";
	case CONF_LIST:
		return "a list";
	case CONF_GROUP:
		return "a group";
	}
	return "";
}
