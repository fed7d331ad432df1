/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_VALUE_H
#define RRDNSD_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a configuration says before anybody asks what it means: a tree of
 * values with the places they came from, the same for libconfig and JSON. The
 * root is a group. Freeing the root frees and wipes everything.
 */
enum conf_type {
	CONF_BOOL,
	CONF_INT,
	CONF_FLOAT,
	CONF_STRING,
	CONF_LIST,
	CONF_GROUP,
};

struct conf_value {
	enum conf_type type;
	char *name; /* NULL for the root and in lists */
	char *file; /* NULL: the parent's */
	int line;
	/* Set once something was said about it: a default at the top is looked
	 * at for every service, but is complained about once. */
	bool told_error;
	bool told_warning;
	bool fine; /* a file that was looked at, for the same reason once */
	struct conf_value *parent;
	union {
		bool boolean;
		int64_t integer;
		double number;
		char *string;
		struct {
			struct conf_value **list;
			size_t len;
			size_t cap;
		} children;
	} u;
};

/* Appended to parent (a list or group) unless that is NULL. The caller fills
 * in the union; name is copied. NULL: out of memory, parent unchanged. */
struct conf_value *conf_value_new(struct conf_value *parent,
    enum conf_type type, const char *name, const char *file, int line);
struct conf_value *conf_value_new_string(struct conf_value *parent,
    const char *name, const char *text, const char *file, int line);
void conf_value_free(struct conf_value *root); /* NULL is fine */

/* A deep copy of a root; NULL: out of memory. */
struct conf_value *conf_value_copy(const struct conf_value *root);

/* Makes a root the last child of parent, which owns it then; or a child a root
 * again. ERR_NOMEM: nothing changed. */
int conf_value_attach(struct conf_value *parent, struct conf_value *child);
void conf_value_detach(struct conf_value *child);

/* Puts what the group has by this name, or nothing, into a list of that name,
 * unless it is one. 0 or ERR_NOMEM. */
int conf_value_make_list(struct conf_value *group, const char *name);

/* A child by name; NULL when absent. */
struct conf_value *conf_value_find(const struct conf_value *group,
    const char *name);

const char *conf_value_file(const struct conf_value *value);

/* "a string", "a whole number"... */
const char *conf_type_text(enum conf_type type);

#endif
