/* SPDX-License-Identifier: ISC */
/* One RRset behind an API: the writing half. One record is changed at a time,
 * and what comes next is decided anew, from a new list. */
#include "config.h"

#include <assert.h>
#include <stdio.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "err.h"

/* What the answer to a step means; but the next list says what became of it,
 * and after no answer it may have been taken as well. */
static void
settle_step(struct publish_record *record, enum provider_result result,
    const char *why)
{
	struct publish_hosted *hosted = record->hosted;
	char verb[96], text[sizeof verb + PROVIDER_TEXT_MAX];

	snprintf(text, sizeof text, "%s: %s",
	    publish_step_text(&hosted->step, verb, sizeof verb), why);
	switch (result) {
	case PROVIDER_OK:
		hosted->answered = true;
		publish_server_read(record->server, record);
		break;
	case PROVIDER_GONE: /* another writer was faster, or it moved */
		hosted->at.domain = 0; /* is looked up again */
		publish_record_retry(record, text);
		break;
	case PROVIDER_AWAY:
	case PROVIDER_LIMITED:
		publish_record_retry(record, text);
		break;
	case PROVIDER_DENIED:
		hosted->at.domain = 0;
		if (hosted->step.twin) {
			publish_api_note_no_twins(record->server);
			publish_server_read(record->server, record);
			break;
		}
		publish_record_fail(record, text);
		break;
	case PROVIDER_STRANGER:
	case PROVIDER_MALFORMED:
		publish_record_fail(record, text);
		break;
	}
}

/* In the place of an rcode; what went well is called the same everywhere. */
static const char *
result_text(enum provider_result result)
{
	static const char *const texts[] = {
		[PROVIDER_OK] = "NOERROR",
		[PROVIDER_GONE] = "gone",
		[PROVIDER_LIMITED] = "limited",
		[PROVIDER_AWAY] = "away",
		[PROVIDER_STRANGER] = "denied",
		[PROVIDER_DENIED] = "denied",
		[PROVIDER_MALFORMED] = "malformed",
	};

	return texts[result];
}

/* Nothing left; what is wished by now is asked after another reading. */
static void
withdraw(struct publish_record *record)
{
	struct publisher *publisher = record->server->publisher;
	struct publish_update update = { .server = record->server->name,
		.rcode = "withdrawn" };

	record->update_pending = false;
	publisher->hooks.updated(publisher->arg, &update);
	publish_server_read(record->server, record);
	publish_server_pump(record->server);
}

static void
on_step(void *arg, const struct http_fetch_answer *answer)
{
	struct publish_record *record = arg;
	struct publish_server *server = record->server;
	struct publisher *publisher = server->publisher;
	char why[PROVIDER_TEXT_MAX] = "";
	enum provider_result result = provider_read_done(
	    publish_api_provider(server), answer, why);
	struct publish_update update = { .server = server->name,
		.rcode = result_text(result) };

	record->hosted->call = NULL;
	publish_hosted_end(record);
	if (answer->withdrawn) {
		withdraw(record);
		return;
	}
	publisher->stats.updates_failed += result != PROVIDER_OK;
	if (answer->status != 0)
		update.duration_us =
		    (uint32_t)(loop_clock_us() - record->hosted->sent_us);
	publisher->hooks.updated(publisher->arg, &update);
	publish_server_rest(server, result == PROVIDER_OK ? PUBLISH_SPENT : why,
	    publish_api_pace(answer));
	settle_step(record, result, why);
	publish_server_pump(server);
}

static int
build_step(struct publish_record *record, struct provider_request *request)
{
	const struct publish_step *step = &record->hosted->step;
	const struct provider *provider = publish_api_provider(record->server);
	const struct provider_target *target = publish_hosted_target(record);

	switch (step->kind) {
	case STEP_ADD:
		return provider_add(provider, target, &step->record, request);
	case STEP_CHANGE:
		return provider_change(provider, target, &step->record,
		    request);
	case STEP_REMOVE:
		return provider_remove(provider, target, step->record.id,
		    request);
	case STEP_NONE:
	case STEP_WOULD_EMPTY:
		break;
	}
	assert(false);
	return ERR_INVALID;
}

static bool
same_step(const struct publish_step *a, const struct publish_step *b)
{
	return a->kind == b->kind && a->record.id == b->record.id &&
	    a->record.ttl == b->record.ttl &&
	    addr_compare_ip(&a->record.addr, &b->record.addr) == 0;
}

/* From the list that was read last; STEP_NONE also when nothing may be written. */
static struct publish_step
next_step(const struct publish_record *record)
{
	struct publish_wish wish;
	struct publish_step step;

	publish_record_ask(record, &wish);
	step = publish_step_next(&record->hosted->set, &wish,
	    record->service->conf->ttl,
	    publish_api_refuses_twins(record->server));
	if (!wish.may_write)
		step.kind = STEP_NONE;
	return step;
}

/* protocol.md section 6: whether a node may write is evaluated again at the
 * moment of sending. The step may have waited for its connection. */
static bool
is_wanted(void *arg)
{
	const struct publish_record *record = arg;
	struct publish_step step = next_step(record);

	if (record->server->publisher->stopped ||
	    !same_step(&step, &record->hosted->step))
		return false;
	publish_record_sending(record);
	return true;
}

/* Decides on the step, from the list that was just read; false when there is
 * none to be taken now. */
static bool
choose_step(struct publish_record *record)
{
	struct publish_hosted *hosted = record->hosted;
	struct publish_step step = next_step(record);

	if (hosted->answered && same_step(&step, &hosted->step)) {
		publish_record_fail(record,
		    "update: answered as done, but nothing changed");
		return false;
	}
	hosted->step = step;
	if (step.kind != STEP_NONE && step.kind != STEP_WOULD_EMPTY)
		return true;
	publish_server_read(record->server, record);
	return false;
}

void
publish_hosted_write(struct publish_record *record)
{
	struct publish_server *server = record->server;
	struct publisher *publisher = server->publisher;
	struct provider_request request;
	int err;

	if (publisher->stopped)
		return;
	if (loop_timer_is_set(&server->retry)) {
		/* It will be another list by then. */
		publish_server_read(server, record);
		return;
	}
	if (!choose_step(record))
		return;
	rrset_fini(&record->before);
	err = rrset_copy(&record->read, &record->before);
	if (err == 0)
		err = build_step(record, &request);
	if (err != 0) {
		publish_record_fail(record, err_text(err));
		return;
	}
	record->state = RECORD_WRITING;
	record->update_pending = true;
	record->updated_at_ms = loop_now_ms(publisher->loop);
	record->verify_step = 0;
	record->hosted->sent_us = loop_clock_us();
	server->reads_in_flight++;
	publisher->writes_in_flight++;
	publisher->stats.updates++;
	publish_hosted_send(record, 0, &request, is_wanted, on_step);
}
