/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_json.h"
#include "conf_report.h"
#include "conf_text.h"
#include "conf_value.h"
#include "err.h"
#include "file_read.h"

/* Lists of strings longer than this take a line for each element. */
#define LINE_ELEMENTS 3

static void print_value(FILE *out, const struct conf_value *value,
    unsigned indent);

static void
print_indent(FILE *out, unsigned indent)
{
	fprintf(out, "%*s", (int)indent * 2, "");
}

/* libconfig's escapes; bytes over 0x7f pass as they are. */
static void
print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* Each line of the text behind a "#". */
static void
print_comment(FILE *out, const char *text, unsigned indent)
{
	do {
		size_t len = strcspn(text, "\r\n");

		print_indent(out, indent);
		fprintf(out, "# %.*s\n", (int)len, text);
		text += len + (text[len] != '\0');
	} while (*text != '\0');
}

/* A name that libconfig's grammar may not know, in a comment. */
static void
print_unknown(FILE *out, const char *name, unsigned indent)
{
	print_indent(out, indent);
	fputs("# left out, unknown here: ", out);
	print_string(out, name);
	fputc('\n', out);
}

static void
print_member(FILE *out, const struct conf_value *value, unsigned indent)
{
	print_indent(out, indent);
	fprintf(out, "%s = ", value->name);
	print_value(out, value, indent);
	fputs(";\n", out);
}

static void
print_members(FILE *out, const struct conf_value *group, unsigned indent)
{
	for (size_t i = 0; i < group->u.children.len; i++) {
		const struct conf_value *value = group->u.children.list[i];

		if (value->name[0] != '_' &&
		    conf_option_find(value->name, 0) != NULL)
			print_member(out, value, indent);
		else if (value->name[0] != '_')
			print_unknown(out, value->name, indent);
		else if (value->type == CONF_STRING)
			print_comment(out, value->u.string, indent);
	}
}

static void
print_list(FILE *out, const struct conf_value *list, unsigned indent)
{
	size_t n = list->u.children.len;
	bool lines = n > LINE_ELEMENTS ||
	    (n > 0 && list->u.children.list[0]->type == CONF_GROUP);

	fputs(lines ? "(\n" : "( ", out);
	for (size_t i = 0; i < n; i++) {
		if (lines)
			print_indent(out, indent + 1);
		print_value(out, list->u.children.list[i], indent + 1);
		fputs(i + 1 < n ? lines ? ",\n" : ", " : lines ? "\n" : " ",
		    out);
	}
	if (lines)
		print_indent(out, indent);
	fputc(')', out);
}

static void
print_value(FILE *out, const struct conf_value *value, unsigned indent)
{
	switch (value->type) {
	case CONF_BOOL:
		fputs(value->u.boolean ? "true" : "false", out);
		break;
	case CONF_INT:
		fprintf(out, "%" PRId64 "%s", value->u.integer,
		    value->u.integer > INT32_MAX ||
		    value->u.integer < INT32_MIN ? "L" : "");
		break;
	case CONF_FLOAT:
		fprintf(out, "%f", value->u.number);
		break;
	case CONF_STRING:
		print_string(out, value->u.string);
		break;
	case CONF_LIST:
		print_list(out, value, indent);
		break;
	case CONF_GROUP:
		fputs("{\n", out);
		print_members(out, value, indent + 1);
		print_indent(out, indent);
		fputc('}', out);
		break;
	}
}

/* The Rust rrdnsd's nodes trusted whoever spoke to them; ours need a secret,
 * the same on all of them, which nobody but the operator can hand around. */
static int
add_nodes_secret(struct conf_value *root, FILE *out)
{
	const struct conf_value *nodes = conf_value_find(root, "nodes");

	if (nodes == NULL || nodes->type != CONF_LIST ||
	    nodes->u.children.len < 2 ||
	    conf_value_find(root, "nodes_secret") != NULL)
		return 0;
	fputs("\n# Nodes know each other by this secret. Make it once, with\n"
	    "# openssl rand -hex 32 >/etc/rrdnsd/nodes.key\n"
	    "# and put the same file on every node, readable by rrdnsd "
	    "only.\n"
	    "nodes_secret = \"file:/etc/rrdnsd/nodes.key\";\n", out);
	/* For the check of the rest: the file is yet to be made. */
	return conf_value_new_string(root, "nodes_secret",
	    "the file of the printed text", NULL, 0) == NULL ? ERR_NOMEM : 0;
}

int
conf_import_text(const char *json, size_t len, const char *file, FILE *out,
    struct conf_report *report)
{
	struct conf_value *root = conf_json_parse(json, len, file, report);
	unsigned errors = report->errors;
	int err;

	if (root == NULL)
		return ERR_SYNTAX;
	fputs("# Made by rrdnsd --import from the JSON file of the Rust "
	    "rrdnsd.\n\n", out);
	print_members(out, root, 0);
	err = add_nodes_secret(root, out);
	if (err == 0)
		conf_free(conf_build(root, report));
	conf_value_free(root);
	if (err == 0 && report->errors != errors)
		err = ERR_INVALID;
	if (err == 0 && (fflush(out) != 0 || ferror(out)))
		err = ERR_IO;
	return err;
}

int
conf_import(const char *json_path, FILE *out, struct conf_report *report)
{
	char why[200], *data;
	size_t len;
	int err = file_read(json_path, CONF_TEXT_MAX, &data, &len, why,
	    sizeof why);

	if (err != 0) {
		conf_report_error(report, json_path, 0, "%s", why);
		return err;
	}
	err = conf_import_text(data, len, json_path, out, report);
	explicit_bzero(data, len);
	free(data);
	return err;
}
