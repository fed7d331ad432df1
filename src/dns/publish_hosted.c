/* SPDX-License-Identifier: ISC */
/* One RRset behind an API: the reading half. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "err.h"

static void read_page(struct publish_record *record);

bool
publish_hosted_init(struct publish_record *record)
{
	struct publish_hosted *hosted = calloc(1, sizeof *hosted);

	if (hosted == NULL)
		return false;
	provider_set_init(&hosted->set, record->family);
	record->hosted = hosted;
	return true;
}

void
publish_hosted_fini(struct publish_record *record)
{
	if (record->hosted == NULL)
		return;
	provider_set_fini(&record->hosted->set);
	free(record->hosted);
	record->hosted = NULL;
}

/* Whose records; after a reload the names may lie elsewhere. */
struct provider_target *
publish_hosted_target(struct publish_record *record)
{
	struct provider_target *at = &record->hosted->at;

	at->url = publish_api_url(record->server);
	at->fqdn = record->service->conf->fqdn;
	at->zone = record->service->conf->zone;
	at->family = record->family;
	return at;
}

void
publish_hosted_end(struct publish_record *record)
{
	if (record->state == RECORD_WRITING)
		record->server->publisher->writes_in_flight--;
	record->server->reads_in_flight--;
	record->state = RECORD_IDLE;
	if (record->again) {
		/* The wish is asked for after each reading anyway. */
		record->again = false;
		record->kicked = true;
	}
}

void
publish_hosted_send(struct publish_record *record, int err,
    struct provider_request *request, http_fetch_wanted_cb *is_wanted,
    http_fetch_cb *cb)
{
	struct publish_hosted *hosted = record->hosted;

	if (err == 0)
		hosted->call = publish_api_send(record, request, is_wanted, cb);
	if (hosted->call != NULL)
		return;
	publish_hosted_end(record);
	publish_record_fail(record, err_text(ERR_NOMEM));
}

static void
fail_reading(struct publish_record *record, enum provider_result result,
    unsigned wait_ms, const char *why)
{
	struct publish_server *server = record->server;
	char text[PROVIDER_TEXT_MAX + 16];

	publish_hosted_end(record);
	switch (result) {
	case PROVIDER_OK:
		assert(false);
		break;
	case PROVIDER_AWAY:
		publish_server_unheard(record, "list", why, wait_ms);
		break;
	case PROVIDER_LIMITED:
		publish_server_failed(server, why, wait_ms);
		publish_server_read(server, record);
		break;
	case PROVIDER_GONE:
	case PROVIDER_STRANGER:
	case PROVIDER_DENIED:
	case PROVIDER_MALFORMED:
		record->silences = 0;
		record->hosted->at.domain = 0; /* is looked up again */
		publish_server_answered(server);
		publish_server_rest(server, why, wait_ms);
		snprintf(text, sizeof text, "list: %s", why);
		publish_record_fail(record, text);
		break;
	}
	publish_server_pump(server);
}

/* Takes the list for what DNS shows; of a step that was under way, it is what
 * came of it. */
static int
take_list(struct publish_record *record)
{
	bool own = record->update_pending;
	struct rrset seen;
	int err = publish_step_view(&record->hosted->set, record->service->conf,
	    &seen, &record->read_untidy);

	if (err != 0)
		return err;
	/* Another writer is at it: ours, if it is not the first one by rank,
	 * begins to wait anew. It takes several steps here. */
	if (!own && record->read_known && !rrset_equal(&record->read, &seen))
		record->differs_since_ms = 0;
	rrset_fini(&record->read);
	record->read = seen;
	record->read_known = true;
	record->read_at_ms = loop_now_ms(record->server->publisher->loop);
	record->update_pending = record->update_pending &&
	    !rrset_equal(&record->read, &record->before);
	if (!record->update_pending)
		return 0;
	rrset_fini(&record->target);
	return rrset_copy(&record->read, &record->target);
}

static void
finish_reading(struct publish_record *record, unsigned wait_ms)
{
	struct publish_server *server = record->server;
	int err = take_list(record);

	publish_hosted_end(record);
	record->silences = 0;
	publish_server_answered(server);
	publish_server_rest(server, PUBLISH_SPENT, wait_ms);
	if (err == 0)
		publish_record_compare(record);
	else
		publish_record_fail(record, err_text(err));
	record->hosted->answered = false;
	publish_server_pump(server);
}

/* No further request is allowed for now; the list may be another one by then. */
static void
begin_again_later(struct publish_record *record, unsigned wait_ms)
{
	struct publish_server *server = record->server;

	publish_hosted_end(record);
	record->silences = 0;
	publish_server_answered(server);
	publish_server_rest(server, PUBLISH_SPENT, wait_ms);
	publish_server_read(server, record);
	publish_server_pump(server);
}

static void
on_page(void *arg, const struct http_fetch_answer *answer)
{
	struct publish_record *record = arg;
	struct publish_hosted *hosted = record->hosted;
	char why[PROVIDER_TEXT_MAX];
	unsigned wait_ms = publish_api_pace(answer);
	enum provider_result result = provider_read_list(
	    publish_api_provider(record->server), publish_hosted_target(record),
	    answer, &hosted->set, &hosted->page, why);

	hosted->call = NULL;
	if (result != PROVIDER_OK)
		fail_reading(record, result, wait_ms, why);
	else if (hosted->page == 0)
		finish_reading(record, wait_ms);
	else if (wait_ms == 0)
		read_page(record);
	else
		begin_again_later(record, wait_ms);
}

static void
read_page(struct publish_record *record)
{
	struct provider_request request;
	int err = provider_list(publish_api_provider(record->server),
	    publish_hosted_target(record), record->hosted->page, &request);

	publish_hosted_send(record, err, &request, NULL, on_page);
}

static void
on_lookup(void *arg, const struct http_fetch_answer *answer)
{
	struct publish_record *record = arg;
	char why[PROVIDER_TEXT_MAX];
	enum provider_result result;

	record->hosted->call = NULL;
	result = provider_read_lookup(publish_api_provider(record->server),
	    publish_hosted_target(record), answer, why);
	if (result == PROVIDER_OK)
		read_page(record);
	else
		fail_reading(record, result, publish_api_pace(answer), why);
}

static void
hosted_read(struct publish_record *record)
{
	const struct provider *provider = publish_api_provider(record->server);
	const struct provider_target *target = publish_hosted_target(record);
	struct provider_request request;
	int err;

	record->server->publisher->stats.reads++;
	provider_set_fini(&record->hosted->set);
	record->hosted->page = 1;
	if (!provider_needs_lookup(provider, target)) {
		read_page(record);
		return;
	}
	err = provider_lookup(provider, target, &request);
	publish_hosted_send(record, err, &request, NULL, on_lookup);
}

static void
hosted_cancel(struct publish_record *record)
{
	struct publisher *publisher = record->server->publisher;
	struct publish_hosted *hosted = record->hosted;

	if (hosted == NULL || hosted->call == NULL)
		return;
	publisher->fetch.cancel(publisher->fetch.arg, hosted->call);
	hosted->call = NULL;
	record->server->reads_in_flight--;
	if (record->state == RECORD_WRITING)
		publisher->writes_in_flight--;
}

const struct publish_link publish_hosted_link = {
	.read = hosted_read,
	.write = publish_hosted_write,
	.cancel = hosted_cancel,
};
