/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_SET_H
#define RRDNSD_CONF_SET_H

#include <stddef.h>

#include "conf_options.h"
#include "conf_value.h"

struct conf_report;
struct conf_strings;
struct secret;

/* A group while it is read, and the groups whose defaults it inherits. */
struct conf_scope {
	const struct conf_scope *parent; /* NULL at the top */
	const struct conf_value *group; /* NULL: only inherits */
	enum conf_place place;
};

/* The value an option has there, from the innermost group that may and does
 * have it; NULL when the default holds. */
struct conf_value *conf_scope_find(const struct conf_scope *scope,
    const struct conf_option *option);

/* Fills in all fields of a struct (the scope's place says which). What is
 * wrong goes to report, and leaves its field zero. Returns ERR_NOMEM or 0. */
int conf_set_fields(const struct conf_scope *scope, void *to,
    struct conf_report *report);

/* The elements of a list; anything else is a list of one. */
struct conf_value **conf_value_elements(struct conf_value **value, size_t *n);

/* False, with an error for the value, unless it has that type. */
bool conf_expect_type(const char *name, struct conf_value *value,
    enum conf_type type, struct conf_report *report);

/* The secret that the value (a string) is or names; what is wrong goes to
 * report. Returns 0, ERR_NOMEM or another error. */
int conf_set_secret(const char *name, struct conf_value *value,
    struct secret *out, struct conf_report *report);

void conf_strings_fini(struct conf_strings *strings);

#endif
