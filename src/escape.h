/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_ESCAPE_H
#define RRDNSD_ESCAPE_H

#include <stddef.h>

/* Bytes written as text: \r, \n, \t, \\ and \xHH stand for what they do in C,
 * all else for itself. out has room for strlen(text) bytes and is not ended
 * with a NUL. ERR_SYNTAX for any other use of "\". */
int escape_read(const char *text, char *out, size_t *len);

#endif
