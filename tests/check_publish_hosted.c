/* SPDX-License-Identifier: ISC */
/* A record behind an API, against answers that the test gives by hand. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "conf.h"
#include "dns/publish.h"
#include "http_fetch.h"
#include "loop.h"

#define BASE "https://api.test/v2/domains/example.org/records"
#define LIST(page)                                                             \
	"GET " BASE "?name=www.example.org&type=A&per_page=200&page=" page

static struct loop *loop;
static struct publisher *publisher;
static struct publish_service *service;

/* The call that is in flight; one at a time is all that one record makes. */
static struct {
	http_fetch_cb *cb;
	http_fetch_wanted_cb *is_wanted;
	void *arg;
	char asked[512];
	unsigned cancelled;
} call;

/* What the agent says. */
static struct publish_endpoint endpoints[2];
static bool may_write;
static char changes[512];
static char failure[256];
static char away[400];
static char updated[32];
static unsigned n_sending;

static struct http_fetch_call *
start(void *arg, const struct http_fetch_request *request, http_fetch_cb *cb,
    void *cb_arg)
{
	(void)arg;
	ck_assert_ptr_null(call.cb);
	ck_assert_str_eq(request->headers[0], "Authorization: Bearer token");
	snprintf(call.asked, sizeof call.asked, "%s %s%s%s", request->method,
	    request->url, request->body != NULL ? " " : "",
	    request->body != NULL ? request->body : "");
	call.cb = cb;
	call.is_wanted = request->is_wanted;
	call.arg = cb_arg;
	return (struct http_fetch_call *)&call;
}

static void
cancel(void *arg, struct http_fetch_call *which)
{
	(void)arg;
	ck_assert_ptr_eq(which, &call);
	ck_assert_ptr_nonnull(call.cb);
	call.cb = NULL;
	call.cancelled++;
}

static void
on_wish(void *arg, enum addr_family family, struct publish_wish *out)
{
	(void)arg;
	(void)family;
	*out = (struct publish_wish){ .endpoints = endpoints,
		.n = 2,
		.may_write = may_write };
}

static void
on_sending(void *arg, enum addr_family family)
{
	(void)arg;
	(void)family;
	n_sending++;
}

static void
on_changed(void *arg, const struct publish_change *change)
{
	char was[128], now[128];
	size_t used = strlen(changes);

	(void)arg;
	snprintf(changes + used, sizeof changes - used, "%s: %s -> %s\n",
	    change->server, rrset_format(change->was, was, sizeof was),
	    rrset_format(change->now, now, sizeof now));
}

static void
on_failed(void *arg, const char *server, enum addr_family family,
    const char *text)
{
	(void)arg;
	(void)server;
	(void)family;
	snprintf(failure, sizeof failure, "%s", text != NULL ? text : "");
}

static void
on_updated(void *arg, const struct publish_update *update)
{
	(void)arg;
	snprintf(updated, sizeof updated, "%s", update->rcode);
}

static void
on_away(void *arg, const char *server, const char *text)
{
	(void)arg;
	snprintf(away, sizeof away, "%s: %s", server, text);
}

static void
set_up(void)
{
	static uint8_t token[] = "token";
	static char fqdn[] = "www.example.org", zone[] = "example.org";
	static char url[] = "https://api.test";
	static struct conf_endpoint conf_endpoints[2];
	static struct conf_service conf;
	static const struct publish_hooks hooks = { .wish = on_wish,
		.sending = on_sending,
		.changed = on_changed,
		.failed = on_failed,
		.updated = on_updated,
		.away = on_away };
	const struct http_fetch fetch = { .start = start, .cancel = cancel };

	conf = (struct conf_service){ .fqdn = fqdn,
		.zone = zone,
		.ttl = 30,
		.endpoints = conf_endpoints,
		.n_endpoints = 2,
		.update = { .method = CONF_METHOD_DIGITALOCEAN,
		    .token = { token, 5 },
		    .url = url,
		    .timeout_ms = 5000,
		    .reconcile_interval_ms = 60000 } };
	for (unsigned i = 0; i < 2; i++) {
		struct addr addr = { .family = ADDR_IP4,
			.bytes = { 192, 0, 2, (uint8_t)(i + 1) } };

		conf_endpoints[i].addr = endpoints[i].addr = addr;
		endpoints[i].action = DESIRED_PRESENT;
	}
	memset(&call, 0, sizeof call);
	may_write = true;
	changes[0] = failure[0] = away[0] = updated[0] = '\0';
	n_sending = 0;
	loop = loop_new();
	publisher = publisher_new(loop, &hooks, NULL, &fetch, false);
	service = publish_service_new(publisher, &conf, NULL);
	ck_assert_ptr_nonnull(service);
	ck_assert_str_eq(call.asked, LIST("1"));
}

static void
tear_down(void)
{
	publish_service_free(service);
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), 0);
	ck_assert_ptr_null(call.cb);
	loop_turn(loop, 0);
	publisher_free(publisher);
	loop_free(loop);
}

/* Ends the call in flight, and lets the loop turn once without waiting. */
static void
end_call(const struct http_fetch_answer *got)
{
	http_fetch_cb *cb = call.cb;

	ck_assert_ptr_nonnull(cb);
	call.cb = NULL;
	call.asked[0] = '\0';
	cb(call.arg, got);
	loop_turn(loop, 0);
}

static void
answer_with(unsigned status, const char *body, const char *retry_after,
    const char *remaining)
{
	struct http_fetch_answer got = { .status = status,
		.body = body,
		.len = strlen(body),
		.headers = { retry_after, remaining, "4102444800" },
		.why = "" };

	end_call(&got);
}

static void
answer(unsigned status, const char *body, const char *remaining)
{
	answer_with(status, body, NULL, remaining);
}

#define RECORD(id, last)                                                       \
	"{\"id\":" id ",\"type\":\"A\",\"name\":\"www\",\"data\":\"192.0.2."   \
	last "\",\"ttl\":30}"
#define PAGE(records, links)                                                   \
	"{\"domain_records\":[" records "],\"links\":{" links "}}"
#define NEXT "\"pages\":{\"next\":\"https://elsewhere.test/x?page=2\"}"

START_TEST(lists_all_pages_and_changes_step_by_step)
{
	endpoints[0].action = DESIRED_ABSENT;
	answer(200, PAGE(RECORD("5", "1"), NEXT), NULL);
	ck_assert_str_eq(call.asked, LIST("2"));
	answer(200, PAGE(RECORD("6", "2"), ""), NULL);
	ck_assert_str_eq(call.asked, "PATCH " BASE "/5 {\"type\":\"A\","
				     "\"data\":\"192.0.2.2\",\"ttl\":30}");
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), 1);
	answer(200, "{}", NULL);
	ck_assert_str_eq(call.asked, LIST("1"));
	answer(200, PAGE(RECORD("5", "2") "," RECORD("6", "2"), ""), NULL);
	ck_assert_str_eq(changes, "api.test: 192.0.2.1 192.0.2.2 ttl 30 -> "
				  "192.0.2.2 ttl 30\n");
	ck_assert_str_eq(call.asked, "DELETE " BASE "/6");
	answer(204, "", NULL);
	answer(200, PAGE(RECORD("5", "2"), ""), NULL);
	ck_assert_ptr_null(call.cb);
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), 0);
	ck_assert_int_eq(publish_service_status(service, 0).state, PUBLISH_OK);
	ck_assert_str_eq(strchr(changes, '\n'), "\n");
}
END_TEST

START_TEST(does_without_twins_where_they_are_refused)
{
	endpoints[0].action = DESIRED_ABSENT;
	answer(200, PAGE(RECORD("5", "1") "," RECORD("6", "2"), ""), NULL);
	ck_assert_int_eq(strncmp(call.asked, "PATCH ", 6), 0);
	answer(422, "{}", NULL);
	ck_assert_str_eq(call.asked, LIST("1"));
	answer(200, PAGE(RECORD("5", "1") "," RECORD("6", "2"), ""), NULL);
	ck_assert_str_eq(call.asked, "DELETE " BASE "/5");
	ck_assert_str_eq(failure, "");
	answer(403, "{}", NULL);
	ck_assert_str_eq(failure, "remove 192.0.2.1: HTTP 403");
	ck_assert_ptr_null(call.cb);
}
END_TEST

/* A wrong token says nothing about what may be asked for with the right one. */
START_TEST(a_token_that_is_refused_is_no_word_on_twins)
{
	endpoints[0].action = DESIRED_ABSENT;
	answer(200, PAGE(RECORD("5", "1") "," RECORD("6", "2"), ""), NULL);
	ck_assert_int_eq(strncmp(call.asked, "PATCH ", 6), 0);
	answer(_i == 0 ? 401 : 403, "{}", NULL);
	ck_assert_ptr_nonnull(strstr(failure, _i == 0 ? "401" : "403"));
	publish_service_kick(service);
	ck_assert_str_eq(call.asked, LIST("1"));
	answer(200, PAGE(RECORD("5", "1") "," RECORD("6", "2"), ""), NULL);
	ck_assert_int_eq(strncmp(call.asked, "PATCH ", 6), 0);
}
END_TEST

/* The floor is looked at in the list right before the step: another writer
 * may have taken the other record meanwhile. */
START_TEST(never_removes_the_last_one)
{
	endpoints[0].action = DESIRED_ABSENT;
	endpoints[1].action = DESIRED_KEEP;
	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_ptr_null(call.cb);
	ck_assert_str_eq(failure, "refused by ourselves: the change would "
				  "leave no record");
}
END_TEST

START_TEST(writes_nothing_when_it_may_not)
{
	may_write = false;
	answer(200, PAGE("", ""), NULL);
	ck_assert_ptr_null(call.cb);
	ck_assert_int_eq(publish_service_status(service, 0).state,
	    PUBLISH_PENDING);
}
END_TEST

START_TEST(writes_nothing_after_stop)
{
	publisher_stop(publisher);
	answer(200, PAGE("", ""), NULL);
	ck_assert_ptr_null(call.cb);
}
END_TEST

/* The list was the last request that was allowed for: the step has to wait,
 * and there will be another list before it. */
START_TEST(rests_when_no_request_is_left)
{
	answer(200, PAGE("", ""), "0");
	ck_assert_ptr_null(call.cb);
	ck_assert_str_eq(failure, "");
	ck_assert_str_eq(away, "api.test: no request is left; left alone for "
			       "3600 s, as it asks");
	ck_assert_int_eq(publish_service_status(service, 0).state,
	    PUBLISH_FAILED);
}
END_TEST

/* Nor is the next page asked for then. */
START_TEST(rests_between_two_pages)
{
	answer(200, PAGE(RECORD("5", "1"), NEXT), "0");
	ck_assert_ptr_null(call.cb);
	ck_assert_str_eq(failure, "");
	ck_assert_int_eq(publish_service_status(service, 0).state,
	    PUBLISH_FAILED);
}
END_TEST

/* Whatever is wrong with the list, it asks to be left alone. */
START_TEST(rests_when_the_list_is_denied)
{
	answer_with(_i == 0 ? 403 : 404, "{}", "20", NULL);
	ck_assert_str_eq(failure, _i == 0 ? "list: HTTP 403" : "list: HTTP 404");
	publish_service_kick(service);
	ck_assert_ptr_null(call.cb);
}
END_TEST

/* While the connection was made, rrdnsd was stopped, lost its right to write, or
 * something else came to be wished. */
START_TEST(a_step_that_is_no_longer_wanted_does_not_leave)
{
	const struct http_fetch_answer withdrawn = { .why = "",
		.withdrawn = true };

	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_int_eq(strncmp(call.asked, "POST ", 5), 0);
	ck_assert(call.is_wanted(call.arg));
	ck_assert_uint_eq(n_sending, 1);
	if (_i == 0)
		publisher_stop(publisher);
	else if (_i == 1)
		may_write = false;
	else
		endpoints[1].action = DESIRED_KEEP;
	ck_assert(!call.is_wanted(call.arg));
	ck_assert_uint_eq(n_sending, 1);
	end_call(&withdrawn);
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), 0);
	ck_assert_str_eq(updated, "withdrawn");
	ck_assert_str_eq(failure, "");
	ck_assert_str_eq(call.asked, LIST("1"));
	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_ptr_null(call.cb);
	ck_assert_str_eq(changes, "");
}
END_TEST

/* Nobody waits for an hour without a word; a second is no matter. */
START_TEST(a_long_rest_is_told)
{
	struct publish_status status;

	answer_with(429, "{}", _i == 0 ? "86400" : "1", NULL);
	ck_assert_ptr_null(call.cb);
	status = publish_service_status(service, 0);
	ck_assert_str_eq(away, _i == 0
		? "api.test: HTTP 429; left alone for 3600 s, as it asks"
		: "");
	ck_assert_int_eq(status.state,
	    _i == 0 ? PUBLISH_FAILED : PUBLISH_UNREAD);
	ck_assert_str_eq(status.last_error,
	    _i == 0 ? strstr(away, "HTTP") : "HTTP 429");
}
END_TEST

START_TEST(an_answer_that_changes_nothing_is_told)
{
	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_str_eq(call.asked, "POST " BASE " {\"type\":\"A\",\"name\":"
				     "\"www\",\"data\":\"192.0.2.2\",\"ttl\":30}");
	answer(201, "{}", NULL);
	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_str_eq(failure,
	    "update: answered as done, but nothing changed");
	ck_assert_ptr_null(call.cb);
}
END_TEST

/* Freed while it reads page 1, page 2, and while it writes. */
START_TEST(may_be_freed_at_any_time)
{
	if (_i > 0)
		answer(200, PAGE(RECORD("5", "1"), NEXT), NULL);
	if (_i > 1)
		answer(200, PAGE("", ""), NULL);
	ck_assert_uint_eq(publisher_writes_in_flight(publisher), _i == 2);
	publish_service_free(service);
	service = NULL;
	ck_assert_uint_eq(call.cancelled, 1);
}
END_TEST

/* A wish that changed while a step was under way is followed at once. */
START_TEST(follows_a_kick_during_a_step)
{
	answer(200, PAGE(RECORD("5", "1"), ""), NULL);
	ck_assert_int_eq(strncmp(call.asked, "POST ", 5), 0);
	endpoints[1].action = DESIRED_ABSENT;
	publish_service_kick(service);
	answer(201, "{}", NULL);
	answer(200, PAGE(RECORD("5", "1") "," RECORD("6", "2"), ""), NULL);
	ck_assert_str_eq(call.asked, "DELETE " BASE "/6");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, lists_all_pages_and_changes_step_by_step);
	tcase_add_test(tcase, does_without_twins_where_they_are_refused);
	tcase_add_loop_test(tcase,
	    a_token_that_is_refused_is_no_word_on_twins, 0, 2);
	tcase_add_test(tcase, never_removes_the_last_one);
	tcase_add_test(tcase, writes_nothing_when_it_may_not);
	tcase_add_test(tcase, writes_nothing_after_stop);
	tcase_add_test(tcase, rests_when_no_request_is_left);
	tcase_add_test(tcase, rests_between_two_pages);
	tcase_add_loop_test(tcase, rests_when_the_list_is_denied, 0, 2);
	tcase_add_loop_test(tcase,
	    a_step_that_is_no_longer_wanted_does_not_leave, 0, 3);
	tcase_add_loop_test(tcase, a_long_rest_is_told, 0, 2);
	tcase_add_test(tcase, an_answer_that_changes_nothing_is_told);
	tcase_add_loop_test(tcase, may_be_freed_at_any_time, 0, 3);
	tcase_add_test(tcase, follows_a_kick_during_a_step);
}

int
main(void)
{
	return check_main("publish_hosted", fill);
}
