/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_JSON_TEXT_H
#define RRDNSD_JSON_TEXT_H

#include <stddef.h>

#include <jansson.h>

/*
 * json_loadb(3) and json_dumps(3) for texts that matter. When memory runs out,
 * jansson 2.14 calls a text malformed, or drops a byte of a word and writes
 * beyond what it has; and it writes objects without the names of their members.
 * Here the first refusal ends it. For one thread.
 */

/* Objects with a name twice are refused. 0, ERR_SYNTAX or ERR_NOMEM; *out is
 * NULL then, and error (NULL: not wanted) says why. */
int json_text_read(const char *text, size_t len, json_t **out,
    json_error_t *error);

/* The caller frees it; len (NULL: not wanted) is without the NUL. NULL: out of
 * memory. */
char *json_text_write(const json_t *json, size_t flags, size_t *len);

#endif
