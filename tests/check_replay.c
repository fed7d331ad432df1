/* SPDX-License-Identifier: ISC */
/* Journals are made by what the daemon makes them with, from random outcomes,
 * and replayed. RRDNSD_TEST_SEED=N makes one of them again. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_journal.h"
#include "agent_rules.h"
#include "check_main.h"
#include "err.h"
#include "event_json.h"
#include "events.h"
#include "json_out.h"
#include "replay_impl.h"
#include "vote/verdict.h"

#define T0 INT64_C(1764043200000)
#define FQDN "www.example.org"
#define ENDPOINTS_MAX 4
#define SEEDS 300

static char fqdn[] = FQDN;

/* One service, as one node alone sees it. */
struct world {
	uint64_t random;
	struct conf_service conf;
	struct conf_endpoint endpoints[ENDPOINTS_MAX];
	struct health health[ENDPOINTS_MAX];
	struct trace trace[ENDPOINTS_MAX];
	char vote[ENDPOINTS_MAX];
	int64_t next_ms[ENDPOINTS_MAX];
	unsigned failing[ENDPOINTS_MAX]; /* percent of the probes, for now */
	enum desired_verdict verdict[ENDPOINTS_MAX];
	struct replay_spans down[ENDPOINTS_MAX];
	struct vote_intents *intents;
	int64_t now_ms;
	uint64_t id;
	const char *name;
	bool lines; /* as -f prints it */
	struct json_out json;
};

static uint64_t
next_random(struct world *world)
{
	uint64_t x = world->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned
below(struct world *world, unsigned n)
{
	return (unsigned)(next_random(world) % n);
}

static void
record(struct world *world, struct event event)
{
	event.id = event.group = world->id++;
	event.at_ms = world->now_ms;
	event.fqdn = FQDN;
	event.text = "something happened";
	event.recorder = world->name;
	json_open(&world->json, '{');
	event_json_members(&world->json, &event);
	event_json_journal(&world->json, &event);
	json_close(&world->json, '}');
	if (world->lines) {
		json_end_line(&world->json);
		world->json.comma = false;
	}
}

static void
record_of(struct world *world, size_t i, enum event_kind kind,
    const char *state)
{
	char ip[ADDR_TEXT_MAX];
	char *probes = world->trace[i].due
	    ? agent_journal_probes(world->trace[i].page)
	    : NULL;

	if (probes != NULL)
		trace_turn(&world->trace[i]);
	record(world,
	    (struct event){ .kind = kind,
		.ipaddr = addr_format(&world->endpoints[i].addr, false, ip),
		.state = state,
		.probes = probes });
	free(probes);
}

static void
record_settings(struct world *world)
{
	struct agent_journal_endpoint endpoints[ENDPOINTS_MAX];
	char *settings;

	for (size_t i = 0; i < world->conf.n_endpoints; i++)
		endpoints[i] = (struct agent_journal_endpoint){
			.vote = world->vote[i],
			.health = world->health[i].state };
	settings = agent_journal_settings(&world->conf, 1, T0, world->intents,
	    endpoints);
	record(world,
	    (struct event){ .kind = EVENT_SETTINGS, .settings = settings });
	free(settings);
}

static void
init(struct world *world, uint64_t seed)
{
	*world = (struct world){ .random = seed, .name = "192.0.2.10:3333",
		.id = 1000000 };
	world->lines = below(world, 2) == 1;
	world->now_ms = T0 + 1;
	world->intents = vote_intents_new();
	world->conf = (struct conf_service){ .fqdn = fqdn,
		.endpoints = world->endpoints,
		.n_endpoints = 1 + below(world, ENDPOINTS_MAX),
		.rise = 1 + below(world, 4),
		.fall = 1 + below(world, 5),
		.fast_interval_ms = 250,
		.fail_mode = (enum conf_fail_mode)below(world, 3),
		.fail_open_percent = 50,
		.min_up = 1 };
	json_out_init(&world->json);
	if (!world->lines) {
		json_open(&world->json, '{');
		json_key(&world->json, "events");
		json_open(&world->json, '[');
	}
	for (size_t i = 0; i < world->conf.n_endpoints; i++) {
		char ip[32];

		snprintf(ip, sizeof ip, "192.0.2.%zu", i + 1);
		ck_assert_int_eq(addr_parse_ip(ip, &world->endpoints[i].addr),
		    0);
		world->endpoints[i].probe_interval_ms = 1000;
		world->endpoints[i].tier = below(world, 2);
		world->vote[i] = 'a';
		world->next_ms[i] = world->now_ms + below(world, 1000);
	}
}

/* Ends the journal; the text is the caller's. */
static char *
finish(struct world *world, size_t *len)
{
	char *text;

	if (!world->lines) {
		json_close(&world->json, ']');
		json_put_int(&world->json, "next", (int64_t)world->id);
		json_close(&world->json, '}');
	}
	text = json_out_take(&world->json, len);
	for (size_t i = 0; i < world->conf.n_endpoints; i++) {
		trace_fini(&world->trace[i]);
		free(world->down[i].list);
	}
	vote_intents_free(world->intents);
	return text;
}

/* As agent_probe.c and agent_decide.c do with one node. */
static void
cast_vote(struct world *world, size_t i)
{
	char vote = world->health[i].state == HEALTH_UP ? 'u'
	    : world->health[i].state == HEALTH_DOWN	? 'd'
							: 'a';
	struct vote_verdict verdict;
	int err = 0;

	if (vote == world->vote[i])
		return;
	if (world->id == 1000000 || below(world, 20) == 0)
		record_settings(world);
	world->vote[i] = vote;
	record_of(world, i, EVENT_VOTE_CHANGED, vote == 'u' ? "up" : "down");
	vote_verdict_init(&verdict, 1);
	vote_verdict_count(&verdict, vote);
	vote_verdict_conclude(&verdict);
	world->verdict[i] = agent_rules_verdict(verdict.verdict);
	record_of(world, i,
	    vote == 'u' ? EVENT_ENDPOINT_UP : EVENT_ENDPOINT_DOWN,
	    vote == 'u' ? "up" : "down");
	if (vote == 'd')
		replay_spans_begin(&world->down[i], world->now_ms, &err);
	else
		replay_spans_end(&world->down[i], world->now_ms);
	ck_assert_int_eq(err, 0);
}

static void
probe(struct world *world, size_t i, bool ok)
{
	const struct health before = world->health[i];

	health_step(&world->health[i], world->conf.rise, world->conf.fall,
	    ok ? OUTCOME_OK : OUTCOME_REFUSED, world->now_ms);
	trace_take(&world->trace[i], &before, &world->health[i], ok,
	    world->now_ms);
	cast_vote(world, i);
	if (world->trace[i].due)
		record_of(world, i, EVENT_PROBES,
		    health_state_text(world->health[i].state));
	world->next_ms[i] = world->now_ms +
	    (health_in_doubt(&world->health[i]) ? 250 : 1000) +
	    below(world, 20);
}

static void
live(struct world *world, unsigned probes)
{
	static const unsigned moods[] = { 0, 0, 0, 5, 50, 95, 100 };

	for (unsigned n = 0; n < probes; n++) {
		size_t first = 0;

		for (size_t i = 1; i < world->conf.n_endpoints; i++)
			if (world->next_ms[i] < world->next_ms[first])
				first = i;
		world->now_ms = world->next_ms[first];
		if (below(world, 30) == 0)
			world->failing[first] = moods[below(world, 7)];
		probe(world, first,
		    below(world, 100) >= world->failing[first]);
	}
}

static void
on_warning(void *arg, const char *text)
{
	unsigned *n = arg;

	(void)text;
	(*n)++;
}

static void
as_recorded(struct replay_options *options)
{
	*options = (struct replay_options){ REPLAY_AS_RECORDED,
		REPLAY_AS_RECORDED, REPLAY_AS_RECORDED, REPLAY_AS_RECORDED,
		REPLAY_AS_RECORDED, REPLAY_AS_RECORDED, REPLAY_AS_RECORDED,
		REPLAY_AS_RECORDED, NULL, 0, 0 };
}

static struct replay_report *
replay(const char *text, size_t len, const struct replay_options *options,
    struct replay_journal **journal)
{
	struct replay_report *report = NULL;
	char why[600] = "";
	unsigned warnings = 0;
	int err = replay_journal_read(text, len, on_warning, &warnings,
	    journal, why, sizeof why);

	ck_assert_msg(err == 0, "%s", why);
	ck_assert_uint_eq(warnings, 0);
	err = replay_run(*journal, options, &report, why, sizeof why);
	ck_assert_msg(err == 0, "%s", why);
	return report;
}

static void
same_spans(const struct replay_spans *a, const struct replay_spans *b,
    uint64_t seed, const char *what)
{
	ck_assert_msg(a->len == b->len &&
		(a->len == 0 ||
		    memcmp(a->list, b->list, a->len * sizeof *a->list) == 0),
	    "seed %" PRIu64 ": %s: %zu spans, not %zu", seed, what, a->len,
	    b->len);
}

static uint64_t
seed_of(int i)
{
	const char *wanted = getenv("RRDNSD_TEST_SEED");

	return wanted != NULL ? strtoull(wanted, NULL, 10) : (uint64_t)i;
}

/* The recorded thresholds come to exactly what happened, to the millisecond. */
START_TEST(the_same_is_the_same)
{
	uint64_t seed = seed_of(_i);
	struct replay_options options;
	struct replay_journal *journal;
	struct replay_report *report;
	struct world world;
	char *text;
	size_t len;

	init(&world, seed);
	live(&world, 200 + below(&world, 2000));
	if (world.id == 1000000) /* nothing was ever decided */
		record_settings(&world);
	as_recorded(&options);
	options.rise = (int)world.conf.rise;
	options.fall = (int)world.conf.fall;
	text = finish(&world, &len);
	report = replay(text, len, &options, &journal);
	ck_assert_uint_eq(report->n_rows, world.conf.n_endpoints);
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct replay_row *row = &report->rows[i];

		same_spans(&row->was.down, &row->recorded, seed, "recorded");
		same_spans(&row->now.down, &row->recorded, seed, "replayed");
		same_spans(&row->perhaps.down, &row->recorded, seed,
		    "with fast probes");
		ck_assert_uint_eq(row->missed, 0);
		ck_assert_int_eq(row->skew_ms, 0);
		ck_assert_uint_eq(row->n_differences, 0);
	}
	replay_report_free(report);
	replay_journal_free(journal);
	free(text);
}
END_TEST

/* Other thresholds come to what the same outcomes come to when they are counted
 * with these from the start: nothing that matters is lost on the way. */
START_TEST(outcomes_are_all_there)
{
	uint64_t seed = seed_of(_i);
	static const char outcomes[] =
	    "++++++++-+++++++++++----+++++++++++++-+-+-+-++--++----------++++++"
	    "+++++++++++++++++++-----+++++++++++++++++++++++++++++++++++++++++";
	struct replay_options options;
	struct replay_journal *journal;
	struct replay_report *report;
	struct replay_spans wanted = { 0 };
	struct health health = { 0 };
	struct world world;
	size_t len, n = 1 + seed % 6;
	char *text;
	int err = 0;

	init(&world, seed);
	world.conf.n_endpoints = 1;
	for (size_t i = 0; outcomes[i] != '\0'; i++) {
		bool ok = outcomes[i] == '+';

		world.now_ms += 1000;
		probe(&world, 0, ok);
		if (!health_step(&health, 2, (unsigned)n,
			ok ? OUTCOME_OK : OUTCOME_REFUSED, world.now_ms))
			continue;
		if (health.state == HEALTH_DOWN)
			replay_spans_begin(&wanted, world.now_ms, &err);
		else
			replay_spans_end(&wanted, world.now_ms);
	}
	record_of(&world, 0, EVENT_CERTIFICATE, NULL);
	as_recorded(&options);
	options.rise = 2;
	options.fall = (int)n;
	text = finish(&world, &len);
	report = replay(text, len, &options, &journal);
	same_spans(&report->rows[0].now.down, &wanted, seed, "counted anew");
	replay_report_free(report);
	replay_journal_free(journal);
	free(wanted.list);
	free(text);
}
END_TEST

/* What a person at night asks: one flap of three failures, one real outage. */
static char *
night(size_t *len)
{
	struct world world;

	init(&world, 1);
	world.conf.n_endpoints = 2;
	world.conf.rise = 2;
	world.conf.fall = 3;
	world.conf.fail_mode = CONF_FAIL_RESTORE;
	for (size_t i = 0; i < 2; i++) {
		addr_parse_ip(i == 0 ? "192.0.2.1" : "192.0.2.2",
		    &world.endpoints[i].addr);
		world.endpoints[i].probe_interval_ms = 1000;
		world.endpoints[i].tier = 0;
		world.vote[i] = 'a';
	}
	for (int n = 0; n < 200; n++) {
		bool flap = n >= 50 && n < 53, outage = n >= 100 && n < 150;

		world.now_ms = T0 + 1000 * n;
		probe(&world, 0, !flap && !outage);
		probe(&world, 1, true);
	}
	return finish(&world, len);
}

START_TEST(a_flap_would_not_have_been_published)
{
	struct replay_options options;
	struct replay_journal *journal;
	struct replay_report *report;
	const struct replay_difference *differences;
	size_t len;
	char *text = night(&len);

	as_recorded(&options);
	options.fall = 5;
	report = replay(text, len, &options, &journal);
	ck_assert_uint_eq(report->n_rows, 2);
	ck_assert_uint_eq(report->rows[1].n_differences, 0);
	ck_assert_uint_eq(report->rows[0].n_differences, 2);
	differences = report->rows[0].differences;
	ck_assert_int_eq(differences[0].was.from_ms, T0 + 52000);
	ck_assert_int_eq(differences[0].was.to_ms, T0 + 54000);
	ck_assert_int_eq(differences[0].now.from_ms, 0);
	/* Three fast probes fit between the third failure and the success. */
	ck_assert_int_eq(differences[0].perhaps_ms, T0 + 52500);
	ck_assert_int_eq(differences[1].was.from_ms, T0 + 102000);
	ck_assert_int_eq(differences[1].now.from_ms, T0 + 104000);
	ck_assert_int_eq(differences[1].perhaps_ms, T0 + 102500);
	ck_assert_int_eq(differences[1].now.to_ms, T0 + 151000);
	ck_assert_int_eq(report->rows[0].was.dead_ms, 2000 + 2000);
	ck_assert_int_eq(report->rows[0].now.dead_ms, 3000 + 4000);
	replay_report_free(report);
	options.since_ms = T0 + 90000;
	ck_assert_int_eq(
	    replay_run(journal, &options, &report, (char[600]){ 0 }, 600), 0);
	ck_assert_uint_eq(report->rows[0].n_differences, 1);
	replay_report_free(report);
	replay_journal_free(journal);
	free(text);
}
END_TEST

START_TEST(more_probes_are_not_made_up)
{
	struct replay_options options;
	struct replay_journal *journal;
	struct replay_report *report;
	char why[600] = "";
	size_t len;
	char *text = night(&len);

	as_recorded(&options);
	options.interval_ms = options.fast_interval_ms = 3000;
	report = replay(text, len, &options, &journal);
	/* Every third probe: the flap has one failure left. */
	ck_assert_int_eq(report->rows[0].differences[0].now.from_ms, 0);
	options.fast_interval_ms = REPLAY_AS_RECORDED;
	replay_report_free(report);
	options.interval_ms = 500;
	ck_assert_int_eq(
	    replay_run(journal, &options, &report, why, sizeof why),
	    ERR_INVALID);
	ck_assert_str_eq(why,
	    FQDN " was probed every 1000 ms: what more probes would have found "
		 "is not in the journal");
	options.interval_ms = REPLAY_AS_RECORDED;
	options.fqdn = "other.example.org";
	ck_assert_int_eq(
	    replay_run(journal, &options, &report, why, sizeof why),
	    ERR_NOTFOUND);
	replay_journal_free(journal);
	free(text);
}
END_TEST

#define EVENT(id, at, kind, more)                                              \
	"{\"id\":" #id ",\"at\":\"2026-11-25T00:00:0" #at                      \
	".000Z\",\"kind\":\"" kind "\",\"recorder\":\"n\"" more "}\n"

static const struct {
	const char *text;
	const char *says; /* begin of the error, or of the last warning */
	unsigned warnings; /* 0: an error */
} bad[] = {
	{ "", "there is no event in it", 0 },
	{ "  \n\n", "there is no event in it", 0 },
	{ "{\"events\":[]}", "there is no event in it", 0 },
	{ EVENT(5, 0, "reload", "") "{\"id\":6,", "line 2: no JSON: ", 0 },
	{ "hello\n", "line 1: no JSON: ", 0 },
	{ "{\"a\":1}", "line 1: this is no event as \"rrdnsctl events", 0 },
	{ "[1,2]", "line 1: this is no event", 0 },
	{ "\n\n{\"events\":[" EVENT(5, 0, "reload", "") ",{}]}",
	    "line 3, event 2: this is no event", 0 },
	{ EVENT(5, 0, "reload", "") EVENT(4, 1, "reload", ""),
	    "line 2: event 4 stands after 5 of the same node: journals", 0 },
	{ EVENT(5, 0, "reload", "") EVENT(9, 1, "reload", ""),
	    "line 2: no events 6 to 8: they are missing, or rrdnsd", 1 },
	{ EVENT(5, 3, "reload", "") EVENT(6, 1, "reload", ""),
	    "line 2: the clock went back by 2000 ms", 1 },
	{ EVENT(5, 0, "reload", "") EVENT(6, 0, "no_such", ""),
	    "line 2: an event of a kind that is not known here", 1 },
	{ EVENT(5, 0, "settings", ""), "line 1: settings must be in events", 0 },
	{ EVENT(5, 0, "probes", ""), "line 1: probes must be in events", 0 },
	{ EVENT(0, 0, "reload", ""), "line 1: id must be a whole number", 0 },
	{ EVENT(5, 0, "reload", ",\"ipaddr\":\"x\""),
	    "line 1: ipaddr must be an address", 0 },
	{ EVENT(5, 0, "vote_changed",
	      ",\"fqdn\":\"w\",\"ipaddr\":\"192.0.2.1\",\"probes\":{\"from\":"
	      "\"2026-11-25T00:00:00.000Z\",\"health\":\"up\",\"streak\":0,"
	      "\"calm\":1,\"outcomes\":\"-+\"}"),
	    "line 1: outcomes must be + and -", 0 },
};

static void
keep_warning(void *arg, const char *text)
{
	snprintf(arg, 600, "%s", text);
}

START_TEST(bad_journals)
{
	char why[600] = "", warning[600] = "";
	struct replay_journal *journal = NULL;
	int err = replay_journal_read(bad[_i].text, strlen(bad[_i].text),
	    keep_warning, warning, &journal, why, sizeof why);
	const char *said = bad[_i].warnings > 0 ? warning : why;

	ck_assert_int_eq(err == 0, bad[_i].warnings > 0);
	ck_assert_msg(strncmp(said, bad[_i].says, strlen(bad[_i].says)) == 0,
	    "%s, not %s", said, bad[_i].says);
	replay_journal_free(journal);
}
END_TEST

START_TEST(twice_the_same_is_once)
{
	static const char twice[] = EVENT(5, 0, "reload", "")
	    EVENT(6, 0, "reload", "") EVENT(5, 0, "reload", "")
		EVENT(6, 0, "reload", "") EVENT(7, 0, "reload", "");
	struct replay_journal *journal = NULL;
	unsigned warnings = 0;
	char why[600];

	ck_assert_int_eq(replay_journal_read(twice, sizeof twice - 1,
			     on_warning, &warnings, &journal, why, sizeof why),
	    0);
	ck_assert_uint_eq(journal->n_events, 3);
	ck_assert_uint_eq(warnings, 0);
	replay_journal_free(journal);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, the_same_is_the_same, 0, SEEDS);
	tcase_add_loop_test(tcase, outcomes_are_all_there, 0, 60);
	tcase_add_test(tcase, a_flap_would_not_have_been_published);
	tcase_add_test(tcase, more_probes_are_not_made_up);
	tcase_add_loop_test(tcase, bad_journals, 0, COUNT(bad));
	tcase_add_test(tcase, twice_the_same_is_once);
}

int
main(void)
{
	return check_main("replay", fill);
}
