/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_json.h"

#include <jansson.h>

#include "conf.h"
#include "conf_report.h"
#include "conf_text.h"
#include "conf_value.h"
#include "err.h"
#include "json_text.h"

#define DEPTH_MAX 16

static int convert(json_t *from, const char *name, struct conf_value *parent,
    unsigned depth);

static int
convert_array(json_t *from, struct conf_value *to, unsigned depth)
{
	size_t i;
	json_t *element;

	json_array_foreach(from, i, element) {
		int err = convert(element, NULL, to, depth + 1);

		if (err != 0)
			return err;
	}
	return 0;
}

static int
convert_object(json_t *from, struct conf_value *to, unsigned depth)
{
	const char *name;
	json_t *element;

	json_object_foreach(from, name, element) {
		int err = convert(element, name, to, depth + 1);

		if (err != 0)
			return err;
	}
	return 0;
}

static int
convert(json_t *from, const char *name, struct conf_value *parent,
    unsigned depth)
{
	struct conf_value *to = NULL;

	if (depth > DEPTH_MAX)
		return ERR_TOOBIG;
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		to = conf_value_new(parent, CONF_GROUP, name, NULL, 0);
		return to == NULL ? ERR_NOMEM :
		    convert_object(from, to, depth);
	case JSON_ARRAY:
		to = conf_value_new(parent, CONF_LIST, name, NULL, 0);
		return to == NULL ? ERR_NOMEM : convert_array(from, to, depth);
	case JSON_STRING:
		to = conf_value_new_string(parent, name,
		    json_string_value(from), NULL, 0);
		break;
	case JSON_INTEGER:
		to = conf_value_new(parent, CONF_INT, name, NULL, 0);
		if (to != NULL)
			to->u.integer = json_integer_value(from);
		break;
	case JSON_REAL:
		to = conf_value_new(parent, CONF_FLOAT, name, NULL, 0);
		if (to != NULL)
			to->u.number = json_real_value(from);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		to = conf_value_new(parent, CONF_BOOL, name, NULL, 0);
		if (to != NULL)
			to->u.boolean = json_is_true(from);
		break;
	case JSON_NULL:
		return 0;
	}
	return to == NULL ? ERR_NOMEM : 0;
}

struct conf_value *
conf_json_parse(const char *data, size_t len, const char *file,
    struct conf_report *report)
{
	struct conf_value *root = NULL;
	json_error_t error;
	json_t *json;
	int err;

	if (len > CONF_TEXT_MAX) {
		conf_report_error(report, file, 0, "is larger than %d MiB",
		    CONF_TEXT_MAX >> 20);
		return NULL;
	}
	err = json_text_read(data, len, &json, &error);
	if (err != 0 || !json_is_object(json)) {
		conf_report_error(report, file,
		    err == ERR_SYNTAX ? error.line : err == 0,
		    "%s", err != 0 ? error.text : "must be a JSON object, "
		    "{ ... }");
		json_decref(json);
		return NULL;
	}
	root = conf_value_new(NULL, CONF_GROUP, NULL, file, 0);
	err = root == NULL ? ERR_NOMEM : convert_object(json, root, 0);
	json_decref(json);
	if (err != 0) {
		conf_report_error(report, file, 0, "%s", err == ERR_TOOBIG ?
		    "lists and objects are nested too deeply" : err_text(err));
		conf_value_free(root);
		root = NULL;
	}
	return root;
}
