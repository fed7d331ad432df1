/* SPDX-License-Identifier: ISC */
/* Journals as they were printed: one answer of the API, one event a line, or
 * several of these in a row, of one node or of many. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "err.h"
#include "replay_impl.h"

#define RECORDERS_MAX CONF_NODES_MAX

struct parser {
	struct replay_journal *journal;
	size_t cap;
	size_t line; /* where the value that is read begins */
	size_t n; /* of its events, from 1; 0: it is an event itself */
	replay_warn_cb *warn;
	void *arg;
	char *why;
	size_t why_size;
};

static void
locate(const struct parser *parser, const char *text, char *out, size_t size)
{
	if (parser->n > 0)
		snprintf(out, size, "line %zu, event %zu: %s", parser->line,
		    parser->n, text);
	else
		snprintf(out, size, "line %zu: %s", parser->line, text);
}

static int
fail(struct parser *parser, int err, const char *text)
{
	locate(parser, text, parser->why, parser->why_size);
	return err;
}

static void
warn(struct parser *parser, const char *text)
{
	char whole[400];

	locate(parser, text, whole, sizeof whole);
	parser->warn(parser->arg, whole);
}

/* n_recorders: out of memory, or too many. */
static size_t
find_recorder(struct replay_journal *journal, const char *name)
{
	size_t n = journal->n_recorders;
	struct replay_recorder *recorders;

	for (size_t i = 0; i < n; i++)
		if (strcmp(journal->recorders[i].name, name) == 0)
			return i;
	if (n == RECORDERS_MAX)
		return n;
	recorders = realloc(journal->recorders, (n + 1) * sizeof *recorders);
	if (recorders == NULL)
		return n;
	journal->recorders = recorders;
	recorders[n] = (struct replay_recorder){ .name = strdup(name) };
	if (recorders[n].name == NULL)
		return n;
	journal->n_recorders++;
	return n;
}

/* A journal that was printed twice has the same events twice. */
static bool
is_known(const struct replay_journal *journal, const struct replay_event *event)
{
	for (size_t i = journal->n_events; i-- > 0;)
		if (journal->events[i].recorder == event->recorder &&
		    journal->events[i].id <= event->id)
			return journal->events[i].id == event->id &&
			    journal->events[i].kind == event->kind;
	return false;
}

static int
append(struct parser *parser, const struct replay_event *event)
{
	struct replay_journal *journal = parser->journal;

	if (journal->n_events == parser->cap) {
		size_t cap = parser->cap ? 2 * parser->cap : 256;
		struct replay_event *events =
		    realloc(journal->events, cap * sizeof *events);

		if (events == NULL)
			return fail(parser, ERR_NOMEM, err_text(ERR_NOMEM));
		journal->events = events;
		parser->cap = cap;
	}
	journal->events[journal->n_events++] = *event;
	json_incref(event->json);
	return 0;
}

/* Holds an event against the one before it. 0, or an error; *skip: we have it
 * already. */
static int
follow(struct parser *parser, struct replay_event *event, bool *skip)
{
	struct replay_recorder *recorder =
	    &parser->journal->recorders[event->recorder];
	char text[200];

	*skip = recorder->last_id >= event->id &&
	    is_known(parser->journal, event);
	if (*skip)
		return 0;
	if (recorder->last_id >= event->id) {
		snprintf(text, sizeof text,
		    "event %" PRIu64 " stands after %" PRIu64
		    " of the same node: journals of one node go in the order "
		    "in which they were printed",
		    event->id, recorder->last_id);
		return fail(parser, ERR_INVALID, text);
	}
	if (recorder->last_id != 0 && event->id != recorder->last_id + 1) {
		event->after_gap = true;
		snprintf(text, sizeof text,
		    "no events %" PRIu64 " to %" PRIu64
		    ": they are missing, or rrdnsd was restarted",
		    recorder->last_id + 1, event->id - 1);
		warn(parser, text);
	}
	if (event->at_ms < recorder->last_ms) {
		snprintf(text, sizeof text,
		    "the clock went back by %" PRId64 " ms: times around it are "
		    "off by as much",
		    recorder->last_ms - event->at_ms);
		warn(parser, text);
		event->at_ms = recorder->last_ms;
	}
	recorder->last_id = event->id;
	recorder->last_ms = event->at_ms;
	return 0;
}

static int
take_event(struct parser *parser, json_t *json)
{
	struct replay_event event;
	const char *recorder = "";
	char why[200];
	bool known = false, skip = false;
	int err = replay_event_read(json, &event, &recorder, &known, why,
	    sizeof why);

	if (err != 0)
		err = fail(parser, err, why);
	if (err == 0) {
		event.recorder = find_recorder(parser->journal, recorder);
		if (event.recorder == parser->journal->n_recorders)
			err = fail(parser, ERR_TOOBIG, "too many nodes");
	}
	if (err == 0)
		err = follow(parser, &event, &skip);
	if (err == 0 && !skip && !known) {
		warn(parser,
		    "an event of a kind that is not known here: left out");
		skip = true;
	}
	if (err == 0 && !skip)
		err = append(parser, &event);
	if (err != 0 || skip)
		replay_event_fini(&event);
	return err;
}

/* An answer of the API, or an event. */
static int
take_value(struct parser *parser, json_t *json)
{
	const json_t *events = json_object_get(json, "events");
	json_t *event;
	size_t i;
	int err = 0;

	parser->n = 0;
	if (!json_is_array(events))
		return take_event(parser, json);
	json_array_foreach(events, i, event) {
		parser->n = i + 1;
		err = take_event(parser, event);
		if (err != 0)
			break;
	}
	return err;
}

static size_t
count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static int
take_all(struct parser *parser, const char *text, size_t len)
{
	const char *blanks = " \t\r\n";
	size_t at = 0;

	for (;;) {
		json_error_t error;
		json_t *json;
		char why[200];
		size_t from = at;
		int err;

		while (at < len && text[at] != '\0' &&
		    strchr(blanks, text[at]) != NULL)
			at++;
		parser->line += count_lines(text + from, at - from);
		parser->n = 0;
		if (at == len)
			return 0;
		json = json_loadb(text + at, len - at,
		    JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
		if (json == NULL) {
			if (error.line > 0)
				parser->line += (size_t)error.line - 1;
			snprintf(why, sizeof why, "no JSON: %s%s", error.text,
			    json_error_code(&error) ==
				    json_error_premature_end_of_input
				? " (cut off?)"
				: "");
			return fail(parser, ERR_SYNTAX, why);
		}
		err = take_value(parser, json);
		json_decref(json);
		if (err != 0)
			return err;
		parser->line += count_lines(text + at, (size_t)error.position);
		at += (size_t)error.position;
	}
}

int
replay_journal_read(const char *text, size_t len, replay_warn_cb *warn_cb,
    void *arg, struct replay_journal **out, char *why, size_t why_size)
{
	struct parser parser = { .journal = calloc(1, sizeof *parser.journal),
		.line = 1, .warn = warn_cb, .arg = arg, .why = why,
		.why_size = why_size };
	int err;

	*out = NULL;
	if (parser.journal == NULL)
		return fail(&parser, ERR_NOMEM, err_text(ERR_NOMEM));
	err = take_all(&parser, text, len);
	if (err == 0 && parser.journal->n_events == 0) {
		snprintf(why, why_size, "there is no event in it");
		err = ERR_INVALID;
	}
	if (err != 0) {
		replay_journal_free(parser.journal);
		return err;
	}
	*out = parser.journal;
	return 0;
}

void
replay_journal_free(struct replay_journal *journal)
{
	if (journal == NULL)
		return;
	for (size_t i = 0; i < journal->n_events; i++) {
		replay_event_fini(&journal->events[i]);
		json_decref(journal->events[i].json);
	}
	for (size_t i = 0; i < journal->n_recorders; i++)
		free(journal->recorders[i].name);
	free(journal->recorders);
	free(journal->events);
	free(journal);
}
