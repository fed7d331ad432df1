/* SPDX-License-Identifier: ISC */
/* What the APIs of DNS services ask of a configuration. */
#include "config.h"

#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_method.h"
#include "conf_report.h"

#define HOUR_MS 3600000u

void
conf_check_api(struct conf_value *group, struct conf_value *token,
    const struct conf_service *service, struct conf_report *report)
{
	const struct conf_method_info *info =
	    conf_method_info(service->update.method);
	struct conf_value *ttl = conf_value_find(group, "ttl");

	if (service->update.token.len == 0 && (token == group ||
	    (token->type == CONF_STRING && *token->u.string == '\0')))
		conf_report_value_error(report, token, "service %s: "
		    "update_credentials must hold the token of the DNS "
		    "provider, or \"file:PATH\" of one that holds it",
		    service->fqdn);
	if (service->ttl < info->ttl_min)
		conf_report_value_error(report, ttl != NULL ? ttl : group,
		    "service %s: ttl: %s takes no less than %u s, not %u",
		    service->fqdn, info->vendor, info->ttl_min, service->ttl);
}

static bool
same_account(const struct conf_update *a, const struct conf_update *b)
{
	return a->method == b->method && strcmp(a->url, b->url) == 0 &&
	    a->token.len == b->token.len &&
	    memcmp(a->token.data, b->token.data, a->token.len) == 0;
}

/* Each family of a name is listed once in each interval. */
static uint64_t
lists_hourly(const struct conf_service *service)
{
	bool ip4 = false, ip6 = false;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		ip4 |= service->endpoints[i].addr.family == ADDR_IP4;
		ip6 |= service->endpoints[i].addr.family == ADDR_IP6;
	}
	return (uint64_t)(ip4 + ip6) * HOUR_MS /
	    service->update.reconcile_interval_ms;
}

void
conf_check_api_load(const struct conf *conf, size_t which,
    struct conf_value *group, struct conf_report *report)
{
	const struct conf_update *update = &conf->services[which].update;
	const struct conf_method_info *info = conf_method_info(update->method);
	uint64_t hourly = 0;

	if (info == NULL || info->hourly == 0)
		return;
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->update.method != update->method ||
		    !same_account(&service->update, update))
			continue;
		if (i < which)
			return; /* said there */
		hourly += lists_hourly(service) * conf->nodes.len;
	}
	if (hourly <= info->hourly)
		return;
	conf_report_value_warning(report, group,
	    "reconcile_interval_ms: looking at all records takes %llu requests "
	    "an hour, and %s allows %u: %llu times as long would do",
	    (unsigned long long)hourly, info->vendor, info->hourly,
	    (unsigned long long)hourly / info->hourly + 1);
}
