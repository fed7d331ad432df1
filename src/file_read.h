/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_FILE_READ_H
#define RRDNSD_FILE_READ_H

#include <stddef.h>

/*
 * A whole file of at most max bytes. *out has a NUL after len, and is the
 * caller's to wipe and free. ERR_NOTFOUND, ERR_IO, ERR_TOOBIG or ERR_NOMEM; why
 * says what was wrong with it ("is a directory, not a file").
 */
int file_read(const char *path, size_t max, char **out, size_t *len, char *why,
    size_t why_size);

#endif
