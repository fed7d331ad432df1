/* SPDX-License-Identifier: ISC */
/* One server: the queue of reads, and what to do while it does not answer. */
#define LOG_TAG "[updater]"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "dns/publish_plan.h"
#include "log.h"

/* Measured: 1,000 names are read in 70 ms; 16 at once take 85. No server lost
 * one of 64 datagrams. */
#define READS_AT_ONCE 64

/* Whoever asks to be left alone for longer is no server that works: people are
 * told. */
#define REST_TOLD_MS 30000

/* One that answers readings and no UPDATE comes and goes with each. */
#define TOLD_EVERY_MS 60000

static struct exchange_conf
conf_of(const struct addr *addr, const struct conf_update *update, bool verify)
{
	struct exchange_conf conf = { .server = *addr,
		.transport = EXCHANGE_AUTO,
		.timeout_ms = update->timeout_ms,
		.fudge_s = update->tsig_fudge_s };

	/* Whoever must show a change need not know our key. */
	if (verify)
		return conf;
	conf.key = update->key;
	if (update->transport == CONF_TRANSPORT_TCP)
		conf.transport = EXCHANGE_TCP;
	else if (update->transport == CONF_TRANSPORT_UDP)
		conf.transport = EXCHANGE_UDP;
	return conf;
}

static bool
same_conf(const struct exchange_conf *a, const struct exchange_conf *b)
{
	return addr_compare(&a->server, &b->server) == 0 &&
	    a->transport == b->transport && a->timeout_ms == b->timeout_ms &&
	    a->fudge_s == b->fudge_s && tsig_key_equal(a->key, b->key);
}

static void
server_destroy(void *arg)
{
	struct publish_server *server = arg;

	if (server->key != NULL)
		tsig_key_fini(server->key);
	free(server->key);
	publish_api_free(server->api);
	free(server->name);
	free(server);
}

static void
schedule_zones(struct publish_server *server)
{
	struct publish_zone *zone;

	LIST_FOREACH(zone, &server->zones, entry)
		publish_zone_schedule(zone);
}

/* Changes may be all that waits: then no answer to a reading sets them going. */
static void
on_retry(void *arg)
{
	struct publish_server *server = arg;

	server->rest_ms = 0;
	schedule_zones(server);
	publish_server_pump(server);
}

struct publish_server *
publish_server_new(struct publisher *publisher,
    const struct publish_link *link, const char *name, unsigned reads_at_once)
{
	struct publish_server *server = calloc(1, sizeof *server);

	if (server == NULL)
		return NULL;
	server->name = strdup(name);
	if (server->name == NULL) {
		free(server);
		return NULL;
	}
	server->publisher = publisher;
	server->link = link;
	server->reads_at_once = reads_at_once;
	server->refs = 1;
	LIST_INIT(&server->records);
	TAILQ_INIT(&server->reads);
	LIST_INIT(&server->zones);
	loop_timer_init(&server->retry, on_retry, server);
	LIST_INSERT_HEAD(&publisher->servers, server, entry);
	return server;
}

static void
write_by_dns(struct publish_record *record)
{
	publish_zone_write(record->zone, record);
}

static void
cancel_dns(struct publish_record *record)
{
	if (record->state == RECORD_READING) {
		exchange_cancel(record->request);
		record->request = NULL;
		record->server->reads_in_flight--;
	}
	if (record->zone != NULL)
		publish_zone_forget(record);
}

static const struct publish_link dns_link = {
	.read = publish_record_send_read,
	.write = write_by_dns,
	.cancel = cancel_dns,
};

static struct publish_server *
dns_server_new(struct publisher *publisher, const struct exchange_conf *conf)
{
	char name[ADDR_TEXT_MAX];
	struct publish_server *server = publish_server_new(publisher,
	    &dns_link, addr_format(&conf->server, true, name), READS_AT_ONCE);

	if (server == NULL)
		return NULL;
	server->conf = *conf;
	if (conf->key != NULL) {
		server->key = tsig_key_copy(conf->key);
		server->conf.key = server->key;
	}
	if (conf->key == NULL || server->key != NULL)
		server->exchange = exchange_new(publisher->loop, &server->conf);
	if (server->exchange == NULL) {
		publish_server_put(server);
		return NULL;
	}
	return server;
}

struct publish_server *
publish_server_get(struct publisher *publisher, const struct addr *addr,
    const struct conf_update *update, bool verify)
{
	struct exchange_conf conf = conf_of(addr, update, verify);
	struct publish_server *server;

	LIST_FOREACH(server, &publisher->servers, entry) {
		if (server->api == NULL && same_conf(&server->conf, &conf)) {
			server->refs++;
			return server;
		}
	}
	return dns_server_new(publisher, &conf);
}

void
publish_server_put(struct publish_server *server)
{
	if (server == NULL || --server->refs > 0)
		return;
	LIST_REMOVE(server, entry);
	loop_timer_cancel(server->publisher->loop, &server->retry);
	exchange_free(server->exchange);
	loop_defer(server->publisher->loop, server_destroy, server);
}

void
publish_server_read(struct publish_server *server,
    struct publish_record *record)
{
	record->state = RECORD_WANT_READ;
	if (record->zone != NULL)
		publish_zone_await(record);
	TAILQ_INSERT_TAIL(&server->reads, record, entry);
	publish_server_pump(server);
}

void
publish_server_forget(struct publish_record *record)
{
	struct publish_server *server = record->server;

	if (record->state == RECORD_WANT_READ)
		TAILQ_REMOVE(&server->reads, record, entry);
	else
		server->link->cancel(record);
	record->state = RECORD_IDLE;
	publish_zone_arrived(record);
	publish_server_pump(server);
}

void
publish_server_pump(struct publish_server *server)
{
	/* A server that failed is felt for with one read at a time. */
	unsigned limit = server->failures > 0 ? 1 : server->reads_at_once;

	while (!loop_timer_is_set(&server->retry) &&
	    server->reads_in_flight < limit && !TAILQ_EMPTY(&server->reads)) {
		struct publish_record *record = TAILQ_FIRST(&server->reads);

		TAILQ_REMOVE(&server->reads, record, entry);
		record->state = RECORD_READING;
		server->reads_in_flight++;
		server->link->read(record);
	}
}

bool
publish_server_is_away(const struct publish_server *server)
{
	return server->failures >= SERVER_FAILED_AFTER ||
	    server->rest_ms >= REST_TOLD_MS;
}

/* One that is away is told at once, unless it was away just before. */
static bool
is_news(struct publish_server *server)
{
	unsigned held;

	return server->failures >= SERVER_FAILED_AFTER ||
	    (server->failures == 1 &&
		log_limit_pass(&server->limit,
		    loop_now_ms(server->publisher->loop), TOLD_EVERY_MS,
		    &held));
}

static void
log_failure(struct publish_server *server)
{
	if (server->rest_ms >= REST_TOLD_MS) {
		log_warning("server %s: %s", server->name, server->error);
	} else if (!server->logged && is_news(server)) {
		server->logged = true;
		log_warning("server %s: %s; trying again until it answers",
		    server->name, server->error);
	}
}

/* Once while it lasts, but again whenever it asks for a long rest. */
static void
tell(struct publish_server *server)
{
	struct publisher *publisher = server->publisher;

	log_failure(server);
	if (!publish_server_is_away(server) || server->told)
		return;
	server->told = true;
	publisher->hooks.away(publisher->arg, server->name, server->error);
}

static void
note_error(struct publish_server *server, const char *text)
{
	if (server->rest_ms >= REST_TOLD_MS)
		snprintf(server->error, sizeof server->error,
		    "%s; left alone for %u s, as it asks", text,
		    server->rest_ms / 1000);
	else
		snprintf(server->error, sizeof server->error, "%s", text);
}

void
publish_server_failed(struct publish_server *server, const char *text,
    unsigned rest_ms)
{
	struct publisher *publisher = server->publisher;
	unsigned wait_ms;

	if (loop_timer_is_set(&server->retry))
		return; /* others of the same burst */
	wait_ms = publish_backoff_ms(server->failures++,
	    publisher_random(publisher));
	if (wait_ms < rest_ms)
		wait_ms = rest_ms;
	server->rest_ms = rest_ms;
	note_error(server, text);
	if (server->failures == 1)
		server->down_since_ms = loop_now_ms(publisher->loop);
	tell(server);
	loop_timer_set(publisher->loop, &server->retry,
	    loop_now_ms(publisher->loop) + wait_ms);
}

void
publish_server_rest(struct publish_server *server, const char *text,
    unsigned ms)
{
	struct loop *loop = server->publisher->loop;

	if (ms == 0 || loop_timer_is_set(&server->retry))
		return;
	server->rest_ms = ms;
	note_error(server, text);
	server->down_since_ms = loop_now_ms(loop);
	tell(server);
	loop_timer_set(loop, &server->retry, loop_now_ms(loop) + ms);
}

/* One that usually gets its answers is asked before the server is waited for
 * again: what it says tells a dead server from a single name that nobody
 * answers, which would hold up all the others with each of its time-outs. */
static void
ask_neighbour(const struct publish_record *silent)
{
	struct publish_record *record;

	LIST_FOREACH(record, &silent->server->records, neighbour)
		if (record->silences == 0 && record->state == RECORD_IDLE) {
			publish_record_look(record);
			return;
		}
}

void
publish_server_unheard(struct publish_record *record, const char *what,
    const char *why, unsigned rest_ms)
{
	struct publish_server *server = record->server;
	char text[sizeof record->error];

	if (record->silences++ == 0)
		record->silent_since_ms = loop_now_ms(server->publisher->loop);
	if (record->silences > 1 &&
	    server->answered_at_ms > record->silent_since_ms) {
		snprintf(text, sizeof text, "%s: %s", what, why);
		publish_server_rest(server, why, rest_ms);
		publish_record_fail(record, text);
		return;
	}
	publish_server_failed(server, why, rest_ms);
	ask_neighbour(record);
	publish_server_read(server, record);
}

void
publish_server_answered(struct publish_server *server)
{
	server->answered_at_ms = loop_now_ms(server->publisher->loop);
	if (server->rest_ms == 0)
		server->told = false;
	if (server->failures == 0)
		return;
	server->failures = 0;
	/* What was asked before the rest may be answered in it. */
	if (server->rest_ms == 0)
		loop_timer_cancel(server->publisher->loop, &server->retry);
	if (server->logged)
		log_notice("server %s: answers again after %.1f s",
		    server->name,
		    (double)(loop_now_ms(server->publisher->loop) -
			server->down_since_ms) / 1000);
	server->logged = false;
	schedule_zones(server);
	publish_server_pump(server);
}
