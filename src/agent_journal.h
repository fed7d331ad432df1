/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_JOURNAL_H
#define RRDNSD_AGENT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "http/trace.h"
#include "vote/intents.h"

/*
 * What events hold beside words, so that "rrdnsctl replay" (replay.h) can decide
 * again what was decided: a page of probes, and how a service was set and where
 * it stood. Pure: the agent and the test of the replay write by exactly this.
 * Both are JSON objects, the caller's; NULL: out of memory.
 */
char *agent_journal_probes(const struct trace_page *page);

/* Where an endpoint stood when the settings were written down. */
struct agent_journal_endpoint {
	char vote; /* 'u', 'd' or 'a' */
	enum health_state health;
};

/* since_ms: from when on it was set so, on the wall clock. endpoints are those
 * of conf in their order. */
char *agent_journal_settings(const struct conf_service *conf, size_t n_nodes,
    int64_t since_ms, const struct vote_intents *intents,
    const struct agent_journal_endpoint *endpoints);

#endif
