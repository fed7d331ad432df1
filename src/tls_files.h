/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TLS_FILES_H
#define RRDNSD_TLS_FILES_H

#include <stddef.h>

/* Whether files hold what TLS needs of them, all in PEM, so that a wrong one
 * is found with the configuration and not by every probe. All return 0, or
 * negative with why filled in. */
int tls_files_check_ca(const char *path, char *why, size_t why_size);

/* A certificate and the key that belongs to it; key NULL: in the same file. */
int tls_files_check_pair(const char *cert, const char *key, char *why,
    size_t why_size);

#endif
