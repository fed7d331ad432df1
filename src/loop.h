/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_LOOP_H
#define RRDNSD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "timer_heap.h"
#include "watch_set.h"

/*
 * The one poll(2) loop of the process; those that wait long without an event
 * cost it nothing (watch_set.h).
 *
 * The clock (CLOCK_BOOTTIME: it counts suspended time, so that a machine that
 * slept does not take old votes for fresh ones) is read once per turn. Timers
 * are absolute. Everything here may be called inside a callback: a descriptor
 * or timer that is removed there gets no further callback, and what it belongs
 * to is freed at the end of the turn by loop_defer.
 */
struct loop;

typedef void loop_defer_cb(void *arg);

struct loop *loop_new(void); /* NULL: out of memory */
void loop_free(struct loop *loop); /* NULL is fine; runs what is deferred */

/* Turns until loop_stop. */
void loop_run(struct loop *loop);

/* One turn that waits at most max_wait_ms; for tests and for shutting down. */
void loop_turn(struct loop *loop, int max_wait_ms);
void loop_stop(struct loop *loop);

/* Milliseconds and microseconds on CLOCK_BOOTTIME, as of the start of the
 * turn. */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_now_us(const struct loop *loop);

/* Reads the clock again, for measuring inside a turn. */
int64_t loop_clock_us(void);

/* Watches fd for events (POLLIN, POLLOUT; POLLERR and POLLHUP come unasked).
 * One watch per descriptor: a second call changes events, cb and arg. */
int loop_fd_set(struct loop *loop, int fd, short events, watch_cb *cb,
    void *arg);

/* Ends the watch; legal for a descriptor that has none. Call it before
 * close(2): the number may come back in the same turn. */
void loop_fd_remove(struct loop *loop, int fd);

void loop_timer_init(struct timer *timer, timer_cb *cb, void *arg);

/* Fires once at or after deadline_ms (absolute, loop_now_ms); in the next turn
 * when a timer's callback sets it to a time that has come. Aborts when no memory
 * is left for the heap: a daemon that loses a timer would be dead and
 * silent. */
void loop_timer_set(struct loop *loop, struct timer *timer,
    int64_t deadline_ms);
void loop_timer_cancel(struct loop *loop, struct timer *timer);
bool loop_timer_is_set(const struct timer *timer);

#define LOOP_SLOT_MS 10

/* Rounds a deadline up to the loop's slots, so that one turn serves many
 * probes (measured: 40 % of the cost at 1,000 endpoints). */
int64_t loop_slot(int64_t deadline_ms);

/* Runs cb(arg) at the end of this turn, after all callbacks. */
void loop_defer(struct loop *loop, loop_defer_cb *cb, void *arg);

/* For how long, in all, nothing could be served, because a turn was at work for
 * more than 50 ms or the whole process stood still; in microseconds. It only
 * grows: the difference between two times says what the loop missed between. */
int64_t loop_stalled_us(const struct loop *loop);

/* How late timers fire: the worst since the last call with reset, and the
 * 99th percentile of the last 1,024 turns that fired one; in microseconds. */
struct loop_lag {
	int64_t max_us;
	int64_t p99_us;
};
struct loop_lag loop_lag(struct loop *loop, bool reset);

#endif
