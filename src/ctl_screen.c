/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

static struct termios before;
static volatile sig_atomic_t is_open;
static int wake[2] = { -1, -1 }; /* a signal handler's word to the poll(2) */

static void
raw(const char *text)
{
	ssize_t ignored = write(STDOUT_FILENO, text, strlen(text));

	(void)ignored; /* a terminal that is gone needs no restoring */
}

static void
enter(void)
{
	struct termios now = before;

	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
	raw(ENTER);
	is_open = 1;
}

/* Calls nothing that a signal handler may not call (signal-safety(7)). */
static void
leave(void)
{
	if (!is_open)
		return;
	is_open = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	raw(LEAVE);
}

/* The default of the signal is done after the terminal is as it was. The
 * handler was installed with SA_RESETHAND. */
static void
on_deadly(int signo)
{
	leave();
	raise(signo);
}

static void
on_wake(int signo)
{
	int error = errno;
	ssize_t ignored = write(wake[1], "", 1);

	(void)signo;
	(void)ignored; /* full: it wakes anyway */
	errno = error;
}

/* Stopped by Ctrl-Z, and what comes after it. */
static void
on_stop(int signo)
{
	int error = errno;

	(void)signo;
	leave();
	raise(SIGSTOP);
	enter();
	on_wake(0);
	errno = error;
}

static void
handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler,
		.sa_flags = flags };

	sigaction(signo, &action, NULL);
}

static void
handle_signals(void)
{
	static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGPIPE, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM,
		SIGUSR1, SIGUSR2, SIGXCPU };

	/* Not held while its handler runs: raise() is to end the process. */
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		handle(deadly[i], on_deadly, (int)SA_RESETHAND | SA_NODEFER);
	handle(SIGWINCH, on_wake, SA_RESTART);
	handle(SIGTSTP, on_stop, SA_RESTART);
}

bool
ctl_screen_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &before) != 0 ||
	    pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	handle_signals();
	atexit(ctl_screen_close);
	enter();
	return true;
}

void
ctl_screen_close(void)
{
	fflush(stdout);
	leave();
}

void
ctl_screen_size(size_t *rows, size_t *columns)
{
	struct winsize size;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0) {
		*rows = size.ws_row;
		*columns = size.ws_col;
	}
}

/* Drawn over what was there, line by line: it does not flicker. */
void
ctl_screen_show(const char *text, size_t first, const char *footer)
{
	size_t rows, columns;

	ctl_screen_size(&rows, &columns);
	for (; first > 0 && *text != '\0'; first--)
		text += strcspn(text, "\n") + 1;
	fputs("\033[H", stdout);
	for (size_t row = 1; row < rows; row++) {
		size_t len = strcspn(text, "\n");

		printf("%.*s\033[0m\033[K\r\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	printf("\033[7m%.*s\033[K\033[0m", (int)columns, footer);
	fflush(stdout);
}

static char typed[64]; /* and not yet looked at */

/* Takes the first key of what was typed. An unknown sequence of Escape is
 * dropped with all that came with it. */
static enum ctl_key
take_key(void)
{
	static const struct {
		const char *bytes;
		enum ctl_key key;
	} keys[] = {
		{ "q", CTL_KEY_QUIT },
		{ "Q", CTL_KEY_QUIT },
		{ "k", CTL_KEY_UP },
		{ "\033[A", CTL_KEY_UP },
		{ "\033OA", CTL_KEY_UP },
		{ "j", CTL_KEY_DOWN },
		{ "\033[B", CTL_KEY_DOWN },
		{ "\033OB", CTL_KEY_DOWN },
		{ "b", CTL_KEY_PAGE_UP },
		{ "\033[5~", CTL_KEY_PAGE_UP },
		{ " ", CTL_KEY_PAGE_DOWN },
		{ "\033[6~", CTL_KEY_PAGE_DOWN },
		{ "g", CTL_KEY_HOME },
		{ "\033[H", CTL_KEY_HOME },
		{ "\033[1~", CTL_KEY_HOME },
		{ "G", CTL_KEY_END },
		{ "\033[F", CTL_KEY_END },
		{ "\033[4~", CTL_KEY_END },
		{ "\014", CTL_KEY_RESIZE }, /* Ctrl-L */
	};
	size_t len = typed[0] == '\033' ? strlen(typed) : 1;
	enum ctl_key key = CTL_KEY_NONE;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strncmp(typed, keys[i].bytes, strlen(keys[i].bytes)) ==
		    0) {
			key = keys[i].key;
			len = strlen(keys[i].bytes);
			break;
		}
	memmove(typed, typed + len, strlen(typed + len) + 1);
	return key;
}

enum ctl_key
ctl_screen_key(int timeout_ms)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = wake[0], .events = POLLIN } };
	char bytes[64];
	ssize_t len;

	if (typed[0] != '\0')
		return take_key();
	if (poll(fds, 2, timeout_ms) < 0)
		return errno == EINTR ? CTL_KEY_RESIZE : CTL_KEY_QUIT;
	if (fds[1].revents != 0) {
		while (read(wake[0], bytes, sizeof bytes) > 0)
			continue;
		return CTL_KEY_RESIZE;
	}
	if (fds[0].revents == 0)
		return CTL_KEY_NONE;
	len = read(STDIN_FILENO, typed, sizeof typed - 1);
	if (len <= 0)
		return CTL_KEY_QUIT; /* the terminal is gone */
	typed[len] = '\0';
	return take_key();
}
