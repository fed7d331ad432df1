/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_libconfig.h"

#include <libconfig.h>
#include <string.h>

#include "conf.h"
#include "conf_report.h"
#include "conf_text.h"
#include "conf_value.h"
#include "err.h"

#define DEPTH_MAX 16

struct walk {
	const struct conf_text *text;
	struct conf_report *report;
};

static int convert_children(const struct walk *walk,
    const config_setting_t *from, struct conf_value *to, unsigned depth);

static enum conf_type
type_of(const config_setting_t *from)
{
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_BOOL:
		return CONF_BOOL;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return CONF_INT;
	case CONFIG_TYPE_FLOAT:
		return CONF_FLOAT;
	case CONFIG_TYPE_STRING:
		return CONF_STRING;
	case CONFIG_TYPE_GROUP:
		return CONF_GROUP;
	default:
		return CONF_LIST; /* and arrays, the same to us */
	}
}

static int
convert_scalar(const config_setting_t *from, struct conf_value *to)
{
	const char *text;

	switch (to->type) {
	case CONF_BOOL:
		to->u.boolean = config_setting_get_bool(from) != 0;
		break;
	case CONF_INT:
		to->u.integer = config_setting_get_int64(from);
		break;
	case CONF_FLOAT:
		to->u.number = config_setting_get_float(from);
		break;
	case CONF_STRING:
		text = config_setting_get_string(from);
		to->u.string = strdup(text == NULL ? "" : text);
		return to->u.string == NULL ? ERR_NOMEM : 0;
	case CONF_LIST:
	case CONF_GROUP:
		break;
	}
	return 0;
}

static int
convert(const struct walk *walk, const config_setting_t *from,
    struct conf_value *parent, unsigned depth)
{
	const char *name = config_setting_name(from), *file;
	struct conf_value *to;
	int line = 0;

	if (name != NULL && name[0] == '*')
		return 0; /* began with "_": conf_text.h */
	file = conf_text_place(walk->text,
	    (int)config_setting_source_line(from), &line);
	to = conf_value_new(parent, type_of(from), name, file, line);
	if (to == NULL)
		return ERR_NOMEM;
	if (to->type != CONF_LIST && to->type != CONF_GROUP)
		return convert_scalar(from, to);
	if (depth >= DEPTH_MAX) {
		conf_report_error(walk->report, file, line,
		    "groups and lists are nested too deeply");
		return ERR_TOOBIG;
	}
	return convert_children(walk, from, to, depth + 1);
}

static int
convert_children(const struct walk *walk, const config_setting_t *from,
    struct conf_value *to, unsigned depth)
{
	unsigned len = (unsigned)config_setting_length(from);

	for (unsigned i = 0; i < len; i++) {
		int err = convert(walk, config_setting_get_elem(from, i), to,
		    depth);

		if (err != 0)
			return err;
	}
	return 0;
}

/* libconfig's own words for the commonest mistakes help nobody. */
static const char *
explain(const char *text)
{
	if (strcmp(text, "syntax error") == 0)
		return "syntax error: is a \";\" or a closing bracket missing "
		    "here or on the line before, or a comma left over?";
	if (strcmp(text, "duplicate setting name") == 0)
		return "duplicate setting name: each name may stand once in a "
		    "group";
	if (strcmp(text, "mismatched element type in array") == 0)
		return "all elements between [ ] must be of one type; use ( )";
	if (strcmp(text, "memory exhausted") == 0)
		return "groups and lists are nested too deeply";
	return text;
}

struct conf_value *
conf_libconfig_parse(const struct conf_text *text, struct conf_report *report)
{
	struct walk walk = { text, report };
	struct conf_value *root = NULL;
	const char *file;
	config_t config;
	int line = 0;

	config_init(&config);
	if (!config_read_string(&config, text->data)) {
		file = conf_text_place(text, config_error_line(&config),
		    &line);
		conf_report_error(report, file, line, "%s",
		    explain(config_error_text(&config)));
		goto out;
	}
	file = conf_text_place(text, 1, &line);
	root = conf_value_new(NULL, CONF_GROUP, NULL, file, 1);
	if (root == NULL || convert_children(&walk,
	    config_root_setting(&config), root, 0) != 0) {
		if (report->errors == 0)
			conf_report_error(report, file, 0, "%s",
			    err_text(ERR_NOMEM));
		conf_value_free(root);
		root = NULL;
	}
out:
	config_destroy(&config);
	return root;
}
