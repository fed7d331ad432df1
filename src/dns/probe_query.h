/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PROBE_QUERY_H
#define RRDNSD_DNS_PROBE_QUERY_H

#include "dns_query.h"

/* Pure. */
extern const struct dns_query dns_query;

#endif
