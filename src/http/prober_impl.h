/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBER_IMPL_H
#define RRDNSD_HTTP_PROBER_IMPL_H

/* Shared by the files of the prober; nobody else includes it. */

#include <sys/queue.h>

#include "http/curl_shard.h"
#include "http/judge.h"
#include "http/probe_grid.h"
#include "http/probe_spec.h"
#include "http/prober.h"
#include "http/stream.h"
#include "loop.h"

struct dns_query;
struct exec;
struct tls_client;
struct tls_store;

struct prober_sub {
	struct probe_target *target;
	prober_result_cb *cb;
	void *arg;
	bool fast;
	bool closed; /* unsubscribed while results are being handed out */
	LIST_ENTRY(prober_sub) entry;
};

/* A probe in flight. What each engine needs besides follows this. */
struct probe {
	struct probe_target *target;
	int64_t started_us;
	int64_t stalled_us; /* loop_stalled_us then */
	struct timer deadline;
	struct body body; /* kept only where something is expected of it */
	size_t body_bytes;
};

/* What makes probes. */
struct probe_engine {
	size_t size; /* of its probe, which begins with struct probe */

	/* Starts it. It ends with probe_end or probe_end_with, perhaps at
	 * once. */
	void (*start)(struct probe *probe);

	/* The deadline is over: says how far it came, and ends it. */
	void (*time_out)(struct probe *probe);

	/* Gives back what it holds, but not the probe itself. */
	void (*release)(struct probe *probe);
};

/* One thing that is probed, for all who subscribe to it. */
struct probe_target {
	struct prober *prober;
	struct probe_spec spec;
	uint64_t hash;
	const struct probe_engine *engine;
	struct body_pattern pattern;
	char *request; /* these five of the lean engine; NULL: says nothing */
	size_t request_len;
	struct tls_client *tls; /* NULL: plain */
	struct ssl_session_st *session; /* to be resumed; NULL: none */
	struct stream kept; /* for the next probe; fd -1: none */
	struct curl_shard *shard; /* these six of libcurl */
	char *url;
	struct curl_slist *headers;
	struct curl_slist *connect_to;
	struct tls_store *store; /* NULL when nothing is verified */
	CURLSH *sessions; /* TLS sessions of this target alone */
	int64_t full_handshake_at_ms; /* when the next one is due; 0: now */
	bool certificate_known;
	int certificate_days;
	bool broken; /* the CA file or the expression is no good: text says */
	char broken_text[PROBE_DETAIL_MAX];

	struct probe *probe; /* in flight, or NULL */
	struct timer timer; /* the next start */
	struct probe_grid grid;
	bool fast;
	bool handing_out;
	LIST_HEAD(, prober_sub) subs;
	LIST_ENTRY(probe_target) entry;
};

#define PROBER_SHARDS_MAX 64
#define PROBER_BUCKETS 4096

/* Checks by exec: that run at once. */
#define PROBER_EXEC_MAX 32

struct prober {
	struct loop *loop;
	struct curl_shard *shards[PROBER_SHARDS_MAX]; /* NULL: not needed yet */
	size_t n_shards;
	long shard_size; /* connections that each may keep */
	size_t next_shard;
	LIST_HEAD(, probe_target) targets[PROBER_BUCKETS];
	const struct dns_query *dns;
	struct exec *exec;
	TAILQ_HEAD(, exec_probe) waiting; /* for a place to run in */
	uint64_t random;
	struct prober_stats stats;
};

/* probe_target.c: one thing to be probed comes and goes */
struct probe_target *probe_target_new(struct prober *prober,
    struct probe_spec *spec); /* takes over the spec */
void probe_target_free(struct probe_target *target);

/* probe.c: one probe from its start to its outcome */
void probe_start(struct probe_target *target);
void probe_set_deadline(struct probe *probe); /* its time begins now */
void probe_end(struct probe *probe, const struct transfer_facts *facts);
void probe_end_with(struct probe *probe, enum outcome outcome,
    const char *detail);
void probe_cancel(struct probe *probe);

/* Takes a piece of the body, but no more than it takes to know: not beyond
 * max_body, and not beyond a match. A kept connection is read to the end, or
 * it could not be kept. */
enum probe_body {
	PROBE_BODY_MORE,
	PROBE_BODY_ENOUGH,
	PROBE_BODY_NO_MEMORY,
};
enum probe_body probe_take_body(struct probe *probe, const char *data,
    size_t len);

/* Of the time allowed, our own loop has missed a good part: that the time is
 * over, or that the target gave up, proves nothing against it. */
bool probe_is_stalled(const struct probe *probe);

/* probe_curl.c: http and https that follow redirects, by libcurl */
extern const struct probe_engine probe_curl_engine;
void probe_curl_on_done(void *private, CURL *easy, CURLcode code);
void probe_curl_on_polled(void *private);

/* probe_dns.c: a question by UDP, and by TCP where the answer is cut */
extern const struct probe_engine probe_dns_engine;

/* probe_exec.c: a program says it */
extern const struct probe_engine probe_exec_engine;
void probe_exec_on_free(void *arg); /* prober: a place to run in is free */

/* prober.c: where the next target of libcurl goes; NULL: out of memory */
struct curl_shard *prober_next_shard(struct prober *prober);

/* prober.c: a probe ended */
void prober_take_result(struct probe_target *target,
    struct probe_result *result);

#endif
