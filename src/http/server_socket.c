/* SPDX-License-Identifier: ISC */
/* The Unix socket: what a process that died left behind is cleared away, what
 * a living one holds is not. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "err.h"
#include "http/server_impl.h"

#define BACKLOG 128

static int
say(char *why, size_t why_size, const char *what)
{
	snprintf(why, why_size, "%s", what);
	return ERR_IO;
}

/* Whether somebody answers at the socket. */
static bool
is_alive(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive = fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)sun, sizeof *sun) == 0 ||
		errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

static int
clear_away(const struct sockaddr_un *sun, char *why, size_t why_size)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return say(why, why_size, "something else than a socket is "
					  "there");
	if (is_alive(sun))
		return say(why, why_size, "another process listens there");
	if (unlink(sun->sun_path) != 0)
		return say(why, why_size, strerror(errno));
	return 0;
}

int
server_socket_open(const char *path, unsigned mode, int *fd, char *why,
    size_t why_size)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t before;
	bool bound;

	if (strlen(path) >= sizeof sun.sun_path)
		return say(why, why_size, "the path is too long for a socket");
	strncpy(sun.sun_path, path, sizeof sun.sun_path - 1);
	if (clear_away(&sun, why, why_size) != 0)
		return ERR_IO;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return say(why, why_size, strerror(errno));
	/* Nobody gets in between bind(2) and a chmod(2). */
	before = umask(~mode & 0777);
	bound = bind(*fd, (struct sockaddr *)&sun, sizeof sun) == 0;
	umask(before);
	if (!bound || listen(*fd, BACKLOG) != 0) {
		say(why, why_size, strerror(errno));
		close(*fd);
		return ERR_IO;
	}
	return 0;
}

void
server_socket_close(const char *path)
{
	unlink(path);
}
