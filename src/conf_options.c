/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_words.h"
#include "tls_files.h"

#define DAY_MS 86400000

static const struct conf_choice nodes_protocols[] = {
	{ "http", false }, { "https", true }, { NULL, 0 },
};
static const struct conf_choice connections[] = {
	{ "fresh", false }, { "reuse", true }, { NULL, 0 },
};
static const struct conf_choice methods[] = {
	{ "rfc2136", CONF_METHOD_RFC2136 }, { "nsupdate", CONF_METHOD_RFC2136 },
	{ "knsupdate", CONF_METHOD_RFC2136 }, { "dynu", CONF_METHOD_DYNU },
	{ "digitalocean", CONF_METHOD_DIGITALOCEAN },
	{ "none", CONF_METHOD_NONE }, { NULL, 0 },
};
static const struct conf_choice transports[] = {
	{ "auto", CONF_TRANSPORT_AUTO }, { "tcp", CONF_TRANSPORT_TCP },
	{ "udp", CONF_TRANSPORT_UDP }, { NULL, 0 },
};
static const struct conf_choice fail_modes[] = {
	{ "restore", CONF_FAIL_RESTORE }, { "hold", CONF_FAIL_HOLD },
	{ "closed", CONF_FAIL_CLOSED }, { NULL, 0 },
};
static const struct conf_choice failbacks[] = {
	{ "auto", false }, { "manual", true }, { NULL, 0 },
};
static const struct conf_choice log_levels[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING },
	{ "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG }, { NULL, 0 },
};

static const struct conf_choice webhook_formats[] = {
	{ "json", CONF_WEBHOOK_JSON }, { "slack", CONF_WEBHOOK_SLACK },
	{ NULL, 0 },
};
static const struct conf_choice dns_types[] = {
	{ "auto", 0 }, { "A", CONF_DNS_A }, { "AAAA", CONF_DNS_AAAA },
	{ "SOA", CONF_DNS_SOA }, { NULL, 0 },
};

#define T CONF_TOP
#define TS (CONF_TOP | CONF_SERVICE)
#define TSE (CONF_TOP | CONF_SERVICE | CONF_ENDPOINT)
#define S CONF_SERVICE
#define E CONF_ENDPOINT

#define IN_CONF(field) .target = CONF_TOP, .offset = offsetof(struct conf, field)
#define IN_SERVICE(field)                                                      \
	.target = CONF_SERVICE, .offset = offsetof(struct conf_service, field)
#define IN_ENDPOINT(field)                                                     \
	.target = CONF_ENDPOINT, .offset = offsetof(struct conf_endpoint, field)
#define IN_WEBHOOK(field)                                                      \
	.target = CONF_WEBHOOK, .offset = offsetof(struct conf_webhook, field)
#define IN_SCRIPT(field)                                                       \
	.target = CONF_SCRIPT, .offset = offsetof(struct conf_script, field)
#define RANGE(d, lo, hi, u) .def = d, .min = lo, .max = hi, .unit = u
#define REQUIRED(like) .required = true, .example = like
#define MS(d, lo, hi) RANGE(d, lo, hi, " ms")
#define WORDS(d, list) .def_text = d, .choices = list

/* Every option there is: design, manual and sample are checked against it
 * (tests/lint-options.sh). One entry begins with `{ "NAME",`. */
const struct conf_option conf_options[] = {
	{ "conf_version", T, OPTION_BY_HAND, REQUIRED("1") },
	{ "local_node", T, OPTION_ADDR, IN_CONF(local_node),
	    REQUIRED("\"192.0.2.1:3333\"") },
	{ "nodes", T, OPTION_ADDRS, IN_CONF(nodes),
	    REQUIRED("( \"192.0.2.1:3333\" )") },
	{ "nodes_protocol", T, OPTION_FLAG, IN_CONF(nodes_https),
	    WORDS("http", nodes_protocols) },
	{ "nodes_secret", T, OPTION_BY_HAND, .required = false },
	{ "nodes_ca_file", T, OPTION_FILE, IN_CONF(nodes_ca_file),
	    .check = tls_files_check_ca },
	{ "listen", T, OPTION_ADDR, IN_CONF(listen) },
	{ "tls_cert", T, OPTION_FILE, IN_CONF(tls_cert) },
	{ "tls_key", T, OPTION_KEY_FILE, IN_CONF(tls_key) },
	{ "heartbeat_ms", T, OPTION_UINT, IN_CONF(heartbeat_ms),
	    MS(1000, 50, 60000) },
	{ "vote_ttl_ms", T, OPTION_UINT, IN_CONF(vote_ttl_ms),
	    MS(0, 0, 600000) },
	{ "takeover_ms", T, OPTION_UINT, IN_CONF(takeover_ms),
	    MS(1500, 10, 600000) },
	{ "max_removals", T, OPTION_UINT, IN_CONF(max_removals),
	    RANGE(0, 0, 1000, "") },
	{ "window_ms", T, OPTION_UINT, IN_CONF(window_ms),
	    MS(60000, 1000, DAY_MS) },
	{ "canaries", T, OPTION_STRINGS, IN_CONF(canaries),
	    .check = conf_check_url },
	{ "statsd", T, OPTION_ADDR, IN_CONF(statsd), .min = 8125 },
	{ "statsd_prefix", T, OPTION_STRING, IN_CONF(statsd_prefix),
	    .def_text = "rrdnsd", .check = conf_check_metric },
	{ "api_socket", T, OPTION_STRING, IN_CONF(api_socket),
	    .def_text = "/run/rrdnsd/rrdnsd.sock", .check = conf_check_socket },
	{ "api_socket_mode", T, OPTION_MODE, IN_CONF(api_socket_mode),
	    .def = 0660, .max = 0777 },
	{ "api_token", T, OPTION_SECRET, IN_CONF(api_token) },
	{ "api_reads_need_token", T, OPTION_BOOL,
	    IN_CONF(api_reads_need_token), .def = false },
	{ "state_dir", T, OPTION_STRING, IN_CONF(state_dir),
	    .def_text = "/var/lib/rrdnsd", .check = conf_check_path },
	{ "log_level", T, OPTION_CHOICE, IN_CONF(log_level),
	    WORDS("info", log_levels) },
	{ "services", T, OPTION_BY_HAND, .required = false },

	{ "webhooks", T, OPTION_BY_HAND, .required = false },
	{ "url", CONF_WEBHOOK, OPTION_STRING, IN_WEBHOOK(url),
	    REQUIRED("\"https://example.org/hook\""),
	    .check = conf_check_url },
	{ "events", CONF_WEBHOOK, OPTION_STRINGS, IN_WEBHOOK(events),
	    .check = conf_check_event },
	{ "format", CONF_WEBHOOK, OPTION_CHOICE, IN_WEBHOOK(format),
	    WORDS("json", webhook_formats) },
	{ "secret", CONF_WEBHOOK, OPTION_SECRET, IN_WEBHOOK(secret) },
	{ "tls_ca_file", CONF_WEBHOOK, OPTION_FILE, IN_WEBHOOK(tls_ca_file),
	    .check = tls_files_check_ca },
	{ "scripts", T, OPTION_BY_HAND, .required = false },
	{ "path", CONF_SCRIPT, OPTION_STRING, IN_SCRIPT(path),
	    REQUIRED("\"/usr/local/bin/on-change\""),
	    .check = conf_check_script },
	{ "events", CONF_SCRIPT, OPTION_STRINGS, IN_SCRIPT(events),
	    .check = conf_check_event },
	{ "timeout_ms", CONF_SCRIPT, OPTION_UINT, IN_SCRIPT(timeout_ms),
	    MS(10000, 100, 600000) },

	{ "fqdn", S, OPTION_NAME, IN_SERVICE(fqdn),
	    REQUIRED("\"www.example.org\"") },
	{ "zone", S, OPTION_NAME, IN_SERVICE(zone),
	    REQUIRED("\"example.org\"") },
	{ "ttl", S, OPTION_UINT, IN_SERVICE(ttl),
	    RANGE(60, 0, INT32_MAX, " s") },
	{ "ipaddrs", S, OPTION_BY_HAND,
	    REQUIRED("( \"192.0.2.1\", \"2001:db8::1\" )") },
	{ "ipaddr", E, OPTION_IP, IN_ENDPOINT(addr),
	    REQUIRED("\"192.0.2.1\"") },
	{ "label", E, OPTION_STRING, IN_ENDPOINT(label), .def_text = "",
	    .check = conf_check_label },
	{ "tier", E, OPTION_UINT, IN_ENDPOINT(tier), RANGE(0, 0, 100, "") },

	{ "probe_interval_ms", TSE, OPTION_UINT,
	    IN_ENDPOINT(probe_interval_ms), MS(1000, 10, DAY_MS) },
	{ "probe_timeout_ms", TSE, OPTION_UINT, IN_ENDPOINT(probe_timeout_ms),
	    MS(1000, 1, 600000) },
	{ "fast_interval_ms", TS, OPTION_UINT, IN_SERVICE(fast_interval_ms),
	    MS(0, 0, DAY_MS) },
	{ "rise", TS, OPTION_UINT, IN_SERVICE(rise), RANGE(2, 1, 1000, "") },
	{ "fall", TS, OPTION_UINT, IN_SERVICE(fall), RANGE(3, 1, 1000, "") },
	{ "healthcheck", TSE, OPTION_HEALTHCHECK, IN_ENDPOINT(healthcheck),
	    .required = true },
	{ "host", TS, OPTION_STRING, IN_SERVICE(probe.host),
	    .check = conf_check_host },
	{ "method", TS, OPTION_STRING, IN_SERVICE(probe.method),
	    .def_text = "GET", .check = conf_check_method },
	{ "headers", TS, OPTION_STRINGS, IN_SERVICE(probe.headers),
	    .check = conf_check_header },
	{ "expect_status", TS, OPTION_STATUS_SET,
	    IN_SERVICE(probe.expect_status), .def_text = "200-399" },
	{ "expect_body", TS, OPTION_STRING, IN_SERVICE(probe.expect_body) },
	{ "expect_body_regex", TS, OPTION_STRING,
	    IN_SERVICE(probe.expect_body_regex), .check = conf_check_regex },
	{ "max_body", TS, OPTION_SIZE, IN_SERVICE(probe.max_body),
	    RANGE(65536, 0, 16 << 20, " bytes") },
	{ "follow_redirects", TS, OPTION_BOOL,
	    IN_SERVICE(probe.follow_redirects), .def = false },
	{ "tls_verify", TS, OPTION_BOOL, IN_SERVICE(probe.tls_verify),
	    .def = true },
	{ "tls_ca_file", TS, OPTION_FILE, IN_SERVICE(probe.tls_ca_file),
	    .check = tls_files_check_ca },
	{ "tls_client_cert", TS, OPTION_FILE,
	    IN_SERVICE(probe.tls_client_cert) },
	{ "tls_client_key", TS, OPTION_KEY_FILE,
	    IN_SERVICE(probe.tls_client_key) },
	{ "tls_min_days", TS, OPTION_UINT, IN_SERVICE(probe.tls_min_days),
	    RANGE(0, 0, 3650, " days") },
	{ "tls_full_interval_ms", TS, OPTION_UINT,
	    IN_SERVICE(probe.tls_full_interval_ms), MS(60000, 0, DAY_MS) },
	{ "connection", TS, OPTION_FLAG, IN_SERVICE(probe.reuse),
	    WORDS("fresh", connections) },
	{ "send", TS, OPTION_BYTES, IN_SERVICE(probe.send) },
	{ "expect", TS, OPTION_BYTES, IN_SERVICE(probe.expect) },
	{ "expect_regex", TS, OPTION_STRING, IN_SERVICE(probe.expect_regex),
	    .check = conf_check_regex },
	{ "dns_name", TS, OPTION_NAME, IN_SERVICE(probe.dns_name) },
	{ "dns_type", TS, OPTION_CHOICE, IN_SERVICE(probe.dns_type),
	    WORDS("auto", dns_types) },

	{ "update_method", TS, OPTION_CHOICE, IN_SERVICE(update.method),
	    WORDS("rfc2136", methods) },
	{ "update_resolvers", TS, OPTION_ADDRS, IN_SERVICE(update.servers),
	    .min = 53 },
	{ "update_credentials", TS, OPTION_BY_HAND, .required = false },
	{ "update_url", TS, OPTION_STRING, IN_SERVICE(update.url),
	    .check = conf_check_update_url },
	{ "update_transport", TS, OPTION_CHOICE, IN_SERVICE(update.transport),
	    WORDS("auto", transports) },
	{ "update_timeout_ms", TS, OPTION_UINT, IN_SERVICE(update.timeout_ms),
	    MS(5000, 50, 600000) },
	{ "tsig_fudge_s", TS, OPTION_UINT, IN_SERVICE(update.tsig_fudge_s),
	    RANGE(60, 1, 65535, " s") },
	{ "reconcile_interval_ms", TS, OPTION_UINT,
	    IN_SERVICE(update.reconcile_interval_ms), MS(60000, 100, DAY_MS) },
	{ "verify_resolvers", TS, OPTION_ADDRS, IN_SERVICE(update.verify),
	    .min = 53 },

	{ "fail_mode", TS, OPTION_CHOICE, IN_SERVICE(fail_mode),
	    WORDS("restore", fail_modes) },
	{ "fail_open_percent", TS, OPTION_UINT, IN_SERVICE(fail_open_percent),
	    RANGE(50, 0, 100, " %") },
	{ "min_up", TS, OPTION_UINT, IN_SERVICE(min_up),
	    RANGE(1, 1, 1024, "") },
	{ "failback", TS, OPTION_FLAG, IN_SERVICE(failback_manual),
	    WORDS("auto", failbacks) },
	{ "failback_delay_ms", TS, OPTION_UINT,
	    IN_SERVICE(failback_delay_ms), MS(0, 0, DAY_MS) },
	{ "min_dwell_ms", TS, OPTION_UINT, IN_SERVICE(min_dwell_ms),
	    MS(0, 0, DAY_MS) },
};

const size_t conf_n_options = sizeof conf_options / sizeof conf_options[0];

const struct conf_option *
conf_option_find(const char *name, unsigned place)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if (strcmp(conf_options[i].name, name) == 0 &&
		    (place == 0 || conf_options[i].places & place))
			return &conf_options[i];
	return NULL;
}

const struct conf_option *
conf_option_nearest(const char *name, unsigned place)
{
	const struct conf_option *best = NULL;
	size_t least = strlen(name) / 3 + 1;

	for (size_t i = 0; i < conf_n_options; i++) {
		size_t distance;

		if (!(conf_options[i].places & place))
			continue;
		distance = conf_word_distance(name, conf_options[i].name);
		if (distance <= least && (best == NULL || distance < least)) {
			best = &conf_options[i];
			least = distance;
		}
	}
	return best;
}

const char *
conf_places_text(unsigned places, char *buf, size_t size)
{
	static const char *const texts[] = { "at the top", "in a service",
		"in an endpoint's { ipaddr = ...; }", "in a webhook",
		"in a script" };
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!(places & 1u << i))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
		    len > 0 ? " or " : "", texts[i]);
		if (len >= size)
			break;
	}
	return buf;
}
