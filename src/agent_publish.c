/* SPDX-License-Identifier: ISC */
/* What the publisher asks (what is wished now?) and tells (what changed). */
#define LOG_TAG "[updater]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_damping.h"
#include "agent_impl.h"
#include "agent_rules.h"
#include "log.h"

static void
remove_nothing(struct publish_endpoint *wish, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wish[i].action == DESIRED_ABSENT)
			wish[i].action = DESIRED_KEEP;
}

static void
on_wish(void *arg, enum addr_family family, struct publish_wish *out)
{
	struct agent_service *service = arg;
	struct agent *agent = service->agent;
	int64_t now_ms = agent_now_ms();

	/* S1, S4: what was fresh when it was decided may be stale by now, and
	 * all of it is when this is the first we do after standing still. */
	agent_vote_look(agent);
	agent_decide(service);
	if (agent_damping_see(service, family))
		agent_decide(service);
	out->endpoints = service->wish;
	out->n = agent_rules_wish(service->conf, service->desired, family,
	    service->wish);
	if (agent_refresh_adds(service))
		remove_nothing(service->wish, out->n);
	out->may_empty = service->may_empty[family == ADDR_IP6];
	out->may_write = service->open && !agent->stopping &&
	    vote_node_may_write(agent->node, service->index, now_ms);
	/* Who was asked to refresh writes: the others do not look now. */
	if (!agent_refresh_adds(service))
		out->write_delay_ms =
		    vote_node_rank(agent->node, service->index, now_ms) *
		    agent->conf->takeover_ms;
}

static void
on_sending(void *arg, enum addr_family family)
{
	struct agent_service *service = arg;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		struct agent_endpoint *endpoint = &service->endpoints[i];

		if (endpoint->conf->addr.family != family)
			continue;
		endpoint->sent_why = endpoint->why;
		endpoint->sent_verdict = endpoint->verdict;
	}
	agent_damping_send(service, family);
}

static const struct agent_endpoint *
find(const struct agent_service *service, const struct addr *addr)
{
	for (size_t i = 0; i < service->n_endpoints; i++)
		if (addr_compare_ip(&service->endpoints[i].conf->addr, addr) ==
		    0)
			return &service->endpoints[i];
	return NULL;
}

/* Why it was sent; what has been seen of the endpoint since then is no reason. */
static void
explain_endpoint(const struct agent_endpoint *endpoint, char *buf, size_t size)
{
	char text[AGENT_WHY_MAX];

	agent_why_text(endpoint, endpoint->sent_why, text, sizeof text);
	if (endpoint->sent_why == DESIRED_WHY_VERDICT &&
	    endpoint->sent_verdict != endpoint->verdict)
		snprintf(buf, size, "%s when it was sent; now %s",
		    agent_verdict_text(endpoint->sent_verdict), text);
	else
		snprintf(buf, size, "%s", text);
}

/* Appends " -192.0.2.2 (down: 3 of 3 nodes (connect timeout))". */
static size_t
explain(const struct agent_service *service, const struct addr *addr,
    char sign, char *buf, size_t used, size_t size)
{
	const struct agent_endpoint *endpoint = find(service, addr);
	char ip[ADDR_TEXT_MAX], why[AGENT_WHY_MAX + 64] = "no endpoint";
	int len;

	if (used >= size)
		return used;
	if (endpoint != NULL)
		explain_endpoint(endpoint, why, sizeof why);
	len = snprintf(buf + used, size - used, "%s%c%s (%s)",
	    used > 0 ? ", " : "", sign, addr_format(addr, false, ip), why);
	return used + (size_t)(len > 0 ? len : 0);
}

/* Each address that leaves or joins, with its reason; "" when the TTL alone
 * changes. */
static void
explain_change(const struct agent_service *service,
    const struct publish_change *change, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < change->was->len; i++)
		if (!rrset_has(change->now, &change->was->addrs[i]))
			used = explain(service, &change->was->addrs[i], '-',
			    buf, used, size);
	for (size_t i = 0; i < change->now->len; i++)
		if (!rrset_has(change->was, &change->now->addrs[i]))
			used = explain(service, &change->now->addrs[i], '+',
			    buf, used, size);
	if (used == 0 && change->was->ttl != change->now->ttl)
		snprintf(buf, size, "TTL %u -> %u", change->was->ttl,
		    change->now->ttl);
	else if (used == 0)
		snprintf(buf, size, change->by_api
			? "an address stands there twice"
			: "its records had different TTLs");
}

static const char *
family_text(enum addr_family family)
{
	return family == ADDR_IP4 ? "A" : "AAAA";
}

static void
on_changed(void *arg, const struct publish_change *change)
{
	const struct agent_service *service = arg;
	char was[256], now[256], why[512], text[1400];
	struct event event = {
		.kind = change->drift ? EVENT_DRIFT_REPAIRED : EVENT_PUBLISHED,
		.fqdn = service->conf->fqdn,
		.server = change->server,
		.cause = why,
		.text = text,
	};

	explain_change(service, change, why, sizeof why);
	snprintf(text, sizeof text, "%s %s at %s: %s%s%s -> %s: %s",
	    service->conf->fqdn, family_text(change->family), change->server,
	    change->dry_run ? "dry run, would change: " : "",
	    change->drift ? "repaired: " : "",
	    rrset_format(change->was, was, sizeof was),
	    rrset_format(change->now, now, sizeof now), why);
	log_notice("%s", text);
	if (change->dry_run)
		return;
	agent_event(service->agent, &event);
	agent_status_changed(service->agent);
}

/* Logged by the publisher, who knows when it is worth a line. */
static void
on_failed(void *arg, const char *server, enum addr_family family,
    const char *error)
{
	const struct agent_service *service = arg;
	char text[600];
	struct event event = {
		.kind = EVENT_PUBLISH_FAILED,
		.fqdn = service->conf->fqdn,
		.server = server,
		.cause = error,
		.text = text,
	};

	if (error == NULL)
		return;
	snprintf(text, sizeof text, "%s %s at %s: %s", service->conf->fqdn,
	    family_text(family), server, error);
	agent_event(service->agent, &event);
}

/* Logged by the publisher, too. */
static void
on_away(void *arg, const char *server, const char *error)
{
	char text[600];
	struct event event = {
		.kind = EVENT_PUBLISH_FAILED,
		.server = server,
		.cause = error,
		.text = text,
	};

	snprintf(text, sizeof text, "server %s: %s", server, error);
	agent_event(arg, &event);
}

static void
on_updated(void *arg, const struct publish_update *update)
{
	agent_metrics_updated(arg, update);
}

static void
on_visible(void *arg, const char *resolver, enum addr_family family,
    unsigned took_ms, bool gave_up)
{
	const struct agent_service *service = arg;

	if (!gave_up)
		agent_metrics_visible(service->agent, took_ms);
	if (gave_up)
		log_warning("%s %s: %s still does not show the change "
			    "after %u ms",
		    service->conf->fqdn, family_text(family), resolver,
		    took_ms);
	else
		log_info("%s %s: visible at %s after %u ms",
		    service->conf->fqdn, family_text(family), resolver,
		    took_ms);
}

struct agent_published
agent_endpoint_published(const struct agent_endpoint *endpoint)
{
	const struct publish_service *publish = endpoint->service->publish;
	size_t n = publish != NULL ? publish_service_count(publish) : 0;
	struct agent_published published = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct publish_status status =
		    publish_service_status(publish, i);

		if (status.family != endpoint->conf->addr.family)
			continue;
		published.servers++;
		if (status.known &&
		    (published.known == 0 ||
			status.read_at_ms < published.read_at_ms))
			published.read_at_ms = status.read_at_ms;
		published.known += status.known;
		published.held += status.known &&
		    rrset_has(status.rrset, &endpoint->conf->addr);
	}
	return published;
}

const struct publish_hooks agent_publish_hooks = {
	.wish = on_wish,
	.sending = on_sending,
	.changed = on_changed,
	.failed = on_failed,
	.visible = on_visible,
	.updated = on_updated,
	.away = on_away,
};
