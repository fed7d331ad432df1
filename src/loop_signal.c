/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "loop_signal.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "err.h"
#include "loop.h"

struct loop_signal {
	struct loop *loop;
	loop_signal_cb *cb;
	void *arg;
	sigset_t before;
	int fd;
};

static void
on_readable(void *arg, int fd, short revents)
{
	struct loop_signal *signals = arg;
	struct signalfd_siginfo info;

	(void)revents;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
		signals->cb(signals->arg, (int)info.ssi_signo);
}

int
loop_signal_new(struct loop *loop, loop_signal_cb *cb, void *arg,
    struct loop_signal **out)
{
	struct loop_signal *signals = calloc(1, sizeof *signals);
	sigset_t set;

	if (signals == NULL)
		return ERR_NOMEM;
	signals->loop = loop;
	signals->cb = cb;
	signals->arg = arg;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	/* Ignored by whoever started us, it would make children vanish. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &signals->before);
	signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals->fd < 0 ||
	    loop_fd_set(loop, signals->fd, POLLIN, on_readable, signals) != 0) {
		loop_signal_free(signals);
		return ERR_IO;
	}
	*out = signals;
	return 0;
}

void
loop_signal_free(struct loop_signal *signals)
{
	if (signals == NULL)
		return;
	if (signals->fd >= 0) {
		struct signalfd_siginfo info;

		loop_fd_remove(signals->loop, signals->fd);
		/* What is pending must not strike when it is unblocked. */
		while (read(signals->fd, &info, sizeof info) > 0)
			continue;
		close(signals->fd);
	}
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
	free(signals);
}
