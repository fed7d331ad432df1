/* SPDX-License-Identifier: ISC */
/* Watches in the hands of poll(2) and of epoll(7), on a virtual clock. */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check_main.h"
#include "watch_set.h"

#define MANY 200 /* more than there is room for at first */

static struct watch_set set;
static int64_t now_ms;

struct end {
	int fd; /* watched */
	int other;
	int calls;
	short revents; /* of the last call */
	void (*then)(struct end *end);
};

static void
setup(void)
{
	now_ms = 1000000;
	ck_assert_int_eq(watch_set_init(&set), 0);
}

static void
teardown(void)
{
	watch_set_fini(&set);
}

static void
turn(void)
{
	watch_set_serve(&set, watch_set_wait(&set, 0));
	watch_set_settle(&set, now_ms);
}

/* Until whoever is silent is patient. */
static void
wait_long(void)
{
	for (int i = 0; i < 2; i++) {
		now_ms += WATCH_SET_PATIENCE_MS;
		turn();
	}
}

static void
on_event(void *arg, int fd, short revents)
{
	struct end *end = arg;

	ck_assert_int_eq(fd, end->fd);
	end->calls++;
	end->revents = revents;
	if (end->then != NULL)
		end->then(end);
}

static void
put(struct end *end, short events)
{
	ck_assert_int_eq(watch_set_put(&set, end->fd, events, on_event, end),
	    0);
}

static void
open_pipe(struct end *end)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	*end = (struct end){ .fd = fds[0], .other = fds[1] };
	put(end, POLLIN);
}

static void
speak(const struct end *end)
{
	ck_assert_int_eq(write(end->other, "x", 1), 1);
}

static void
listen_to(struct end *end)
{
	char c;

	ck_assert_int_eq(read(end->fd, &c, 1), 1);
}

static void
close_pipe(struct end *end)
{
	watch_set_remove(&set, end->fd);
	close(end->fd);
	close(end->other);
}

START_TEST(who_is_silent_becomes_patient)
{
	struct end end;

	open_pipe(&end);
	turn();
	ck_assert_uint_eq(set.patient, 0);
	now_ms += WATCH_SET_PATIENCE_MS - 1;
	turn();
	ck_assert_uint_eq(set.patient, 0);
	now_ms++;
	turn();
	ck_assert_uint_eq(set.patient, 1);
	ck_assert_uint_eq(set.len, 1);
	close_pipe(&end);
	ck_assert_uint_eq(set.patient, 0);
}
END_TEST

START_TEST(who_has_events_stays_with_poll)
{
	struct end end;

	open_pipe(&end);
	speak(&end);
	for (int i = 1; i <= 10; i++) {
		now_ms += WATCH_SET_PATIENCE_MS;
		turn();
		ck_assert_int_eq(end.calls, i);
		ck_assert_uint_eq(set.patient, 0);
	}
	close_pipe(&end);
}
END_TEST

START_TEST(who_is_patient_is_called_as_long_as_there_is_an_event)
{
	struct end end;

	open_pipe(&end);
	wait_long();
	speak(&end);
	turn();
	turn();
	ck_assert_int_eq(end.calls, 2);
	ck_assert_int_eq(end.revents, POLLIN);
	listen_to(&end);
	turn();
	ck_assert_int_eq(end.calls, 2);
	ck_assert_uint_eq(set.patient, 1);
	close_pipe(&end);
}
END_TEST

START_TEST(who_is_patient_hears_of_the_end_unasked)
{
	struct end end;

	open_pipe(&end);
	put(&end, 0);
	wait_long();
	ck_assert_uint_eq(set.patient, 1);
	close(end.other);
	turn();
	ck_assert_int_eq(end.calls, 1);
	ck_assert_int_eq(end.revents, POLLHUP);
	watch_set_remove(&set, end.fd);
	close(end.fd);
}
END_TEST

START_TEST(a_wait_ends_when_a_patient_one_has_an_event)
{
	struct end end;

	open_pipe(&end);
	wait_long();
	speak(&end);
	ck_assert_int_eq(watch_set_wait(&set, -1), 1);
	close_pipe(&end);
}
END_TEST

START_TEST(all_that_are_ready_are_called_in_one_turn)
{
	static struct end ends[MANY];

	for (int i = 0; i < MANY; i++)
		open_pipe(&ends[i]);
	wait_long();
	ck_assert_uint_eq(set.patient, MANY);
	ck_assert_uint_eq(set.len, 1);
	for (int i = 0; i < MANY; i++)
		speak(&ends[i]);
	turn();
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(ends[i].calls, 1);
		close_pipe(&ends[i]);
	}
}
END_TEST

START_TEST(a_change_brings_back_to_poll)
{
	struct end end;

	open_pipe(&end);
	wait_long();
	speak(&end);
	put(&end, 0);
	ck_assert_uint_eq(set.patient, 0);
	turn();
	ck_assert_int_eq(end.calls, 0);
	put(&end, POLLIN);
	turn();
	ck_assert_int_eq(end.calls, 1);
	close_pipe(&end);
}
END_TEST

static struct end first, second, next;

static void
remove_the_other(struct end *end)
{
	watch_set_remove(&set, end == &first ? second.fd : first.fd);
}

START_TEST(who_is_removed_in_a_callback_is_not_called)
{
	open_pipe(&first);
	open_pipe(&second);
	wait_long();
	first.then = second.then = remove_the_other;
	speak(&first);
	speak(&second);
	turn();
	turn();
	ck_assert_int_eq(first.calls + second.calls, 2);
	ck_assert(first.calls == 0 || second.calls == 0);
	close_pipe(&first);
	close_pipe(&second);
}
END_TEST

static void
reopen_the_other(struct end *end)
{
	end->then = NULL;
	close_pipe(end == &first ? &second : &first);
	open_pipe(&next);
}

START_TEST(a_number_that_comes_back_waits_for_its_own_event)
{
	open_pipe(&first);
	open_pipe(&second);
	wait_long();
	first.then = second.then = reopen_the_other;
	speak(&first);
	speak(&second);
	turn();
	ck_assert_int_eq(first.calls + second.calls, 1);
	ck_assert_int_eq(next.fd, first.calls > 0 ? second.fd : first.fd);
	turn();
	ck_assert_int_eq(next.calls, 0);
	speak(&next);
	turn();
	ck_assert_int_eq(next.calls, 1);
	close_pipe(&next);
	close_pipe(first.calls > 0 ? &first : &second);
}
END_TEST

START_TEST(a_file_is_always_ready)
{
	struct end end = { .fd = open("/proc/self/exe", O_RDONLY) };

	ck_assert_int_ge(end.fd, 0);
	put(&end, POLLIN);
	wait_long();
	wait_long();
	ck_assert_int_eq(end.calls, 4);
	ck_assert_uint_eq(set.patient, 0);
	watch_set_remove(&set, end.fd);
	close(end.fd);
}
END_TEST

START_TEST(without_a_descriptor_for_it_nobody_is_patient)
{
	struct rlimit limit, low;
	struct end end;

	open_pipe(&end);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = (rlim_t)end.other + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	wait_long();
	wait_long();
	ck_assert_uint_eq(set.patient, 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	speak(&end);
	turn();
	ck_assert_int_eq(end.calls, 1);
	listen_to(&end);
	wait_long();
	ck_assert_uint_eq(set.patient, 1);
	close_pipe(&end);
}
END_TEST

START_TEST(what_is_not_watched_can_be_removed)
{
	struct end end;

	watch_set_remove(&set, -1);
	watch_set_remove(&set, 12345);
	open_pipe(&end);
	watch_set_remove(&set, end.fd);
	close_pipe(&end);
	turn();
	ck_assert_uint_eq(set.len, 1);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, who_is_silent_becomes_patient);
	tcase_add_test(tcase, who_has_events_stays_with_poll);
	tcase_add_test(tcase,
	    who_is_patient_is_called_as_long_as_there_is_an_event);
	tcase_add_test(tcase, who_is_patient_hears_of_the_end_unasked);
	tcase_add_test(tcase, a_wait_ends_when_a_patient_one_has_an_event);
	tcase_add_test(tcase, all_that_are_ready_are_called_in_one_turn);
	tcase_add_test(tcase, a_change_brings_back_to_poll);
	tcase_add_test(tcase, who_is_removed_in_a_callback_is_not_called);
	tcase_add_test(tcase, a_number_that_comes_back_waits_for_its_own_event);
	tcase_add_test(tcase, a_file_is_always_ready);
	tcase_add_test(tcase, without_a_descriptor_for_it_nobody_is_patient);
	tcase_add_test(tcase, what_is_not_watched_can_be_removed);
}

int
main(void)
{
	return check_main("watch_set", fill);
}
