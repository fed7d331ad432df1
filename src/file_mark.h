/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_FILE_MARK_H
#define RRDNSD_FILE_MARK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

/* Enough of a file to tell that it is another, or has changed. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

/* All zero when there is no such file, or path is NULL. */
struct file_mark file_mark_of(const char *path);
bool file_mark_equal(const struct file_mark *a, const struct file_mark *b);

#endif
