/* SPDX-License-Identifier: ISC */
/* A service's course of events under one set of settings: outcomes become
 * health, votes, verdicts and what DNS should hold, as in the daemon. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_rules.h"
#include "err.h"
#include "replay_impl.h"
#include "vote/intents.h"
#include "vote/verdict.h"

/* One endpoint as one node sees it. */
struct view {
	struct health health;
	struct health recorded; /* under the recorded settings */
	bool begun; /* by a page: the state of settings no longer matters */
	bool abstains; /* whatever its health: probes too old, canaries */
	bool probed;
	bool ok; /* the last outcome */
	int64_t taken_ms;
};

struct place {
	enum { UNKNOWN, IN, OUT } dns;
};

struct course {
	const struct replay_service *service;
	const struct replay_options *options; /* NULL: as recorded */
	const struct replay_settings *settings; /* in force */
	struct conf_service conf; /* of these, and options */
	struct desired_endpoint *desired; /* of conf's endpoints */
	size_t *place_of; /* of these, in the service */
	struct vote_intents *intents;
	struct view *views; /* [node * n_endpoints + endpoint] */
	struct place *places;
	struct replay_course *out;
	size_t n_nodes; /* of the journal */
	bool assumed;
	int err;
};

static unsigned
either(int option, unsigned recorded)
{
	return option == REPLAY_AS_RECORDED ? recorded : (unsigned)option;
}

static const struct replay_endpoint_settings *
settings_of(const struct course *course, size_t endpoint)
{
	for (size_t i = 0; i < course->conf.n_endpoints; i++)
		if (course->place_of[i] == endpoint)
			return &course->settings->endpoints[i];
	return NULL;
}

static struct view *
view_of(const struct course *course, size_t node, size_t endpoint)
{
	return &course->views[node * course->service->n_endpoints + endpoint];
}

static void
take_thresholds(struct course *course, const struct replay_settings *settings)
{
	const struct replay_options *o = course->options;
	struct conf_service *conf = &course->conf;

	course->settings = settings;
	*conf = (struct conf_service){ .fqdn = (char *)course->service->fqdn,
		.endpoints = conf->endpoints,
		.n_endpoints = settings->n_endpoints,
		.rise = settings->rise,
		.fall = settings->fall,
		.fail_mode = settings->fail_mode,
		.fail_open_percent = settings->fail_open_percent,
		.min_up = settings->min_up };
	if (o != NULL) {
		conf->rise = either(o->rise, conf->rise);
		conf->fall = either(o->fall, conf->fall);
		conf->fail_mode = either(o->fail_mode, conf->fail_mode);
		conf->fail_open_percent =
		    either(o->fail_open_percent, conf->fail_open_percent);
		conf->min_up = either(o->min_up, conf->min_up);
	}
	for (size_t i = 0; i < settings->n_endpoints; i++) {
		conf->endpoints[i] = (struct conf_endpoint){
			.addr = settings->endpoints[i].addr,
			.tier = settings->endpoints[i].tier };
		course->place_of[i] = replay_service_find(course->service,
		    &settings->endpoints[i].addr);
	}
}

static void
set_intent(struct course *course, const char *target, const char *op)
{
	struct vote_intent wanted = { .target = target,
		.op = op != NULL ? op : VOTE_INTENT_CLEAR,
		.by = "journal",
		.reason = "",
		.more = "" };

	if (op == NULL && vote_intents_find(course->intents, target) == NULL)
		return;
	if (vote_intents_set(course->intents, &wanted, 0) == ERR_NOMEM)
		course->err = ERR_NOMEM;
}

static void
set_endpoint_intent(struct course *course, const struct addr *addr,
    const char *op)
{
	char target[VOTE_INTENT_TARGET_MAX + 1], ip[ADDR_TEXT_MAX];

	snprintf(target, sizeof target, "%s/%s", course->service->fqdn,
	    addr_format(addr, false, ip));
	set_intent(course, target, op);
}

/* op NULL ends a failover and a maintenance: the journal does not tell them
 * apart, and "maintenance off" ends both. */
static void
set_service_intent(struct course *course, const char *op)
{
	char failover[VOTE_INTENT_TARGET_MAX + 1];
	const char *tier = AGENT_FAILOVER_OP;

	snprintf(failover, sizeof failover, "%s" AGENT_FAILOVER_TARGET,
	    course->service->fqdn);
	if (op == NULL || strncmp(op, tier, strlen(tier)) == 0)
		set_intent(course, failover, op);
	if (op == NULL || strcmp(op, "maintenance") == 0)
		set_intent(course, course->service->fqdn, op);
}

static void
take_intent(struct course *course, const struct replay_event *event)
{
	const char *op = event->state;

	if (op == NULL)
		return;
	if (strcmp(op, "auto") == 0)
		op = NULL;
	if (event->fqdn == NULL && strstr(op != NULL ? op : "", "removals"))
		return; /* of a limit that is not replayed */
	if (event->fqdn == NULL)
		set_intent(course, "*", op);
	else if (event->addr.family != ADDR_NONE)
		set_endpoint_intent(course, &event->addr, op);
	else
		set_service_intent(course, op);
}

static void
take_state(struct course *course, const struct replay_event *event)
{
	const struct replay_settings *settings = event->settings;

	set_intent(course, "*", settings->freeze);
	set_service_intent(course, NULL);
	if (settings->maintenance != NULL)
		set_service_intent(course, settings->maintenance);
	if (settings->failover != NULL)
		set_service_intent(course, settings->failover);
	for (size_t i = 0; i < settings->n_endpoints; i++) {
		const struct replay_endpoint_settings *endpoint =
		    &settings->endpoints[i];
		struct view *view = view_of(course, event->recorder,
		    replay_service_find(course->service, &endpoint->addr));

		set_endpoint_intent(course, &endpoint->addr, endpoint->intent);
		if (view->begun)
			continue;
		view->health = (struct health){ .state = endpoint->health };
		view->recorded = view->health;
		view->probed = endpoint->health != HEALTH_UNKNOWN;
		view->ok = endpoint->health == HEALTH_UP;
		view->abstains = view->probed && endpoint->vote == 'a';
	}
}

/* What was lost before is known again: both healths go on from there. */
static void
take_page(struct view *view, const struct replay_probes *probes)
{
	struct health health = { .state = probes->health,
		.streak = (unsigned)abs(probes->streak),
		.streak_ok = probes->streak > 0 };

	assert(view != NULL);
	if (!view->begun) {
		view->health = health;
		view->abstains = false;
	}
	view->recorded = health;
	view->begun = true;
}

/* Longer intervals: these probes would not all have been made. */
static bool
is_skipped(const struct course *course, const struct view *view,
    const struct replay_input *input)
{
	const struct replay_endpoint_settings *settings =
	    settings_of(course, input->endpoint);
	int64_t interval_ms;

	if (course->options == NULL || settings == NULL ||
	    (course->options->interval_ms == REPLAY_AS_RECORDED &&
		course->options->fast_interval_ms == REPLAY_AS_RECORDED))
		return false;
	interval_ms = health_in_doubt(&view->health)
	    ? either(course->options->fast_interval_ms,
		  settings->fast_interval_ms)
	    : either(course->options->interval_ms, settings->interval_ms);
	/* Probes start on a grid, and end when they end. */
	return view->taken_ms != 0 &&
	    input->at_ms - view->taken_ms < interval_ms * 9 / 10;
}

static void
take_outcome(struct course *course, struct view *view,
    const struct replay_input *input)
{
	const struct conf_service *conf = &course->conf;
	enum outcome outcome = input->ok ? OUTCOME_OK : OUTCOME_REFUSED;
	bool skipped;

	assert(view != NULL);
	skipped = is_skipped(course, view, input);
	if (!skipped) {
		health_step(&view->health, conf->rise, conf->fall, outcome,
		    input->at_ms);
		view->taken_ms = input->at_ms;
	}
	health_step(&view->recorded, course->settings->rise,
	    course->settings->fall, outcome, input->at_ms);
	view->probed = true;
	view->ok = input->ok;
}

/* Made only if the daemon would have been in doubt, and was not. */
static void
take_assumed(struct course *course, struct view *view,
    const struct replay_input *input)
{
	assert(view != NULL);
	if (course->assumed && health_in_doubt(&view->health) &&
	    !health_in_doubt(&view->recorded))
		health_step(&view->health, course->conf.rise,
		    course->conf.fall,
		    input->ok ? OUTCOME_OK : OUTCOME_REFUSED, input->at_ms);
}

static void
take_vote(struct view *view, const struct replay_event *event)
{
	const char *state = event->state != NULL ? event->state : "";

	assert(view != NULL);
	if (strcmp(state, "abstain") == 0)
		view->abstains = true;
	else if (strcmp(state, "undecided") != 0) /* that is a verdict */
		view->abstains = false;
}

static void
resume(struct course *course, size_t node)
{
	for (size_t i = 0; i < course->service->n_endpoints; i++)
		view_of(course, node, i)->begun = false;
}

static void
take(struct course *course, const struct replay_input *input)
{
	struct view *view = input->endpoint < course->service->n_endpoints
	    ? view_of(course, input->node, input->endpoint)
	    : NULL;

	switch (input->kind) {
	case REPLAY_THRESHOLDS:
		take_thresholds(course, input->event->settings);
		break;
	case REPLAY_OUTCOME:
		take_outcome(course, view, input);
		break;
	case REPLAY_ASSUMED:
		take_assumed(course, view, input);
		break;
	case REPLAY_RESUME:
		resume(course, input->node);
		break;
	case REPLAY_PAGE:
		take_page(view, input->event->probes);
		break;
	case REPLAY_STATE:
		take_state(course, input->event);
		break;
	case REPLAY_VOTE:
		take_vote(view, input->event);
		break;
	case REPLAY_INTENT:
		take_intent(course, input->event);
		break;
	}
}

static char
vote_of(const struct view *view)
{
	if (view->abstains || view->health.state == HEALTH_UNKNOWN)
		return 'a';
	return view->health.state == HEALTH_UP ? 'u' : 'd';
}

/* All that are configured, if the journal has them all or is told how many
 * there were; else those that it has decide alone. */
static unsigned
count_nodes(const struct course *course)
{
	unsigned n = (unsigned)course->service->n_heard;

	if (course->options != NULL &&
	    course->options->nodes != REPLAY_AS_RECORDED)
		return (unsigned)course->options->nodes > n
		    ? (unsigned)course->options->nodes
		    : n;
	return n;
}

static enum desired_verdict
judge(const struct course *course, size_t endpoint)
{
	struct vote_verdict verdict;

	vote_verdict_init(&verdict, count_nodes(course));
	for (size_t node = 0; node < course->n_nodes; node++)
		if (course->service->heard[node])
			vote_verdict_count(&verdict,
			    vote_of(view_of(course, node, endpoint)));
	vote_verdict_conclude(&verdict);
	return agent_rules_verdict(verdict.verdict);
}

static void
note(struct course *course, size_t i, int64_t at_ms)
{
	const struct desired_endpoint *desired = &course->desired[i];
	size_t endpoint = course->place_of[i];
	struct place *place = &course->places[endpoint];
	struct replay_course *out = &course->out[endpoint];

	if (desired->verdict == DESIRED_DOWN)
		replay_spans_begin(&out->down, at_ms, &course->err);
	else if (desired->verdict == DESIRED_UP)
		replay_spans_end(&out->down, at_ms);
	if (desired->action == DESIRED_KEEP)
		return;
	place->dns = desired->action == DESIRED_PRESENT ? IN : OUT;
	if (place->dns == OUT)
		replay_spans_begin(&out->out, at_ms, &course->err);
	else
		replay_spans_end(&out->out, at_ms);
}

static void
decide(struct course *course, int64_t at_ms)
{
	struct desired_summary summary[2];

	for (size_t i = 0; i < course->conf.n_endpoints; i++)
		course->desired[i] = (struct desired_endpoint){
			.verdict = judge(course, course->place_of[i]) };
	agent_rules_decide(&course->conf, course->intents, false,
	    course->desired, summary);
	for (size_t i = 0; i < course->conf.n_endpoints; i++)
		note(course, i, at_ms);
}

/* How many nodes' last probe of it was so; a majority of those that told. */
static bool
most_saw(const struct course *course, size_t endpoint, bool ok)
{
	unsigned n = 0;

	for (size_t node = 0; node < course->n_nodes; node++) {
		const struct view *view = view_of(course, node, endpoint);

		n += course->service->heard[node] && view->probed &&
		    view->ok == ok;
	}
	return n >= vote_quorum((unsigned)course->service->n_heard);
}

static void
account(struct course *course, int64_t from_ms, int64_t to_ms,
    const struct replay_options *window)
{
	if (from_ms < window->since_ms)
		from_ms = window->since_ms;
	if (window->until_ms != 0 && to_ms > window->until_ms)
		to_ms = window->until_ms;
	for (size_t i = 0; i < course->conf.n_endpoints && from_ms < to_ms;
	     i++) {
		size_t endpoint = course->place_of[i];
		struct replay_course *out = &course->out[endpoint];

		if (course->places[endpoint].dns == IN &&
		    most_saw(course, endpoint, false))
			out->dead_ms += to_ms - from_ms;
		else if (course->places[endpoint].dns == OUT &&
		    most_saw(course, endpoint, true))
			out->away_ms += to_ms - from_ms;
	}
}

/* What comes in one millisecond is decided on together: no record changes
 * within it. */
static void
run(struct course *course, const struct replay_options *window)
{
	const struct replay_service *service = course->service;
	int64_t before_ms = 0;
	size_t i = 0;

	take_thresholds(course, service->first);
	while (i < service->n_inputs && course->err == 0) {
		int64_t at_ms = service->inputs[i].at_ms;

		if (i > 0)
			account(course, before_ms, at_ms, window);
		for (; i < service->n_inputs &&
		     service->inputs[i].at_ms == at_ms;
		     i++)
			take(course, &service->inputs[i]);
		decide(course, at_ms);
		before_ms = at_ms;
	}
	if (service->n_inputs > 0)
		account(course, before_ms, service->end_ms, window);
}

int
replay_course_run(const struct replay_service *service,
    const struct replay_journal *journal, const struct replay_options *options,
    const struct replay_options *window, bool assumed,
    struct replay_course *courses)
{
	size_t n = service->n_endpoints;
	struct course course = { .service = service, .options = options,
		.n_nodes = journal->n_recorders, .out = courses,
		.assumed = assumed };

	course.conf.endpoints = calloc(n, sizeof *course.conf.endpoints);
	course.desired = calloc(n, sizeof *course.desired);
	course.place_of = calloc(n, sizeof *course.place_of);
	course.places = calloc(n, sizeof *course.places);
	course.views = calloc(n * course.n_nodes, sizeof *course.views);
	course.intents = vote_intents_new();
	if (course.conf.endpoints == NULL || course.desired == NULL ||
	    course.place_of == NULL || course.places == NULL ||
	    course.views == NULL || course.intents == NULL)
		course.err = ERR_NOMEM;
	else
		run(&course, window);
	vote_intents_free(course.intents);
	free(course.views);
	free(course.places);
	free(course.place_of);
	free(course.desired);
	free(course.conf.endpoints);
	return course.err;
}
