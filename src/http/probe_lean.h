/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBE_LEAN_H
#define RRDNSD_HTTP_PROBE_LEAN_H

#include "http/prober_impl.h"

/*
 * The engine for http, https, tcp and tls, on a stream of its own. A plain
 * probe takes six system calls where libcurl makes fourteen (bench/README.md).
 * What has to follow redirects is left to libcurl, which comes to the same
 * outcomes.
 */
extern const struct probe_engine probe_lean_engine;

/* Whether it can do all that is asked. */
bool probe_lean_can(const struct probe_spec *spec);

#endif
