/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "publish_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "dns/wire.h"
#include "http_fetch.h"
#include "loop.h"

#define TTL 60
#define TYPE_A 1
#define QUESTION_TAIL 4 /* type and class */

struct site www, ftp;

static struct publisher *publisher;

/* loop.h on a clock that stands until the test moves it */

struct deferred {
	loop_defer_cb *cb;
	void *arg;
	STAILQ_ENTRY(deferred) entry;
};

static struct timer_heap timers;
static STAILQ_HEAD(, deferred) deferred_calls;
static int64_t clock_ms;

int64_t
loop_now_ms(const struct loop *loop)
{
	(void)loop;
	return clock_ms;
}

int64_t
loop_clock_us(void)
{
	return clock_ms * 1000;
}

void
loop_timer_init(struct timer *timer, timer_cb *cb, void *arg)
{
	*timer = (struct timer){ .cb = cb, .arg = arg };
}

void
loop_timer_set(struct loop *loop, struct timer *timer, int64_t deadline_ms)
{
	(void)loop;
	ck_assert_int_eq(timer_heap_set(&timers, timer, deadline_ms), 0);
}

void
loop_timer_cancel(struct loop *loop, struct timer *timer)
{
	(void)loop;
	timer_heap_cancel(&timers, timer);
}

bool
loop_timer_is_set(const struct timer *timer)
{
	return timer->slot != 0;
}

void
loop_defer(struct loop *loop, loop_defer_cb *cb, void *arg)
{
	struct deferred *deferred = malloc(sizeof *deferred);

	(void)loop;
	ck_assert_ptr_nonnull(deferred);
	*deferred = (struct deferred){ .cb = cb, .arg = arg };
	STAILQ_INSERT_TAIL(&deferred_calls, deferred, entry);
}

static bool
fire_timer(void)
{
	struct timer *timer = timer_heap_first(&timers);

	if (timer == NULL || timer->deadline_ms > clock_ms)
		return false;
	timer_heap_cancel(&timers, timer);
	timer->cb(timer->arg);
	return true;
}

static bool
run_deferred(void)
{
	struct deferred *first = STAILQ_FIRST(&deferred_calls);

	if (first == NULL)
		return false;
	STAILQ_REMOVE_HEAD(&deferred_calls, entry);
	first->cb(first->arg);
	free(first);
	return true;
}

/* dns/exchange.h without a network: what is wanted leaves at once, as by UDP */

struct exchange {
	struct exchange_conf conf;
};

struct exchange_request {
	enum exchange_kind kind;
	exchange_cb *cb;
	void *arg;
	uint8_t *wire;
	size_t len;
	TAILQ_ENTRY(exchange_request) entry;
};

static TAILQ_HEAD(, exchange_request) requests;

struct exchange *
exchange_new(struct loop *loop, const struct exchange_conf *conf)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	(void)loop;
	ck_assert_ptr_nonnull(exchange);
	exchange->conf = *conf;
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	free(exchange);
}

struct exchange_request *
exchange_send(struct exchange *exchange, enum exchange_kind kind,
    struct dns_message *message, exchange_wanted_cb *wanted, exchange_cb *cb,
    void *arg)
{
	struct exchange_request *request = calloc(1, sizeof *request);

	(void)exchange;
	ck_assert_ptr_nonnull(request);
	*request = (struct exchange_request){ .kind = kind,
		.cb = cb,
		.arg = arg,
		.wire = message->wire,
		.len = message->len };
	*message = (struct dns_message){ 0 };
	ck_assert(wanted == NULL || wanted(arg));
	TAILQ_INSERT_TAIL(&requests, request, entry);
	return request;
}

void
exchange_cancel(struct exchange_request *request)
{
	TAILQ_REMOVE(&requests, request, entry);
	free(request->wire);
	free(request);
}

static struct exchange_request *
first_of(enum exchange_kind kind)
{
	struct exchange_request *request;

	TAILQ_FOREACH(request, &requests, entry)
		if (request->kind == kind)
			break;
	return request;
}

static void
finish(struct exchange_request *request, const struct exchange_outcome *outcome)
{
	exchange_cb *cb = request->cb;
	void *arg = request->arg;

	exchange_cancel(request);
	cb(arg, outcome);
}

static struct site *
site_asked_for(const struct exchange_request *request, size_t *question_len)
{
	uint8_t asked[WIRE_NAME_MAX], name[WIRE_NAME_MAX];
	struct site *sites[] = { &www, &ftp };
	size_t len;

	*question_len = wire_name_read(request->wire, request->len,
			    WIRE_HEADER_LEN, asked, &len) -
	    WIRE_HEADER_LEN + QUESTION_TAIL;
	for (size_t i = 0; i < COUNT(sites); i++)
		if (wire_name_from_text(sites[i]->fqdn, name) == len &&
		    memcmp(asked, name, len) == 0)
			return sites[i];
	ck_abort_msg("a query for another name");
	return NULL;
}

static size_t
put_record(uint8_t *wire, const struct site *site, unsigned endpoint)
{
	wire_put16(wire, 0xc000 | WIRE_HEADER_LEN); /* the name asked for */
	wire_put16(wire + 2, TYPE_A);
	wire_put16(wire + 4, 1);
	wire_put16(wire + 6, 0);
	wire_put16(wire + 8, (unsigned)site->held_ttl);
	wire_put16(wire + 10, 4);
	memcpy(wire + 12, site->wish[endpoint].addr.bytes, 4);
	return 16;
}

static bool
answer_query(void)
{
	struct exchange_request *request = first_of(EXCHANGE_QUERY);
	uint8_t wire[512];
	struct exchange_outcome outcome = { .status = EXCHANGE_ANSWERED,
		.answer = wire };
	struct site *site;
	size_t question_len;
	unsigned n = 0;

	if (request == NULL)
		return false;
	site = site_asked_for(request, &question_len);
	site->reads++;
	outcome.answer_len = WIRE_HEADER_LEN + question_len;
	memcpy(wire, request->wire, outcome.answer_len);
	for (unsigned i = 0; i < SITE_ENDPOINTS; i++) {
		if (!site->held[i])
			continue;
		outcome.answer_len +=
		    put_record(wire + outcome.answer_len, site, i);
		n++;
	}
	wire_put16(wire + 2, 0x8400); /* QR, AA */
	wire_put16(wire + 6, n);
	wire_put16(wire + 10, 0);
	finish(request, &outcome);
	return true;
}

bool
update_in_flight(void)
{
	return first_of(EXCHANGE_UPDATE) != NULL;
}

bool
update_of(const struct site *site)
{
	const struct exchange_request *request = first_of(EXCHANGE_UPDATE);
	uint8_t label[32] = { (uint8_t)(strchr(site->fqdn, '.') - site->fqdn) };

	memcpy(label + 1, site->fqdn, label[0]);
	return request != NULL &&
	    memmem(request->wire, request->len, label, 1u + label[0]) != NULL;
}

void
end_update(enum exchange_status status)
{
	struct exchange_outcome outcome = { .status = status,
		.tcp = true,
		.text = "as the test wants" };

	ck_assert(update_in_flight());
	finish(first_of(EXCHANGE_UPDATE), &outcome);
	pass(0);
}

/* what happens */

static void
settle(void)
{
	while (fire_timer() || run_deferred() || answer_query())
		;
}

void
pass(int64_t ms)
{
	int64_t until_ms = clock_ms + ms;
	const struct timer *next;

	settle();
	while ((next = timer_heap_first(&timers)) != NULL &&
	    next->deadline_ms <= until_ms) {
		clock_ms = next->deadline_ms;
		settle();
	}
	clock_ms = until_ms;
}

void
wish_for(struct site *site, unsigned endpoint, enum desired_action action)
{
	site->wish[endpoint].action = action;
	publish_service_kick(site->service);
	pass(0);
}

static void
on_wish(void *arg, enum addr_family family, struct publish_wish *out)
{
	const struct site *site = arg;

	(void)family;
	*out = (struct publish_wish){ .endpoints = site->wish,
		.n = SITE_ENDPOINTS,
		.may_write = true };
}

static void
on_sending(void *arg, enum addr_family family)
{
	struct site *site = arg;

	(void)family;
	site->sendings++;
}

static void
on_changed(void *arg, const struct publish_change *change)
{
	struct site *site = arg;
	char was[128], now[128];
	size_t used = strlen(site->told);

	snprintf(site->told + used, sizeof site->told - used, "%s -> %s\n",
	    rrset_format(change->was, was, sizeof was),
	    rrset_format(change->now, now, sizeof now));
}

static void
on_failed(void *arg, const char *server, enum addr_family family,
    const char *text)
{
	struct site *site = arg;

	(void)server;
	(void)family;
	snprintf(site->failure, sizeof site->failure, "%s",
	    text != NULL ? text : "");
}

static void
on_updated(void *arg, const struct publish_update *update)
{
	(void)arg;
	(void)update;
}

static void
on_away(void *arg, const char *server, const char *text)
{
	(void)arg;
	(void)server;
	(void)text;
}

/* The configuration: both are kept in the same zone on the same primary. */
static void
configure(struct site *site, const char *fqdn, uint8_t net)
{
	static char zone[] = "example.org";
	static struct addr primary = { .family = ADDR_IP4,
		.port = 53,
		.bytes = { 192, 0, 2, 53 } };

	*site = (struct site){ .held_ttl = TTL,
		.conf = { .zone = zone,
		    .ttl = TTL,
		    .n_endpoints = SITE_ENDPOINTS,
		    .update = { .method = CONF_METHOD_RFC2136,
			.servers = { &primary, 1 },
			.timeout_ms = 5000,
			.reconcile_interval_ms = 60000 } } };
	snprintf(site->fqdn, sizeof site->fqdn, "%s", fqdn);
	site->conf.fqdn = site->fqdn;
	site->conf.endpoints = site->endpoints;
	for (unsigned i = 0; i < SITE_ENDPOINTS; i++) {
		struct addr addr = { .family = ADDR_IP4,
			.bytes = { 192, 0, net, (uint8_t)(i + 1) } };

		site->endpoints[i].addr = site->wish[i].addr = addr;
		site->wish[i].action = DESIRED_PRESENT;
		site->held[i] = true;
	}
}

static void
set_up(void)
{
	timers = (struct timer_heap){ 0 };
	STAILQ_INIT(&deferred_calls);
	TAILQ_INIT(&requests);
	clock_ms = 1000000;
	configure(&www, "www.example.org", 2);
	configure(&ftp, "ftp.example.org", 3);
}

void
begin(bool dry_run)
{
	static const struct publish_hooks hooks = { .wish = on_wish,
		.sending = on_sending,
		.changed = on_changed,
		.failed = on_failed,
		.updated = on_updated,
		.away = on_away };
	const struct http_fetch fetch = { 0 };

	publisher = publisher_new(NULL, &hooks, NULL, &fetch, dry_run);
	www.service = publish_service_new(publisher, &www.conf, &www);
	ftp.service = publish_service_new(publisher, &ftp.conf, &ftp);
	ck_assert_ptr_nonnull(www.service);
	ck_assert_ptr_nonnull(ftp.service);
	pass(0);
}

static void
tear_down(void)
{
	publish_service_free(www.service);
	publish_service_free(ftp.service);
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), 0);
	ck_assert(TAILQ_EMPTY(&requests));
	while (run_deferred())
		;
	ck_assert_ptr_null(timer_heap_first(&timers));
	timer_heap_fini(&timers);
	publisher_free(publisher);
}

void
use_publish(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, set_up, tear_down);
}
