/* SPDX-License-Identifier: ISC */
/* From the events of a service to what happened to it, outcome by outcome. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "replay_impl.h"

/* Up to where a node's probes of an endpoint are known. */
struct cursor {
	bool known;
	int64_t at_ms; /* of the last outcome */
	bool ok; /* what it was */
	bool calm; /* what comes and is not written down is the same */
};

struct build {
	struct replay_service *service;
	const struct replay_journal *journal;
	const struct replay_options *options;
	const struct replay_settings *settings; /* the latest */
	struct cursor *cursors; /* [node * n_endpoints + endpoint] */
	int64_t *last_ms; /* by node: of its last event so far */
	size_t cap;
	bool failed; /* out of memory */
};

static int
compare_addr(const void *a, const void *b)
{
	return addr_compare_ip(a, b);
}

size_t
replay_service_find(const struct replay_service *service,
    const struct addr *addr)
{
	const struct addr *found = bsearch(addr, service->endpoints,
	    service->n_endpoints, sizeof *addr, compare_addr);

	return found != NULL ? (size_t)(found - service->endpoints)
			     : service->n_endpoints;
}

static bool
is_about(const struct replay_event *event, const char *fqdn)
{
	return event->fqdn != NULL && strcmp(event->fqdn, fqdn) == 0;
}

static int
take_endpoints(struct replay_service *service,
    const struct replay_settings *settings)
{
	size_t n = service->n_endpoints, more = 0;
	struct addr *endpoints = realloc(service->endpoints,
	    (n + settings->n_endpoints) * sizeof *endpoints);

	if (endpoints == NULL)
		return ERR_NOMEM;
	service->endpoints = endpoints;
	for (size_t i = 0; i < settings->n_endpoints; i++)
		if (replay_service_find(service,
			&settings->endpoints[i].addr) == n)
			endpoints[n + more++] = settings->endpoints[i].addr;
	service->n_endpoints = n + more;
	if (more > 0)
		qsort(endpoints, n + more, sizeof *endpoints, compare_addr);
	return 0;
}

/* Who told of it, and what it ever consisted of. */
static int
survey(struct replay_service *service, const struct replay_journal *journal)
{
	service->heard = calloc(journal->n_recorders, sizeof *service->heard);
	if (service->heard == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < journal->n_events; i++) {
		const struct replay_event *event = &journal->events[i];

		if (event->settings == NULL || !is_about(event, service->fqdn))
			continue;
		if (service->first == NULL)
			service->first = event->settings;
		service->n_heard += !service->heard[event->recorder];
		service->heard[event->recorder] = true;
		if (take_endpoints(service, event->settings) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

static void
add(struct build *build, struct replay_input input)
{
	struct replay_service *service = build->service;

	if (service->n_inputs == build->cap) {
		size_t cap = build->cap ? 2 * build->cap : 256;
		struct replay_input *inputs =
		    realloc(service->inputs, cap * sizeof *inputs);

		if (inputs == NULL) {
			build->failed = true;
			return;
		}
		service->inputs = inputs;
		build->cap = cap;
	}
	input.order = service->n_inputs;
	service->inputs[service->n_inputs++] = input;
}

static unsigned
larger(unsigned a, int b)
{
	return b > 0 && (unsigned)b > a ? (unsigned)b : a;
}

/* More outcomes in a row than these change nothing. */
static unsigned
threshold(const struct build *build)
{
	unsigned n = larger(build->settings->rise, build->options->rise);

	return larger(larger(n, (int)build->settings->fall),
	    build->options->fall);
}

static const struct replay_endpoint_settings *
settings_of(const struct build *build, size_t endpoint)
{
	const struct replay_settings *settings = build->settings;

	for (size_t i = 0; i < settings->n_endpoints; i++)
		if (addr_compare_ip(&settings->endpoints[i].addr,
			&build->service->endpoints[endpoint]) == 0)
			return &settings->endpoints[i];
	return NULL;
}

/* The fast probes between two outcomes that were not made, or are not known
 * of, with the outcome of the one before. */
static void
assume(struct build *build, size_t node, size_t endpoint,
    const struct cursor *cursor, int64_t until_ms)
{
	const struct replay_endpoint_settings *settings =
	    settings_of(build, endpoint);
	int64_t fast_ms = settings == NULL ? 0
	    : larger(settings->fast_interval_ms,
		  build->options->fast_interval_ms);
	unsigned most = threshold(build);

	if (fast_ms == 0 || !cursor->known)
		return;
	for (unsigned i = 1; i < most &&
	     cursor->at_ms + i * fast_ms + fast_ms / 2 < until_ms;
	     i++)
		add(build,
		    (struct replay_input){ .kind = REPLAY_ASSUMED,
			.at_ms = cursor->at_ms + i * fast_ms,
			.node = node,
			.endpoint = endpoint,
			.ok = cursor->ok });
}

static void
add_outcome(struct build *build, size_t node, size_t endpoint,
    struct cursor *cursor, bool ok, int64_t at_ms)
{
	if (cursor->known && at_ms < cursor->at_ms)
		at_ms = cursor->at_ms;
	assume(build, node, endpoint, cursor, at_ms);
	add(build,
	    (struct replay_input){ .kind = REPLAY_OUTCOME,
		.at_ms = at_ms,
		.node = node,
		.endpoint = endpoint,
		.ok = ok });
	cursor->known = true;
	cursor->at_ms = at_ms;
	cursor->ok = ok;
}

/* How many calm outcomes can still matter: longer intervals leave some out. */
static unsigned
enough(const struct build *build, size_t endpoint)
{
	const struct replay_endpoint_settings *settings =
	    settings_of(build, endpoint);
	unsigned n = threshold(build);

	if (settings != NULL && build->options->interval_ms > 0)
		n *= (unsigned)build->options->interval_ms /
			settings->interval_ms + 2;
	return n;
}

/* Calm outcomes were counted, and are spread evenly up to until_ms. */
static void
add_calm(struct build *build, size_t node, size_t endpoint,
    struct cursor *cursor, unsigned n, int64_t until_ms)
{
	int64_t from_ms = cursor->at_ms;
	unsigned most = enough(build, endpoint);

	if (!cursor->known || !cursor->calm)
		return;
	for (unsigned i = 1; i <= n && i <= most; i++)
		add_outcome(build, node, endpoint, cursor, cursor->ok,
		    from_ms + (until_ms - from_ms) * i / ((int64_t)n + 1));
}

/* Where the journal tells nothing more, calm went on to its end. */
static void
add_silence(struct build *build, size_t node, size_t endpoint,
    int64_t until_ms)
{
	struct cursor *cursor =
	    &build->cursors[node * build->service->n_endpoints + endpoint];
	const struct replay_endpoint_settings *settings =
	    settings_of(build, endpoint);
	unsigned most = enough(build, endpoint);

	if (!cursor->known || !cursor->calm || settings == NULL)
		return;
	for (unsigned i = 0; i < most &&
	     cursor->at_ms + settings->interval_ms <= until_ms;
	     i++)
		add_outcome(build, node, endpoint, cursor, cursor->ok,
		    cursor->at_ms + settings->interval_ms);
}

static void
add_page(struct build *build, const struct replay_event *event,
    size_t endpoint)
{
	const struct replay_probes *probes = event->probes;
	const char *text = probes->outcomes;
	size_t node = event->recorder;
	int64_t at_ms = probes->from_ms;
	struct cursor *cursor =
	    &build->cursors[node * build->service->n_endpoints + endpoint];

	if (at_ms > event->at_ms)
		at_ms = event->at_ms;
	add_calm(build, node, endpoint, cursor, probes->calm, at_ms);
	if (cursor->known && at_ms < cursor->at_ms)
		at_ms = cursor->at_ms;
	add(build,
	    (struct replay_input){ .kind = REPLAY_PAGE,
		.at_ms = at_ms,
		.node = node,
		.endpoint = endpoint,
		.event = event });
	while (*text != '\0') {
		bool ok = *text++ == '+';
		int64_t gap_ms = 0;

		while (*text >= '0' && *text <= '9')
			gap_ms = 10 * gap_ms + (*text++ - '0');
		at_ms += gap_ms;
		if (at_ms > event->at_ms)
			at_ms = event->at_ms;
		add_outcome(build, node, endpoint, cursor, ok, at_ms);
	}
	cursor->calm = event->state != NULL &&
	    strcmp(event->state, cursor->ok ? "up" : "down") == 0;
}

/* A node's events are missing: its probes are known up to there, and anew from
 * its next page on. */
static void
add_gap(struct build *build, size_t node)
{
	struct replay_service *service = build->service;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		add_silence(build, node, i, build->last_ms[node]);
		build->cursors[node * service->n_endpoints + i].known = false;
	}
	add(build,
	    (struct replay_input){ .kind = REPLAY_RESUME,
		.at_ms = build->last_ms[node],
		.node = node });
}

static void
add_event(struct build *build, const struct replay_event *event)
{
	struct replay_input input = { .at_ms = event->at_ms,
		.node = event->recorder,
		.event = event };
	size_t n = build->service->n_endpoints;

	input.endpoint = replay_service_find(build->service, &event->addr);
	if (event->probes != NULL && input.endpoint < n)
		add_page(build, event, input.endpoint);
	if (event->settings != NULL) {
		build->settings = event->settings;
		input.kind = REPLAY_STATE;
		add(build, input);
		input.kind = REPLAY_THRESHOLDS;
		input.at_ms = event->settings->since_ms;
		add(build, input);
	} else if (event->kind == EVENT_VOTE_CHANGED && input.endpoint < n) {
		input.kind = REPLAY_VOTE;
		add(build, input);
	} else if (event->kind == EVENT_INTENT) {
		input.kind = REPLAY_INTENT;
		add(build, input);
	}
}

/* Of what happened in the same millisecond. */
static int
rank(const struct replay_input *input)
{
	switch (input->kind) {
	case REPLAY_THRESHOLDS:
		return 0;
	case REPLAY_PAGE:
	case REPLAY_OUTCOME:
	case REPLAY_ASSUMED:
		return 1;
	case REPLAY_STATE:
	case REPLAY_VOTE:
	case REPLAY_INTENT:
		return 2;
	case REPLAY_RESUME:
		break;
	}
	return 3;
}

static int
compare_inputs(const void *a, const void *b)
{
	const struct replay_input *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
add_all(struct build *build)
{
	const struct replay_journal *journal = build->journal;
	struct replay_service *service = build->service;

	for (size_t i = 0; i < journal->n_events; i++) {
		const struct replay_event *event = &journal->events[i];

		if (!service->heard[event->recorder])
			continue;
		if (event->after_gap && build->last_ms[event->recorder] > 0)
			add_gap(build, event->recorder);
		build->last_ms[event->recorder] = event->at_ms;
		if (is_about(event, service->fqdn) ||
		    (event->kind == EVENT_INTENT && event->fqdn == NULL))
			add_event(build, event);
	}
	for (size_t node = 0; node < journal->n_recorders; node++) {
		for (size_t i = 0; i < service->n_endpoints; i++)
			add_silence(build, node, i, build->last_ms[node]);
		if (build->last_ms[node] > service->end_ms)
			service->end_ms = build->last_ms[node];
	}
}

int
replay_service_init(struct replay_service *service,
    const struct replay_journal *journal,
    const struct replay_options *options, const char *fqdn)
{
	struct build build = { .service = service, .journal = journal,
		.options = options };
	int err;

	*service = (struct replay_service){ .fqdn = fqdn };
	err = survey(service, journal);
	if (err != 0 || service->first == NULL)
		return err;
	build.settings = service->first;
	build.cursors = calloc(journal->n_recorders * service->n_endpoints,
	    sizeof *build.cursors);
	build.last_ms = calloc(journal->n_recorders, sizeof *build.last_ms);
	if (build.cursors == NULL || build.last_ms == NULL)
		build.failed = true;
	else
		add_all(&build);
	if (service->n_inputs > 0)
		qsort(service->inputs, service->n_inputs,
		    sizeof *service->inputs, compare_inputs);
	free(build.cursors);
	free(build.last_ms);
	return build.failed ? ERR_NOMEM : 0;
}

void
replay_service_fini(struct replay_service *service)
{
	free(service->endpoints);
	free(service->heard);
	free(service->inputs);
}
