/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "exec.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "line_reader.h"
#include "loop.h"

/* What is still in the pipe of a program that ended: at most all that a pipe
 * can hold. */
#define READ_SIZE 4096
#define READS_AT_END 16

struct exec_child {
	struct exec *exec;
	pid_t pid; /* and its process group */
	int fd; /* its output; -1: closed */
	struct timer timer;
	bool terminated; /* SIGTERM was sent: SIGKILL is next */
	bool cancelled;
	struct line_reader reader;
	exec_line_cb *line;
	exec_end_cb *end;
	void *arg;
	LIST_ENTRY(exec_child) entry;
};

struct exec {
	struct loop *loop;
	size_t max;
	size_t n;
	exec_free_cb *cb;
	void *arg;
	LIST_HEAD(, exec_child) children;
};

struct exec *
exec_new(struct loop *loop, size_t max, exec_free_cb *cb, void *arg)
{
	struct exec *exec = calloc(1, sizeof *exec);

	if (exec == NULL)
		return NULL;
	*exec = (struct exec){ .loop = loop, .max = max, .cb = cb, .arg = arg };
	LIST_INIT(&exec->children);
	return exec;
}

static void
close_output(struct exec_child *child)
{
	if (child->fd < 0)
		return;
	loop_fd_remove(child->exec->loop, child->fd);
	close(child->fd);
	child->fd = -1;
}

static void
forget(struct exec_child *child)
{
	close_output(child);
	loop_timer_cancel(child->exec->loop, &child->timer);
	LIST_REMOVE(child, entry);
	child->exec->n--;
	loop_defer(child->exec->loop, free, child);
}

void
exec_free(struct exec *exec)
{
	if (exec == NULL)
		return;
	while (!LIST_EMPTY(&exec->children)) {
		struct exec_child *child = LIST_FIRST(&exec->children);

		kill(-child->pid, SIGKILL);
		forget(child);
	}
	free(exec);
}

static void
on_line(void *arg, const char *line)
{
	struct exec_child *child = arg;

	if (!child->cancelled)
		child->line(child->arg, line);
}

/* False when there is nothing more now. */
static bool
read_output(struct exec_child *child)
{
	char data[READ_SIZE];
	ssize_t n = read(child->fd, data, sizeof data);

	if (n > 0)
		line_reader_feed(&child->reader, data, (size_t)n, on_line,
		    child);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_output(child);
	return n > 0;
}

static void
on_readable(void *arg, int fd, short revents)
{
	(void)fd;
	(void)revents;
	read_output(arg);
}

static void
terminate(struct exec_child *child)
{
	struct loop *loop = child->exec->loop;

	child->terminated = true;
	kill(-child->pid, SIGTERM);
	loop_timer_set(loop, &child->timer, loop_now_ms(loop) + EXEC_GRACE_MS);
}

static void
on_timer(void *arg)
{
	struct exec_child *child = arg;

	if (child->terminated)
		kill(-child->pid, SIGKILL);
	else
		terminate(child);
}

void
exec_cancel(struct exec_child *child)
{
	child->cancelled = true;
	if (!child->terminated)
		terminate(child);
}

/* All that was ever opened here is closed on exec(2); closefrom is for what a
 * library has left open. */
static int
spawn(const struct exec_command *command, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	if ((err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
	    "/dev/null", O_RDONLY, 0)) == 0 &&
	    (err = posix_spawn_file_actions_adddup2(&actions, output,
	    STDOUT_FILENO)) == 0 &&
	    (err = posix_spawn_file_actions_adddup2(&actions, output,
	    STDERR_FILENO)) == 0 &&
	    (err = posix_spawn_file_actions_addclosefrom_np(&actions,
	    STDERR_FILENO + 1)) == 0)
		err = posix_spawn(pid, command->argv[0], &actions, &attr,
		    command->argv, command->envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int
errno_to_err(int number)
{
	switch (number) {
	case 0:
		return 0;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
	case ENOEXEC:
		return ERR_PERM;
	case ENOMEM:
		return ERR_NOMEM;
	}
	return ERR_IO;
}

/* Only our end of the pipe never blocks: the other one is the program's. */
static int
start(struct exec_child *child, const struct exec_command *command)
{
	struct loop *loop = child->exec->loop;
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ERR_IO;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	err = loop_fd_set(loop, ends[0], POLLIN, on_readable, child);
	if (err == 0)
		err = errno_to_err(spawn(command, ends[1], &child->pid));
	close(ends[1]);
	child->fd = ends[0];
	return err;
}

int
exec_start(struct exec *exec, const struct exec_command *command,
    exec_line_cb *line, exec_end_cb *end, void *arg, struct exec_child **out)
{
	struct exec_child *child;
	int err;

	if (exec->n >= exec->max)
		return ERR_BUSY;
	child = calloc(1, sizeof *child);
	if (child == NULL)
		return ERR_NOMEM;
	*child = (struct exec_child){ .exec = exec, .fd = -1, .line = line,
		.end = end, .arg = arg };
	loop_timer_init(&child->timer, on_timer, child);
	err = start(child, command);
	if (err != 0) {
		close_output(child);
		free(child);
		return err;
	}
	if (command->timeout_ms > 0)
		loop_timer_set(exec->loop, &child->timer,
		    loop_now_ms(exec->loop) + command->timeout_ms);
	LIST_INSERT_HEAD(&exec->children, child, entry);
	exec->n++;
	*out = child;
	return 0;
}

static void
finish(struct exec_child *child, const siginfo_t *info)
{
	struct exec *exec = child->exec;
	enum exec_how how = info->si_code == CLD_EXITED ? EXEC_EXITED
							: EXEC_SIGNALLED;

	for (int i = 0; child->fd >= 0 && i < READS_AT_END; i++)
		if (!read_output(child))
			break;
	line_reader_end(&child->reader, on_line, child);
	if (child->terminated)
		how = EXEC_TIMED_OUT;
	forget(child);
	if (!child->cancelled)
		child->end(child->arg, how, info->si_status);
	exec->cb(exec->arg);
}

/* While the dead leader is not yet waited for, nobody else can bear its
 * number: the group is still the one that it led. */
static bool
has_ended(const struct exec_child *child, siginfo_t *info)
{
	*info = (siginfo_t){ 0 };
	if (waitid(P_PID, (id_t)child->pid, info, WEXITED | WNOHANG | WNOWAIT) !=
		0 ||
	    info->si_pid == 0)
		return false;
	kill(-child->pid, SIGKILL);
	waitid(P_PID, (id_t)child->pid, info, WEXITED);
	return true;
}

/* Callbacks may start and cancel others: the list is walked anew after each. */
void
exec_reap(struct exec *exec)
{
	struct exec_child *child;
	siginfo_t info;

	do {
		LIST_FOREACH(child, &exec->children, entry)
			if (has_ended(child, &info))
				break;
		if (child != NULL)
			finish(child, &info);
	} while (child != NULL);
}

size_t
exec_running(const struct exec *exec)
{
	return exec->n;
}
