/* SPDX-License-Identifier: ISC */
/* The publisher's door: services come and go, wishes change. */
#include "config.h"

#include "dns/publish.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "conf.h"
#include "dns/publish_impl.h"

struct publisher *
publisher_new(struct loop *loop, const struct publish_hooks *hooks, void *arg,
    const struct http_fetch *fetch, bool dry_run)
{
	struct publisher *publisher = calloc(1, sizeof *publisher);

	if (publisher == NULL)
		return NULL;
	publisher->loop = loop;
	publisher->hooks = *hooks;
	publisher->arg = arg;
	publisher->fetch = *fetch;
	publisher->dry_run = dry_run;
	LIST_INIT(&publisher->servers);
	if (getrandom(&publisher->random, sizeof publisher->random, 0) < 0)
		publisher->random = (uint64_t)loop_clock_us();
	publisher->random |= 1;
	return publisher;
}

void
publisher_free(struct publisher *publisher)
{
	free(publisher);
}

void
publisher_stop(struct publisher *publisher)
{
	publisher->stopped = true;
}

size_t
publisher_writes_in_flight(const struct publisher *publisher)
{
	return publisher->writes_in_flight;
}

/* xorshift64: spreads retries, protects nothing. */
uint32_t
publisher_random(struct publisher *publisher)
{
	publisher->random ^= publisher->random << 13;
	publisher->random ^= publisher->random >> 7;
	publisher->random ^= publisher->random << 17;
	return (uint32_t)(publisher->random >> 32);
}

static bool
has_family(const struct conf_service *service, enum addr_family family)
{
	for (size_t i = 0; i < service->n_endpoints; i++)
		if (service->endpoints[i].addr.family == family)
			return true;
	return false;
}

/* The next of the service's records, on a server of which it takes over the
 * reference; NULL when there is no server. */
static struct publish_record *
add_record(struct publish_service *ps, struct publish_server *server,
    enum addr_family family)
{
	struct publish_record *record = &ps->records[ps->n_records];

	if (server == NULL)
		return NULL;
	record->service = ps;
	record->family = family;
	record->server = server;
	LIST_INSERT_HEAD(&server->records, record, neighbour);
	publish_record_init(record);
	ps->n_records++;
	return record;
}

static bool
add_primary(struct publish_service *ps, const struct addr *addr,
    enum addr_family family)
{
	struct publish_record *record = add_record(ps,
	    publish_server_get(ps->publisher, addr, &ps->conf->update, false),
	    family);

	if (record != NULL)
		record->zone = publish_zone_get(record->server, ps->conf->zone);
	return record != NULL && record->zone != NULL;
}

static bool
add_hosted(struct publish_service *ps, enum addr_family family)
{
	struct publish_record *record = add_record(ps,
	    publish_api_get(ps->publisher, &ps->conf->update), family);

	return record != NULL && publish_hosted_init(record);
}

static bool
add_watch(struct publish_service *ps, const struct addr *resolver,
    enum addr_family family)
{
	struct publish_watch *watch = &ps->watches[ps->n_watches];

	watch->service = ps;
	watch->family = family;
	watch->resolver = publish_server_get(ps->publisher, resolver,
	    &ps->conf->update, true);
	if (watch->resolver == NULL)
		return false;
	publish_watch_init(watch);
	ps->n_watches++;
	return true;
}

static bool
fill(struct publish_service *ps)
{
	static const enum addr_family families[] = { ADDR_IP4, ADDR_IP6 };
	const struct conf_update *update = &ps->conf->update;
	const struct provider *provider = provider_of(update->method);

	ps->records =
	    calloc(2 * (update->servers.len + 1), sizeof *ps->records);
	ps->watches = calloc(2 * update->verify.len + 1, sizeof *ps->watches);
	if (ps->records == NULL || ps->watches == NULL)
		return false;
	for (size_t f = 0; f < 2; f++) {
		if (!has_family(ps->conf, families[f]))
			continue;
		if (provider_has_api(provider) && !add_hosted(ps, families[f]))
			return false;
		for (size_t i = 0; provider_can_swap(provider) &&
		     i < update->servers.len; i++)
			if (!add_primary(ps, &update->servers.list[i],
				families[f]))
				return false;
		for (size_t i = 0; i < update->verify.len; i++)
			if (!add_watch(ps, &update->verify.list[i],
				families[f]))
				return false;
	}
	return true;
}

struct publish_service *
publish_service_new(struct publisher *publisher,
    const struct conf_service *service, void *arg)
{
	struct publish_service *ps = calloc(1, sizeof *ps);

	if (ps == NULL)
		return NULL;
	ps->publisher = publisher;
	ps->conf = service;
	ps->arg = arg;
	if (!fill(ps)) {
		publish_service_free(ps);
		return NULL;
	}
	publish_service_kick(ps);
	return ps;
}

static void
destroy(void *arg)
{
	struct publish_service *ps = arg;

	free(ps->records);
	free(ps->watches);
	free(ps);
}

void
publish_service_free(struct publish_service *ps)
{
	if (ps == NULL)
		return;
	for (size_t i = 0; i < ps->n_records; i++) {
		struct publish_record *record = &ps->records[i];

		publish_record_fini(record);
		publish_hosted_fini(record);
		publish_zone_put(record->zone);
		publish_server_put(record->server);
	}
	for (size_t i = 0; i < ps->n_watches; i++) {
		publish_watch_fini(&ps->watches[i]);
		publish_server_put(ps->watches[i].resolver);
	}
	ps->n_records = 0;
	loop_defer(ps->publisher->loop, destroy, ps);
}

static bool
same_addrs(const struct conf_addrs *a, const struct conf_addrs *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (addr_compare(&a->list[i], &b->list[i]) != 0)
			return false;
	return true;
}

static bool
same_update(const struct conf_update *a, const struct conf_update *b)
{
	return a->method == b->method && publish_api_same(a, b) &&
	    a->transport == b->transport &&
	    a->timeout_ms == b->timeout_ms &&
	    a->tsig_fudge_s == b->tsig_fudge_s &&
	    same_addrs(&a->servers, &b->servers) &&
	    same_addrs(&a->verify, &b->verify) && tsig_key_equal(a->key, b->key);
}

bool
publish_service_rebind(struct publish_service *ps,
    const struct conf_service *service, void *arg)
{
	if (strcmp(ps->conf->fqdn, service->fqdn) != 0 ||
	    strcmp(ps->conf->zone, service->zone) != 0 ||
	    !same_update(&ps->conf->update, &service->update) ||
	    has_family(ps->conf, ADDR_IP4) != has_family(service, ADDR_IP4) ||
	    has_family(ps->conf, ADDR_IP6) != has_family(service, ADDR_IP6))
		return false;
	ps->conf = service;
	ps->arg = arg;
	return true;
}

void
publish_service_kick(struct publish_service *ps)
{
	for (size_t i = 0; i < ps->n_records; i++)
		publish_record_kick(&ps->records[i]);
}

size_t
publish_service_count(const struct publish_service *ps)
{
	return ps->n_records;
}

/* Its own trouble or its server's, whichever is older; 0: neither counts. */
static int64_t
failed_since(const struct publish_record *record)
{
	const struct publish_server *server = record->server;
	bool away = publish_server_is_away(server);

	if (!record->failed)
		return away ? server->down_since_ms : 0;
	if (away && server->down_since_ms < record->failed_since_ms)
		return server->down_since_ms;
	return record->failed_since_ms;
}

struct publish_status
publish_service_status(const struct publish_service *ps, size_t i)
{
	const struct publish_record *record = &ps->records[i];
	const struct publish_server *server = record->server;
	int64_t failed_since_ms = failed_since(record);
	enum publish_state state = PUBLISH_OK;

	if (failed_since_ms != 0)
		state = PUBLISH_FAILED;
	else if (!record->read_known)
		state = PUBLISH_UNREAD;
	else if (record->differs_since_ms != 0 || record->blocked)
		state = PUBLISH_PENDING;
	return (struct publish_status){
		.server = server->name,
		.family = record->family,
		.state = state,
		.known = record->read_known,
		.read_at_ms = record->read_at_ms,
		.rrset = &record->read,
		.last_error =
		    server->failures > 0 || publish_server_is_away(server)
		    ? server->error
		    : record->error,
		.failed_since_ms = failed_since_ms,
		.last_update_ms = record->last_update_ms,
		.failures = record->tries > server->failures ? record->tries
							   : server->failures,
	};
}

struct publish_stats
publisher_stats(const struct publisher *publisher)
{
	return publisher->stats;
}
