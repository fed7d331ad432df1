/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAG_SAMPLES 1024
#define GAP_US 50000 /* shorter ones are everyday work */

struct deferred {
	loop_defer_cb *cb;
	void *arg;
};

struct loop {
	struct watch_set watches;
	struct timer_heap timers;
	struct deferred *deferred;
	size_t deferred_len;
	size_t deferred_cap;

	int64_t now_us;
	bool firing; /* timers, in this moment */
	bool stopped;
	int64_t stalled_us;
	int64_t lag_max_us;
	int32_t lag_us[LAG_SAMPLES];
	size_t lag_count;
};

int64_t
loop_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);

	if (loop == NULL)
		return NULL;
	if (watch_set_init(&loop->watches) != 0) {
		free(loop);
		return NULL;
	}
	loop->now_us = loop_clock_us();
	return loop;
}

static void
run_deferred(struct loop *loop)
{
	/* One may defer another: the array can grow and move meanwhile. */
	for (size_t i = 0; i < loop->deferred_len; i++) {
		struct deferred d = loop->deferred[i];

		d.cb(d.arg);
	}
	loop->deferred_len = 0;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	run_deferred(loop);
	timer_heap_fini(&loop->timers);
	watch_set_fini(&loop->watches);
	free(loop->deferred);
	free(loop);
}

int64_t
loop_now_ms(const struct loop *loop)
{
	return loop->now_us / 1000;
}

int64_t
loop_now_us(const struct loop *loop)
{
	return loop->now_us;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

int
loop_fd_set(struct loop *loop, int fd, short events, watch_cb *cb, void *arg)
{
	return watch_set_put(&loop->watches, fd, events, cb, arg);
}

void
loop_fd_remove(struct loop *loop, int fd)
{
	watch_set_remove(&loop->watches, fd);
}

void
loop_timer_init(struct timer *timer, timer_cb *cb, void *arg)
{
	*timer = (struct timer){ .cb = cb, .arg = arg };
}

/* One that was due anyhow is put off by nobody. */
static bool
belongs_to_next_turn(const struct loop *loop, const struct timer *timer,
    int64_t deadline_ms)
{
	int64_t now_ms = loop_now_ms(loop);

	return loop->firing && deadline_ms <= now_ms &&
	    (timer->slot == 0 || timer->deadline_ms > now_ms);
}

void
loop_timer_set(struct loop *loop, struct timer *timer, int64_t deadline_ms)
{
	if (belongs_to_next_turn(loop, timer, deadline_ms))
		deadline_ms = loop_now_ms(loop) + 1;
	if (timer_heap_set(&loop->timers, timer, deadline_ms) != 0)
		abort();
}

void
loop_timer_cancel(struct loop *loop, struct timer *timer)
{
	timer_heap_cancel(&loop->timers, timer);
}

bool
loop_timer_is_set(const struct timer *timer)
{
	return timer->slot != 0;
}

int64_t
loop_slot(int64_t deadline_ms)
{
	return (deadline_ms + LOOP_SLOT_MS - 1) / LOOP_SLOT_MS * LOOP_SLOT_MS;
}

void
loop_defer(struct loop *loop, loop_defer_cb *cb, void *arg)
{
	if (loop->deferred_len == loop->deferred_cap) {
		size_t cap = loop->deferred_cap ? loop->deferred_cap * 2 : 64;
		struct deferred *deferred =
		    realloc(loop->deferred, cap * sizeof *deferred);

		if (deferred == NULL)
			abort();
		loop->deferred = deferred;
		loop->deferred_cap = cap;
	}
	loop->deferred[loop->deferred_len++] = (struct deferred){ cb, arg };
}

static void
note_lag(struct loop *loop, int64_t lag_us)
{
	if (lag_us > loop->lag_max_us)
		loop->lag_max_us = lag_us;
	if (lag_us > INT32_MAX)
		lag_us = INT32_MAX;
	loop->lag_us[loop->lag_count++ % LAG_SAMPLES] = (int32_t)lag_us;
}

/* Fires what is due. A timer that a callback sets meanwhile waits for the next
 * turn, whatever its time: descriptors get their share. */
static void
run_timers(struct loop *loop)
{
	int64_t now_ms = loop_now_ms(loop);
	struct timer *timer = timer_heap_first(&loop->timers);

	if (timer == NULL || timer->deadline_ms > now_ms)
		return;
	note_lag(loop, loop->now_us - timer->deadline_ms * 1000);
	loop->firing = true;
	while (timer != NULL && timer->deadline_ms <= now_ms) {
		timer_heap_cancel(&loop->timers, timer);
		timer->cb(timer->arg);
		timer = timer_heap_first(&loop->timers);
	}
	loop->firing = false;
}

static int
wait_ms(const struct loop *loop, int64_t begin_us, int max_wait_ms)
{
	const struct timer *first = timer_heap_first(&loop->timers);
	int64_t left_us;

	if (first == NULL)
		return max_wait_ms;
	left_us = first->deadline_ms * 1000 - begin_us;
	if (left_us <= 0)
		return 0;
	left_us = (left_us + 999) / 1000;
	if (max_wait_ms >= 0 && left_us > max_wait_ms)
		return max_wait_ms;
	return left_us > 3600000 ? 3600000 : (int)left_us;
}

/* How long nobody could be served: the turn before this one was at work, from
 * when the clock was read until begin_us, and poll(2) came back too late. */
static void
note_gap(struct loop *loop, int64_t begin_us, int wait, int64_t now_us)
{
	int64_t gap_us = begin_us - loop->now_us;
	int64_t late_us = now_us - begin_us - (int64_t)wait * 1000;

	if (wait >= 0 && late_us > 0)
		gap_us += late_us;
	if (gap_us > GAP_US)
		loop->stalled_us += gap_us;
}

/* Descriptors come first: after a stall answers are waiting there, of which
 * the timers would say that they never came. */
void
loop_turn(struct loop *loop, int max_wait_ms)
{
	int64_t begin_us = loop_clock_us(), now_us;
	int wait = wait_ms(loop, begin_us, max_wait_ms);
	int ready = watch_set_wait(&loop->watches, wait);

	now_us = loop_clock_us();
	note_gap(loop, begin_us, wait, now_us);
	loop->now_us = now_us;
	watch_set_serve(&loop->watches, ready);
	run_timers(loop);
	run_deferred(loop);
	watch_set_settle(&loop->watches, loop_now_ms(loop));
}

void
loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		loop_turn(loop, -1);
}

int64_t
loop_stalled_us(const struct loop *loop)
{
	return loop->stalled_us;
}

static int
compare_lag(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

struct loop_lag
loop_lag(struct loop *loop, bool reset)
{
	int32_t sorted[LAG_SAMPLES];
	size_t n = loop->lag_count < LAG_SAMPLES ? loop->lag_count : LAG_SAMPLES;
	struct loop_lag lag = { .max_us = loop->lag_max_us };

	if (n > 0) {
		memcpy(sorted, loop->lag_us, n * sizeof sorted[0]);
		qsort(sorted, n, sizeof sorted[0], compare_lag);
		lag.p99_us = sorted[(n * 99) / 100 == n ? n - 1 : (n * 99) / 100];
	}
	if (reset)
		loop->lag_max_us = 0;
	return lag;
}
