/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "replay_impl.h"

static int __attribute__((format(printf, 2, 3)))
add_note(struct replay_report *report, const char *format, ...)
{
	char **notes = realloc(report->notes,
	    (report->n_notes + 1) * sizeof *notes);
	char text[600];
	va_list args;

	if (notes == NULL)
		return ERR_NOMEM;
	report->notes = notes;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	notes[report->n_notes] = strdup(text);
	if (notes[report->n_notes] == NULL)
		return ERR_NOMEM;
	report->n_notes++;
	return 0;
}

static bool
is_meant(const struct replay_options *options, const char *fqdn)
{
	return options->fqdn == NULL || strcmp(options->fqdn, fqdn) == 0;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names that probes or settings are about, sorted, each once. */
static const char **
list_services(const struct replay_journal *journal,
    const struct replay_options *options, size_t *n)
{
	const char **names = calloc(journal->n_events, sizeof *names);
	size_t len = 0;

	*n = 0;
	if (names == NULL)
		return NULL;
	for (size_t i = 0; i < journal->n_events; i++) {
		const struct replay_event *event = &journal->events[i];

		if ((event->settings != NULL || event->probes != NULL) &&
		    is_meant(options, event->fqdn))
			names[len++] = event->fqdn;
	}
	qsort(names, len, sizeof *names, compare_texts);
	for (size_t i = 0; i < len; i++)
		if (*n == 0 || strcmp(names[*n - 1], names[i]) != 0)
			names[(*n)++] = names[i];
	return names;
}

/* Probes that were never made have no outcome. */
static int
check_intervals(const struct replay_journal *journal,
    const struct replay_options *options, char *why, size_t why_size)
{
	for (size_t i = 0; i < journal->n_events; i++) {
		const struct replay_settings *settings =
		    journal->events[i].settings;
		const struct replay_endpoint_settings *e;

		if (settings == NULL ||
		    !is_meant(options, journal->events[i].fqdn))
			continue;
		for (size_t j = 0; j < settings->n_endpoints; j++) {
			bool fast;

			e = &settings->endpoints[j];
			fast = options->fast_interval_ms > 0 &&
			    (unsigned)options->fast_interval_ms <
				e->fast_interval_ms;
			if (!fast && (options->interval_ms < 0 ||
				(unsigned)options->interval_ms >=
				    e->interval_ms))
				continue;
			snprintf(why, why_size,
			    "%s was probed every %u ms%s: what more probes "
			    "would have found is not in the journal",
			    journal->events[i].fqdn,
			    fast ? e->fast_interval_ms : e->interval_ms,
			    fast ? " while in doubt" : "");
			return ERR_INVALID;
		}
	}
	return 0;
}

/* What the events themselves say of when it was down: those of the first node
 * that told, as all nodes come to the same verdict. */
static int
take_recorded(struct replay_row *row, const struct replay_journal *journal,
    const struct replay_service *service, const struct addr *addr)
{
	size_t node = 0;
	int err = 0;

	while (!service->heard[node])
		node++;
	for (size_t i = 0; i < journal->n_events; i++) {
		const struct replay_event *event = &journal->events[i];

		if (event->recorder != node || event->fqdn == NULL ||
		    event->addr.family == ADDR_NONE ||
		    strcmp(event->fqdn, service->fqdn) != 0 ||
		    addr_compare_ip(&event->addr, addr) != 0)
			continue;
		if (event->kind == EVENT_ENDPOINT_DOWN)
			replay_spans_begin(&row->recorded, event->at_ms, &err);
		else if (event->kind == EVENT_ENDPOINT_UP)
			replay_spans_end(&row->recorded, event->at_ms);
	}
	return err;
}

static int
add_rows(struct replay_report *report, const struct replay_journal *journal,
    const struct replay_service *service,
    const struct replay_options *options,
    struct replay_course *courses[3])
{
	struct replay_row *rows = realloc(report->rows,
	    (report->n_rows + service->n_endpoints) * sizeof *rows);
	int err = 0;

	if (rows == NULL)
		return ERR_NOMEM;
	report->rows = rows;
	for (size_t i = 0; i < service->n_endpoints && err == 0; i++) {
		struct replay_row *row = &rows[report->n_rows++];

		*row = (struct replay_row){ .fqdn = service->fqdn,
			.was = courses[0][i],
			.now = courses[1][i],
			.perhaps = courses[2][i] };
		for (size_t j = 0; j < 3; j++)
			courses[j][i] = (struct replay_course){ 0 };
		addr_format(&service->endpoints[i], false, row->ipaddr);
		err = take_recorded(row, journal, service,
		    &service->endpoints[i]);
		if (err == 0)
			err = replay_row_compare(row, options);
	}
	return err;
}

static void
free_courses(struct replay_course *courses, size_t n)
{
	for (size_t i = 0; courses != NULL && i < n; i++) {
		free(courses[i].down.list);
		free(courses[i].out.list);
	}
	free(courses);
}

static int
run_service(struct replay_report *report,
    const struct replay_journal *journal, const struct replay_service *service,
    const struct replay_options *options)
{
	size_t n = service->n_endpoints;
	struct replay_course *courses[3];
	int err = 0;

	for (size_t i = 0; i < 3; i++) {
		courses[i] = calloc(n, sizeof *courses[i]);
		if (courses[i] == NULL)
			err = ERR_NOMEM;
		if (err == 0)
			err = replay_course_run(service, journal,
			    i == 0 ? NULL : options, options, i == 2,
			    courses[i]);
	}
	if (err == 0)
		err = add_rows(report, journal, service, options, courses);
	for (size_t i = 0; i < 3; i++)
		free_courses(courses[i], n);
	return err;
}

static int
note_service(struct replay_report *report,
    const struct replay_service *service, const struct replay_options *options)
{
	unsigned nodes = service->first != NULL ? service->first->nodes : 0;

	if (service->first == NULL)
		return add_note(report,
		    "%s: left out: the journal begins after its settings were "
		    "told (events --all prints all that is kept)",
		    service->fqdn);
	if (service->n_heard >= nodes)
		return 0;
	if (options->nodes != REPLAY_AS_RECORDED)
		return add_note(report,
		    "%s: the journal has the probes of %zu of %u nodes; the "
		    "others abstain",
		    service->fqdn, service->n_heard, nodes);
	return add_note(report,
	    "%s: the journal has the probes of %zu of %u nodes: what the others "
	    "saw is not known, so %s decides alone (put the journals of all "
	    "nodes one after the other)",
	    service->fqdn, service->n_heard, nodes,
	    service->n_heard == 1 ? "this one" : "their majority");
}

static int
note_row(struct replay_report *report, const struct replay_row *row)
{
	if (row->missed == 0)
		return 0;
	return add_note(report,
	    "%s %s: %zu of its recorded times down are not what its probes in "
	    "the journal come to: something is missing in it",
	    row->fqdn, row->ipaddr, row->missed);
}

static int
run_all(struct replay_report *report, const struct replay_journal *journal,
    const struct replay_options *options, const char **names, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct replay_service service;
		size_t first = report->n_rows;

		err = replay_service_init(&service, journal, options,
		    names[i]);
		if (err == 0)
			err = note_service(report, &service, options);
		if (err == 0 && service.first != NULL)
			err = run_service(report, journal, &service, options);
		for (; err == 0 && first < report->n_rows; first++)
			err = note_row(report, &report->rows[first]);
		replay_service_fini(&service);
	}
	return err;
}

static void
describe(struct replay_report *report, const struct replay_journal *journal)
{
	report->n_events = journal->n_events;
	report->n_nodes = journal->n_recorders;
	report->from_ms = journal->events[0].at_ms;
	for (size_t i = 0; i < journal->n_events; i++) {
		int64_t at_ms = journal->events[i].at_ms;

		if (at_ms < report->from_ms)
			report->from_ms = at_ms;
		if (at_ms > report->to_ms)
			report->to_ms = at_ms;
	}
}

int
replay_run(const struct replay_journal *journal,
    const struct replay_options *options, struct replay_report **out,
    char *why, size_t why_size)
{
	struct replay_report *report;
	const char **names;
	size_t n;
	int err = check_intervals(journal, options, why, why_size);

	*out = NULL;
	if (err != 0)
		return err;
	report = calloc(1, sizeof *report);
	names = list_services(journal, options, &n);
	if (report == NULL || names == NULL)
		err = ERR_NOMEM;
	if (err == 0 && n == 0)
		err = ERR_NOTFOUND;
	if (err == 0) {
		describe(report, journal);
		err = run_all(report, journal, options, names, n);
	}
	free(names);
	if (err != 0) {
		replay_report_free(report);
		snprintf(why, why_size, "%s",
		    err == ERR_NOTFOUND
			? "the journal has neither probes nor settings of "
			  "such a service"
			: err_text(err));
		return err;
	}
	*out = report;
	return 0;
}

void
replay_report_free(struct replay_report *report)
{
	if (report == NULL)
		return;
	for (size_t i = 0; i < report->n_rows; i++) {
		struct replay_row *row = &report->rows[i];
		struct replay_course *courses[] = { &row->was, &row->now,
			&row->perhaps };

		for (size_t j = 0; j < 3; j++) {
			free(courses[j]->down.list);
			free(courses[j]->out.list);
		}
		free(row->recorded.list);
		free(row->differences);
	}
	for (size_t i = 0; i < report->n_notes; i++)
		free(report->notes[i]);
	free(report->notes);
	free(report->rows);
	free(report);
}
