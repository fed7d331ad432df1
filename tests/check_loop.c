/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check_main.h"
#include "loop.h"

static struct loop *loop;

static void
setup(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void
teardown(void)
{
	loop_free(loop);
}

struct tick {
	struct timer timer;
	int64_t due_ms;
	int order;
};
static int fired;

static void
on_tick(void *arg)
{
	struct tick *tick = arg;

	ck_assert_int_ge(loop_now_ms(loop), tick->due_ms);
	tick->order = fired++;
}

START_TEST(timers_fire_in_order_of_their_deadlines)
{
	enum { N = 20000 };
	struct tick *ticks = calloc(N, sizeof *ticks);
	unsigned seed = 42;
	int64_t start = loop_now_ms(loop);

	ck_assert_ptr_nonnull(ticks);
	fired = 0;
	for (int i = 0; i < N; i++) {
		seed = seed * 1103515245 + 12345;
		ticks[i].due_ms = start + (seed >> 16) % 50;
		loop_timer_init(&ticks[i].timer, on_tick, &ticks[i]);
		loop_timer_set(loop, &ticks[i].timer, start + 1000);
		loop_timer_set(loop, &ticks[i].timer, ticks[i].due_ms);
	}
	for (int i = 0; i < N; i += 2)
		loop_timer_cancel(loop, &ticks[i].timer);
	while (fired < N / 2)
		loop_turn(loop, 100);
	loop_turn(loop, 0);
	ck_assert_int_eq(fired, N / 2);
	for (int i = 1; i < N; i += 2)
		ck_assert(!loop_timer_is_set(&ticks[i].timer));
	free(ticks);
}
END_TEST

struct pair {
	int fds[2];
	int calls;
	struct pair *victim;
};

static void
on_readable(void *arg, int fd, short revents)
{
	struct pair *pair = arg;

	ck_assert_int_eq(fd, pair->fds[0]);
	ck_assert(revents & POLLIN);
	pair->calls++;
	if (pair->victim != NULL)
		loop_fd_remove(loop, pair->victim->fds[0]);
}

static void
pair_open(struct pair *pair)
{
	ck_assert_int_eq(pipe(pair->fds), 0);
	ck_assert_int_eq(write(pair->fds[1], "x", 1), 1);
	ck_assert_int_eq(loop_fd_set(loop, pair->fds[0], POLLIN, on_readable,
			     pair), 0);
}

static void
pair_close(struct pair *pair)
{
	loop_fd_remove(loop, pair->fds[0]);
	close(pair->fds[0]);
	close(pair->fds[1]);
}

START_TEST(a_watch_removed_in_a_callback_is_not_called)
{
	struct pair a = { .calls = 0 }, b = { .calls = 0 };

	pair_open(&a);
	pair_open(&b);
	a.victim = &b;
	b.victim = &a;
	loop_turn(loop, 100);
	ck_assert_int_eq(a.calls + b.calls, 1);
	pair_close(&a);
	pair_close(&b);
	loop_turn(loop, 0);
}
END_TEST

static struct pair reopened;

static void
on_readable_reopen(void *arg, int fd, short revents)
{
	struct pair *pair = arg;

	(void)fd;
	(void)revents;
	pair_close(pair);
	pair_open(&reopened); /* takes the same number */
}

START_TEST(a_reused_descriptor_waits_for_its_own_event)
{
	struct pair a = { .calls = 0 };

	pair_open(&a);
	loop_fd_set(loop, a.fds[0], POLLIN, on_readable_reopen, &a);
	loop_turn(loop, 100);
	ck_assert_int_eq(reopened.fds[0], a.fds[0]);
	ck_assert_int_eq(reopened.calls, 0);
	loop_turn(loop, 100);
	ck_assert_int_eq(reopened.calls, 1);
	pair_close(&reopened);
}
END_TEST

static void
on_deferred(void *arg)
{
	int *count = arg;

	if (++*count < 3)
		loop_defer(loop, on_deferred, arg);
}

START_TEST(deferred_work_runs_at_the_end_of_the_turn)
{
	int count = 0;

	loop_defer(loop, on_deferred, &count);
	ck_assert_int_eq(count, 0);
	loop_turn(loop, 0);
	ck_assert_int_eq(count, 3);
}
END_TEST

static void
on_rearm(void *arg)
{
	struct tick *tick = arg;

	fired++;
	loop_timer_set(loop, &tick->timer, loop_now_ms(loop));
}

START_TEST(a_timer_that_rearms_itself_does_not_starve_the_loop)
{
	struct tick tick;
	struct pair a = { .calls = 0 };

	fired = 0;
	pair_open(&a);
	loop_timer_init(&tick.timer, on_rearm, &tick);
	loop_timer_set(loop, &tick.timer, loop_now_ms(loop));
	loop_turn(loop, 0);
	ck_assert_int_eq(fired, 1);
	ck_assert_int_eq(a.calls, 1);
	loop_timer_cancel(loop, &tick.timer);
	pair_close(&a);
}
END_TEST

START_TEST(a_timer_that_rearms_itself_fires_once_a_turn_beside_many)
{
	enum { N = 1000 };
	struct tick *idle = calloc(N, sizeof *idle), tick;
	int64_t now_ms = loop_now_ms(loop);

	ck_assert_ptr_nonnull(idle);
	for (int i = 0; i < N; i++) {
		loop_timer_init(&idle[i].timer, on_tick, &idle[i]);
		loop_timer_set(loop, &idle[i].timer, now_ms + 3600000);
	}
	loop_timer_init(&tick.timer, on_rearm, &tick);
	loop_timer_set(loop, &tick.timer, now_ms);
	fired = 0;
	for (int turn = 1; turn <= 3; turn++) {
		loop_turn(loop, 100);
		ck_assert_int_eq(fired, turn);
	}
	loop_timer_cancel(loop, &tick.timer);
	for (int i = 0; i < N; i++)
		loop_timer_cancel(loop, &idle[i].timer);
	free(idle);
}
END_TEST

static void
on_move(void *arg)
{
	struct tick *other = arg;

	fired++;
	loop_timer_set(loop, &other->timer, loop_now_ms(loop) - 1);
}

START_TEST(a_timer_that_is_due_is_not_put_off)
{
	struct tick mover, other = { .due_ms = 0 };
	int64_t now_ms = loop_now_ms(loop);

	fired = 0;
	loop_timer_init(&mover.timer, on_move, &other);
	loop_timer_init(&other.timer, on_tick, &other);
	loop_timer_set(loop, &mover.timer, now_ms - 1);
	loop_timer_set(loop, &other.timer, now_ms);
	loop_turn(loop, 0);
	ck_assert_int_eq(fired, 2);
}
END_TEST

START_TEST(twenty_thousand_descriptors_come_and_go)
{
	struct rlimit limit;
	struct pair *pairs;
	int n = 10000, calls = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < 20100)
		n = (int)limit.rlim_max / 2 - 50;
	pairs = calloc((size_t)n, sizeof *pairs);
	for (int i = 0; i < n; i++)
		pair_open(&pairs[i]);
	loop_turn(loop, 0);
	for (int i = 0; i < n; i++) {
		calls += pairs[i].calls;
		pair_close(&pairs[i]);
	}
	ck_assert_int_eq(calls, n);
	loop_turn(loop, 0);
	free(pairs);
}
END_TEST

START_TEST(a_limit_below_what_is_open_ends_nothing)
{
	struct pair pairs[3] = { 0 };
	struct rlimit limit, low;
	struct tick tick;

	for (int i = 0; i < 3; i++)
		pair_open(&pairs[i]);
	fired = 0;
	loop_timer_init(&tick.timer, on_tick, &tick);
	tick.due_ms = loop_now_ms(loop);
	loop_timer_set(loop, &tick.timer, tick.due_ms);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (rlim_t most = 0; most < 4; most++) {
		low = limit;
		low.rlim_cur = most;
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
		loop_turn(loop, 0);
		for (int i = 0; i < 3; i++)
			ck_assert_int_eq(pairs[i].calls, (int)most);
		ck_assert_int_eq(fired, 1);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < 3; i++)
		pair_close(&pairs[i]);
}
END_TEST

START_TEST(stalls_are_measured)
{
	struct tick tick;
	int64_t before_us;

	loop_turn(loop, 0);
	before_us = loop_stalled_us(loop);
	usleep(60000); /* a callback at work */
	loop_turn(loop, 0);
	ck_assert_int_ge(loop_stalled_us(loop) - before_us, 60000);
	/* Waiting is no stall, however long. */
	before_us = loop_stalled_us(loop);
	loop_timer_init(&tick.timer, on_tick, &tick);
	tick.due_ms = loop_now_ms(loop) + 200;
	loop_timer_set(loop, &tick.timer, tick.due_ms);
	loop_turn(loop, -1);
	ck_assert_int_lt(loop_stalled_us(loop) - before_us, 200000);
}
END_TEST

static void
on_order(void *arg, int fd, short revents)
{
	struct tick *tick = arg;

	(void)revents;
	ck_assert_int_eq(fired, 0);
	loop_timer_cancel(loop, &tick->timer);
	loop_fd_remove(loop, fd);
}

START_TEST(an_answer_comes_before_its_deadline)
{
	struct pair a = { .calls = 0 };
	struct tick tick;

	fired = 0;
	pair_open(&a);
	loop_timer_init(&tick.timer, on_tick, &tick);
	tick.due_ms = loop_now_ms(loop);
	loop_timer_set(loop, &tick.timer, tick.due_ms);
	loop_fd_set(loop, a.fds[0], POLLIN, on_order, &tick);
	loop_turn(loop, 0);
	ck_assert(!loop_timer_is_set(&tick.timer));
	ck_assert_int_eq(fired, 0);
	pair_close(&a);
}
END_TEST

START_TEST(lag_is_measured)
{
	struct tick tick;

	loop_timer_init(&tick.timer, on_tick, &tick);
	tick.due_ms = loop_now_ms(loop) - 20;
	loop_timer_set(loop, &tick.timer, tick.due_ms);
	loop_turn(loop, 0);
	ck_assert_int_ge(loop_lag(loop, true).max_us, 20000);
	ck_assert_int_ge(loop_lag(loop, true).p99_us, 20000);
	ck_assert_int_eq(loop_lag(loop, false).max_us, 0);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, timers_fire_in_order_of_their_deadlines);
	tcase_add_test(tcase, a_watch_removed_in_a_callback_is_not_called);
	tcase_add_test(tcase, a_reused_descriptor_waits_for_its_own_event);
	tcase_add_test(tcase, deferred_work_runs_at_the_end_of_the_turn);
	tcase_add_test(tcase, a_timer_that_rearms_itself_does_not_starve_the_loop);
	tcase_add_test(tcase,
	    a_timer_that_rearms_itself_fires_once_a_turn_beside_many);
	tcase_add_test(tcase, a_timer_that_is_due_is_not_put_off);
	tcase_add_test(tcase, twenty_thousand_descriptors_come_and_go);
	/* Valgrind keeps the limit to itself, so that poll(2) never refuses. */
	if (!is_under_valgrind())
		tcase_add_test(tcase, a_limit_below_what_is_open_ends_nothing);
	tcase_add_test(tcase, stalls_are_measured);
	tcase_add_test(tcase, an_answer_comes_before_its_deadline);
	tcase_add_test(tcase, lag_is_measured);
}

int
main(void)
{
	return check_main("loop", fill);
}
