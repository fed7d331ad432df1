/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf_build.h"
#include "conf_libconfig.h"
#include "conf_options.h"
#include "conf_report.h"
#include "conf_text.h"
#include "conf_value.h"
#include "err.h"

/* Puts $LOCAL_NODE in the place of local_node. */
static int
override_local_node(struct conf_value *root)
{
	const char *text = getenv("LOCAL_NODE");
	struct conf_value *value = conf_value_find(root, "local_node");
	struct conf_value *own;

	if (text == NULL || *text == '\0')
		return 0;
	own = conf_value_new_string(root, "local_node", text, "$LOCAL_NODE",
	    0);
	if (own == NULL)
		return ERR_NOMEM;
	/* The first of a name is what is found. */
	if (value != NULL)
		value->name[0] = '_';
	return 0;
}

/* Takes over source, which stays with the configuration as it is. */
static struct conf *
assemble(struct conf_value *source, const struct conf_changes *changes,
    struct conf_report *report)
{
	struct conf_value *root = conf_value_copy(source);
	struct conf *conf = NULL;
	unsigned errors = report->errors;
	int err = root != NULL ? override_local_node(root) : ERR_NOMEM;

	if (err == 0)
		err = conf_changes_apply(changes, root, report);
	if (err == 0)
		conf = conf_build(root, report);
	if (conf != NULL)
		err = conf_changes_copy(changes, &conf->changes);
	if (err != 0)
		conf_report_error(report, conf_value_file(source), 0, "%s",
		    err_text(err));
	conf_value_free(root);
	if (conf == NULL || report->errors != errors) {
		conf_value_free(source);
		conf_free(conf);
		return NULL;
	}
	conf->source = source;
	return conf;
}

static struct conf_value *
read_file(const char *path, struct conf_report *report)
{
	struct conf_text text;
	struct conf_value *root = NULL;

	if (conf_text_read(&text, path, report) == 0)
		root = conf_libconfig_parse(&text, report);
	conf_text_fini(&text);
	return root;
}

static const char *
state_dir_of(const struct conf_value *root)
{
	const struct conf_value *value = conf_value_find(root, "state_dir");

	if (value != NULL && value->type == CONF_STRING)
		return value->u.string;
	return conf_option_find("state_dir", CONF_TOP)->def_text;
}

struct conf *
conf_load(const char *path, struct conf_report *report)
{
	struct conf_value *root = read_file(path, report);
	struct conf_changes changes;
	struct conf *conf;
	char why[256];

	if (root == NULL)
		return NULL;
	if (conf_changes_load(state_dir_of(root), &changes, why, sizeof why) !=
	    0) {
		conf_report_error(report, CONF_CHANGES_FILE, 0, "%s", why);
		conf_value_free(root);
		return NULL;
	}
	conf = assemble(root, &changes, report);
	conf_changes_fini(&changes);
	return conf;
}

struct conf *
conf_load_file(const char *path, struct conf_report *report)
{
	struct conf_value *root = read_file(path, report);
	struct conf_changes none = { 0 };

	return root != NULL ? assemble(root, &none, report) : NULL;
}

struct conf *
conf_amend(const struct conf *conf, const struct conf_changes *changes,
    struct conf_report *report)
{
	struct conf_value *source = conf_value_copy(conf->source);

	if (source != NULL)
		return assemble(source, changes, report);
	conf_report_error(report, conf_value_file(conf->source), 0, "%s",
	    err_text(ERR_NOMEM));
	return NULL;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	free(conf->nodes.list);
	for (size_t i = 0; i < conf->n_nodes_secrets; i++)
		secret_fini(&conf->nodes_secrets[i]);
	free(conf->nodes_secrets);
	free(conf->nodes_ca_file);
	free(conf->tls_cert);
	free(conf->tls_key);
	conf_strings_fini(&conf->canaries);
	for (size_t i = 0; i < conf->n_services; i++)
		conf_service_fini(&conf->services[i]);
	free(conf->services);
	free(conf->statsd_prefix);
	free(conf->api_socket);
	secret_fini(&conf->api_token);
	free(conf->state_dir);
	for (size_t i = 0; i < conf->n_webhooks; i++) {
		free(conf->webhooks[i].url);
		free(conf->webhooks[i].tls_ca_file);
		secret_fini(&conf->webhooks[i].secret);
		conf_strings_fini(&conf->webhooks[i].events);
	}
	free(conf->webhooks);
	for (size_t i = 0; i < conf->n_scripts; i++) {
		free(conf->scripts[i].path);
		conf_strings_fini(&conf->scripts[i].events);
	}
	free(conf->scripts);
	conf_value_free(conf->source);
	conf_changes_fini(&conf->changes);
	free(conf);
}

unsigned
conf_fast_interval_ms(const struct conf_service *service,
    const struct conf_endpoint *endpoint)
{
	unsigned fast = service->fast_interval_ms;

	if (fast == 0)
		fast = endpoint->probe_interval_ms / 4;
	if (fast < 10)
		fast = 10;
	return fast < endpoint->probe_interval_ms ? fast :
	    endpoint->probe_interval_ms;
}

static int
compare_fqdn(const void *key, const void *element)
{
	return strcmp(key, ((const struct conf_service *)element)->fqdn);
}

static int
compare_endpoint(const void *key, const void *element)
{
	return addr_compare_ip(key,
	    &((const struct conf_endpoint *)element)->addr);
}

const struct conf_service *
conf_find_service(const struct conf *conf, const char *fqdn)
{
	if (conf->n_services == 0)
		return NULL;
	return bsearch(fqdn, conf->services, conf->n_services,
	    sizeof *conf->services, compare_fqdn);
}

const struct conf_endpoint *
conf_find_endpoint(const struct conf_service *service, const struct addr *addr)
{
	if (service->n_endpoints == 0)
		return NULL;
	return bsearch(addr, service->endpoints, service->n_endpoints,
	    sizeof *service->endpoints, compare_endpoint);
}

bool
conf_strings_equal(const struct conf_strings *a, const struct conf_strings *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}
