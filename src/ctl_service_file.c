/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_service_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_libconfig.h"
#include "conf_text.h"
#include "conf_value.h"

struct reason {
	char *why;
	size_t size;
};

/* The first error is the one to be told. */
static void
note(void *arg, bool warning, const char *file, int line, const char *text)
{
	struct reason *reason = arg;

	if (!warning && reason->why[0] == '\0')
		snprintf(reason->why, reason->size, "%s:%d: %s", file, line,
		    text);
}

static json_t *to_json(const struct conf_value *value);

static json_t *
children_to_json(const struct conf_value *value)
{
	json_t *to = value->type == CONF_LIST ? json_array() : json_object();

	for (size_t i = 0; i < value->u.children.len; i++) {
		const struct conf_value *child = value->u.children.list[i];

		if (value->type == CONF_LIST)
			json_array_append_new(to, to_json(child));
		else
			json_object_set_new(to, child->name, to_json(child));
	}
	return to;
}

static json_t *
to_json(const struct conf_value *value)
{
	switch (value->type) {
	case CONF_BOOL:
		return json_boolean(value->u.boolean);
	case CONF_INT:
		return json_integer(value->u.integer);
	case CONF_FLOAT:
		return json_real(value->u.number);
	case CONF_STRING:
		return json_string(value->u.string);
	case CONF_LIST:
	case CONF_GROUP:
		break;
	}
	return children_to_json(value);
}

static json_t *
parse_libconfig(const char *text, size_t len, const char *file,
    struct reason *reason)
{
	struct conf_report report = { .line = note, .arg = reason };
	struct conf_text conf = { 0 };
	struct conf_value *root = NULL;
	json_t *json = NULL;

	if (conf_text_from_memory(&conf, text, len, file, &report) == 0)
		root = conf_libconfig_parse(&conf, &report);
	if (root != NULL)
		json = to_json(root);
	conf_value_free(root);
	conf_text_fini(&conf);
	return json;
}

/* A group by itself is no file of libconfig's: it is given a name. */
static json_t *
parse_group(const char *text, size_t len, const char *file,
    struct reason *reason)
{
	char *named;
	json_t *json = NULL;
	int named_len;

	while (len > 0 && strchr(" \t\r\n,;", text[len - 1]) != NULL)
		len--;
	named_len = asprintf(&named, "services = ( %.*s );", (int)len, text);
	if (named_len >= 0) {
		json = parse_libconfig(named, (size_t)named_len, file, reason);
		free(named);
	}
	return json;
}

static json_t *
as_list(json_t *json)
{
	json_t *services = json_object_get(json, "services");
	json_t *list;

	if (json_is_array(json))
		return json;
	if (json_is_array(services)) {
		json_incref(services);
		json_decref(json);
		return services;
	}
	list = json_array();
	json_array_append_new(list, json);
	return list;
}

json_t *
ctl_service_parse(const char *text, size_t len, const char *file, char *why,
    size_t why_size)
{
	struct reason reason = { why, why_size };
	size_t blank = strspn(text, " \t\r\n");
	bool braced = text[blank] == '{' || text[blank] == '[';
	json_error_t error;
	json_t *json = NULL;

	why[0] = '\0';
	if (braced)
		json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	/* What begins with {" or { } can only be meant as JSON. */
	if (json == NULL && braced &&
	    strchr("\"[{", text[blank + 1 +
		strspn(text + blank + 1, " \t\r\n")]) != NULL)
		snprintf(why, why_size, "%s:%d: %s", file, error.line,
		    error.text);
	else if (json == NULL && braced)
		json = parse_group(text, len, file, &reason);
	else if (json == NULL)
		json = parse_libconfig(text, len, file, &reason);
	if (json != NULL)
		return as_list(json);
	if (why[0] == '\0')
		snprintf(why, why_size, "%s: can't be read", file);
	return NULL;
}
