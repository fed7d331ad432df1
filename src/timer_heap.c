/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "timer_heap.h"

#include <stdlib.h>

#include "err.h"

void
timer_heap_fini(struct timer_heap *heap)
{
	free(heap->timers);
	*heap = (struct timer_heap){ 0 };
}

int
timer_heap_reserve(struct timer_heap *heap, size_t n)
{
	struct timer **timers;
	size_t cap = heap->cap ? heap->cap : 64;

	if (n <= heap->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	timers = realloc(heap->timers, cap * sizeof *timers);
	if (timers == NULL)
		return ERR_NOMEM;
	heap->timers = timers;
	heap->cap = cap;
	return 0;
}

static void
place(struct timer_heap *heap, size_t i, struct timer *timer)
{
	heap->timers[i] = timer;
	timer->slot = i + 1;
}

static void
sift_up(struct timer_heap *heap, size_t i, struct timer *timer)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (heap->timers[parent]->deadline_ms <= timer->deadline_ms)
			break;
		place(heap, i, heap->timers[parent]);
		i = parent;
	}
	place(heap, i, timer);
}

static void
sift_down(struct timer_heap *heap, size_t i, struct timer *timer)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= heap->len)
			break;
		if (child + 1 < heap->len &&
		    heap->timers[child + 1]->deadline_ms <
			heap->timers[child]->deadline_ms)
			child++;
		if (heap->timers[child]->deadline_ms >= timer->deadline_ms)
			break;
		place(heap, i, heap->timers[child]);
		i = child;
	}
	place(heap, i, timer);
}

static void
sift(struct timer_heap *heap, size_t i, struct timer *timer)
{
	if (i > 0 &&
	    heap->timers[(i - 1) / 2]->deadline_ms > timer->deadline_ms)
		sift_up(heap, i, timer);
	else
		sift_down(heap, i, timer);
}

int
timer_heap_set(struct timer_heap *heap, struct timer *timer,
    int64_t deadline_ms)
{
	timer->deadline_ms = deadline_ms;
	if (timer->slot != 0) {
		sift(heap, timer->slot - 1, timer);
		return 0;
	}
	if (timer_heap_reserve(heap, heap->len + 1) != 0)
		return ERR_NOMEM;
	heap->len++;
	sift_up(heap, heap->len - 1, timer);
	return 0;
}

void
timer_heap_cancel(struct timer_heap *heap, struct timer *timer)
{
	size_t i;
	struct timer *last;

	if (timer->slot == 0)
		return;
	i = timer->slot - 1;
	timer->slot = 0;
	last = heap->timers[--heap->len];
	if (last != timer)
		sift(heap, i, last);
}

struct timer *
timer_heap_first(const struct timer_heap *heap)
{
	return heap->len ? heap->timers[0] : NULL;
}
