/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_hash.h"
#include "conf_method.h"
#include "conf_report.h"
#include "err.h"

/* A thing and where it came from, so that duplicates can be shown after
 * sorting. */
struct placed_endpoint {
	struct conf_endpoint endpoint;
	struct conf_value *value;
};

struct placed_service {
	struct conf_service service;
	struct conf_value *value;
};

static int
compare_endpoints(const void *a, const void *b)
{
	const struct placed_endpoint *x = a, *y = b;
	int order = addr_compare_ip(&x->endpoint.addr, &y->endpoint.addr);

	return order != 0 ? order : x->value->line - y->value->line;
}

static int
compare_services(const void *a, const void *b)
{
	const struct placed_service *x = a, *y = b;
	int order = strcmp(x->service.fqdn, y->service.fqdn);

	return order != 0 ? order : x->value->line - y->value->line;
}

static void
endpoint_fini(struct conf_endpoint *endpoint)
{
	free(endpoint->label);
	healthcheck_fini(&endpoint->healthcheck);
}

void
conf_service_fini(struct conf_service *service)
{
	struct conf_probe *probe = &service->probe;
	struct conf_update *update = &service->update;

	free(service->fqdn);
	free(service->zone);
	for (size_t i = 0; i < service->n_endpoints; i++)
		endpoint_fini(&service->endpoints[i]);
	free(service->endpoints);
	free(probe->host);
	free(probe->method);
	conf_strings_fini(&probe->headers);
	free(probe->expect_body);
	free(probe->expect_body_regex);
	free(probe->tls_ca_file);
	free(probe->tls_client_cert);
	free(probe->tls_client_key);
	free(probe->send.data);
	free(probe->expect.data);
	free(probe->expect_regex);
	free(probe->dns_name);
	free(update->servers.list);
	free(update->verify.list);
	if (update->key != NULL)
		tsig_key_fini(update->key);
	free(update->key);
	secret_fini(&update->token);
	free(update->url);
	*service = (struct conf_service){ 0 };
}

/* "192.0.2.1" or { ipaddr = "192.0.2.1"; ... } */
static int
build_endpoint(const struct conf_scope *parent, struct conf_value *value,
    struct conf_endpoint *out, struct conf_report *report)
{
	char name[] = "ipaddr";
	struct conf_value holder = { .type = CONF_GROUP, .line = value->line,
		.parent = value->parent };
	struct conf_value named = *value, *list[] = { &named };
	struct conf_scope scope = { parent, value, CONF_ENDPOINT };

	if (value->type == CONF_STRING) {
		/* Short for a group with nothing but the address. */
		named.name = name;
		holder.u.children.list = list;
		holder.u.children.len = 1;
		scope.group = &holder;
	} else if (value->type == CONF_GROUP) {
		conf_check_keys(value, CONF_ENDPOINT, report);
		conf_check_required(value, CONF_ENDPOINT, report);
	} else {
		conf_report_value_error(report, value, "ipaddrs: must hold "
		    "addresses in quotes and { ipaddr = ...; }, not %s",
		    conf_type_text(value->type));
		return 0;
	}
	return conf_set_fields(&scope, out, report);
}

static void
check_endpoints(const struct placed_endpoint *list, size_t n,
    struct conf_report *report)
{
	char text[ADDR_TEXT_MAX];
	size_t ip4 = 0, ip6 = 0;

	for (size_t i = 0; i < n; i++) {
		const struct addr *addr = &list[i].endpoint.addr;

		ip4 += addr->family == ADDR_IP4;
		ip6 += addr->family == ADDR_IP6;
		if (i > 0 && addr->family != ADDR_NONE && addr_compare_ip(addr,
		    &list[i - 1].endpoint.addr) == 0)
			conf_report_value_error(report, list[i].value,
			    "ipaddrs: %s stands here twice, first in line %d",
			    addr_format(addr, false, text),
			    list[i - 1].value->line);
	}
	if (ip4 > 1024 || ip6 > 1024)
		conf_report_value_error(report, list[0].value,
		    "ipaddrs: more than 1024 addresses of one family don't "
		    "fit an RRset");
}

static int
build_endpoints(const struct conf_scope *scope, struct conf_service *service,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(scope->group, "ipaddrs");
	struct conf_value **list;
	struct placed_endpoint *placed;
	size_t n;
	int err = 0;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	placed = calloc(n + 1, sizeof *placed);
	service->endpoints = calloc(n + 1, sizeof *service->endpoints);
	if (placed == NULL || service->endpoints == NULL) {
		free(placed);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n && err == 0; i++) {
		placed[i].value = list[i];
		err = build_endpoint(scope, list[i], &placed[i].endpoint,
		    report);
		service->n_endpoints++;
	}
	if (err == 0 && n > 0) {
		qsort(placed, n, sizeof *placed, compare_endpoints);
		check_endpoints(placed, n, report);
	}
	for (size_t i = 0; i < service->n_endpoints; i++)
		service->endpoints[i] = placed[i].endpoint;
	free(placed);
	return err;
}

static int
build_key(struct conf_value *value, const struct secret *text,
    struct conf_update *update, struct conf_report *report)
{
	char why[200];
	int err;

	if (strlen((const char *)text->data) != text->len) {
		conf_report_value_error(report, value,
		    "update_credentials: the file is no text");
		return 0;
	}
	update->key = calloc(1, sizeof *update->key);
	if (update->key == NULL)
		return ERR_NOMEM;
	err = tsig_key_parse((const char *)text->data, update->key, why,
	    sizeof why);
	if (err == ERR_NOMEM)
		return err;
	if (err != 0)
		conf_report_value_error(report, value,
		    "update_credentials: %s", why);
	else if (update->key->alg == TSIG_HMAC_MD5)
		conf_report_value_warning(report, value,
		    "update_credentials: hmac-md5 is broken (RFC 8945 section "
		    "6); hmac-sha256 is what servers want");
	return 0;
}

/* It becomes a line of a request's header. */
static void
check_token(struct conf_value *value, const struct secret *token,
    struct conf_report *report)
{
	for (size_t i = 0; i < token->len; i++) {
		if (token->data[i] > ' ' && token->data[i] < 0x7f)
			continue;
		conf_report_value_error(report, value,
		    "update_credentials: a token is one word without blanks "
		    "and line breaks");
		return;
	}
}

/* A TSIG key or a token, depending on the method. */
static int
build_credentials(const struct conf_scope *scope,
    struct conf_service *service, struct conf_report *report)
{
	const struct conf_option *option =
	    conf_option_find("update_credentials", CONF_SERVICE);
	struct conf_value *value = conf_scope_find(scope, option);
	struct secret text = { 0 };
	int err;

	if (value == NULL || service->update.method == CONF_METHOD_NONE)
		return 0;
	err = conf_set_secret(option->name, value, &text, report);
	if (err != 0)
		return err == ERR_NOMEM ? err : 0;
	if (service->update.method != CONF_METHOD_RFC2136) {
		check_token(value, &text, report);
		service->update.token = text;
		return 0;
	}
	if (text.len > 0)
		err = build_key(value, &text, &service->update, report);
	secret_fini(&text);
	return err;
}

/* Where the API of the method is; none for methods without. */
static int
build_url(struct conf_update *update)
{
	const struct conf_method_info *info = conf_method_info(update->method);
	size_t len;

	if (info == NULL) {
		free(update->url);
		update->url = NULL;
		return 0;
	}
	if (update->url == NULL)
		update->url = strdup(info->url);
	if (update->url == NULL)
		return ERR_NOMEM;
	len = strlen(update->url);
	while (len > 0 && update->url[len - 1] == '/')
		update->url[--len] = '\0';
	return 0;
}

/* An IPv6 address as URLs and Host headers have it (RFC 3986 section 3.2.2). */
static int
put_in_brackets(char **host)
{
	char *text;

	if (asprintf(&text, "[%s]", *host) < 0)
		return ERR_NOMEM;
	free(*host);
	*host = text;
	return 0;
}

/* Defaults that depend on other values. */
static int
finish_probe(struct conf_service *service)
{
	struct conf_probe *probe = &service->probe;

	if (probe->host == NULL && service->fqdn != NULL &&
	    (probe->host = strdup(service->fqdn)) == NULL)
		return ERR_NOMEM;
	if (probe->host != NULL && strchr(probe->host, ':') != NULL &&
	    put_in_brackets(&probe->host) != 0)
		return ERR_NOMEM;
	if (service->zone == NULL)
		return 0;
	if (probe->dns_name == NULL &&
	    (probe->dns_name = strdup(service->zone)) == NULL)
		return ERR_NOMEM;
	if (probe->dns_type == 0)
		probe->dns_type = strcmp(probe->dns_name, service->zone) == 0 ?
		    CONF_DNS_SOA : CONF_DNS_A;
	return 0;
}

int
conf_build_service(const struct conf_scope *top, struct conf_value *group,
    struct conf_service *out, struct conf_report *report)
{
	struct conf_scope scope = { top, group, CONF_SERVICE };
	int err;

	out->line = group->line;
	conf_check_keys(group, CONF_SERVICE, report);
	conf_check_required(group, CONF_SERVICE, report);
	if ((err = conf_set_fields(&scope, out, report)) != 0 ||
	    (err = build_credentials(&scope, out, report)) != 0 ||
	    (err = build_url(&out->update)) != 0 ||
	    (err = build_endpoints(&scope, out, report)) != 0)
		return err;
	if (finish_probe(out) != 0)
		return ERR_NOMEM;
	conf_check_service(&scope, group, out, report);
	return 0;
}

static void
check_services(const struct placed_service *list, size_t n,
    struct conf_report *report)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(list[i].service.fqdn,
		    list[i - 1].service.fqdn) == 0)
			conf_report_value_error(report, list[i].value,
			    "service %s stands here twice, first in line %d: "
			    "one service holds all addresses of a name",
			    list[i].service.fqdn, list[i - 1].value->line);
}

int
conf_build_services(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(top->group, "services");
	struct conf_value **list;
	struct placed_service *placed;
	size_t n, len;
	int err = 0;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &len);
	placed = calloc(len + 1, sizeof *placed);
	conf->services = calloc(len + 1, sizeof *conf->services);
	if (placed == NULL || conf->services == NULL) {
		free(placed);
		return ERR_NOMEM;
	}
	n = 0;
	for (size_t i = 0; err == 0 && i < len; i++) {
		if (!conf_expect_type("services", list[i], CONF_GROUP, report))
			continue;
		placed[n].value = list[i];
		err = conf_build_service(top, list[i], &placed[n].service,
		    report);
		if (placed[n].service.fqdn != NULL)
			n++;
		else
			conf_service_fini(&placed[n].service);
	}
	if (err == 0) {
		qsort(placed, n, sizeof *placed, compare_services);
		check_services(placed, n, report);
	}
	for (size_t i = 0; i < n; i++) {
		conf->services[i] = placed[i].service;
		if (err != 0)
			continue;
		if (report->errors == 0)
			conf_check_ttl(conf, &conf->services[i],
			    placed[i].value, report);
		err = conf_hash_service(conf, &conf->services[i]);
	}
	conf->n_services = n;
	for (size_t i = 0; err == 0 && report->errors == 0 && i < n; i++)
		conf_check_api_load(conf, i, placed[i].value, report);
	free(placed);
	return err;
}
