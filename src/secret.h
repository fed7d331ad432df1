/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_SECRET_H
#define RRDNSD_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Key material on the heap, wiped when freed. data has a NUL after len that
 * doesn't count. */
struct secret {
	uint8_t *data;
	size_t len;
};

/* The text itself, or with "file:PATH" what the file holds without its
 * trailing white space (at most 64 KiB). ERR_MODE when others than owner and
 * group can read the file, ERR_NOTFOUND, ERR_PERM, ERR_IO, ERR_TOOBIG. */
int secret_load(const char *text, struct secret *out);

/* Whether a secret that stands in this file is one that everybody can read. */
bool secret_is_exposed(const char *path);
int secret_from_bytes(const void *data, size_t len, struct secret *out);

/* Takes the same time wherever a difference is, and whatever the lengths. */
bool secret_equals(const struct secret *secret, const char *text);
/* HMAC-SHA256 of the data under the secret, as 64 hexadecimal digits. 0 or
 * ERR_CRYPTO. */
#define SECRET_SIGNATURE_MAX 65
int secret_sign(const struct secret *secret, const void *data, size_t len,
    char out[SECRET_SIGNATURE_MAX]);

void secret_fini(struct secret *secret);

#endif
