/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_RANK_H
#define RRDNSD_VOTE_RANK_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* In which order the nodes write a service: rendezvous hashing, SHA-256 over
 * "node|service" (protocol.md section 6). Fills order with the indexes of the
 * nodes, the first writer first; n is at most VOTE_NODES_MAX. The order of the
 * others stays the same when a node comes or goes. Pure. */
void vote_rank(const struct addr *nodes, size_t n, const char *fqdn,
    uint8_t *order);

#endif
