/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_AUTH_H
#define RRDNSD_VOTE_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "secret.h"

/*
 * Who may speak (protocol.md section 7): HMAC-SHA256 over direction, path and
 * body, each of the first two followed by a line feed. Pure.
 */
#define VOTE_PATH "/quorum/v1/gossip"
#define VOTE_AUTH_HEADER "Rrdnsd-Auth"
#define VOTE_AUTH_MAX 72 /* "v1 ", 64 digits, NUL */

enum vote_direction {
	VOTE_REQUEST, /* "request" */
	VOTE_ANSWER, /* "answer": none can be played back as the other */
};

/* Writes the value of the header. ERR_CRYPTO when the library fails. */
int vote_auth_sign(const struct secret *secret, enum vote_direction direction,
    const char *body, size_t len, char out[VOTE_AUTH_MAX]);

/* Whether header (NULL: there was none) signs the body under any of the
 * secrets: 0, ERR_AUTH, or ERR_CRYPTO when the library failed and it is not
 * known. Takes the same time wherever a difference is. */
int vote_auth_verify(const struct secret *secrets, size_t n,
    enum vote_direction direction, const char *body, size_t len,
    const char *header);

#endif
