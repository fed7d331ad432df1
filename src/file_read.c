/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"

#define FIRST_ROOM (64 * 1024)

static int
fail(int err, const char *text, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s", text);
	return err;
}

/* What is read may be secret: no copy of it is left behind. */
static int
grow(char **data, size_t *room)
{
	char *more = malloc(*room * 2 + 1);

	if (more == NULL)
		return ERR_NOMEM;
	memcpy(more, *data, *room);
	explicit_bzero(*data, *room);
	free(*data);
	*data = more;
	*room *= 2;
	return 0;
}

/* 0 at the end of the file; *data is there in any case. */
static int
read_all(int fd, size_t max, char **data, size_t *room, size_t *len)
{
	int err = 0;

	while (err == 0) {
		ssize_t n;

		if (*len == *room && (err = grow(data, room)) != 0)
			break;
		n = read(fd, *data + *len, *room - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : ERR_IO;
		*len += (size_t)n;
		if (*len > max)
			err = ERR_TOOBIG;
	}
	return err;
}

static int
read_fd(int fd, size_t max, char **out, size_t *len, char *why,
    size_t why_size)
{
	size_t room = FIRST_ROOM;
	char *data = malloc(room + 1);
	int err = ERR_NOMEM;

	*len = 0;
	if (data != NULL)
		err = read_all(fd, max, &data, &room, len);
	if (err == 0) {
		data[*len] = '\0';
		*out = data;
		return 0;
	}
	if (err == ERR_TOOBIG)
		snprintf(why, why_size, "is larger than %zu MiB", max >> 20);
	else
		snprintf(why, why_size, "can't be read: %s",
		    err == ERR_IO ? strerror(errno) : err_text(err));
	if (data != NULL)
		explicit_bzero(data, *len);
	free(data);
	return err;
}

int
file_read(const char *path, size_t max, char **out, size_t *len, char *why,
    size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0) {
		snprintf(why, why_size, "can't be opened: %s",
		    strerror(errno));
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		err = fail(ERR_IO, "is a directory, not a file", why,
		    why_size);
	else
		err = read_fd(fd, max, out, len, why, why_size);
	close(fd);
	return err;
}
