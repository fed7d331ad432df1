/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[state]"
#include "config.h"

#include "file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "log.h"

#define PATH_ROOM 4096

void
file_set_aside(const char *dir, const char *name, const char *why)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	snprintf(from, sizeof from, "%s/%s", dir, name);
	snprintf(to, sizeof to, "%s/%s.broken", dir, name);
	if (rename(from, to) == 0)
		log_error("%s: %s; set aside as %s, starting without it", from,
		    why, to);
	else
		log_error("%s: %s; starting without it", from, why);
}

static bool
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool
sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int
err_of(int reason)
{
	switch (reason) {
	case ENOSPC:
	case EDQUOT:
		return ERR_NOSPACE;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERM;
	}
	return ERR_IO;
}

/* Nothing of it is left when it can't be written: a full disk needs no more. */
static int
give_up(const char *path, const char *fresh)
{
	int reason = errno;

	log_error("%s: can't be written: %s", path, strerror(reason));
	unlink(fresh);
	return err_of(reason);
}

int
file_replace(const char *dir, const char *name, const char *text, unsigned mode)
{
	char path[PATH_ROOM], fresh[PATH_ROOM];
	int fd, err = 0;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	snprintf(fresh, sizeof fresh, "%s/%s.new", dir, name);
	/* Whatever mode one that was left behind has. */
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    (mode_t)mode);
	if (fd < 0 || fchmod(fd, (mode_t)mode) != 0 ||
	    !write_all(fd, text, strlen(text)) ||
	    rename(fresh, path) != 0 || !sync_directory(dir))
		err = give_up(path, fresh);
	if (fd >= 0)
		close(fd);
	return err;
}
