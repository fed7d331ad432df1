/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBE_LEAN_H
#define RRDNSD_HTTP_PROBE_LEAN_H

#include "http/prober_impl.h"

/*
 * The engine for the plainest probes, on a socket of its own: http:// and
 * tcp:// on fresh connections, where nothing is said over the latter. It makes
 * six system calls where libcurl makes fourteen, and comes to the same outcomes (bench/README.md).
 */
extern const struct probe_engine probe_lean_engine;

/* Whether it can do all that is asked. */
bool probe_lean_can(const struct probe_spec *spec);

#endif
