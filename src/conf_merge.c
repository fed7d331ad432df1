/* SPDX-License-Identifier: ISC */
/* Run-time changes over the values of the file. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "conf_changes.h"
#include "conf_json.h"
#include "conf_report.h"
#include "conf_value.h"
#include "err.h"

#define NODE_PORT 0

static bool
same_name(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' &&
	    tolower((unsigned char)a[i]) == tolower((unsigned char)b[i]))
		i++;
	return a[i] == b[i] || (strcmp(a + i, ".") == 0 && b[i] == '\0') ||
	    (strcmp(b + i, ".") == 0 && a[i] == '\0');
}

static bool
same_addr(const char *a, const char *b, bool with_port)
{
	struct addr x, y;

	if (with_port)
		return addr_parse(a, NODE_PORT, &x) == 0 &&
		    addr_parse(b, NODE_PORT, &y) == 0 &&
		    addr_compare(&x, &y) == 0;
	return addr_parse_ip(a, &x) == 0 && addr_parse_ip(b, &y) == 0 &&
	    addr_compare_ip(&x, &y) == 0;
}

/* The text that names an element: itself, or its member. */
static const char *
name_of(const struct conf_value *element, const char *member)
{
	const struct conf_value *value = element;

	if (element->type == CONF_GROUP)
		value = conf_value_find(element, member);
	return value != NULL && value->type == CONF_STRING ? value->u.string
							   : "";
}

static bool
is_meant(const struct conf_value *element, enum conf_change_kind kind,
    const char *name, const char *ipaddr)
{
	switch (kind) {
	case CONF_CHANGE_SERVICE:
		return element->type == CONF_GROUP &&
		    same_name(name_of(element, "fqdn"), name);
	case CONF_CHANGE_ENDPOINT:
		return same_addr(name_of(element, "ipaddr"), ipaddr, false);
	case CONF_CHANGE_NODE:
		break;
	}
	return same_addr(name_of(element, ""), name, true);
}

static struct conf_value *
find_in(const struct conf_value *list, enum conf_change_kind kind,
    const char *name, const char *ipaddr)
{
	if (list == NULL || list->type != CONF_LIST)
		return NULL;
	for (size_t i = 0; i < list->u.children.len; i++)
		if (is_meant(list->u.children.list[i], kind, name, ipaddr))
			return list->u.children.list[i];
	return NULL;
}

/* The list that holds such things; NULL: there is none. */
static struct conf_value *
list_of(const struct conf_value *root, enum conf_change_kind kind,
    const char *name)
{
	struct conf_value *services = conf_value_find(root, "services");
	struct conf_value *service;

	if (kind == CONF_CHANGE_NODE)
		return conf_value_find(root, "nodes");
	if (kind == CONF_CHANGE_SERVICE)
		return services;
	service = find_in(services, CONF_CHANGE_SERVICE, name, "");
	return service != NULL ? conf_value_find(service, "ipaddrs") : NULL;
}

/* A value that may stand for a list of one becomes that list. */
static int
make_lists(struct conf_value *root)
{
	struct conf_value *services;
	int err = conf_value_make_list(root, "services");

	if (err == 0)
		err = conf_value_make_list(root, "nodes");
	services = conf_value_find(root, "services");
	for (size_t i = 0; err == 0 && i < services->u.children.len; i++)
		if (services->u.children.list[i]->type == CONF_GROUP)
			err = conf_value_make_list(
			    services->u.children.list[i], "ipaddrs");
	return err;
}

static int
add(const struct conf_change *change, struct conf_value *list,
    struct conf_report *report)
{
	struct conf_value *value;

	if (change->kind == CONF_CHANGE_NODE)
		return conf_value_new_string(list, NULL, change->name,
			   CONF_CHANGES_FILE, 0) != NULL
		    ? 0
		    : ERR_NOMEM;
	value = conf_json_parse(change->added, strlen(change->added),
	    CONF_CHANGES_FILE, report);
	if (value == NULL)
		return 0; /* told */
	if (conf_value_attach(list, value) != 0) {
		conf_value_free(value);
		return ERR_NOMEM;
	}
	return change->kind == CONF_CHANGE_SERVICE
	    ? conf_value_make_list(value, "ipaddrs")
	    : 0;
}

static int
apply(const struct conf_change *change, struct conf_value *root,
    struct conf_report *report)
{
	struct conf_value *list = list_of(root, change->kind, change->name);
	struct conf_value *there =
	    find_in(list, change->kind, change->name, change->ipaddr);
	char text[400];

	conf_change_text(change, text, sizeof text);
	if (list == NULL) {
		conf_report_warning(report, CONF_CHANGES_FILE, 0,
		    "%s at run time, but there is no such service any more",
		    text);
		return 0;
	}
	if (change->removed && there == NULL)
		conf_report_warning(report, CONF_CHANGES_FILE, 0,
		    "%s at run time, and gone from the file meanwhile", text);
	if (change->removed && there != NULL) {
		conf_value_detach(there);
		conf_value_free(there);
		there = NULL;
	}
	if (change->added == NULL)
		return 0;
	if (there == NULL)
		return add(change, list, report);
	conf_report_warning(report, CONF_CHANGES_FILE, 0,
	    "%s at run time, but the file has it meanwhile (line %d): the "
	    "file's is used",
	    text, there->line);
	return 0;
}

int
conf_changes_apply(const struct conf_changes *changes, struct conf_value *root,
    struct conf_report *report)
{
	int err = changes->len > 0 ? make_lists(root) : 0;

	/* A service comes before its endpoints. */
	for (unsigned endpoints = 0; endpoints < 2; endpoints++)
		for (size_t i = 0; i < changes->len && err == 0; i++)
			if ((changes->list[i].kind == CONF_CHANGE_ENDPOINT) ==
			    (endpoints == 1))
				err = apply(&changes->list[i], root, report);
	return err;
}

bool
conf_file_has(const struct conf_value *root, enum conf_change_kind kind,
    const char *name, const char *ipaddr)
{
	struct conf_value *copy = conf_value_copy(root);
	bool has = copy != NULL && make_lists(copy) == 0 &&
	    find_in(list_of(copy, kind, name), kind, name, ipaddr) != NULL;

	conf_value_free(copy);
	return has;
}
