/* SPDX-License-Identifier: ISC */
/* Events, what hooks are handed of them, and metrics. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "err.h"
#include "metrics.h"
#include "oom_cases.h"
#include "script_env.h"
#include "webhook_body.h"

static const struct event down = {
	.id = 1, .group = 1, .at_ms = 1764080475123,
	.kind = EVENT_ENDPOINT_DOWN, .fqdn = "www.example.org",
	.ipaddr = "192.0.2.1", .state = "down", .cause = "status 503",
	.text = "www.example.org 192.0.2.1: up -> down",
};

static struct events *events;
static char *text;
static size_t len;

static void
prepare_nothing(void)
{
	events = NULL;
	text = NULL;
}

static int
add_event(void)
{
	events = events_new(1);
	return events != NULL ? events_add(events, &down) : ERR_NOMEM;
}

/* One that is lost leaves no gap in the numbers. */
static void
judge_event(int err)
{
	if (events != NULL) {
		if (err != 0)
			ck_assert_int_eq(events_add(events, &down), 0);
		ck_assert_uint_eq(events_next_id(events), 2);
		ck_assert_str_eq(events_recent(events, 0)->text, down.text);
	}
	events_free(events);
}

static const struct event *list[WEBHOOK_LINES_MAX + 1];

static void
prepare_delivery(void)
{
	prepare_nothing();
	for (size_t i = 0; i < COUNT(list); i++)
		list[i] = &down;
}

static struct webhook_delivery
delivery(void)
{
	return (struct webhook_delivery){ "n", list, COUNT(list), 3 };
}

static int
write_json(void)
{
	struct webhook_delivery all = delivery();

	text = webhook_body_json(&all, &len);
	return text != NULL ? 0 : ERR_NOMEM;
}

static int
write_text(void)
{
	struct webhook_delivery all = delivery();

	text = webhook_body_text(&all, &len);
	return text != NULL ? 0 : ERR_NOMEM;
}

/* Never half of one: it would be signed as the whole. */
static void
judge_body(int err)
{
	if (err == 0) {
		ck_assert_uint_eq(len, strlen(text));
		ck_assert_int_eq(text[len - 1], '}');
	}
	free(text);
}

static void
judge_text(int err)
{
	if (err == 0)
		ck_assert_ptr_nonnull(strstr(text, "\\u000aand 1 more"
		    "\\u000a(3 older ones were dropped)"
		    "\\u000a(rrdnsd on n)\"}"));
	judge_body(err);
}

static struct script_env env;

static int
fill_env(void)
{
	return script_env_init(&env, &down, "n", true);
}

static void
judge_env(int err)
{
	size_t n = 0;

	while (env.list[n] != NULL)
		n++;
	if (err == 0)
		ck_assert_uint_eq(n, 12);
	script_env_fini(&env);
}

static struct metrics_text metrics;

/* More than what is allocated first. */
static int
write_metrics(void)
{
	struct metrics_label label = { "l", "x" };

	metrics_text_init(&metrics);
	metrics_family(&metrics, "g", METRICS_GAUGE, "h");
	for (int i = 0; i < 2000; i++)
		metrics_gauge(&metrics, &label, 1, 1);
	text = metrics_text_take(&metrics, &len);
	return text != NULL ? 0 : ERR_NOMEM;
}

/* All of it or nothing: a scrape without a family looks like its end. */
static void
judge_metrics(int err)
{
	if (err == 0) {
		ck_assert_uint_eq(len,
		    strlen("# HELP g h\n# TYPE g gauge\n") +
			2000 * strlen("g{l=\"x\"} 1\n"));
		ck_assert_int_eq(text[len - 1], '\n');
	} else {
		ck_assert_uint_eq(len, 0);
	}
	free(text);
}

const struct oom_case oom_event_cases[] = {
	{ "event", prepare_nothing, add_event, judge_event },
	{ "webhook in JSON", prepare_delivery, write_json, judge_body },
	{ "webhook in words", prepare_delivery, write_text, judge_text },
	{ "environment of a script", prepare_nothing, fill_env, judge_env },
	{ "metrics", prepare_nothing, write_metrics, judge_metrics },
};
const size_t oom_n_event_cases = COUNT(oom_event_cases);
