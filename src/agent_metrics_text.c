/* SPDX-License-Identifier: ISC */
/* GET /metrics: one function for each family of samples. */
#include "config.h"

#include <math.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "agent_rules.h"
#include "process_stats.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct collector {
	struct agent *agent;
	struct metrics_text *text;
};

/* Calls sample for each endpoint, with its two labels and room for one more. */
static void
each_endpoint(struct collector *c,
    void (*sample)(struct collector *c, const struct agent_endpoint *endpoint,
	struct metrics_label *labels))
{
	char ip[ADDR_TEXT_MAX];
	struct metrics_label labels[3] = { { "fqdn", NULL },
		{ "ipaddr", ip } };

	for (size_t i = 0; i < c->agent->n_services; i++) {
		const struct agent_service *service = c->agent->services[i];

		labels[0].value = service->conf->fqdn;
		for (size_t j = 0; j < service->n_endpoints; j++) {
			addr_format(&service->endpoints[j].conf->addr, false,
			    ip);
			sample(c, &service->endpoints[j], labels);
		}
	}
}

/* What never happened has no sample, but for success: 10,000 endpoints times
 * all outcomes would be too many. */
static void
sample_probes(struct collector *c, const struct agent_endpoint *endpoint,
    struct metrics_label *labels)
{
	labels[2].name = "outcome";
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		uint64_t n = endpoint->metrics.probes[i];

		if (n == 0 && i != OUTCOME_OK)
			continue;
		labels[2].value = outcome_text((enum outcome)i);
		metrics_count(c->text, labels, 3, n);
	}
}

static void
write_probes(struct collector *c)
{
	each_endpoint(c, sample_probes);
}

static void
write_probe_duration(struct collector *c)
{
	metrics_histogram(c->text, &c->agent->metrics.probe_duration);
}

static void
sample_up(struct collector *c, const struct agent_endpoint *endpoint,
    struct metrics_label *labels)
{
	double up = NAN;

	switch (endpoint->verdict) {
	case DESIRED_UP:
		up = 1;
		break;
	case DESIRED_DOWN:
		up = 0;
		break;
	case DESIRED_UNDECIDED:
		break;
	}
	metrics_gauge(c->text, labels, 2, up);
}

static void
write_up(struct collector *c)
{
	each_endpoint(c, sample_up);
}

static void
sample_published(struct collector *c, const struct agent_endpoint *endpoint,
    struct metrics_label *labels)
{
	const struct publish_service *publish = endpoint->service->publish;
	struct agent_published published = agent_endpoint_published(endpoint);

	if (publish != NULL && publish_service_count(publish) > 0)
		metrics_gauge(c->text, labels, 2,
		    published.known > 0
			? (double)published.held / published.known
			: NAN);
}

static void
write_published(struct collector *c)
{
	each_endpoint(c, sample_published);
}

static void
sample_transitions(struct collector *c, const struct agent_endpoint *endpoint,
    struct metrics_label *labels)
{
	metrics_count(c->text, labels, 2, endpoint->metrics.transitions);
}

static void
write_transitions(struct collector *c)
{
	each_endpoint(c, sample_transitions);
}

static void
sample_certificate(struct collector *c, const struct agent_endpoint *endpoint,
    struct metrics_label *labels)
{
	if (endpoint->certificate_known)
		metrics_gauge(c->text, labels, 2,
		    endpoint->certificate_days * 86400.0);
}

static void
write_certificate(struct collector *c)
{
	each_endpoint(c, sample_certificate);
}

static void
write_fail_open(struct collector *c)
{
	for (size_t i = 0; i < c->agent->n_services; i++) {
		const struct agent_service *service = c->agent->services[i];
		struct metrics_label fqdn = { "fqdn", service->conf->fqdn };

		metrics_gauge(c->text, &fqdn, 1, service->fail_open);
	}
}

static void
write_tier(struct collector *c)
{
	for (size_t i = 0; i < c->agent->n_services; i++) {
		const struct agent_service *service = c->agent->services[i];

		for (size_t f = 0; f < 2; f++) {
			const struct agent_standby *standby =
			    &service->standby[f];
			struct metrics_label labels[] = {
				{ "fqdn", service->conf->fqdn },
				{ "family", f == 0 ? "A" : "AAAA" } };

			if (agent_rules_has_tiers(service->conf,
				f == 0 ? ADDR_IP4 : ADDR_IP6, NULL))
				metrics_gauge(c->text, labels, 2,
				    standby->told ? (double)standby->tier : NAN);
		}
	}
}

static void
write_dwelling(struct collector *c)
{
	for (size_t i = 0; i < c->agent->n_services; i++) {
		const struct agent_service *service = c->agent->services[i];
		struct metrics_label fqdn = { "fqdn", service->conf->fqdn };
		size_t n = 0;

		for (size_t j = 0; j < service->n_endpoints; j++)
			n += service->endpoints[j].dwells;
		if (service->conf->min_dwell_ms > 0)
			metrics_gauge(c->text, &fqdn, 1, (double)n);
	}
}

static void
write_held(struct collector *c)
{
	metrics_gauge(c->text, NULL, 0, c->agent->brake.held);
}

static void
write_pending(struct collector *c)
{
	metrics_gauge(c->text, NULL, 0, (double)c->agent->removals_pending);
}

static void
write_node_fresh(struct collector *c)
{
	const struct vote_node *node = c->agent->node;
	int64_t now_ms = loop_now_ms(c->agent->loop);
	char name[ADDR_TEXT_MAX];
	struct metrics_label label = { "node", name };

	for (size_t i = 0; i < vote_node_count(node); i++) {
		struct vote_node_info info;

		vote_node_info(node, i, now_ms, &info);
		addr_format(&info.addr, true, name);
		metrics_gauge(c->text, &label, 1, info.fresh);
	}
}

static void
write_quorum(struct collector *c)
{
	metrics_gauge(c->text, NULL, 0, c->agent->quorum);
}

static void
write_counts(struct collector *c, const struct agent_counts *counts,
    const char *subject, const char *outcome)
{
	struct metrics_label labels[2] = { { subject, NULL },
		{ outcome, NULL } };

	for (size_t i = 0; i < counts->len; i++) {
		labels[0].value = counts->list[i].subject;
		labels[1].value = counts->list[i].outcome;
		metrics_count(c->text, labels, 2, counts->list[i].n);
	}
}

static void
write_updates(struct collector *c)
{
	write_counts(c, &c->agent->metrics.updates, "server", "rcode");
}

static void
write_hooked(struct collector *c)
{
	write_counts(c, &c->agent->metrics.hooked, "hook", "outcome");
}

static void
write_update_duration(struct collector *c)
{
	metrics_histogram(c->text, &c->agent->metrics.update_duration);
}

static void
write_conflicts(struct collector *c)
{
	metrics_count(c->text, NULL, 0,
	    publisher_stats(c->agent->publisher).cas_conflicts);
}

static void
write_time_to_visible(struct collector *c)
{
	metrics_histogram(c->text, &c->agent->metrics.time_to_visible);
}

static void
write_gossip_bytes(struct collector *c)
{
	metrics_count(c->text, NULL, 0, c->agent->metrics.gossip_bytes);
}

static void
write_gossip_rejected(struct collector *c)
{
	static const struct {
		enum vote_fact_kind kind;
		const char *why;
	} whys[] = {
		{ VOTE_FACT_BAD_MAC, "bad_mac" },
		{ VOTE_FACT_MALFORMED, "malformed" },
		{ VOTE_FACT_NOT_FOR_US, "not_for_us" },
		{ VOTE_FACT_UNKNOWN_NODE, "unknown_node" },
		{ VOTE_FACT_REPLAY, "replay" },
		{ VOTE_FACT_WRONG_BOOT, "wrong_boot" },
		{ VOTE_FACT_DROPPED, "not_asked_for" },
	};

	for (size_t i = 0; i < COUNT(whys); i++) {
		struct metrics_label why = { "why", whys[i].why };

		metrics_count(c->text, &why, 1,
		    c->agent->metrics.facts[whys[i].kind]);
	}
}

static void
write_loop_lag(struct collector *c)
{
	const int64_t *lag_us = c->agent->metrics.lag_us;

	metrics_gauge(c->text, NULL, 0,
	    (double)(lag_us[0] > lag_us[1] ? lag_us[0] : lag_us[1]) / 1e6);
}

static void
write_loop_lag_p99(struct collector *c)
{
	metrics_gauge(c->text, NULL, 0,
	    (double)loop_lag(c->agent->loop, false).p99_us / 1e6);
}

static void
write_build(struct collector *c)
{
	struct metrics_label version = { "version", PACKAGE_VERSION };

	metrics_gauge(c->text, &version, 1, 1);
}

static const struct {
	const char *name;
	enum metrics_type type;
	const char *help;
	void (*write)(struct collector *c);
} families[] = {
	{ "rrdnsd_probes_total", METRICS_COUNTER,
	    "Probes that ended, by outcome.", write_probes },
	{ "rrdnsd_probe_duration_seconds", METRICS_HISTOGRAM,
	    "How long probes took.", write_probe_duration },
	{ "rrdnsd_endpoint_up", METRICS_GAUGE,
	    "The verdict of the nodes: 1 up, 0 down, NaN undecided.",
	    write_up },
	{ "rrdnsd_endpoint_published", METRICS_GAUGE,
	    "The part of the servers whose records hold the endpoint: 1 all "
	    "of them, 0 none, NaN none was read yet.",
	    write_published },
	{ "rrdnsd_endpoint_transitions_total", METRICS_COUNTER,
	    "Changes of the verdict from up to down or back.",
	    write_transitions },
	{ "rrdnsd_endpoint_certificate_remaining_seconds", METRICS_GAUGE,
	    "Until the certificate seen last ends, in whole days.",
	    write_certificate },
	{ "rrdnsd_service_fail_open", METRICS_GAUGE,
	    "1 while more endpoints are down than fail_open_percent.",
	    write_fail_open },
	{ "rrdnsd_service_tier", METRICS_GAUGE,
	    "The tier in charge of a service that has several.", write_tier },
	{ "rrdnsd_service_dwelling", METRICS_GAUGE,
	    "Endpoints whose record min_dwell_ms holds as it is.",
	    write_dwelling },
	{ "rrdnsd_removals_held", METRICS_GAUGE,
	    "1 while all records are held because of max_removals.",
	    write_held },
	{ "rrdnsd_removals_pending", METRICS_GAUGE,
	    "Removals that wait for that to end.", write_pending },
	{ "rrdnsd_node_fresh", METRICS_GAUGE,
	    "1 while the votes of the node count.", write_node_fresh },
	{ "rrdnsd_quorum", METRICS_GAUGE,
	    "1 while a majority of the configured nodes is fresh.",
	    write_quorum },
	{ "rrdnsd_updates_total", METRICS_COUNTER,
	    "DNS UPDATE messages that ended, by rcode.", write_updates },
	{ "rrdnsd_update_duration_seconds", METRICS_HISTOGRAM,
	    "From sending an UPDATE to its answer.", write_update_duration },
	{ "rrdnsd_cas_conflicts_total", METRICS_COUNTER,
	    "UPDATEs that took no effect because the records had changed.",
	    write_conflicts },
	{ "rrdnsd_time_to_visible_seconds", METRICS_HISTOGRAM,
	    "Until a server of verify_resolvers showed a change.",
	    write_time_to_visible },
	{ "rrdnsd_gossip_bytes_total", METRICS_COUNTER,
	    "Bodies of messages between nodes, sent and received.",
	    write_gossip_bytes },
	{ "rrdnsd_gossip_rejected_total", METRICS_COUNTER,
	    "Messages of nodes that were not taken.",
	    write_gossip_rejected },
	{ "rrdnsd_hook_events_total", METRICS_COUNTER,
	    "Events for webhooks and scripts, by what became of them.",
	    write_hooked },
	{ "rrdnsd_loop_lag_seconds", METRICS_GAUGE,
	    "The worst lateness of a timer in the last one to two minutes.",
	    write_loop_lag },
	{ "rrdnsd_loop_lag_p99_seconds", METRICS_GAUGE,
	    "The 99th percentile of the lateness in the last 1,024 turns of "
	    "the loop that fired a timer.",
	    write_loop_lag_p99 },
	{ "rrdnsd_build_info", METRICS_GAUGE, "1.", write_build },
};

static void
write_value(struct metrics_text *text, const char *name,
    enum metrics_type type, const char *help, double value)
{
	metrics_family(text, name, type, help);
	metrics_gauge(text, NULL, 0, value);
}

/* By the names that every Prometheus client uses. */
static void
write_process(struct metrics_text *text, int64_t started_wall_ms)
{
	struct process_stats stats;

	process_stats_read(&stats);
	write_value(text, "process_cpu_seconds_total", METRICS_COUNTER,
	    "User and system time.", stats.cpu_s);
	write_value(text, "process_resident_memory_bytes", METRICS_GAUGE,
	    "Resident memory.", (double)stats.resident_bytes);
	write_value(text, "process_virtual_memory_bytes", METRICS_GAUGE,
	    "Virtual memory.", (double)stats.virtual_bytes);
	write_value(text, "process_open_fds", METRICS_GAUGE,
	    "Open file descriptors.", (double)stats.open_fds);
	write_value(text, "process_max_fds", METRICS_GAUGE,
	    "Most file descriptors that may be open.", (double)stats.max_fds);
	write_value(text, "process_start_time_seconds", METRICS_GAUGE,
	    "When the process started, in seconds since 1970.",
	    (double)started_wall_ms / 1000);
}

static struct server_page *
make_page(struct agent *agent)
{
	struct metrics_text text;
	struct collector c = { .agent = agent, .text = &text };
	size_t len;
	char *body;

	metrics_text_init(&text);
	for (size_t i = 0; i < COUNT(families); i++) {
		metrics_family(&text, families[i].name, families[i].type,
		    families[i].help);
		families[i].write(&c);
	}
	write_process(&text, agent->metrics.started_wall_ms);
	body = metrics_text_take(&text, &len);
	return body != NULL ? server_page_new(body, len, METRICS_CONTENT_TYPE)
			    : NULL;
}

void
agent_api_metrics(const struct route_call *call, struct server_response *out)
{
	agent_api_page(call->agent, &call->agent->metrics_page, make_page,
	    out);
}
