/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TIMER_HEAP_H
#define RRDNSD_TIMER_HEAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * A min-heap of timers embedded in their owners: set, cancel and expire in
 * O(log n). Each place has four below it and its deadline beside it: a walk
 * touches few cache lines, and no timer but those that move. Pure: time is an
 * argument.
 */
typedef void timer_cb(void *arg);

struct timer {
	int64_t deadline_ms; /* absolute */
	size_t slot; /* place in the heap + 1; 0: not set */
	timer_cb *cb;
	void *arg;
};

struct timer_place {
	int64_t deadline_ms; /* the timer's own */
	struct timer *timer;
};

struct timer_heap {
	struct timer_place *places;
	size_t len;
	size_t cap;
};

void timer_heap_fini(struct timer_heap *heap);

/* Makes room for n timers, so that as many calls of timer_heap_set can't fail. */
int timer_heap_reserve(struct timer_heap *heap, size_t n);

/* Sets or moves a timer; ERR_NOMEM only for one that was not set before. */
int timer_heap_set(struct timer_heap *heap, struct timer *timer,
    int64_t deadline_ms);

/* Takes a timer out; nothing happens to one that is not set. */
void timer_heap_cancel(struct timer_heap *heap, struct timer *timer);

/* The timer that is due first, or NULL. */
struct timer *timer_heap_first(const struct timer_heap *heap);

#endif
