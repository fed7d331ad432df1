/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
