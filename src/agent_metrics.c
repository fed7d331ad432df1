/* SPDX-License-Identifier: ISC */
/* What is counted where it happens, and told to StatsD each heartbeat. */
#define LOG_TAG "[statsd]"
#include "config.h"

#include "agent_metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "conf_method.h"
#include "log.h"
#include "statsd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t probe_bounds_us[] = { 1000, 2500, 5000, 10000, 25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000 };
static const uint32_t update_bounds_us[] = { 1000, 2500, 5000, 10000, 25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000 };
static const uint32_t visible_bounds_us[] = { 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000 };

/* There are as many counts as subjects and outcomes, a handful. */
static void
count(struct agent_counts *counts, const char *subject, const char *outcome,
    uint64_t n)
{
	struct agent_count *list = counts->list;
	size_t len = counts->len;

	for (size_t i = 0; i < len; i++)
		if (strcmp(list[i].subject, subject) == 0 &&
		    strcmp(list[i].outcome, outcome) == 0) {
			list[i].n += n;
			return;
		}
	list = realloc(list, (len + 1) * sizeof *list);
	if (list == NULL)
		return;
	counts->list = list;
	list[len] = (struct agent_count){ .subject = strdup(subject), .n = n };
	if (list[len].subject == NULL)
		return;
	snprintf(list[len].outcome, sizeof list[len].outcome, "%s", outcome);
	counts->len = len + 1;
}

static void
counts_fini(struct agent_counts *counts)
{
	for (size_t i = 0; i < counts->len; i++)
		free(counts->list[i].subject);
	free(counts->list);
}

/* So that a first update is seen as a rise. */
static void
count_from_zero(struct agent *agent)
{
	const struct conf *conf = agent->conf;
	char server[280];

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_update *update = &conf->services[i].update;

		if (update->url != NULL)
			count(&agent->metrics.updates,
			    conf_method_host(update, server, sizeof server),
			    "NOERROR", 0);
		for (size_t j = 0; update->url == NULL &&
		     j < update->servers.len; j++)
			count(&agent->metrics.updates,
			    addr_format(&update->servers.list[j], true, server),
			    "NOERROR", 0);
	}
}

static void
follow_statsd(struct agent *agent, const struct conf *old)
{
	struct agent_metrics *metrics = &agent->metrics;
	const struct conf *conf = agent->conf;

	if (old != NULL && addr_compare(&conf->statsd, &old->statsd) == 0 &&
	    strcmp(conf->statsd_prefix, old->statsd_prefix) == 0)
		return;
	statsd_free(metrics->statsd);
	metrics->statsd = NULL;
	metrics->interval = (struct agent_statsd_interval){ 0 };
	if (agent->prober != NULL)
		metrics->interval.started =
		    prober_stats(agent->prober).started;
	if (conf->statsd.family != ADDR_NONE)
		metrics->statsd = statsd_new(&conf->statsd,
		    conf->statsd_prefix);
}

void
agent_metrics_follow(struct agent *agent, const struct conf *old)
{
	count_from_zero(agent);
	follow_statsd(agent, old);
}

void
agent_metrics_init(struct agent *agent)
{
	struct agent_metrics *metrics = &agent->metrics;

	metrics_histogram_init(&metrics->probe_duration, probe_bounds_us,
	    COUNT(probe_bounds_us));
	metrics_histogram_init(&metrics->update_duration, update_bounds_us,
	    COUNT(update_bounds_us));
	metrics_histogram_init(&metrics->time_to_visible, visible_bounds_us,
	    COUNT(visible_bounds_us));
	metrics->started_wall_ms = agent_wall_ms();
	metrics->lag_window_ms = loop_now_ms(agent->loop);
	agent_metrics_follow(agent, NULL);
}

static void
note_probe(struct agent_metrics *metrics, enum outcome outcome,
    uint64_t duration_us, unsigned interval_ms)
{
	struct agent_statsd_interval *interval = &metrics->interval;

	switch (outcome_class(outcome)) {
	case OUTCOME_CLASS_OK:
		interval->success++;
		break;
	case OUTCOME_CLASS_TARGET:
		interval->failure++;
		break;
	case OUTCOME_CLASS_LOCAL:
	case OUTCOME_CLASS_CANCELLED:
		return;
	}
	interval->load += (double)duration_us / 1000 / interval_ms;
	if (duration_us > interval->longest_us)
		interval->longest_us = duration_us;
	statsd_time(metrics->statsd, "probe_time_msec",
	    (double)duration_us / 1000);
}

void
agent_metrics_probe(struct agent_endpoint *endpoint,
    const struct probe_result *result)
{
	struct agent_metrics *metrics = &endpoint->service->agent->metrics;

	endpoint->metrics.probes[result->outcome]++;
	metrics_observe(&metrics->probe_duration, result->duration_us);
	if (metrics->statsd != NULL)
		note_probe(metrics, result->outcome, result->duration_us,
		    endpoint->conf->probe_interval_ms);
}

/* That a node was lost, and came back, is no transition of an endpoint; nor is
 * the first verdict. */
void
agent_metrics_verdict(struct agent_endpoint *endpoint)
{
	struct agent_endpoint_metrics *metrics = &endpoint->metrics;
	char decided = endpoint->verdict == DESIRED_UP ? 'u' : 'd';

	if (endpoint->verdict == DESIRED_UNDECIDED)
		return;
	if (metrics->decided != '\0' && metrics->decided != decided) {
		metrics->transitions++;
		endpoint->service->agent->metrics.interval.transitions++;
	}
	metrics->decided = decided;
}

void
agent_metrics_updated(struct agent *agent, const struct publish_update *update)
{
	count(&agent->metrics.updates, update->server, update->rcode, 1);
	if (update->duration_us != 0)
		metrics_observe(&agent->metrics.update_duration,
		    update->duration_us);
}

void
agent_metrics_hooked(struct agent *agent, const char *hook,
    const char *outcome, uint64_t n)
{
	count(&agent->metrics.hooked, hook, outcome, n);
}

void
agent_metrics_visible(struct agent *agent, unsigned took_ms)
{
	metrics_observe(&agent->metrics.time_to_visible,
	    (uint64_t)took_ms * 1000);
}

void
agent_metrics_gossip(struct agent *agent, size_t bytes, bool taken)
{
	agent->metrics.gossip_bytes += bytes;
	agent->metrics.interval.received += taken;
}

void
agent_metrics_fact(struct agent *agent, enum vote_fact_kind kind)
{
	agent->metrics.facts[kind]++;
}

static void
note_lag(struct agent *agent)
{
	struct agent_metrics *metrics = &agent->metrics;
	int64_t now_ms = loop_now_ms(agent->loop);
	int64_t lag_us = loop_lag(agent->loop, true).max_us;

	if (now_ms - metrics->lag_window_ms >= AGENT_LAG_WINDOW_MS) {
		metrics->lag_us[1] = metrics->lag_us[0];
		metrics->lag_us[0] = 0;
		metrics->lag_window_ms = now_ms;
	}
	if (lag_us > metrics->lag_us[0])
		metrics->lag_us[0] = lag_us;
}

static void
tell_statsd(struct agent *agent)
{
	struct agent_metrics *metrics = &agent->metrics;
	struct agent_statsd_interval *interval = &metrics->interval;
	struct statsd *statsd = metrics->statsd;
	uint64_t started = prober_stats(agent->prober).started;
	uint64_t probes = interval->success + interval->failure;

	statsd_count(statsd, "fetch.cnt", started - interval->started);
	statsd_count(statsd, "probe.success.cnt", interval->success);
	statsd_count(statsd, "probe.failure.cnt", interval->failure);
	statsd_count(statsd, "received_update.cnt", interval->received);
	statsd_count(statsd, "status_change.cnt", interval->transitions);
	if (probes > 0) {
		statsd_time(statsd, "probe.duration",
		    (double)interval->longest_us / 1000);
		statsd_gauge(statsd, "probe.load_factor",
		    interval->load / (double)probes);
	}
	*interval = (struct agent_statsd_interval){ .started = started };
	statsd_flush(statsd, loop_now_ms(agent->loop));
}

void
agent_metrics_tick(struct agent *agent)
{
	note_lag(agent);
	if (agent->metrics.statsd != NULL)
		tell_statsd(agent);
}

void
agent_metrics_fini(struct agent *agent)
{
	if (agent->metrics.statsd != NULL && agent->prober != NULL)
		tell_statsd(agent);
	statsd_free(agent->metrics.statsd);
	counts_fini(&agent->metrics.updates);
	counts_fini(&agent->metrics.hooked);
}
