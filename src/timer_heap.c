/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "timer_heap.h"

#include <stdlib.h>

#include "err.h"

#define BELOW 4 /* places under each place */

void
timer_heap_fini(struct timer_heap *heap)
{
	free(heap->places);
	*heap = (struct timer_heap){ 0 };
}

int
timer_heap_reserve(struct timer_heap *heap, size_t n)
{
	struct timer_place *places;
	size_t cap = heap->cap ? heap->cap : 64;

	if (n <= heap->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	places = realloc(heap->places, cap * sizeof *places);
	if (places == NULL)
		return ERR_NOMEM;
	heap->places = places;
	heap->cap = cap;
	return 0;
}

static void
put(struct timer_heap *heap, size_t i, struct timer_place what)
{
	heap->places[i] = what;
	what.timer->slot = i + 1;
}

static size_t
place_above(size_t i)
{
	return (i - 1) / BELOW;
}

static void
sift_up(struct timer_heap *heap, size_t i, struct timer_place what)
{
	while (i > 0) {
		size_t above = place_above(i);

		if (heap->places[above].deadline_ms <= what.deadline_ms)
			break;
		put(heap, i, heap->places[above]);
		i = above;
	}
	put(heap, i, what);
}

/* The one that is due first of those below i; heap->len: there are none. */
static size_t
first_below(const struct timer_heap *heap, size_t i)
{
	size_t first = BELOW * i + 1, end = first + BELOW;

	if (first >= heap->len)
		return heap->len;
	if (end > heap->len)
		end = heap->len;
	for (size_t k = first + 1; k < end; k++)
		if (heap->places[k].deadline_ms <
		    heap->places[first].deadline_ms)
			first = k;
	return first;
}

static void
sift_down(struct timer_heap *heap, size_t i, struct timer_place what)
{
	for (;;) {
		size_t below = first_below(heap, i);

		if (below == heap->len ||
		    heap->places[below].deadline_ms >= what.deadline_ms)
			break;
		put(heap, i, heap->places[below]);
		i = below;
	}
	put(heap, i, what);
}

static void
sift(struct timer_heap *heap, size_t i, struct timer_place what)
{
	if (i > 0 &&
	    heap->places[place_above(i)].deadline_ms > what.deadline_ms)
		sift_up(heap, i, what);
	else
		sift_down(heap, i, what);
}

int
timer_heap_set(struct timer_heap *heap, struct timer *timer,
    int64_t deadline_ms)
{
	struct timer_place what = { deadline_ms, timer };

	if (timer->slot == 0 &&
	    timer_heap_reserve(heap, heap->len + 1) != 0)
		return ERR_NOMEM;
	timer->deadline_ms = deadline_ms;
	if (timer->slot != 0)
		sift(heap, timer->slot - 1, what);
	else
		sift_up(heap, heap->len++, what);
	return 0;
}

void
timer_heap_cancel(struct timer_heap *heap, struct timer *timer)
{
	size_t i;
	struct timer_place last;

	if (timer->slot == 0)
		return;
	i = timer->slot - 1;
	timer->slot = 0;
	last = heap->places[--heap->len];
	if (last.timer != timer)
		sift(heap, i, last);
}

struct timer *
timer_heap_first(const struct timer_heap *heap)
{
	return heap->len ? heap->places[0].timer : NULL;
}
