/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_FILE_H
#define RRDNSD_CTL_FILE_H

#include <stddef.h>

/* All of a file, or of standard input when path is "-", with a NUL after its
 * len; the caller frees it. NULL: it is said on stderr why, also when it is
 * longer than max. */
char *ctl_file_read(const char *path, size_t max, size_t *len);

/* "standard input", or the path. */
const char *ctl_file_name(const char *path);

#endif
