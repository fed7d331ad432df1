/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_RANK_H
#define RRDNSD_VOTE_RANK_H

#include <stddef.h>

#include "addr.h"

/* How many nodes come before self as writers of a service: rendezvous
 * hashing, SHA-256 over "node|service" (protocol.md section 6). Pure. */
unsigned vote_rank(const struct addr *nodes, size_t n, const struct addr *self,
    const char *fqdn);

#endif
