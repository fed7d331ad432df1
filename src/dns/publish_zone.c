/* SPDX-License-Identifier: ISC */
/* One zone on one server: which changes travel together, and what the answer
 * means for each of them. */
#define LOG_TAG "[updater]"
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "err.h"
#include "log.h"

/* More than this in one message brings nothing, and PowerDNS gets slow. */
#define BATCH_MAX 100

struct publish_zone *
publish_zone_get(struct publish_server *server, const char *name)
{
	struct publish_zone *zone;

	LIST_FOREACH(zone, &server->zones, entry)
		if (strcmp(zone->name, name) == 0)
			break;
	if (zone == NULL) {
		zone = calloc(1, sizeof *zone);
		if (zone == NULL)
			return NULL;
		zone->name = strdup(name);
		zone->sent = calloc(BATCH_MAX, sizeof zone->sent[0]);
		if (zone->name == NULL || zone->sent == NULL) {
			free(zone->name);
			free(zone->sent);
			free(zone);
			return NULL;
		}
		zone->server = server;
		zone->batch = BATCH_MAX;
		TAILQ_INIT(&zone->queue);
		LIST_INSERT_HEAD(&server->zones, zone, entry);
	}
	zone->refs++;
	return zone;
}

static void
zone_destroy(void *arg)
{
	struct publish_zone *zone = arg;

	free(zone->sent);
	free(zone->name);
	free(zone);
}

void
publish_zone_put(struct publish_zone *zone)
{
	struct publisher *publisher;

	if (zone == NULL || --zone->refs > 0)
		return;
	publisher = zone->server->publisher;
	zone->closed = true;
	LIST_REMOVE(zone, entry);
	if (zone->request != NULL) {
		exchange_cancel(zone->request);
		publisher->writes_in_flight--;
	}
	/* After a zone_pump that may be deferred already. */
	loop_defer(publisher->loop, zone_destroy, zone);
}

void
publish_zone_forget(struct publish_record *record)
{
	struct publish_zone *zone = record->zone;

	if (record->state == RECORD_WANT_WRITE)
		TAILQ_REMOVE(&zone->queue, record, entry);
	for (size_t i = 0; i < zone->n_sent; i++)
		if (zone->sent[i] == record)
			zone->sent[i] = NULL;
	record->state = RECORD_IDLE;
}

/* NXRRSET, YXRRSET, SERVFAIL, REFUSED and a BADKEY for one name (Knot) say no
 * to the whole message: next time fewer travel together, until only the one
 * that is at fault is left alone with its answer. */
static void
split(struct publish_zone *zone, bool singly)
{
	zone->batch = singly || zone->n_sent < 4 ? 1
						 : (unsigned)zone->n_sent / 2;
}

/* In company nothing is held against a record: it is read again and travels
 * with fewer, until the answer is meant for it alone. */
static bool
had_company(const struct publish_zone *zone, struct publish_record *record)
{
	if (zone->n_sent > 1)
		publish_server_read(record->server, record);
	return zone->n_sent > 1;
}

static void
on_conflict(struct publish_zone *zone, struct publish_record *record,
    bool sure)
{
	/* A UDP retransmission meets what its first copy did: not sure. */
	if (sure)
		record->update_pending = false;
	if (had_company(zone, record))
		return;
	record->conflicts++;
	publish_record_retry(record,
	    "update: the RRset is changed by others all the time");
}

static void
on_denied(struct publish_zone *zone, struct publish_record *record,
    const char *text, bool sure)
{
	if (sure)
		record->update_pending = false;
	if (had_company(zone, record))
		return;
	record->solo = true;
	publish_record_fail(record, text);
}

static void
on_server_failure(struct publish_zone *zone, struct publish_record *record,
    const char *text)
{
	if (had_company(zone, record))
		return;
	record->solo = true;
	publish_record_retry(record, text);
}

static void
on_rcode(struct publish_zone *zone, struct publish_record *record,
    const struct exchange_outcome *outcome, const char *text)
{
	switch (outcome->rcode) {
	case DNS_NOERROR:
		record->solo = false;
		record->update_answered = true;
		publish_server_read(record->server, record);
		return;
	case DNS_NXRRSET:
	case DNS_YXRRSET:
	case DNS_NXDOMAIN:
	case DNS_YXDOMAIN:
		on_conflict(zone, record, outcome->tcp);
		return;
	case DNS_SERVFAIL:
		on_server_failure(zone, record, text);
		return;
	}
	on_denied(zone, record, text, true);
}

/* Servers deny without a signature; but behind a broken answer the update may
 * have been carried out, which the next reading shows. */
static bool
is_denial(const struct exchange_outcome *outcome)
{
	return outcome->rcode == DNS_NOTAUTH || outcome->rcode == DNS_REFUSED;
}

static void
settle_one(struct publish_zone *zone, struct publish_record *record,
    const struct exchange_outcome *outcome)
{
	char text[288];

	snprintf(text, sizeof text, "update: %s", outcome->text);
	switch (outcome->status) {
	case EXCHANGE_ANSWERED:
		on_rcode(zone, record, outcome, text);
		return;
	case EXCHANGE_NOT_AUTHENTIC:
		on_denied(zone, record, text, is_denial(outcome));
		return;
	case EXCHANGE_UNREACHABLE:
		record->update_pending = false;
		break;
	case EXCHANGE_TIMED_OUT:
	case EXCHANGE_BROKEN:
		break;
	}
	publish_record_retry(record, text);
}

static bool
is_conflict(const struct exchange_outcome *outcome)
{
	return outcome->status == EXCHANGE_ANSWERED &&
	    (outcome->rcode == DNS_NXRRSET || outcome->rcode == DNS_YXRRSET);
}

static void
adapt_batch(struct publish_zone *zone, const struct exchange_outcome *outcome)
{
	if (outcome->status == EXCHANGE_ANSWERED &&
	    outcome->rcode == DNS_NOERROR) {
		if (zone->batch < BATCH_MAX)
			zone->batch = zone->batch * 2 < BATCH_MAX
			    ? zone->batch * 2
			    : BATCH_MAX;
	} else if (outcome->status == EXCHANGE_NOT_AUTHENTIC ||
	    (outcome->status == EXCHANGE_ANSWERED &&
		outcome->rcode == DNS_REFUSED)) {
		split(zone, true);
	} else {
		split(zone, false);
	}
}

static void
on_answer(void *arg, const struct exchange_outcome *outcome)
{
	struct publish_zone *zone = arg;
	struct publisher *publisher = zone->server->publisher;
	struct publish_server *server = zone->server;

	zone->request = NULL;
	publisher->writes_in_flight--;
	if (outcome->status != EXCHANGE_ANSWERED ||
	    outcome->rcode != DNS_NOERROR)
		publisher->stats.updates_failed++;
	publisher->stats.cas_conflicts += is_conflict(outcome);
	adapt_batch(zone, outcome);
	if (outcome->status == EXCHANGE_ANSWERED)
		publish_server_answered(server);
	else if (outcome->status != EXCHANGE_NOT_AUTHENTIC)
		publish_server_failed(server, outcome->text);
	for (size_t i = 0; i < zone->n_sent; i++)
		if (zone->sent[i] != NULL)
			settle_one(zone, zone->sent[i], outcome);
	zone->n_sent = 0;
	publish_zone_schedule(zone);
}

/* Takes from the queue what may travel in one message. */
static size_t
gather(struct publish_zone *zone, struct dns_change *changes)
{
	struct publish_record *record, *next;
	size_t n = 0;

	for (record = TAILQ_FIRST(&zone->queue);
	     record != NULL && n < zone->batch; record = next) {
		next = TAILQ_NEXT(record, entry);
		if (record->solo && n > 0)
			continue;
		TAILQ_REMOVE(&zone->queue, record, entry);
		record->state = RECORD_IDLE;
		if (!publish_record_prepare(record))
			continue;
		zone->sent[n] = record;
		changes[n++] = (struct dns_change){
			.fqdn = record->service->conf->fqdn,
			.was = &record->before,
			.now = &record->target,
			.was_synthesized = record->synthesized,
		};
		if (record->solo)
			break;
	}
	return n;
}

static void
give_up(struct publish_zone *zone, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		publish_record_fail(zone->sent[i], text);
	zone->n_sent = 0;
}

/* Puts the last of n back to the head of the queue, for the next message. */
static void
unsend(struct publish_zone *zone, size_t from, size_t n)
{
	while (n-- > from) {
		struct publish_record *record = zone->sent[n];

		record->state = RECORD_WANT_WRITE;
		TAILQ_INSERT_HEAD(&zone->queue, record, entry);
	}
}

static void
send_batch(struct publish_zone *zone, struct dns_change *changes, size_t n)
{
	struct publisher *publisher = zone->server->publisher;
	struct dns_message message;
	int err;

	while ((err = dns_message_update(zone->name, changes, n, &message)) ==
		ERR_TOOBIG && n > 1) {
		unsend(zone, n / 2, n);
		n /= 2;
	}
	if (err == 0)
		zone->request = exchange_send(zone->server->exchange,
		    EXCHANGE_UPDATE, &message, on_answer, zone);
	if (zone->request == NULL) {
		give_up(zone, n, err_text(err != 0 ? err : ERR_NOMEM));
		return;
	}
	zone->n_sent = n;
	publisher->writes_in_flight++;
	publisher->stats.updates++;
	for (size_t i = 0; i < n; i++) {
		zone->sent[i]->state = RECORD_WRITING;
		zone->sent[i]->verify_step = 0;
		zone->sent[i]->update_pending = true;
		zone->sent[i]->update_answered = false;
		zone->sent[i]->updated_at_ms = loop_now_ms(publisher->loop);
	}
}

static void
zone_pump(void *arg)
{
	struct publish_zone *zone = arg;
	struct dns_change changes[BATCH_MAX];
	size_t n;

	zone->scheduled = false;
	if (zone->closed || zone->request != NULL ||
	    zone->server->publisher->stopped ||
	    loop_timer_is_set(&zone->server->retry))
		return;
	n = gather(zone, changes);
	if (n > 0)
		send_batch(zone, changes, n);
}

/* At the end of the turn, so that all that this turn brought goes together. */
void
publish_zone_schedule(struct publish_zone *zone)
{
	if (zone->scheduled || TAILQ_EMPTY(&zone->queue))
		return;
	zone->scheduled = true;
	loop_defer(zone->server->publisher->loop, zone_pump, zone);
}

void
publish_zone_write(struct publish_zone *zone, struct publish_record *record)
{
	assert(record->state == RECORD_IDLE);
	record->state = RECORD_WANT_WRITE;
	TAILQ_INSERT_TAIL(&zone->queue, record, entry);
	publish_zone_schedule(zone);
}
