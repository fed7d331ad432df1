/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_print.h"
#include "conf_report.h"
#include "tls_files.h"

/* A ttl this many times the time that detection takes is what clients mostly
 * wait for. */
#define TTL_RATIO 20

static const char *
place_name(enum conf_place place)
{
	switch (place) {
	case CONF_TOP:
		break;
	case CONF_SERVICE:
		return "a service";
	case CONF_ENDPOINT:
		return "an endpoint";
	case CONF_WEBHOOK:
		return "a webhook";
	case CONF_SCRIPT:
		return "a script";
	}
	return "the configuration";
}

static void
complain_key(struct conf_value *value, enum conf_place place,
    struct conf_report *report)
{
	const struct conf_option *option = conf_option_find(value->name, 0);
	char places[160];

	if (option != NULL) {
		conf_report_value_error(report, value,
		    "%s: stands in the wrong place, it belongs %s",
		    option->name, conf_places_text(option->places, places,
		    sizeof places));
		return;
	}
	option = conf_option_nearest(value->name, place);
	if (option == NULL)
		option = conf_option_nearest(value->name, ~0u);
	if (option != NULL)
		conf_report_value_error(report, value,
		    "%.80s: unknown option; did you mean %s?", value->name,
		    option->name);
	else
		conf_report_value_error(report, value,
		    "%.80s: unknown option", value->name);
}

void
conf_check_keys(const struct conf_value *group, enum conf_place place,
    struct conf_report *report)
{
	for (size_t i = 0; i < group->u.children.len; i++) {
		struct conf_value *value = group->u.children.list[i];

		if (value->name[0] != '_' &&
		    conf_option_find(value->name, place) == NULL)
			complain_key(value, place, report);
	}
}

void
conf_check_required(const struct conf_value *group, enum conf_place place,
    struct conf_report *report)
{
	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];

		if (option->required && option->places == (unsigned)place &&
		    conf_value_find(group, option->name) == NULL)
			conf_report_error(report, conf_value_file(group),
			    group->line, "%s: is missing, %s must have it, as "
			    "in %s = %s", option->name, place_name(place),
			    option->name, option->example);
	}
}

static bool
is_node(const struct conf *conf, const struct addr *addr)
{
	for (size_t i = 0; i < conf->nodes.len; i++)
		if (addr_compare(&conf->nodes.list[i], addr) == 0)
			return true;
	return false;
}

static void
check_pair(const char *name, struct conf_value *value, const char *cert,
    const char *key, struct conf_report *report)
{
	char why[160];

	assert(value != NULL);
	if (!value->told_error &&
	    tls_files_check_pair(cert, key, why, sizeof why) != 0)
		conf_report_value_error(report, value, "%s: %s %s", name, cert,
		    why);
}

/* The two halves of a certificate. */
static void
check_tls(const struct conf_scope *top, const struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *cert = conf_value_find(top->group, "tls_cert");
	struct conf_value *key = conf_value_find(top->group, "tls_key");

	if (conf->tls_cert != NULL && key == NULL)
		conf_report_value_error(report, cert,
		    "tls_cert: needs tls_key beside it");
	if (conf->tls_key != NULL && cert == NULL)
		conf_report_value_error(report, key,
		    "tls_key: needs tls_cert beside it");
	if (conf->tls_cert != NULL && conf->tls_key != NULL)
		check_pair("tls_cert", cert, conf->tls_cert, conf->tls_key,
		    report);
}

static void
check_votes(const struct conf_scope *top, const struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "vote_ttl_ms");

	if (value != NULL && conf->heartbeat_ms != 0 &&
	    conf->vote_ttl_ms < 2 * conf->heartbeat_ms)
		conf_report_value_error(report, value, "vote_ttl_ms: votes "
		    "must live for at least 2 heartbeats, that is %u ms",
		    2 * conf->heartbeat_ms);
}

void
conf_check_nodes(const struct conf_scope *top, const struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *local = conf_value_find(top->group, "local_node");
	struct conf_value *nodes = conf_value_find(top->group, "nodes");
	struct conf_value *services = conf_value_find(top->group, "services");
	char text[ADDR_TEXT_MAX];
	size_t n_given;

	check_tls(top, conf, report);
	check_votes(top, conf, report);
	if (services == NULL || (services->type == CONF_LIST &&
	    services->u.children.len == 0))
		conf_report_warning(report, conf_value_file(services != NULL ?
		    services : top->group), services != NULL ? services->line :
		    top->group->line, "there are no services: nothing to do");
	if (nodes == NULL)
		return;
	conf_value_elements(&nodes, &n_given);
	if (n_given == 0)
		conf_report_value_error(report, nodes, "nodes: needs at least "
		    "one node, local_node itself");
	else if (local != NULL && conf->local_node.family != ADDR_NONE &&
	    conf->nodes.len == n_given && !is_node(conf, &conf->local_node))
		conf_report_value_error(report, local,
		    "local_node: %s is not among nodes",
		    addr_format(&conf->local_node, true, text));
	if (conf->nodes.len > 1 &&
	    conf_value_find(top->group, "nodes_secret") == NULL)
		conf_report_value_error(report, nodes, "nodes: more than one "
		    "node needs nodes_secret, by which they know each other");
	if (conf->nodes.len > CONF_NODES_MAX)
		conf_report_value_error(report, nodes, "nodes: %zu are too "
		    "many, %d is the most", conf->nodes.len, CONF_NODES_MAX);
	if (conf->nodes.len > 1 && conf->nodes.len % 2 == 0)
		conf_report_value_warning(report, nodes,
		    "nodes: %zu nodes survive no more failures than %zu do; "
		    "use an odd number", conf->nodes.len, conf->nodes.len - 1);
}

/* True when name is the zone or below it. */
static bool
zone_holds(const char *zone, const char *name)
{
	size_t lz = strlen(zone), ln = strlen(name);

	return ln >= lz && strcmp(name + ln - lz, zone) == 0 &&
	    (ln == lz || name[ln - lz - 1] == '.');
}

struct conf_value *
conf_place_of(const struct conf_scope *scope, struct conf_value *group,
    const char *name)
{
	struct conf_value *value =
	    conf_scope_find(scope, conf_option_find(name, CONF_SERVICE));

	return value != NULL ? value : group;
}

/* The same for what only a service can have. */
static struct conf_value *
place_in(struct conf_value *group, const char *name)
{
	struct conf_value *value = conf_value_find(group, name);

	return value != NULL ? value : group;
}

static void
check_update(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	const struct conf_update *update = &service->update;
	struct conf_value *servers =
	    conf_place_of(scope, group, "update_resolvers");
	struct conf_value *token =
	    conf_place_of(scope, group, "update_credentials");

	switch (update->method) {
	case CONF_METHOD_RFC2136:
		if (update->servers.len == 0 && (servers == group ||
		    (servers->type == CONF_LIST &&
		    servers->u.children.len == 0)))
			conf_report_value_error(report, servers, "service %s: "
			    "update_method rfc2136 needs update_resolvers, "
			    "the servers that take its updates",
			    service->fqdn);
		break;
	case CONF_METHOD_DYNU:
	case CONF_METHOD_DIGITALOCEAN:
		conf_check_api(group, token, service, report);
		break;
	case CONF_METHOD_NONE:
		break;
	}
}

static void
check_probe(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	const struct conf_probe *probe = &service->probe;
	struct conf_value *headers = conf_place_of(scope, group, "headers");

	if (probe->expect_body != NULL && probe->expect_body_regex != NULL)
		conf_report_value_error(report,
		    conf_place_of(scope, group, "expect_body_regex"),
		    "service %s: expect_body and expect_body_regex exclude "
		    "each other; set one to \"\"", service->fqdn);
	if (probe->expect.len > 0 && probe->expect_regex != NULL)
		conf_report_value_error(report,
		    conf_place_of(scope, group, "expect_regex"),
		    "service %s: expect and expect_regex exclude each other; "
		    "set one to \"\"", service->fqdn);
	if (probe->send.len > 0 && probe->expect.len == 0 &&
	    probe->expect_regex == NULL)
		conf_report_value_error(report,
		    conf_place_of(scope, group, "send"), "service %s: "
		    "send needs expect or expect_regex: what is not answered "
		    "proves nothing", service->fqdn);
	if (probe->tls_client_key != NULL && probe->tls_client_cert == NULL &&
	    !conf_place_of(scope, group, "tls_client_cert")->told_error)
		conf_report_value_error(report,
		    conf_place_of(scope, group, "tls_client_key"),
		    "service %s: "
		    "tls_client_key needs tls_client_cert", service->fqdn);
	if (probe->tls_client_cert != NULL &&
	    !conf_place_of(scope, group, "tls_client_key")->told_error)
		check_pair("tls_client_cert",
		    conf_place_of(scope, group, "tls_client_cert"),
		    probe->tls_client_cert, probe->tls_client_key, report);
	for (size_t i = 0; i < probe->headers.len; i++)
		if (strncasecmp(probe->headers.list[i], "host:", 5) == 0)
			conf_report_value_warning(report, headers,
			    "headers: use the option host instead, it is the "
			    "name in TLS, too");
	if (service->fast_interval_ms > 0 && service->fast_interval_ms < 10)
		conf_report_value_error(report,
		    conf_place_of(scope, group, "fast_interval_ms"),
		    "fast_interval_ms: at least 10 ms, or 0 for a quarter of "
		    "the interval");
}

static void
check_endpoints(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	const struct conf_endpoint *slow = NULL;
	bool unchecked = false, named = false;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct conf_endpoint *endpoint = &service->endpoints[i];

		unchecked = unchecked || endpoint->healthcheck.text == NULL;
		named = named || (endpoint->healthcheck.text != NULL &&
		    (healthcheck_is_http(endpoint->healthcheck.scheme) ||
		    healthcheck_uses_tls(endpoint->healthcheck.scheme)));
		if (endpoint->probe_timeout_ms > endpoint->probe_interval_ms &&
		    endpoint->probe_interval_ms != 0)
			slow = endpoint;
	}
	if (unchecked && conf_place_of(scope, group, "healthcheck") == group)
		conf_report_value_error(report, group, "service %s: "
		    "healthcheck: is missing, as in healthcheck = "
		    "\"http://{}:80/\"", service->fqdn);
	if (named && service->fqdn[0] == '*' &&
	    strcmp(service->probe.host, service->fqdn) == 0)
		conf_report_value_error(report, group, "service %s: a wildcard "
		    "needs host, the name to ask its endpoints for",
		    service->fqdn);
	if (slow != NULL)
		conf_report_value_warning(report, group, "service %s: "
		    "probe_timeout_ms (%u) is longer than probe_interval_ms "
		    "(%u): a hanging endpoint is probed less often",
		    service->fqdn, slow->probe_timeout_ms,
		    slow->probe_interval_ms);
	if (service->n_endpoints == 0) {
		if (conf_value_find(group, "ipaddrs") != NULL)
			conf_report_value_error(report, group, "service %s: "
			    "ipaddrs: needs at least one address",
			    service->fqdn);
	} else if (service->min_up > service->n_endpoints) {
		conf_report_value_warning(report, group, "service %s: min_up "
		    "(%u) is more than its %zu endpoints", service->fqdn,
		    service->min_up, service->n_endpoints);
	}
}

void
conf_check_service(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	if (service->fqdn == NULL)
		return;
	if (service->zone != NULL && !zone_holds(service->zone, service->fqdn))
		conf_report_value_error(report, place_in(group, "zone"),
		    "zone: %s does not hold %s", service->zone, service->fqdn);
	if (service->zone != NULL && service->zone[0] == '*')
		conf_report_value_error(report, place_in(group, "zone"),
		    "zone: no zone is called \"*\"");
	check_update(scope, group, service, report);
	check_probe(scope, group, service, report);
	check_endpoints(scope, group, service, report);
	conf_check_effect(scope, group, service, report);
}

void
conf_check_ttl(const struct conf *conf, const struct conf_service *service,
    struct conf_value *group, struct conf_report *report)
{
	struct conf_worst_case worst = conf_worst_case(conf, service);
	uint64_t detect_ms = worst.interval_ms * worst.fall + worst.timeout_ms +
	    worst.gossip_ms;

	if (worst.ttl_ms / TTL_RATIO <= detect_ms)
		return;
	conf_report_value_warning(report, place_in(group, "ttl"),
	    "service %s: ttl is %u s, while a failure is detected in %llu.%llu "
	    "s at most: clients stay with a dead address for the ttl",
	    service->fqdn, service->ttl, (unsigned long long)detect_ms / 1000,
	    (unsigned long long)detect_ms % 1000 / 100);
}
