/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_build.h"

#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_report.h"
#include "err.h"

static int
compare_addrs(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static void
build_version(const struct conf_scope *top, struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "conf_version");

	if (value != NULL &&
	    conf_expect_type("conf_version", value, CONF_INT, report) &&
	    value->u.integer != 1)
		conf_report_value_error(report, value,
		    "conf_version: %lld is not known here, 1 is",
		    (long long)value->u.integer);
}

static int
build_nodes_secrets(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "nodes_secret");
	struct conf_value **list;
	size_t n;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	conf->nodes_secrets = calloc(n + 1, sizeof *conf->nodes_secrets);
	if (conf->nodes_secrets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct secret *to = &conf->nodes_secrets[conf->n_nodes_secrets];
		int err = conf_set_secret("nodes_secret", list[i], to, report);

		if (err == ERR_NOMEM)
			return err;
		if (err != 0)
			continue;
		conf->n_nodes_secrets++;
		if (to->len == 0)
			conf_report_value_error(report, list[i],
			    "nodes_secret: is empty");
		else if (to->len < 16)
			conf_report_value_warning(report, list[i],
			    "nodes_secret: fewer than 16 bytes can be guessed; "
			    "\"openssl rand -hex 32\" makes a good one");
	}
	return 0;
}

/* A group of a list such as webhooks. */
static bool
open_group(const char *name, struct conf_value *value, enum conf_place place,
    struct conf_report *report)
{
	if (!conf_expect_type(name, value, CONF_GROUP, report))
		return false;
	conf_check_keys(value, place, report);
	conf_check_required(value, place, report);
	return true;
}

static int
build_webhooks(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "webhooks");
	struct conf_value **list;
	size_t n;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	conf->webhooks = calloc(n + 1, sizeof *conf->webhooks);
	if (conf->webhooks == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct conf_scope scope = { top, list[i], CONF_WEBHOOK };
		int err;

		if (!open_group("webhooks", list[i], CONF_WEBHOOK, report))
			continue;
		err = conf_set_fields(&scope, &conf->webhooks[conf->n_webhooks++],
		    report);
		if (err != 0)
			return err;
	}
	return 0;
}

static int
build_scripts(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "scripts");
	struct conf_value **list;
	size_t n;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	conf->scripts = calloc(n + 1, sizeof *conf->scripts);
	if (conf->scripts == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct conf_scope scope = { top, list[i], CONF_SCRIPT };
		int err;

		if (!open_group("scripts", list[i], CONF_SCRIPT, report))
			continue;
		err = conf_set_fields(&scope, &conf->scripts[conf->n_scripts++],
		    report);
		if (err != 0)
			return err;
	}
	return 0;
}

/* Defaults that depend on other values. */
static void
finish_top(struct conf *conf)
{
	if (conf->nodes.len > 1)
		qsort(conf->nodes.list, conf->nodes.len,
		    sizeof *conf->nodes.list, compare_addrs);
	if (conf->listen.family == ADDR_NONE)
		conf->listen = conf->local_node;
	if (conf->vote_ttl_ms == 0)
		conf->vote_ttl_ms = 5 * conf->heartbeat_ms;
}

static int
build_top(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report)
{
	int err;

	conf_check_keys(top->group, CONF_TOP, report);
	conf_check_required(top->group, CONF_TOP, report);
	build_version(top, report);
	if ((err = conf_set_fields(top, conf, report)) != 0 ||
	    (err = build_nodes_secrets(top, conf, report)) != 0 ||
	    (err = build_webhooks(top, conf, report)) != 0 ||
	    (err = build_scripts(top, conf, report)) != 0)
		return err;
	finish_top(conf);
	conf_check_nodes(top, conf, report);
	return conf_build_services(top, conf, report);
}

struct conf *
conf_build(struct conf_value *root, struct conf_report *report)
{
	struct conf_scope top = { NULL, root, CONF_TOP };
	struct conf *conf = calloc(1, sizeof *conf);
	unsigned errors = report->errors;

	int err = conf == NULL ? ERR_NOMEM : build_top(&top, conf, report);

	if (err != 0)
		conf_report_error(report, conf_value_file(root), 0, "%s",
		    err_text(err));
	if (report->errors != errors) {
		conf_free(conf);
		return NULL;
	}
	return conf;
}
