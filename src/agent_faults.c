/* SPDX-License-Identifier: ISC */
/* Probes that failed because of this host: nobody's vote, but the operator's
 * to know. Thousands may fail at once, so they are told together. */
#define LOG_TAG "[prober]"
#include "config.h"

#include <stdio.h>

#include "agent_impl.h"
#include "log.h"

#define TELL_EVERY_MS 60000

void
agent_faults_note(const struct agent_endpoint *endpoint,
    const struct probe_result *result)
{
	struct agent_faults *faults = &endpoint->service->agent->faults;
	char ip[ADDR_TEXT_MAX];

	if (outcome_class(result->outcome) != OUTCOME_CLASS_LOCAL)
		return;
	if (faults->n++ == 0)
		snprintf(faults->first, sizeof faults->first, "%s %s: %s",
		    endpoint->service->conf->fqdn,
		    addr_format(&endpoint->conf->addr, false, ip),
		    result->detail);
}

void
agent_faults_tick(struct agent *agent)
{
	struct agent_faults *faults = &agent->faults;
	int64_t now_ms = loop_now_ms(agent->loop);

	if (faults->n == 0 ||
	    (faults->told_at_ms != 0 &&
		now_ms - faults->told_at_ms < TELL_EVERY_MS))
		return;
	log_warning("%s; %u probes failed on our own side and count neither "
		    "way",
	    faults->first, faults->n);
	faults->told_at_ms = now_ms;
	faults->n = 0;
}
