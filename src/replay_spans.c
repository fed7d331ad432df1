/* SPDX-License-Identifier: ISC */
/* Two courses of events held against each other, span by span. */
#include "config.h"

#include <assert.h>
#include <stdlib.h>

#include "err.h"
#include "replay_impl.h"

/* What the recorded settings come to may be off by so much: the decision was
 * logged a moment later, with several nodes after the others had told. */
#define SKEW_MAX_MS 10000

void
replay_spans_begin(struct replay_spans *spans, int64_t at_ms, int *err)
{
	struct replay_span *list;

	if (spans->len > 0 && spans->list[spans->len - 1].to_ms == 0)
		return;
	list = realloc(spans->list, (spans->len + 1) * sizeof *list);
	if (list == NULL) {
		*err = ERR_NOMEM;
		return;
	}
	spans->list = list;
	list[spans->len++] = (struct replay_span){ .from_ms = at_ms };
}

void
replay_spans_end(struct replay_spans *spans, int64_t at_ms)
{
	if (spans->len > 0 && spans->list[spans->len - 1].to_ms == 0)
		spans->list[spans->len - 1].to_ms = at_ms;
}

bool
replay_span_is_within(const struct replay_span *span,
    const struct replay_options *options)
{
	return span->from_ms >= options->since_ms &&
	    (options->until_ms == 0 || span->from_ms < options->until_ms);
}

static bool
overlap(const struct replay_span *a, const struct replay_span *b)
{
	return (a->to_ms == 0 || b->from_ms < a->to_ms) &&
	    (b->to_ms == 0 || a->from_ms < b->to_ms);
}

/* The first of spans from *from on that overlaps; moves *from behind it. */
static const struct replay_span *
partner(const struct replay_spans *spans, size_t *from,
    const struct replay_span *span)
{
	for (size_t i = *from; i < spans->len; i++) {
		if (!overlap(&spans->list[i], span))
			continue;
		*from = i + 1;
		return &spans->list[i];
	}
	return NULL;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Whether the replay, left alone, comes to what was recorded. */
static void
verify(struct replay_row *row)
{
	const struct replay_spans *was = &row->was.down;

	for (size_t i = 0; i < row->recorded.len; i++) {
		const struct replay_span *r = &row->recorded.list[i];
		int64_t skew_ms;

		if (i >= was->len ||
		    (r->to_ms == 0) != (was->list[i].to_ms == 0)) {
			row->missed++;
			continue;
		}
		skew_ms = distance(r->from_ms, was->list[i].from_ms);
		if (distance(r->to_ms, was->list[i].to_ms) > skew_ms)
			skew_ms = distance(r->to_ms, was->list[i].to_ms);
		if (skew_ms > SKEW_MAX_MS)
			row->missed++;
		else if (skew_ms > row->skew_ms)
			row->skew_ms = skew_ms;
	}
	if (was->len > row->recorded.len)
		row->missed += was->len - row->recorded.len;
}

static int
add(struct replay_row *row, const struct replay_span *was,
    const struct replay_span *now)
{
	static const struct replay_span none = { 0 };
	struct replay_difference *list, difference = {
		.was = was != NULL ? *was : none,
		.now = now != NULL ? *now : none };
	const struct replay_span *either = now != NULL ? now : was, *earliest;
	size_t from = 0;

	assert(either != NULL);
	earliest = partner(&row->perhaps.out, &from, either);
	if (earliest != NULL &&
	    (now == NULL || earliest->from_ms < now->from_ms))
		difference.perhaps_ms = earliest->from_ms;
	if (was != NULL && now != NULL && was->from_ms == now->from_ms &&
	    was->to_ms == now->to_ms)
		return 0;
	list = realloc(row->differences,
	    (row->n_differences + 1) * sizeof *list);
	if (list == NULL)
		return ERR_NOMEM;
	row->differences = list;
	list[row->n_differences++] = difference;
	return 0;
}

int
replay_row_compare(struct replay_row *row,
    const struct replay_options *options)
{
	const struct replay_spans *was = &row->was.out, *now = &row->now.out;
	size_t next = 0;
	int err = 0;

	verify(row);
	for (size_t i = 0; i < was->len && err == 0; i++) {
		const struct replay_span *span = &was->list[i];
		size_t before = next;
		const struct replay_span *other = partner(now, &next, span);

		/* Those that were passed over have no partner. */
		for (; other != NULL && &now->list[before] < other &&
		     err == 0;
		     before++)
			if (replay_span_is_within(&now->list[before], options))
				err = add(row, NULL, &now->list[before]);
		if (err == 0 && replay_span_is_within(span, options))
			err = add(row, span, other);
	}
	for (; next < now->len && err == 0; next++)
		if (replay_span_is_within(&now->list[next], options))
			err = add(row, NULL, &now->list[next]);
	return err;
}
