/* SPDX-License-Identifier: ISC */
/* One RRset on one server: read, compare, wait or write, verify. */
#define LOG_TAG "[updater]"
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "dns/publish_plan.h"
#include "err.h"
#include "log.h"
#include "mutant.h"

/* While writing is not allowed (no quorum, just started) the wish is asked for
 * again this often; that costs no traffic. */
#define BLOCKED_MS 200

/* A reading older than this is made again before it becomes a prerequisite. */
#define READ_VALID_MS 2000

/* After so many conflicts with the same reading, what is read is not what is
 * stored: a wildcard answers for the name. */
#define CONFLICTS_BEFORE_WILDCARD 2

static struct loop *
loop_of(const struct publish_record *record)
{
	return record->server->publisher->loop;
}

static int64_t
now_ms(const struct publish_record *record)
{
	return loop_now_ms(loop_of(record));
}

const char *
publish_record_name(const struct publish_record *record, char *buf,
    size_t size)
{
	snprintf(buf, size, "%s %s at %s", record->service->conf->fqdn,
	    record->family == ADDR_IP4 ? "A" : "AAAA", record->server->name);
	return buf;
}

static void
want_read(struct publish_record *record)
{
	loop_timer_cancel(loop_of(record), &record->timer);
	publish_server_read(record->server, record);
}

static void
read_at(struct publish_record *record, int64_t at_ms)
{
	assert(record->state == RECORD_IDLE);
	loop_timer_set(loop_of(record), &record->timer, at_ms);
}

void
publish_record_ask(const struct publish_record *record,
    struct publish_wish *wish)
{
	*wish = (struct publish_wish){ 0 };
	record->server->publisher->hooks.wish(record->service->arg,
	    record->family, wish);
}

void
publish_record_sending(const struct publish_record *record)
{
	record->server->publisher->hooks.sending(record->service->arg,
	    record->family);
}

static void
on_timer(void *arg)
{
	struct publish_record *record = arg;
	struct publish_wish wish;

	if (record->blocked && now_ms(record) < record->reconcile_at_ms) {
		publish_record_ask(record, &wish);
		if (!wish.may_write) {
			read_at(record, now_ms(record) + BLOCKED_MS);
			return;
		}
	}
	want_read(record);
}

void
publish_record_init(struct publish_record *record)
{
	loop_timer_init(&record->timer, on_timer, record);
	rrset_init(&record->read, record->family, 0);
	rrset_init(&record->before, record->family, 0);
	rrset_init(&record->target, record->family, 0);
}

void
publish_record_fini(struct publish_record *record)
{
	loop_timer_cancel(loop_of(record), &record->timer);
	publish_server_forget(record);
	LIST_REMOVE(record, neighbour);
	rrset_fini(&record->read);
	rrset_fini(&record->before);
	rrset_fini(&record->target);
}

void
publish_record_look(struct publish_record *record)
{
	assert(record->state == RECORD_IDLE);
	want_read(record);
}

void
publish_record_kick(struct publish_record *record)
{
	record->kicked = true;
	if (record->state == RECORD_IDLE)
		want_read(record);
	else if (record->state == RECORD_READING ||
	    record->state == RECORD_WRITING)
		record->again = true;
}

/* Failing, in words: logged when the words are new. */
static void
report_failure(struct publish_record *record, const char *text)
{
	char name[512];

	if (!record->failed)
		record->failed_since_ms = now_ms(record);
	record->failed = true;
	if (strcmp(record->error, text) == 0)
		return;
	snprintf(record->error, sizeof record->error, "%s", text);
	log_warning("%s: %s", publish_record_name(record, name, sizeof name),
	    text);
	record->server->publisher->hooks.failed(record->service->arg,
	    record->server->name, record->family, text);
}

static void
report_recovery(struct publish_record *record)
{
	char name[512];

	record->tries = 0;
	if (!record->failed)
		return;
	record->failed = false;
	record->error[0] = '\0';
	log_notice("%s: works again",
	    publish_record_name(record, name, sizeof name));
	record->server->publisher->hooks.failed(record->service->arg,
	    record->server->name, record->family, NULL);
}

static void
wait_for_reconcile(struct publish_record *record)
{
	struct publisher *publisher = record->server->publisher;

	record->reconcile_at_ms = now_ms(record) +
	    publish_jitter_ms(
		record->service->conf->update.reconcile_interval_ms,
		publisher_random(publisher));
	if (!MUTANT(NEVER_RECONCILED))
		read_at(record, record->reconcile_at_ms);
}

/* Kicked while an UPDATE was in flight that failed: what is wished by now was
 * not in it, and is tried without waiting. */
static bool
follow_kick(struct publish_record *record)
{
	if (!record->again)
		return false;
	record->again = false;
	record->kicked = true;
	want_read(record);
	return true;
}

/* Something that another reading may clear up; told when it does not. */
void
publish_record_retry(struct publish_record *record, const char *text)
{
	unsigned wait_ms = publish_retry_ms(++record->tries);

	record->state = RECORD_IDLE;
	if (wait_ms != 0) {
		read_at(record, now_ms(record) + wait_ms);
		return;
	}
	report_failure(record, text);
	record->tries = 0;
	if (!follow_kick(record))
		wait_for_reconcile(record);
}

/* Something that an administrator has to clear up: the next try comes with
 * growing distance, at the latest with the next reconcile. */
void
publish_record_fail(struct publish_record *record, const char *text)
{
	unsigned longest =
	    record->service->conf->update.reconcile_interval_ms;
	unsigned wait_ms = 1000u << (record->tries < 6 ? record->tries : 6);

	record->state = RECORD_IDLE;
	record->tries++;
	report_failure(record, text);
	if (follow_kick(record))
		return;
	if (wait_ms > longest)
		wait_ms = longest;
	read_at(record, now_ms(record) + publish_jitter_ms(wait_ms,
	    publisher_random(record->server->publisher)));
}

/* The next look: a verification of the last update that is due first, or the
 * reconcile. */
static void
settle(struct publish_record *record)
{
	int step_ms;
	int64_t at_ms;

	record->differs_since_ms = 0;
	record->conflicts = 0;
	record->synthesized = false;
	record->blocked = false;
	record->kicked = false;
	record->dry_told = false;
	while ((step_ms = publish_verify_ms(record->verify_step)) >= 0) {
		at_ms = record->updated_at_ms + step_ms;
		/* Still ahead, even if a kick reads before. */
		if (record->updated_at_ms != 0 && at_ms > now_ms(record)) {
			read_at(record, at_ms);
			return;
		}
		record->verify_step++;
	}
	wait_for_reconcile(record);
}

static void
report_change(struct publish_record *record, const struct rrset *now,
    bool dry_run)
{
	struct publish_change change = {
		.server = record->server->name,
		.family = record->family,
		.was = &record->before,
		.now = now,
		.dry_run = dry_run,
		.by_api = record->hosted != NULL,
		.drift = !record->kicked && !record->blocked,
		.took_ms = record->differs_since_ms == 0 ? 0
		    : (unsigned)(now_ms(record) - record->differs_since_ms),
	};
	struct publish_service *service = record->service;

	record->server->publisher->hooks.changed(service->arg, &change);
}

/* One UPDATE makes a set of several TTLs one, of which the lowest alone is known;
 * behind an API that takes several steps. */
static bool
shows_target(const struct publish_record *record)
{
	return rrset_equal(&record->read, &record->target) &&
	    (!record->read_untidy || record->hosted != NULL);
}

/* What a reading says about the UPDATE that was sent before it; false when
 * that ends this round. */
static bool
resolve_pending(struct publish_record *record)
{
	record->update_pending = false;
	if (shows_target(record)) {
		record->last_update_ms = now_ms(record);
		record->server->publisher->stats.changes++;
		report_change(record, &record->target, false);
		for (size_t i = 0; i < record->service->n_watches; i++) {
			struct publish_watch *watch =
			    &record->service->watches[i];

			if (watch->family == record->family)
				publish_watch_start(watch, &record->target);
		}
	} else if (record->update_answered &&
	    rrset_equal(&record->read, &record->before)) {
		publish_record_fail(record,
		    "update: answered with NOERROR, but nothing changed");
		return false;
	}
	return true;
}

/* Differs and must not be written by this node at this moment. */
static bool
has_to_wait(struct publish_record *record, const struct publish_wish *wish)
{
	int64_t since_ms, now = now_ms(record);

	record->blocked = !wish->may_write;
	if (record->blocked) {
		record->differs_since_ms = 0;
		record->reconcile_at_ms = now +
		    record->service->conf->update.reconcile_interval_ms;
		read_at(record, now + BLOCKED_MS);
		return true;
	}
	if (record->differs_since_ms == 0)
		record->differs_since_ms = now;
	since_ms = now - record->differs_since_ms;
	if (since_ms < (int64_t)wish->write_delay_ms) {
		read_at(record, record->differs_since_ms +
		    wish->write_delay_ms);
		return true;
	}
	return false;
}

/* What was read is to be replaced by target, whose content it takes. */
static bool
keep_change(struct publish_record *record, struct rrset *target)
{
	rrset_fini(&record->before);
	rrset_fini(&record->target);
	record->target = *target;
	rrset_init(target, record->family, 0);
	if (rrset_copy(&record->read, &record->before) == 0)
		return true;
	rrset_init(&record->before, record->family, 0);
	publish_record_fail(record, err_text(ERR_NOMEM));
	return false;
}

/* Each change that would be made is told once: DNS stays as it is, so that the
 * next reading finds the same one, until another is wished. */
static void
tell_dry(struct publish_record *record, struct rrset *target)
{
	publish_record_sending(record);
	if (!record->dry_told || !rrset_equal(target, &record->target) ||
	    !rrset_equal(&record->read, &record->before)) {
		if (!keep_change(record, target))
			return;
		report_change(record, &record->target, true);
		record->dry_told = true;
	}
	wait_for_reconcile(record);
}

static void
write_or_tell(struct publish_record *record, struct rrset *target)
{
	if (record->server->publisher->dry_run) {
		tell_dry(record, target);
		return;
	}
	if (record->conflicts >= CONFLICTS_BEFORE_WILDCARD)
		record->synthesized = !record->synthesized;
	record->server->link->write(record);
}

void
publish_record_compare(struct publish_record *record)
{
	struct publish_wish wish;
	struct rrset target;
	enum publish_plan plan;

	if (record->update_pending && !resolve_pending(record))
		return;
	publish_record_ask(record, &wish);
	plan = publish_plan(&record->read, record->read_untidy, &wish,
	    record->service->conf->ttl, &target);
	switch (plan) {
	case PLAN_SAME:
		report_recovery(record);
		settle(record);
		break;
	case PLAN_CHANGE:
		if (!has_to_wait(record, &wish))
			write_or_tell(record, &target);
		break;
	case PLAN_WOULD_EMPTY:
		publish_record_fail(record,
		    "refused by ourselves: the change would leave no record");
		break;
	case PLAN_NOMEM:
		publish_record_fail(record, err_text(ERR_NOMEM));
		break;
	}
	rrset_fini(&target);
}

/* Asks once more what is wished, and what that makes of the last reading; true
 * when it is to be written, and may be. target is the caller's in any case. */
static bool
plan_again(struct publish_record *record, struct rrset *target)
{
	struct publish_wish wish;

	publish_record_ask(record, &wish);
	return publish_plan(&record->read, record->read_untidy, &wish,
		   record->service->conf->ttl, target) == PLAN_CHANGE &&
	    (wish.may_write || MUTANT(SENT_UNASKED));
}

/* Right before an UPDATE is put together: is it still wanted, and allowed? */
bool
publish_record_prepare(struct publish_record *record)
{
	struct rrset target;

	if (now_ms(record) - record->read_at_ms > READ_VALID_MS) {
		want_read(record);
		return false;
	}
	if (!plan_again(record, &target)) {
		rrset_fini(&target);
		want_read(record);
		return false;
	}
	return keep_change(record, &target);
}

bool
publish_record_is_wanted(struct publish_record *record)
{
	struct rrset target;
	bool wanted = plan_again(record, &target) &&
	    rrset_equal(&target, &record->target);

	rrset_fini(&target);
	return wanted;
}
