/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_HASH_H
#define RRDNSD_CONF_HASH_H

struct conf;
struct conf_service;

/* Fills in service->hash, the definition hash of protocol.md section 1: nodes
 * count each other's votes only when it is the same. In it is what changes
 * what is probed, decided or published: not labels, comments and order; not
 * what belongs to one node alone (credentials, transport and timeouts towards
 * the servers, paths of certificates: only whether there is one). 0 or
 * ERR_CRYPTO. */
int conf_hash_service(const struct conf *conf, struct conf_service *service);

#endif
