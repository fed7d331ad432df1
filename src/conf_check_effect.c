/* SPDX-License-Identifier: ISC */
/* Warns of what is said in a service and has no effect there. */
#include "config.h"

#include "conf.h"
#include "conf_build.h"
#include "conf_report.h"

#define HTTP (1u << HEALTHCHECK_HTTP | 1u << HEALTHCHECK_HTTPS)
#define STREAM (1u << HEALTHCHECK_TCP | 1u << HEALTHCHECK_TLS)

static const struct {
	const char *option;
	unsigned schemes; /* that heed it */
	const char *names;
} heeded[] = {
	{ "method", HTTP, "http:// or https://" },
	{ "headers", HTTP, "http:// or https://" },
	{ "expect_status", HTTP, "http:// or https://" },
	{ "expect_body", HTTP, "http:// or https://" },
	{ "expect_body_regex", HTTP, "http:// or https://" },
	{ "follow_redirects", HTTP, "http:// or https://" },
	{ "send", STREAM, "tcp:// or tls://" },
	{ "expect", STREAM, "tcp:// or tls://" },
	{ "expect_regex", STREAM, "tcp:// or tls://" },
	{ "dns_name", 1u << HEALTHCHECK_DNS, "dns://" },
	{ "dns_type", 1u << HEALTHCHECK_DNS, "dns://" },
};

/* As defaults at the top they may well be for other services. */
static void
check_schemes(const struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	unsigned schemes = 0;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		if (service->endpoints[i].healthcheck.text == NULL)
			return; /* an error, told already */
		schemes |= 1u << service->endpoints[i].healthcheck.scheme;
	}
	for (size_t i = 0; i < sizeof heeded / sizeof heeded[0] &&
	     schemes != 0; i++) {
		struct conf_value *value =
		    conf_value_find(group, heeded[i].option);

		if (value != NULL && !(schemes & heeded[i].schemes))
			conf_report_value_warning(report, value,
			    "service %s: %s has no effect, no healthcheck "
			    "there begins with %s", service->fqdn,
			    heeded[i].option, heeded[i].names);
	}
}

static bool
has_tiers(const struct conf_service *service)
{
	for (size_t i = 1; i < service->n_endpoints; i++)
		if (service->endpoints[i].tier != service->endpoints[0].tier)
			return true;
	return false;
}

/* How many endpoints there are in the tier and of the family of this one. */
static size_t
count_alike(const struct conf_service *service,
    const struct conf_endpoint *endpoint)
{
	size_t n = 0;

	for (size_t i = 0; i < service->n_endpoints; i++)
		n += service->endpoints[i].tier == endpoint->tier &&
		    service->endpoints[i].addr.family == endpoint->addr.family;
	return n;
}

/* A tier with fewer endpoints than min_up is never good. */
static void
check_min_up(struct conf_value *group, const struct conf_service *service,
    struct conf_report *report)
{
	struct conf_value *value = conf_value_find(group, "min_up");

	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct conf_endpoint *endpoint = &service->endpoints[i];
		size_t n = count_alike(service, endpoint);

		if (n >= service->min_up)
			continue;
		conf_report_value_warning(report,
		    value != NULL ? value : group, "service %s: tier %u can "
		    "never be in charge: min_up is %u, and it has %zu IPv%d "
		    "endpoint%s", service->fqdn, endpoint->tier,
		    service->min_up, n,
		    endpoint->addr.family == ADDR_IP4 ? 4 : 6,
		    n == 1 ? "" : "s");
		return;
	}
}

static void
check_failback(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	if (service->failback_manual && service->failback_delay_ms > 0)
		conf_report_value_warning(report,
		    conf_place_of(scope, group, "failback_delay_ms"),
		    "service %s: "
		    "failback_delay_ms has no effect with failback manual",
		    service->fqdn);
	if (has_tiers(service) || service->n_endpoints == 0)
		return;
	if (conf_value_find(group, "failback") != NULL ||
	    conf_value_find(group, "failback_delay_ms") != NULL)
		conf_report_value_warning(report, group, "service %s: failback "
		    "has no effect, all its endpoints are of one tier",
		    service->fqdn);
}

void
conf_check_effect(const struct conf_scope *scope, struct conf_value *group,
    const struct conf_service *service, struct conf_report *report)
{
	check_schemes(group, service, report);
	check_failback(scope, group, service, report);
	if (has_tiers(service) && service->min_up <= service->n_endpoints)
		check_min_up(group, service, report);
}
