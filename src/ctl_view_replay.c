/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_view_replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl_duration.h"
#include "ctl_replay_options.h"
#include "ctl_replay_sums.h"

#define MOMENT_MAX 32
#define INDENT 17 /* behind "Nov 25 14:21:15  " */

static const char *
moment(int64_t ms, char buf[MOMENT_MAX])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	buf[0] = '\0';
	if (localtime_r(&s, &tm) != NULL)
		strftime(buf, MOMENT_MAX, "%b %d %H:%M:%S", &tm);
	return buf;
}

/* "41 ms", "2.5 s", "12 min 3 s" */
static const char *
duration(int64_t ms, char buf[CTL_DURATION_TEXT_MAX])
{
	if (ms >= 60000)
		return ctl_duration_format(ms / 1000, buf);
	if (ms > 0 && ms < 1000)
		snprintf(buf, CTL_DURATION_TEXT_MAX, "%" PRId64 " ms", ms);
	else
		snprintf(buf, CTL_DURATION_TEXT_MAX, "%" PRId64 ".%" PRId64 " s",
		    ms / 1000, ms % 1000 / 100);
	return buf;
}

static void
say_head(FILE *out, const struct ctl_style *style,
    const struct replay_report *report, const struct replay_options *options)
{
	char from[MOMENT_MAX], to[MOMENT_MAX], what[300];

	ctl_printf(out, style, CTL_PLAIN, 0,
	    "%zu event%s of %zu node%s, %s to %s.",
	    report->n_events, report->n_events == 1 ? "" : "s",
	    report->n_nodes, report->n_nodes == 1 ? "" : "s",
	    moment(report->from_ms, from), moment(report->to_ms, to));
	ctl_replay_options_format(options, what, sizeof what);
	if (what[0] != '\0')
		ctl_printf(out, style, CTL_PLAIN, 0,
		    "Decided again with %s, and all else as recorded.", what);
	else
		ctl_printf(out, style, CTL_PLAIN, 0,
		    "Decided again as recorded: --fall and the like say what "
		    "should be different.");
}

static bool
is_quiet(const struct replay_row *row, const struct replay_options *options)
{
	return row->n_differences == 0 &&
	    ctl_replay_changes(&row->was.out, options) == 0 &&
	    ctl_replay_changes(&row->was.down, options) == 0 &&
	    ctl_replay_changes(&row->now.down, options) == 0;
}

static size_t
write_table(FILE *out, const struct ctl_style *style,
    const struct replay_report *report, const struct replay_options *options)
{
	static const char *const headers[] = { "SERVICE", "ENDPOINT",
		"UP, DOWN", "IN, OUT", "DEAD IN DNS", NULL };
	struct ctl_table *table = ctl_table_new(style, headers);
	size_t shown = 0;

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct replay_row *row = &report->rows[i];
		char was[CTL_DURATION_TEXT_MAX], now[CTL_DURATION_TEXT_MAX];

		if (is_quiet(row, options))
			continue;
		shown++;
		ctl_table_cell(table, CTL_PLAIN, row->fqdn);
		ctl_table_cell(table, CTL_PLAIN, row->ipaddr);
		ctl_table_printf(table, CTL_PLAIN, "%zu -> %zu",
		    ctl_replay_changes(&row->was.down, options),
		    ctl_replay_changes(&row->now.down, options));
		ctl_table_printf(table, CTL_PLAIN, "%zu -> %zu",
		    ctl_replay_changes(&row->was.out, options),
		    ctl_replay_changes(&row->now.out, options));
		ctl_table_printf(table,
		    row->now.dead_ms > row->was.dead_ms ? CTL_DOUBT
							: CTL_PLAIN,
		    "%s -> %s", duration(row->was.dead_ms, was),
		    duration(row->now.dead_ms, now));
		ctl_table_row(table);
	}
	if (shown > 0) {
		fputc('\n', out);
		ctl_table_write(table, out);
	}
	ctl_table_free(table);
	return shown;
}

/* "2.0 s later", "at the same time" */
static void
shift(int64_t was_ms, int64_t now_ms, char *buf, size_t size)
{
	char text[CTL_DURATION_TEXT_MAX];

	if (was_ms == now_ms)
		snprintf(buf, size, "at the same time");
	else
		snprintf(buf, size, "%s %s",
		    duration(llabs(now_ms - was_ms), text),
		    now_ms > was_ms ? "later" : "earlier");
}

static void
describe_end(const struct replay_difference *d, char *buf, size_t size)
{
	char text[100];

	if (d->was.to_ms == 0 && d->now.to_ms == 0)
		snprintf(buf, size, "not back by the end of the journal");
	else if (d->now.to_ms == 0)
		snprintf(buf, size, "not back by the end of the journal, "
				    "instead of being back");
	else if (d->was.to_ms == 0)
		snprintf(buf, size, "back, instead of not");
	else {
		shift(d->was.to_ms, d->now.to_ms, text, sizeof text);
		snprintf(buf, size, "back %s", text);
	}
}

static void
describe_span(const struct replay_span *span, char *buf, size_t size)
{
	char text[CTL_DURATION_TEXT_MAX];

	if (span->to_ms == 0)
		snprintf(buf, size, "out of DNS to the end of the journal");
	else
		snprintf(buf, size, "out of DNS for %s",
		    duration(span->to_ms - span->from_ms, text));
}

/* What fast probes that were not made could have changed. */
static void
describe_doubt(const struct replay_difference *d, char *buf, size_t size)
{
	char text[CTL_DURATION_TEXT_MAX];

	buf[0] = '\0';
	if (d->perhaps_ms == 0)
		return;
	if (d->now.from_ms == 0)
		snprintf(buf, size,
		    "; not certain: fast probes that were not made could have "
		    "failed, too");
	else
		snprintf(buf, size,
		    "; up to %s sooner, had fast probes that were not "
		    "made failed, too",
		    duration(d->now.from_ms - d->perhaps_ms, text));
}

static void
write_difference(FILE *out, const struct ctl_style *style,
    const struct replay_difference *d)
{
	char at[MOMENT_MAX], what[120], end[120], doubt[200];
	int64_t from_ms = d->was.from_ms != 0 ? d->was.from_ms
					      : d->now.from_ms;

	describe_doubt(d, doubt, sizeof doubt);
	if (d->was.from_ms == 0 || d->now.from_ms == 0) {
		describe_span(d->was.from_ms == 0 ? &d->now : &d->was, what,
		    sizeof what);
		ctl_printf(out, style, CTL_PLAIN, 2, "%s  %s: would %shave happened%s",
		    moment(from_ms, at), what,
		    d->was.from_ms == 0 ? "" : "not ", doubt);
		return;
	}
	shift(d->was.from_ms, d->now.from_ms, what, sizeof what);
	describe_end(d, end, sizeof end);
	ctl_printf(out, style, CTL_PLAIN, 2, "%s  out of DNS %s, %s%s",
	    moment(from_ms, at), what, end, doubt);
}

static void
write_differences(FILE *out, const struct ctl_style *style,
    const struct replay_report *report)
{
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct replay_row *row = &report->rows[i];

		if (row->n_differences == 0)
			continue;
		fputc('\n', out);
		ctl_printf(out, style, CTL_PLAIN, 0, "%s %s", row->fqdn, row->ipaddr);
		for (size_t j = 0; j < row->n_differences; j++)
			write_difference(out, style, &row->differences[j]);
	}
}

static void
write_sums(FILE *out, const struct ctl_style *style,
    const struct replay_report *report, const struct ctl_replay_sums *sums)
{
	char was[CTL_DURATION_TEXT_MAX], now[CTL_DURATION_TEXT_MAX];

	fputc('\n', out);
	if (sums->avoided + sums->added + sums->moved == 0)
		ctl_printf(out, style, CTL_PLAIN, 0,
		    "Nothing would have been different.");
	ctl_printf(out, style, CTL_PLAIN, 0,
	    "Changes of DNS: %zu -> %zu. Times out of DNS: %zu avoided, %zu "
	    "added, %zu moved.",
	    sums->was, sums->now, sums->avoided, sums->added, sums->moved);
	ctl_printf(out, style, CTL_PLAIN, 0, "Dead endpoints in DNS: %s -> %s.",
	    duration(sums->dead_was_ms, was),
	    duration(sums->dead_now_ms, now));
	ctl_printf(out, style, CTL_PLAIN, 0, "Live endpoints out of DNS: %s -> %s.",
	    duration(sums->away_was_ms, was),
	    duration(sums->away_now_ms, now));
	for (size_t i = 0; i < report->n_notes; i++)
		ctl_printf(out, style, CTL_PLAIN, 2, "Note: %s.", report->notes[i]);
}

void
ctl_view_replay(FILE *out, const struct ctl_style *style,
    const struct replay_report *report, const struct replay_options *options)
{
	struct ctl_replay_sums sums = ctl_replay_add_up(report, options);
	size_t shown;

	say_head(out, style, report, options);
	shown = write_table(out, style, report, options);
	if (shown < report->n_rows)
		ctl_printf(out, style, CTL_PLAIN, 0, "%s%zu endpoint%s that nothing happened to.",
		    shown > 0 ? "And " : "", report->n_rows - shown,
		    report->n_rows - shown == 1 ? "" : "s");
	write_differences(out, style, report);
	write_sums(out, style, report, &sums);
}
