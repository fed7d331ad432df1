/* SPDX-License-Identifier: ISC */
/* One zone on one server: which changes travel together, and when. */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "err.h"
#include "mutant.h"

/* For so long a change waits for others of its zone that are being read. */
#define GATHER_MS 10

static void
on_gathered(void *arg)
{
	struct publish_zone *zone = arg;

	zone->gathered = true;
	publish_zone_schedule(zone);
}

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
		zone->sent = calloc(PUBLISH_BATCH_MAX, sizeof zone->sent[0]);
		if (zone->name == NULL || zone->sent == NULL) {
			free(zone->name);
			free(zone->sent);
			free(zone);
			return NULL;
		}
		zone->server = server;
		zone->batch = PUBLISH_BATCH_MAX;
		TAILQ_INIT(&zone->queue);
		loop_timer_init(&zone->gather, on_gathered, zone);
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
	loop_timer_cancel(publisher->loop, &zone->gather);
	if (zone->request != NULL) {
		exchange_cancel(zone->request);
		publisher->writes_in_flight--;
	}
	/* After a zone_pump that may be deferred already. */
	loop_defer(publisher->loop, zone_destroy, zone);
}

static void
dequeue(struct publish_zone *zone, struct publish_record *record)
{
	TAILQ_REMOVE(&zone->queue, record, entry);
	zone->n_queued--;
}

void
publish_zone_forget(struct publish_record *record)
{
	struct publish_zone *zone = record->zone;

	if (record->state == RECORD_WANT_WRITE)
		dequeue(zone, record);
	for (size_t i = 0; i < zone->n_sent; i++)
		if (zone->sent[i] == record)
			zone->sent[i] = NULL;
	record->state = RECORD_IDLE;
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
		dequeue(zone, record);
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
		zone->n_queued++;
	}
}

/* protocol.md section 6: whether a node may write is evaluated again at the
 * moment of sending. The UPDATE may have waited for a connection, or be about to
 * be sent once more: what it says must still be wished, by somebody who may. */
static bool
is_wanted(void *arg)
{
	const struct publish_zone *zone = arg;

	for (size_t i = 0; i < zone->n_sent && !MUTANT(SENT_UNASKED); i++)
		if (zone->sent[i] == NULL ||
		    !publish_record_is_wanted(zone->sent[i]))
			return false;
	for (size_t i = 0; i < zone->n_sent; i++)
		if (zone->sent[i] != NULL)
			publish_record_sending(zone->sent[i]);
	return true;
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
	zone->n_sent = n; /* is_wanted may be asked right away */
	if (err == 0)
		zone->request = exchange_send(zone->server->exchange,
		    EXCHANGE_UPDATE, &message, is_wanted, publish_zone_answer,
		    zone);
	if (zone->request == NULL) {
		give_up(zone, n, err_text(err != 0 ? err : ERR_NOMEM));
		return;
	}
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

/* Many names that change together are read one after the other; they travel
 * together all the same. */
static bool
waits_for_company(struct publish_zone *zone)
{
	struct loop *loop = zone->server->publisher->loop;
	bool waits = zone->awaited > 0 && zone->n_queued < zone->batch &&
	    !zone->gathered;

	if (waits && !loop_timer_is_set(&zone->gather))
		loop_timer_set(loop, &zone->gather,
		    loop_now_ms(loop) + GATHER_MS);
	return waits;
}

static void
zone_pump(void *arg)
{
	struct publish_zone *zone = arg;
	struct publisher *publisher = zone->server->publisher;
	struct dns_change changes[PUBLISH_BATCH_MAX];
	size_t n;

	zone->scheduled = false;
	if (zone->closed || zone->request != NULL || publisher->stopped ||
	    loop_timer_is_set(&zone->server->retry) ||
	    TAILQ_EMPTY(&zone->queue) || waits_for_company(zone))
		return;
	loop_timer_cancel(publisher->loop, &zone->gather);
	zone->gathered = false;
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

/* A reading after an UPDATE confirms that one; it is not expected to bring
 * another change. */
void
publish_zone_await(struct publish_record *record)
{
	if (record->awaited || record->update_pending)
		return;
	record->awaited = true;
	record->zone->awaited++;
}

void
publish_zone_arrived(struct publish_record *record)
{
	if (!record->awaited)
		return;
	record->awaited = false;
	if (--record->zone->awaited == 0)
		publish_zone_schedule(record->zone);
}

void
publish_zone_write(struct publish_zone *zone, struct publish_record *record)
{
	assert(record->state == RECORD_IDLE);
	record->state = RECORD_WANT_WRITE;
	TAILQ_INSERT_TAIL(&zone->queue, record, entry);
	zone->n_queued++;
	publish_zone_schedule(zone);
}
