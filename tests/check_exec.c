/* SPDX-License-Identifier: ISC */
/* Real programs on a real loop: what they get, what they leave, how they end. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "err.h"
#include "exec.h"
#include "line_reader.h"
#include "loop.h"
#include "loop_signal.h"

#define DEADLINE_MS 8000

static struct loop *loop;
static struct loop_signal *signals;
static struct exec *execs;
static char output[8192];
static unsigned lines, ended, freed;
static enum exec_how how;
static int number;

static void
on_signal(void *arg, int signo)
{
	(void)arg;
	if (signo == SIGCHLD)
		exec_reap(execs);
}

static void
on_free(void *arg)
{
	(void)arg;
	freed++;
}

static void
on_line(void *arg, const char *line)
{
	size_t used = strlen(output);

	(void)arg;
	lines++;
	snprintf(output + used, sizeof output - used, "%s|", line);
}

static void
on_end(void *arg, enum exec_how which, int which_number)
{
	(void)arg;
	ended++;
	how = which;
	number = which_number;
}

static void
setup(void)
{
	lines = ended = freed = 0;
	output[0] = '\0';
	loop = loop_new();
	ck_assert_int_eq(loop_signal_new(loop, on_signal, NULL, &signals), 0);
	execs = exec_new(loop, 2, on_free, NULL);
	ck_assert_ptr_nonnull(execs);
}

static void
teardown(void)
{
	exec_free(execs);
	loop_signal_free(signals);
	loop_free(loop);
}

static int
run(const char *script, unsigned timeout_ms, struct exec_child **child)
{
	char shell[] = "/bin/sh", dash_c[] = "-c", path[] = EXEC_PATH;
	char given[] = "GIVEN=yes", text[512];
	char *const argv[] = { shell, dash_c, text, NULL };
	char *const envp[] = { path, given, NULL };
	struct exec_command command = { argv, envp, timeout_ms };

	snprintf(text, sizeof text, "%s", script);
	return exec_start(execs, &command, on_line, on_end, NULL, child);
}

static void
wait_for_the_end(unsigned before)
{
	int64_t until_ms = loop_now_ms(loop) + DEADLINE_MS;

	while (ended == before) {
		ck_assert_int_lt(loop_now_ms(loop), until_ms);
		loop_turn(loop, 100);
	}
}

static void
run_to_the_end(const char *script, unsigned timeout_ms)
{
	struct exec_child *child;
	unsigned before = ended;

	ck_assert_int_eq(run(script, timeout_ms, &child), 0);
	wait_for_the_end(before);
}

static const struct {
	const char *script;
	enum exec_how how;
	int number;
	const char *output;
} cases[] = {
	{ "exit 0", EXEC_EXITED, 0, "" },
	{ "exit 3", EXEC_EXITED, 3, "" },
	{ "kill -9 $$", EXEC_SIGNALLED, SIGKILL, "" },
	{ "echo one; echo two >&2; printf three", EXEC_EXITED, 0,
	    "one|two|three|" },
	{ "echo $GIVEN$HOME", EXEC_EXITED, 0, "yes|" },
	/* Nothing is open but the three, and what ls needs for the list. */
	{ "exec ls -1 /proc/self/fd", EXEC_EXITED, 0, "0|1|2|3|" },
	{ "readlink /proc/self/fd/0", EXEC_EXITED, 0, "/dev/null|" },
	/* No signal is blocked or ignored but the two that are glibc's. */
	{ "grep -E '^Sig(Blk|Ign):.*[1-9a-f].{0,6}$' /proc/self/status; :",
	    EXEC_EXITED, 0, "" },
	/* The leader of a group of its own. */
	{ "read -r a b c d e f </proc/$$/stat; test $e = $$ && echo yes",
	    EXEC_EXITED, 0, "yes|" },
};

START_TEST(runs)
{
	int leaked = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	run_to_the_end(cases[_i].script, 0);
	ck_assert_int_eq(how, cases[_i].how);
	ck_assert_int_eq(number, cases[_i].number);
	ck_assert_str_eq(output, cases[_i].output);
	ck_assert_uint_eq(freed, 1);
	ck_assert_uint_eq(exec_running(execs), 0);
	close(leaked);
}
END_TEST

START_TEST(what_lasts_too_long_is_ended_with_all_it_started)
{
	pid_t pid;

	run_to_the_end("trap '' TERM; sleep 1000 & echo $!; wait; wait", 100);
	ck_assert_int_eq(how, EXEC_TIMED_OUT);
	ck_assert_int_eq(sscanf(output, "%d|", &pid), 1);
	/* Its own parent, whoever that is now, may not have waited for it. */
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
		char path[64], state[64] = "";
		FILE *file;

		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		file = fopen(path, "r");
		if (file == NULL || fgets(state, sizeof state, file) == NULL ||
		    strstr(state, ") Z") != NULL)
			i = 100;
		if (file != NULL)
			fclose(file);
		if (i < 100)
			loop_turn(loop, 50);
		ck_assert_int_ne(i, 99);
	}
}
END_TEST

START_TEST(what_it_leaves_does_not_outlive_it)
{
	int64_t begun_ms = loop_now_ms(loop);

	run_to_the_end("sleep 1000 & exit 0", 0);
	ck_assert_int_eq(how, EXEC_EXITED);
	ck_assert_int_lt(loop_now_ms(loop) - begun_ms, DEADLINE_MS);
}
END_TEST

START_TEST(runs_no_more_at_once_than_it_may)
{
	struct exec_child *a, *b, *c;
	int64_t until_ms = loop_now_ms(loop) + DEADLINE_MS;

	ck_assert_int_eq(run("sleep 1000", 0, &a), 0);
	ck_assert_int_eq(run("sleep 1000", 0, &b), 0);
	ck_assert_int_eq(run("exit 0", 0, &c), ERR_BUSY);
	exec_cancel(a);
	exec_cancel(a);
	while (freed == 0) {
		ck_assert_int_lt(loop_now_ms(loop), until_ms);
		loop_turn(loop, 100);
	}
	ck_assert_uint_eq(ended, 0); /* nobody is told of what was cancelled */
	run_to_the_end("exit 0", 0);
}
END_TEST

/* Valgrind keeps the memory of parent and child apart, so that posix_spawn(3)
 * can't know: the child ends with what a shell would say. */
static void
refuse(char *path, int err)
{
	char *argv[] = { path, NULL }, *envp[] = { NULL };
	struct exec_command command = { argv, envp, 0 };
	struct exec_child *child;
	unsigned before = ended;
	int got = exec_start(execs, &command, on_line, on_end, NULL, &child);

	if (!is_under_valgrind()) {
		ck_assert_int_eq(got, err);
		ck_assert_uint_eq(exec_running(execs), 0);
		return;
	}
	ck_assert_int_eq(got, 0);
	wait_for_the_end(before);
	ck_assert_int_eq(how, EXEC_EXITED);
	ck_assert_int_eq(number, 127);
}

START_TEST(says_what_cannot_be_run)
{
	char missing[] = "/nonexistent/program", plain[] = "/etc/passwd";

	refuse(missing, ERR_NOTFOUND);
	refuse(plain, ERR_PERM);
}
END_TEST

static const struct {
	const char *text;
	const char *lines;
} streams[] = {
	{ "", "" },
	{ "\n\n\r\n", "" },
	{ "a\nb\r\nc", "a|b|c|" },
	{ "a\n", "a|" },
};

START_TEST(reads_lines)
{
	struct line_reader reader = { .len = 0 };

	/* In pieces, as a pipe brings them. */
	for (const char *p = streams[_i].text; *p != '\0'; p++)
		line_reader_feed(&reader, p, 1, on_line, NULL);
	line_reader_end(&reader, on_line, NULL);
	ck_assert_str_eq(output, streams[_i].lines);
}
END_TEST

START_TEST(cuts_long_lines)
{
	struct line_reader reader = { .len = 0 };

	for (int i = 0; i < 3000; i++)
		line_reader_feed(&reader, "x", 1, on_line, NULL);
	line_reader_feed(&reader, "\nshort\n", 7, on_line, NULL);
	ck_assert_uint_eq(lines, 2);
	ck_assert_uint_eq(strcspn(output, "|"), LINE_READER_MAX);
	ck_assert_str_eq(output + LINE_READER_MAX, "|short|");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, runs, 0, COUNT(cases));
	tcase_add_test(tcase, what_lasts_too_long_is_ended_with_all_it_started);
	tcase_add_test(tcase, what_it_leaves_does_not_outlive_it);
	tcase_add_test(tcase, runs_no_more_at_once_than_it_may);
	tcase_add_test(tcase, says_what_cannot_be_run);
	tcase_add_loop_test(tcase, reads_lines, 0, COUNT(streams));
	tcase_add_test(tcase, cuts_long_lines);
}

int
main(void)
{
	return check_main("exec", fill);
}
