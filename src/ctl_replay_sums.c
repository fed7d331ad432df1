/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_replay_sums.h"

size_t
ctl_replay_changes(const struct replay_spans *spans,
    const struct replay_options *options)
{
	size_t n = 0;

	for (size_t i = 0; i < spans->len; i++)
		if (spans->list[i].from_ms >= options->since_ms &&
		    (options->until_ms == 0 ||
			spans->list[i].from_ms < options->until_ms))
			n += spans->list[i].to_ms != 0 ? 2 : 1;
	return n;
}

struct ctl_replay_sums
ctl_replay_add_up(const struct replay_report *report,
    const struct replay_options *options)
{
	struct ctl_replay_sums sums = { 0 };

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct replay_row *row = &report->rows[i];

		sums.was += ctl_replay_changes(&row->was.out, options);
		sums.now += ctl_replay_changes(&row->now.out, options);
		sums.dead_was_ms += row->was.dead_ms;
		sums.dead_now_ms += row->now.dead_ms;
		sums.away_was_ms += row->was.away_ms;
		sums.away_now_ms += row->now.away_ms;
		for (size_t j = 0; j < row->n_differences; j++) {
			const struct replay_difference *d =
			    &row->differences[j];

			sums.avoided += d->now.from_ms == 0;
			sums.added += d->was.from_ms == 0;
			sums.moved += d->was.from_ms != 0 &&
			    d->now.from_ms != 0;
		}
	}
	return sums;
}
