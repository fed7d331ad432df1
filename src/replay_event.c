/* SPDX-License-Identifier: ISC */
/* One event of a journal, held against what it has to be. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ctl_duration.h"
#include "err.h"
#include "http/trace.h"
#include "replay_impl.h"

#define ID_MAX ((json_int_t)1 << 53)
#define NODES_MAX CONF_NODES_MAX
#define INTERVAL_MAX 86400000
#define ENDPOINTS_MAX 100000

/* What is being read, and what is wrong with it; the first fault stays. */
struct reader {
	const json_t *json;
	char *why;
	size_t why_size;
	bool bad;
};

static void
complain(struct reader *r, const char *key, const char *what)
{
	if (!r->bad)
		snprintf(r->why, r->why_size, "%s must be %s", key, what);
	r->bad = true;
}

static int64_t
number(struct reader *r, const char *key, json_int_t min, json_int_t max)
{
	const json_t *value = json_object_get(r->json, key);
	json_int_t n = json_integer_value(value);
	char what[80];

	snprintf(what, sizeof what, "a whole number from %lld to %lld",
	    (long long)min, (long long)max);
	if (!json_is_integer(value) || n < min || n > max) {
		complain(r, key, what);
		return min;
	}
	return n;
}

/* NULL: null, where that may be. */
static const char *
words(struct reader *r, const char *key, bool needed)
{
	const json_t *value = json_object_get(r->json, key);
	const char *text = json_string_value(value);

	if (text == NULL && (needed || !(value == NULL || json_is_null(value))))
		complain(r, key, needed ? "a text" : "a text or null");
	return text == NULL && needed ? "" : text;
}

static int64_t
moment(struct reader *r, const char *key)
{
	int64_t ms = 0;

	if (ctl_time_parse(words(r, key, true), &ms) != 0 || ms < 0)
		complain(r, key, "a moment such as 2026-11-25T14:21:15.123Z");
	return ms;
}

static int
choice(struct reader *r, const char *key, const char *const *choices)
{
	const char *text = words(r, key, true);

	for (int i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0)
			return i;
	complain(r, key, "a word that rrdnsd writes there");
	return 0;
}

static enum health_state
health(struct reader *r, const char *key)
{
	static const char *const texts[] = { [HEALTH_UNKNOWN] = "unknown",
		[HEALTH_UP] = "up", [HEALTH_DOWN] = "down", NULL };

	return (enum health_state)choice(r, key, texts);
}

static void
address(struct reader *r, const char *key, bool needed, struct addr *out)
{
	const char *text = words(r, key, needed);

	if (text != NULL && addr_parse_ip(text, out) != 0)
		complain(r, key, "an address");
}

/* "-", "--250-251+1003": see http/trace.h. */
static bool
outcomes_are_right(const char *text)
{
	unsigned n = 0;

	for (; *text == '+' || *text == '-'; n++) {
		size_t digits = strspn(++text, "0123456789");

		if (n == TRACE_MAX || digits > 10 || (n == 0) != (digits == 0))
			return false;
		text += digits;
	}
	return *text == '\0' && n > 0;
}

static void
read_probes(struct reader *r, struct replay_event *event)
{
	struct replay_probes *probes = calloc(1, sizeof *probes);

	event->probes = probes;
	if (probes == NULL) {
		complain(r, "probes", "kept, but memory ran out");
		return;
	}
	probes->from_ms = moment(r, "from");
	probes->health = health(r, "health");
	probes->streak = (int)number(r, "streak", -REPLAY_THRESHOLD_MAX,
	    REPLAY_THRESHOLD_MAX);
	probes->calm = (unsigned)number(r, "calm", 0, UINT32_MAX);
	probes->outcomes = words(r, "outcomes", true);
	if (!outcomes_are_right(probes->outcomes))
		complain(r, "outcomes",
		    "+ and -, with milliseconds between them");
}

static int
by_address(const void *a, const void *b)
{
	const struct replay_endpoint_settings *x = a, *y = b;

	return addr_compare_ip(&x->addr, &y->addr);
}

static void
read_endpoint(struct reader *outer, const json_t *json,
    struct replay_endpoint_settings *out)
{
	static const char *const votes[] = { "u", "d", "a", NULL };
	struct reader r = *outer;

	r.json = json;
	address(&r, "ipaddr", true, &out->addr);
	out->tier = (unsigned)number(&r, "tier", 0, UINT32_MAX);
	out->interval_ms = (unsigned)number(&r, "interval_ms", 1, INTERVAL_MAX);
	out->fast_interval_ms =
	    (unsigned)number(&r, "fast_interval_ms", 1, INTERVAL_MAX);
	out->vote = votes[choice(&r, "vote", votes)][0];
	out->health = health(&r, "health");
	out->intent = words(&r, "intent", false);
	outer->bad = r.bad;
}

static void
read_endpoints(struct reader *r, struct replay_settings *settings)
{
	const json_t *list = json_object_get(r->json, "endpoints");
	size_t n = json_array_size(list);

	if (n == 0 || n > ENDPOINTS_MAX) {
		complain(r, "endpoints", "a list of endpoints");
		return;
	}
	settings->endpoints = calloc(n, sizeof *settings->endpoints);
	if (settings->endpoints == NULL) {
		complain(r, "endpoints", "kept, but memory ran out");
		return;
	}
	settings->n_endpoints = n;
	for (size_t i = 0; i < n; i++)
		read_endpoint(r, json_array_get(list, i),
		    &settings->endpoints[i]);
	qsort(settings->endpoints, n, sizeof *settings->endpoints, by_address);
	for (size_t i = 1; i < n; i++)
		if (by_address(&settings->endpoints[i - 1],
			&settings->endpoints[i]) == 0)
			complain(r, "endpoints", "a list without repetition");
}

static void
read_settings(struct reader *r, struct replay_event *event)
{
	static const char *const modes[] = { [CONF_FAIL_RESTORE] = "restore",
		[CONF_FAIL_HOLD] = "hold", [CONF_FAIL_CLOSED] = "closed",
		NULL };
	struct replay_settings *settings = calloc(1, sizeof *settings);

	event->settings = settings;
	if (settings == NULL) {
		complain(r, "settings", "kept, but memory ran out");
		return;
	}
	settings->since_ms = moment(r, "since");
	settings->nodes = (unsigned)number(r, "nodes", 1, NODES_MAX);
	settings->rise = (unsigned)number(r, "rise", 1, REPLAY_THRESHOLD_MAX);
	settings->fall = (unsigned)number(r, "fall", 1, REPLAY_THRESHOLD_MAX);
	settings->fail_mode = (enum conf_fail_mode)choice(r, "fail_mode", modes);
	settings->fail_open_percent =
	    (unsigned)number(r, "fail_open_percent", 0, 100);
	settings->min_up = (unsigned)number(r, "min_up", 0, UINT32_MAX);
	settings->freeze = words(r, "freeze", false);
	settings->maintenance = words(r, "maintenance", false);
	settings->failover = words(r, "failover", false);
	read_endpoints(r, settings);
}

/* What is null, or not there, is none. */
static void
read_part(struct reader *outer, const char *key, struct replay_event *event,
    void (*read)(struct reader *, struct replay_event *))
{
	struct reader r = *outer;

	r.json = json_object_get(outer->json, key);
	if (r.json == NULL || json_is_null(r.json))
		return;
	if (!json_is_object(r.json))
		complain(&r, key, "an object or null");
	else
		read(&r, event);
	outer->bad = r.bad;
}

static bool
find_kind(const char *text, enum event_kind *kind)
{
	for (int i = 0; i < EVENT_KIND_COUNT; i++) {
		*kind = (enum event_kind)i;
		if (strcmp(event_kind_text(*kind), text) == 0)
			return true;
	}
	return false;
}

/* What belongs to some kinds alone: without it the event says nothing. */
static void
check_kind(struct reader *r, const struct replay_event *event)
{
	if ((event->kind == EVENT_SETTINGS) != (event->settings != NULL))
		complain(r, "settings", "in events of this kind, and no other");
	if (event->kind == EVENT_PROBES && event->probes == NULL)
		complain(r, "probes", "in events of this kind");
	if ((event->settings != NULL || event->probes != NULL) &&
	    event->fqdn == NULL)
		complain(r, "fqdn", "the name of a service");
	if (event->probes != NULL && event->addr.family == ADDR_NONE)
		complain(r, "ipaddr", "the address of an endpoint");
}

int
replay_event_read(void *json, struct replay_event *event,
    const char **recorder, bool *known, char *why, size_t why_size)
{
	struct reader r = { .json = json, .why = why, .why_size = why_size };

	*event = (struct replay_event){ .json = json };
	if (!json_is_object(r.json) ||
	    json_object_get(r.json, "recorder") == NULL) {
		snprintf(why, why_size,
		    "this is no event as \"rrdnsctl events --json\" prints it");
		return ERR_INVALID;
	}
	event->id = (uint64_t)number(&r, "id", 1, ID_MAX);
	event->at_ms = moment(&r, "at");
	*recorder = words(&r, "recorder", true);
	*known = find_kind(words(&r, "kind", true), &event->kind);
	event->fqdn = words(&r, "fqdn", false);
	event->state = words(&r, "state", false);
	address(&r, "ipaddr", false, &event->addr);
	read_part(&r, "probes", event, read_probes);
	read_part(&r, "settings", event, read_settings);
	if (*known)
		check_kind(&r, event);
	return r.bad ? ERR_INVALID : 0;
}

void
replay_event_fini(struct replay_event *event)
{
	if (event->settings != NULL)
		free(event->settings->endpoints);
	free(event->settings);
	free(event->probes);
	event->settings = NULL;
	event->probes = NULL;
}
