/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_STATSD_H
#define RRDNSD_STATSD_H

#include <stdint.h>

#include "addr.h"

/*
 * StatsD over UDP: lines "prefix.name:value|type" are gathered to datagrams
 * that fit any Ethernet, and sent without ever waiting. What can't be sent is
 * lost, as is the way of StatsD; the log says so at most once a minute.
 */
struct statsd;

/* Both are copied. NULL: out of memory, or no socket (logged). */
struct statsd *statsd_new(const struct addr *to, const char *prefix);
void statsd_free(struct statsd *statsd); /* sends what is left; NULL is fine */

void statsd_count(struct statsd *statsd, const char *name, uint64_t n);
void statsd_gauge(struct statsd *statsd, const char *name, double value);
void statsd_time(struct statsd *statsd, const char *name, double ms);

/* Sends what was gathered. now_ms: the loop's clock, for the log's limit. */
void statsd_flush(struct statsd *statsd, int64_t now_ms);

#endif
