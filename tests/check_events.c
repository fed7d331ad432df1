/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "events.h"

static void
add(struct events *events, enum event_kind kind, const char *fqdn,
    const char *state, int64_t at_ms)
{
	struct event event = { .kind = kind,
		.fqdn = fqdn,
		.state = state,
		.at_ms = at_ms,
		.text = "something happened" };

	ck_assert_int_eq(events_add(events, &event), 0);
}

static uint64_t
last_group(const struct events *events)
{
	return events_recent(events, 0)->group;
}

START_TEST(numbers_rise_and_are_found)
{
	struct events *events = events_new(1000);

	ck_assert_ptr_null(events_after(events, 0));
	ck_assert_ptr_null(events_recent(events, 0));
	for (int i = 0; i < 3; i++)
		add(events, EVENT_RELOAD, NULL, NULL, i);
	ck_assert_uint_eq(events_next_id(events), 1003);
	ck_assert_uint_eq(events_after(events, 0)->id, 1000);
	ck_assert_uint_eq(events_after(events, 1000)->id, 1001);
	ck_assert_ptr_null(events_after(events, 1002));
	ck_assert_ptr_null(events_after(events, UINT64_MAX));
	ck_assert_uint_eq(events_recent(events, 2)->id, 1000);
	ck_assert_ptr_null(events_recent(events, 3));
	events_free(events);
}
END_TEST

START_TEST(the_oldest_go)
{
	struct events *events = events_new(7);

	for (int i = 0; i < EVENTS_MAX + 5; i++)
		add(events, EVENT_RELOAD, NULL, NULL, i);
	ck_assert_uint_eq(events_after(events, 0)->id, 7 + 5);
	ck_assert_uint_eq(events_after(events, 7 + 5)->id, 7 + 6);
	ck_assert_uint_eq(events_recent(events, EVENTS_MAX - 1)->id, 7 + 5);
	ck_assert_ptr_null(events_recent(events, EVENTS_MAX));
	events_free(events);
}
END_TEST

START_TEST(what_goes_together_is_one_burst)
{
	struct events *events = events_new(1);

	add(events, EVENT_ENDPOINT_DOWN, "a", "down", 0);
	add(events, EVENT_ENDPOINT_DOWN, "b", "down", 10);
	ck_assert_uint_eq(last_group(events), 2);
	add(events, EVENT_ENDPOINT_DOWN, "a", "down", EVENT_BURST_MS);
	ck_assert_uint_eq(last_group(events), 1);
	add(events, EVENT_ENDPOINT_UP, "a", "up", EVENT_BURST_MS);
	ck_assert_uint_eq(last_group(events), 4);
	add(events, EVENT_ENDPOINT_DOWN, "a", "down", 2 * EVENT_BURST_MS);
	ck_assert_uint_eq(last_group(events), 1);
	/* A pause ends it. */
	add(events, EVENT_ENDPOINT_DOWN, "a", "down", 3 * EVENT_BURST_MS + 1);
	ck_assert_uint_eq(last_group(events), 6);
	/* A clock that was set back joins nothing. */
	add(events, EVENT_ENDPOINT_DOWN, "a", "down", 0);
	ck_assert_uint_eq(last_group(events), 7);
	events_free(events);
}
END_TEST

START_TEST(a_burst_ends)
{
	struct events *events = events_new(1);

	for (int at_ms = 0; at_ms < EVENT_BURST_LONGEST_MS; at_ms += 1000)
		add(events, EVENT_VOTE_CHANGED, "a", "up", at_ms);
	ck_assert_uint_eq(last_group(events), 1);
	add(events, EVENT_VOTE_CHANGED, "a", "up", EVENT_BURST_LONGEST_MS);
	ck_assert_uint_ne(last_group(events), 1);
	events_free(events);
}
END_TEST

struct seen {
	struct event_sub sub;
	char texts[100];
};

static void
note(void *arg, const struct event *event)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->texts);

	snprintf(seen->texts + used, sizeof seen->texts - used, "%d:%s ",
	    (int)event->id, event->ipaddr);
}

START_TEST(subscribers_are_told)
{
	struct events *events = events_new(1);
	struct seen a = { .sub = { .cb = note, .arg = &a } };
	struct seen b = { .sub = { .cb = note, .arg = &b } };
	char ip[] = "192.0.2.1";
	struct event event = { .kind = EVENT_ENDPOINT_UP, .ipaddr = ip };

	events_subscribe(events, &a.sub);
	events_add(events, &event);
	events_subscribe(events, &b.sub);
	ip[0] = '2'; /* the texts are copied */
	events_add(events, &event);
	events_unsubscribe(events, &a.sub);
	events_add(events, &event);
	ck_assert_str_eq(a.texts, "1:192.0.2.1 2:292.0.2.1 ");
	ck_assert_str_eq(b.texts, "2:292.0.2.1 3:292.0.2.1 ");
	ck_assert_str_eq(events_after(events, 0)->ipaddr, "192.0.2.1");
	ck_assert_ptr_null(events_after(events, 0)->fqdn);
	events_free(events);
}
END_TEST

START_TEST(kinds_have_names)
{
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
		ck_assert_uint_gt(
		    strlen(event_kind_text((enum event_kind)kind)), 5);
	ck_assert_str_eq(event_kind_text(EVENT_DRIFT_REPAIRED),
	    "drift_repaired");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, numbers_rise_and_are_found);
	tcase_add_test(tcase, the_oldest_go);
	tcase_add_test(tcase, what_goes_together_is_one_burst);
	tcase_add_test(tcase, a_burst_ends);
	tcase_add_test(tcase, subscribers_are_told);
	tcase_add_test(tcase, kinds_have_names);
}

int
main(void)
{
	return check_main("events", fill);
}
