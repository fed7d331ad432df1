/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_METRICS_H
#define RRDNSD_AGENT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/outcome.h"
#include "metrics.h"
#include "vote/node.h"

struct agent;
struct agent_endpoint;
struct conf;
struct probe_result;
struct publish_update;
struct statsd;

/* Counted per endpoint; carried over a reload. */
struct agent_endpoint_metrics {
	uint64_t probes[OUTCOME_COUNT];
	uint64_t transitions; /* from up to down or back */
	char decided; /* the last verdict that was one: 'u', 'd'; 0: none yet */
};

/* How often what was done for one of several ended in one way. */
struct agent_count {
	char *subject;
	char outcome[24];
	uint64_t n;
};

struct agent_counts {
	struct agent_count *list;
	size_t len;
};

/* Since StatsD was last told. */
struct agent_statsd_interval {
	uint64_t success;
	uint64_t failure;
	uint64_t received;
	uint64_t transitions;
	uint64_t started; /* probes by then, see prober_stats */
	uint64_t longest_us; /* probe */
	double load; /* sum of duration / interval */
};

struct agent_metrics {
	struct metrics_histogram probe_duration;
	struct metrics_histogram update_duration;
	struct metrics_histogram time_to_visible;
	struct agent_counts updates; /* UPDATEs, by server and rcode */
	struct agent_counts hooked; /* events, by hook and what became of it */
	uint64_t gossip_bytes;
	uint64_t facts[VOTE_FACT_COUNT];
	int64_t started_wall_ms;
	/* Of this window and the one before it: a peak is seen by every scraper
	 * that comes at least once in AGENT_LAG_WINDOW_MS. */
	int64_t lag_us[2];
	int64_t lag_window_ms; /* when this window began */
	struct statsd *statsd; /* NULL: off */
	struct agent_statsd_interval interval;
};

#define AGENT_LAG_WINDOW_MS 60000

void agent_metrics_init(struct agent *agent);
void agent_metrics_fini(struct agent *agent);

/* A new configuration is in use; old NULL: the first one. */
void agent_metrics_follow(struct agent *agent, const struct conf *old);

/* What is counted, where it happens. */
void agent_metrics_probe(struct agent_endpoint *endpoint,
    const struct probe_result *result);
void agent_metrics_verdict(struct agent_endpoint *endpoint);
void agent_metrics_updated(struct agent *agent,
    const struct publish_update *update);
/* Events for a webhook or script; n may be 0, to begin its count. */
void agent_metrics_hooked(struct agent *agent, const char *hook,
    const char *outcome, uint64_t n);
void agent_metrics_visible(struct agent *agent, unsigned took_ms);
/* A message to or from a peer; taken: it came from one, and was accepted. */
void agent_metrics_gossip(struct agent *agent, size_t bytes, bool taken);
void agent_metrics_fact(struct agent *agent, enum vote_fact_kind kind);

/* Each heartbeat: what is told at intervals. */
void agent_metrics_tick(struct agent *agent);

#endif
