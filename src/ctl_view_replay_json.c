/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_replay_sums.h"
#include "ctl_view_replay.h"
#include "json_out.h"

static void
put_span(struct json_out *json, const struct replay_span *span)
{
	if (span->from_ms == 0) {
		json_none(json);
		return;
	}
	json_open(json, '{');
	json_put_time(json, "from", span->from_ms);
	json_put_time(json, "to", span->to_ms);
	json_close(json, '}');
}

static void
put_spans(struct json_out *json, const char *key,
    const struct replay_spans *spans)
{
	json_key(json, key);
	json_open(json, '[');
	for (size_t i = 0; i < spans->len; i++)
		put_span(json, &spans->list[i]);
	json_close(json, ']');
}

static void
put_course(struct json_out *json, const char *key,
    const struct replay_course *course)
{
	json_key(json, key);
	json_open(json, '{');
	put_spans(json, "down", &course->down);
	put_spans(json, "out", &course->out);
	json_put_int(json, "dead_ms", course->dead_ms);
	json_put_int(json, "away_ms", course->away_ms);
	json_close(json, '}');
}

static void
put_row(struct json_out *json, const struct replay_row *row)
{
	json_open(json, '{');
	json_put_text(json, "fqdn", row->fqdn);
	json_put_text(json, "ipaddr", row->ipaddr);
	put_spans(json, "recorded", &row->recorded);
	json_put_int(json, "missed", (int64_t)row->missed);
	json_put_int(json, "skew_ms", row->skew_ms);
	put_course(json, "was", &row->was);
	put_course(json, "now", &row->now);
	json_key(json, "differences");
	json_open(json, '[');
	for (size_t i = 0; i < row->n_differences; i++) {
		json_open(json, '{');
		json_key(json, "was");
		put_span(json, &row->differences[i].was);
		json_key(json, "now");
		put_span(json, &row->differences[i].now);
		json_put_time(json, "perhaps", row->differences[i].perhaps_ms);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void
put_sums(struct json_out *json, const struct ctl_replay_sums *sums)
{
	json_key(json, "summary");
	json_open(json, '{');
	json_put_int(json, "changes_was", (int64_t)sums->was);
	json_put_int(json, "changes_now", (int64_t)sums->now);
	json_put_int(json, "avoided", (int64_t)sums->avoided);
	json_put_int(json, "added", (int64_t)sums->added);
	json_put_int(json, "moved", (int64_t)sums->moved);
	json_put_int(json, "dead_was_ms", sums->dead_was_ms);
	json_put_int(json, "dead_now_ms", sums->dead_now_ms);
	json_put_int(json, "away_was_ms", sums->away_was_ms);
	json_put_int(json, "away_now_ms", sums->away_now_ms);
	json_close(json, '}');
}

char *
ctl_view_replay_json(const struct replay_report *report,
    const struct replay_options *options, size_t *len)
{
	struct ctl_replay_sums sums = ctl_replay_add_up(report, options);
	struct json_out json;

	json_out_init(&json);
	json_open(&json, '{');
	json_put_int(&json, "events", (int64_t)report->n_events);
	json_put_int(&json, "nodes", (int64_t)report->n_nodes);
	json_put_time(&json, "from", report->from_ms);
	json_put_time(&json, "to", report->to_ms);
	json_key(&json, "endpoints");
	json_open(&json, '[');
	for (size_t i = 0; i < report->n_rows; i++)
		put_row(&json, &report->rows[i]);
	json_close(&json, ']');
	put_sums(&json, &sums);
	json_key(&json, "notes");
	json_open(&json, '[');
	for (size_t i = 0; i < report->n_notes; i++)
		json_text(&json, report->notes[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	json_end_line(&json);
	return json_out_take(&json, len);
}
