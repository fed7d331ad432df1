/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "err.h"

#define LAG_SAMPLES 1024
#define GAP_US 50000 /* shorter ones are everyday work */

struct watch {
	loop_fd_cb *cb;
	void *arg;
};

struct deferred {
	loop_defer_cb *cb;
	void *arg;
};

struct loop {
	/* pollfds[i] belongs to watches[i]; place[fd] is i + 1, or 0. An entry
	 * removed during dispatch keeps its place with fd -1 until the turn
	 * ends, so that indices stay valid under the dispatcher. */
	struct pollfd *pollfds;
	struct watch *watches;
	size_t len;
	size_t cap;
	size_t *place;
	size_t place_cap;
	size_t holes;

	struct timer_heap timers;
	struct deferred *deferred;
	size_t deferred_len;
	size_t deferred_cap;

	int64_t now_us;
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

	if (loop != NULL)
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
	free(loop->pollfds);
	free(loop->watches);
	free(loop->place);
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

static int
grow_place(struct loop *loop, size_t need)
{
	size_t cap = loop->place_cap ? loop->place_cap : 64;
	size_t *place;

	while (cap < need)
		cap *= 2;
	place = realloc(loop->place, cap * sizeof *place);
	if (place == NULL)
		return ERR_NOMEM;
	memset(place + loop->place_cap, 0,
	    (cap - loop->place_cap) * sizeof *place);
	loop->place = place;
	loop->place_cap = cap;
	return 0;
}

static int
grow_watches(struct loop *loop)
{
	size_t cap = loop->cap ? loop->cap * 2 : 64;
	struct pollfd *pollfds = realloc(loop->pollfds, cap * sizeof *pollfds);
	struct watch *watches;

	if (pollfds == NULL)
		return ERR_NOMEM;
	loop->pollfds = pollfds;
	watches = realloc(loop->watches, cap * sizeof *watches);
	if (watches == NULL)
		return ERR_NOMEM;
	loop->watches = watches;
	loop->cap = cap;
	return 0;
}

int
loop_fd_set(struct loop *loop, int fd, short events, loop_fd_cb *cb, void *arg)
{
	size_t i;

	assert(fd >= 0);
	if ((size_t)fd >= loop->place_cap &&
	    grow_place(loop, (size_t)fd + 1) != 0)
		return ERR_NOMEM;
	if (loop->place[fd] == 0) {
		if (loop->len == loop->cap && grow_watches(loop) != 0)
			return ERR_NOMEM;
		i = loop->len++;
		loop->place[fd] = i + 1;
		loop->pollfds[i] = (struct pollfd){ .fd = fd };
	}
	i = loop->place[fd] - 1;
	loop->pollfds[i].events = events;
	loop->watches[i] = (struct watch){ cb, arg };
	return 0;
}

void
loop_fd_remove(struct loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->place_cap || loop->place[fd] == 0)
		return;
	loop->pollfds[loop->place[fd] - 1].fd = -1;
	loop->place[fd] = 0;
	loop->holes++;
}

static void
close_holes(struct loop *loop)
{
	for (size_t i = 0; loop->holes > 0; ) {
		assert(i < loop->len);
		if (loop->pollfds[i].fd >= 0) {
			i++;
			continue;
		}
		loop->holes--;
		if (i != --loop->len) {
			loop->pollfds[i] = loop->pollfds[loop->len];
			loop->watches[i] = loop->watches[loop->len];
			if (loop->pollfds[i].fd >= 0)
				loop->place[loop->pollfds[i].fd] = i + 1;
		}
	}
}

void
loop_timer_init(struct timer *timer, timer_cb *cb, void *arg)
{
	*timer = (struct timer){ .cb = cb, .arg = arg };
}

void
loop_timer_set(struct loop *loop, struct timer *timer, int64_t deadline_ms)
{
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

/* Fires what was due when the turn began. A timer that a callback sets to a
 * time in the past waits for the next turn: descriptors get their share. */
static void
run_timers(struct loop *loop)
{
	int64_t now_ms = loop_now_ms(loop);
	struct timer *timer = timer_heap_first(&loop->timers);
	size_t budget = loop->timers.len;

	if (timer == NULL || timer->deadline_ms > now_ms)
		return;
	note_lag(loop, loop->now_us - timer->deadline_ms * 1000);
	while (budget-- > 0 && timer != NULL && timer->deadline_ms <= now_ms) {
		timer_heap_cancel(&loop->timers, timer);
		timer->cb(timer->arg);
		timer = timer_heap_first(&loop->timers);
	}
}

static void
run_watches(struct loop *loop, int ready)
{
	size_t len = loop->len; /* what is added meanwhile waits a turn */

	for (size_t i = 0; i < len && ready > 0; i++) {
		short revents = loop->pollfds[i].revents;

		if (revents == 0)
			continue;
		ready--;
		if (loop->pollfds[i].fd < 0)
			continue;
		loop->watches[i].cb(loop->watches[i].arg, loop->pollfds[i].fd,
		    revents);
	}
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

/* poll(2) refuses more descriptors than may be open, even when they are open
 * because the limit was lowered afterwards; or memory is short. No reason to
 * end: as many at once as it takes, and timers go on. */
static int
poll_pieces(struct loop *loop, int max_wait_ms)
{
	struct rlimit limit;
	size_t most = 1;
	int ready = 0;

	poll(NULL, 0,
	    max_wait_ms < 0 || max_wait_ms > LOOP_SLOT_MS ? LOOP_SLOT_MS : max_wait_ms);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1)
		most = limit.rlim_cur;
	for (size_t i = 0; i < loop->len; i += most) {
		size_t n = loop->len - i < most ? loop->len - i : most;
		int found = poll(loop->pollfds + i, n, 0);

		if (found > 0)
			ready += found;
		for (size_t j = i; found < 0 && j < i + n; j++)
			loop->pollfds[j].revents = 0;
	}
	return ready;
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
	int ready = poll(loop->pollfds, loop->len, wait);

	if (ready < 0 && errno != EINTR && errno != EAGAIN)
		ready = poll_pieces(loop, wait);
	now_us = loop_clock_us();
	note_gap(loop, begin_us, wait, now_us);
	loop->now_us = now_us;
	if (ready > 0)
		run_watches(loop, ready);
	run_timers(loop);
	run_deferred(loop);
	close_holes(loop);
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
