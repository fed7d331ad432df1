/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_EXEC_H
#define RRDNSD_EXEC_H

#include <stddef.h>

struct loop;

/*
 * Programs that are run beside the loop, at most so many at once. Each is the
 * leader of a process group of its own, has nothing open but /dev/null as its
 * standard input and a pipe for its output, no signal blocked or ignored, and
 * no environment but the one that it is given. When it ends, what it started
 * and left in its group is killed.
 */
struct exec;
struct exec_child;

/* A line of its output (standard output and error together). */
typedef void exec_line_cb(void *arg, const char *line);

enum exec_how {
	EXEC_EXITED, /* number: its status */
	EXEC_SIGNALLED, /* number: the signal */
	EXEC_TIMED_OUT,
};

/* It is over; the last callback. */
typedef void exec_end_cb(void *arg, enum exec_how how, int number);

/* A place has become free. */
typedef void exec_free_cb(void *arg);

/* NULL: out of memory. */
struct exec *exec_new(struct loop *loop, size_t max, exec_free_cb *cb,
    void *arg);

/* Kills what is running, without callbacks. NULL is fine. */
void exec_free(struct exec *exec);

struct exec_command {
	char *const *argv; /* argv[0] is an absolute path; ends with NULL */
	char *const *envp; /* "NAME=value"; ends with NULL */
	/* After this its group gets a SIGTERM, and EXEC_GRACE_MS later a
	 * SIGKILL; 0: never, the caller looks after that. */
	unsigned timeout_ms;
};

#define EXEC_GRACE_MS 2000

/* Where programs that name no path are looked for by those that are run. */
#define EXEC_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The command is needed during the call only. ERR_BUSY: so many are running;
 * ERR_NOTFOUND, ERR_PERM: no such program, none that we may run; ERR_NOMEM,
 * ERR_IO: no memory, process or descriptor for it. */
int exec_start(struct exec *exec, const struct exec_command *command,
    exec_line_cb *line, exec_end_cb *end, void *arg, struct exec_child **out);

/* No callback comes afterwards; it is ended as if it had timed out, and its
 * place stays taken until it is gone. */
void exec_cancel(struct exec_child *child);

/* Looks who has ended; to be called at SIGCHLD. */
void exec_reap(struct exec *exec);

/* How many are running, those that are being ended included. */
size_t exec_running(const struct exec *exec);

#endif
