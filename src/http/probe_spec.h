/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBE_SPEC_H
#define RRDNSD_HTTP_PROBE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "http/body_match.h"

/* All that makes one probe what it is: two endpoints with equal specs are
 * probed once. A deep copy, so that configurations may come and go. */
struct probe_spec {
	enum healthcheck_scheme scheme;
	struct addr addr; /* with the port of the health check */
	char *target; /* see struct healthcheck */
	struct conf_probe how; /* zero where the scheme doesn't look */
	unsigned interval_ms;
	unsigned timeout_ms;
	unsigned fast_interval_ms;
};

/* 0 or ERR_NOMEM; ends with probe_spec_fini in any case. */
int probe_spec_init(struct probe_spec *spec,
    const struct conf_service *service, const struct conf_endpoint *endpoint);
void probe_spec_fini(struct probe_spec *spec);
bool probe_spec_equal(const struct probe_spec *a, const struct probe_spec *b);

/* Something is said, or awaited, over a plain connection or one with TLS. */
bool probe_spec_talks(const struct probe_spec *spec);

/* Equal specs have equal hashes. */
uint64_t probe_spec_hash(const struct probe_spec *spec);

#endif
