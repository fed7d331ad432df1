/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_H
#define RRDNSD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "conf_changes.h"
#include "healthcheck.h"
#include "log.h"
#include "secret.h"
#include "status_set.h"
#include "tsig_key.h"

/*
 * The configuration as the daemon uses it: complete (defaults filled in,
 * service values inherited from the top), checked and immutable. A reload
 * makes a new one. All pointers are owned by the struct conf; names are lower
 * case without the final dot. Times are milliseconds unless a name says _s.
 */

enum conf_fail_mode {
	CONF_FAIL_RESTORE, /* too many down: bring the dead ones back */
	CONF_FAIL_HOLD, /* too many down: remove nothing more */
	CONF_FAIL_CLOSED, /* remove what is down, all of it if need be */
};

enum conf_method {
	CONF_METHOD_RFC2136,
	CONF_METHOD_DYNU,
	CONF_METHOD_DIGITALOCEAN,
	CONF_METHOD_NONE,
};

enum conf_transport {
	CONF_TRANSPORT_AUTO, /* TCP; UDP when TCP can't be had */
	CONF_TRANSPORT_TCP,
	CONF_TRANSPORT_UDP,
};

struct conf_addrs {
	struct addr *list;
	size_t len;
};

struct conf_strings {
	char **list;
	size_t len;
};

struct conf_bytes {
	char *data; /* NULL: none */
	size_t len;
};

/* What a DNS server is asked for: the numbers of RFC 1035 and 3596. */
enum conf_dns_type {
	CONF_DNS_A = 1,
	CONF_DNS_SOA = 6,
	CONF_DNS_AAAA = 28,
};

/* How the endpoints of a service are probed. */
struct conf_probe {
	char *host; /* Host header, SNI and certificate name */
	char *method;
	struct conf_strings headers; /* "Name: value" */
	struct status_set expect_status;
	char *expect_body; /* NULL: none */
	char *expect_body_regex; /* POSIX extended; NULL: none */
	size_t max_body; /* bytes */
	bool follow_redirects;
	bool tls_verify;
	char *tls_ca_file; /* NULL: the system's */
	char *tls_client_cert; /* NULL: none */
	char *tls_client_key; /* NULL: in tls_client_cert */
	unsigned tls_min_days; /* 0: not looked at */
	unsigned tls_full_interval_ms; /* 0: every handshake is a full one */
	bool reuse; /* keep-alive between probes */
	struct conf_bytes send; /* tcp and tls: said first */
	struct conf_bytes expect; /* tcp and tls: must come */
	char *expect_regex; /* POSIX extended; NULL: none */
	char *dns_name;
	enum conf_dns_type dns_type;
};

/* Where and how the records of a service are published. */
struct conf_update {
	enum conf_method method;
	struct conf_addrs servers; /* each is a primary of its own */
	struct conf_addrs verify; /* must show the change, too */
	struct tsig_key *key; /* NULL: unsigned */
	struct secret token; /* of dynu and digitalocean */
	char *url; /* the base of their API, no "/" at its end; else NULL */
	enum conf_transport transport;
	unsigned timeout_ms;
	unsigned tsig_fudge_s;
	unsigned reconcile_interval_ms;
};

struct conf_endpoint {
	struct addr addr; /* port 0 */
	char *label; /* "" when none */
	unsigned tier; /* 0 is preferred */
	struct healthcheck healthcheck;
	unsigned probe_interval_ms;
	unsigned probe_timeout_ms;
};

#define CONF_HASH_LEN 32
#define CONF_NODES_MAX 256

struct conf_service {
	char *fqdn;
	char *zone;
	unsigned ttl; /* seconds */
	struct conf_endpoint *endpoints; /* sorted by addr_compare_ip */
	size_t n_endpoints;
	struct conf_probe probe;
	unsigned fast_interval_ms; /* 0: a quarter of the endpoint's interval */
	unsigned rise;
	unsigned fall;
	struct conf_update update;
	enum conf_fail_mode fail_mode;
	unsigned fail_open_percent;
	unsigned min_up;
	bool failback_manual; /* to a better tier: when an operator says so */
	unsigned min_dwell_ms; /* between two changes of one endpoint's record */
	unsigned failback_delay_ms; /* it must be good for so long before */
	int line; /* in the file; 0: not from a file */
	/* SHA-256 over every option that changes what is probed, decided or
	 * published, and the sorted list of nodes (protocol.md section 1). */
	uint8_t hash[CONF_HASH_LEN];
};

/* Both are told of events; an empty list means every kind. */
enum conf_webhook_format {
	CONF_WEBHOOK_JSON,
	CONF_WEBHOOK_SLACK, /* {"text": "..."} */
};

struct conf_webhook {
	char *url;
	enum conf_webhook_format format;
	struct secret secret; /* signs what is sent; len 0: unsigned */
	char *tls_ca_file; /* NULL: the system's */
	struct conf_strings events;
};

struct conf_script {
	char *path;
	struct conf_strings events;
	unsigned timeout_ms;
};

struct conf {
	struct addr local_node;
	struct conf_addrs nodes; /* sorted, local_node included */
	bool nodes_https;
	struct secret *nodes_secrets; /* the first signs, any verifies */
	size_t n_nodes_secrets;
	char *nodes_ca_file; /* NULL: the system's */
	struct addr listen;
	char *tls_cert; /* NULL: no TLS of our own */
	char *tls_key;
	unsigned heartbeat_ms;
	unsigned vote_ttl_ms;
	unsigned takeover_ms;
	unsigned max_removals; /* by verdict, in window_ms; 0: no limit */
	unsigned window_ms;
	struct conf_strings canaries;
	struct conf_service *services; /* sorted by fqdn */
	size_t n_services;
	struct addr statsd; /* family 0: off */
	char *statsd_prefix;
	char *api_socket; /* "": none */
	unsigned api_socket_mode;
	struct secret api_token; /* len 0: changes over TCP are refused */
	bool api_reads_need_token;
	char *state_dir;
	struct conf_webhook *webhooks;
	size_t n_webhooks;
	struct conf_script *scripts;
	size_t n_scripts;
	enum log_level log_level;
	struct conf_value *source; /* the file, as it was read */
	struct conf_changes changes; /* at run time, contained in the above */
};

/* One thing wrong, or worth a warning; line 0 where there is none. */
struct conf_report {
	void (*line)(void *arg, bool warning, const char *file, int line,
	    const char *text);
	void *arg;
	unsigned errors;
	unsigned warnings;
};

/* Reads and checks a libconfig file. $LOCAL_NODE overrides local_node. Every
 * error and warning goes to report; NULL when there was an error. */
struct conf *conf_load(const char *path, struct conf_report *report);

/* Without what was changed at run time, which conf_load reads from state_dir:
 * when that is what keeps a daemon from starting. */
struct conf *conf_load_file(const char *path, struct conf_report *report);

/* The same file, as it was read, with other run-time changes. NULL when that is
 * no good. Does not save them. */
struct conf *conf_amend(const struct conf *conf,
    const struct conf_changes *changes, struct conf_report *report);
void conf_free(struct conf *conf); /* NULL is fine */

/* The interval between probes while an endpoint's state is in doubt. */
unsigned conf_fast_interval_ms(const struct conf_service *service,
    const struct conf_endpoint *endpoint);

/* Worst case from failure to clients leaving, ttl included: interval x fall +
 * timeout + gossip + update + ttl. */
unsigned conf_worst_case_ms(const struct conf *conf,
    const struct conf_service *service);

/* NULL when absent. */
const struct conf_service *conf_find_service(const struct conf *conf,
    const char *fqdn);
const struct conf_endpoint *conf_find_endpoint(
    const struct conf_service *service, const struct addr *addr);

/* The same texts in the same order. */
bool conf_strings_equal(const struct conf_strings *a,
    const struct conf_strings *b);

#endif
