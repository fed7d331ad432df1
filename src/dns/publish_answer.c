/* SPDX-License-Identifier: ISC */
/* What the answer to an UPDATE means for each change that travelled in it. */
#include "config.h"

#include <stdio.h>

#include "dns/publish_impl.h"

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
	case EXCHANGE_WITHDRAWN:
		record->update_pending = false;
		publish_server_read(record->server, record);
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
		if (zone->batch < PUBLISH_BATCH_MAX)
			zone->batch = zone->batch * 2 < PUBLISH_BATCH_MAX
			    ? zone->batch * 2
			    : PUBLISH_BATCH_MAX;
	} else if (outcome->status == EXCHANGE_NOT_AUTHENTIC ||
	    (outcome->status == EXCHANGE_ANSWERED &&
		outcome->rcode == DNS_REFUSED)) {
		split(zone, true);
	} else if (outcome->status != EXCHANGE_WITHDRAWN) {
		split(zone, false);
	}
}

static const char *
rcode_text(const struct exchange_outcome *outcome)
{
	switch (outcome->status) {
	case EXCHANGE_ANSWERED:
		return dns_rcode_text(outcome->rcode);
	case EXCHANGE_TIMED_OUT:
		return "timeout";
	case EXCHANGE_UNREACHABLE:
		return "unreachable";
	case EXCHANGE_BROKEN:
		return "broken";
	case EXCHANGE_WITHDRAWN:
		return "withdrawn";
	case EXCHANGE_NOT_AUTHENTIC:
		break;
	}
	return "not authentic";
}

static void
tell_updated(const struct publish_zone *zone,
    const struct exchange_outcome *outcome)
{
	const struct publisher *publisher = zone->server->publisher;
	struct publish_update update = {
		.server = zone->server->name,
		.rcode = rcode_text(outcome),
	};

	if (outcome->status == EXCHANGE_ANSWERED)
		update.duration_us = outcome->duration_us;
	publisher->hooks.updated(publisher->arg, &update);
}

void
publish_zone_answer(void *arg, const struct exchange_outcome *outcome)
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
	tell_updated(zone, outcome);
	adapt_batch(zone, outcome);
	if (outcome->status == EXCHANGE_ANSWERED ||
	    outcome->status == EXCHANGE_NOT_AUTHENTIC)
		publish_server_answered(server);
	else if (outcome->status != EXCHANGE_WITHDRAWN)
		publish_server_failed(server, outcome->text, 0);
	for (size_t i = 0; i < zone->n_sent; i++)
		if (zone->sent[i] != NULL)
			settle_one(zone, zone->sent[i], outcome);
	zone->n_sent = 0;
	publish_zone_schedule(zone);
}
