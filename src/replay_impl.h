/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_REPLAY_IMPL_H
#define RRDNSD_REPLAY_IMPL_H

/* Shared by the files of the replay; nobody else includes it. */

#include "addr.h"
#include "conf.h"
#include "events.h"
#include "http/health.h"
#include "replay.h"

struct replay_endpoint_settings {
	struct addr addr;
	unsigned tier;
	unsigned interval_ms;
	unsigned fast_interval_ms;
	char vote;
	enum health_state health;
	const char *intent; /* NULL: none */
};

struct replay_settings {
	int64_t since_ms;
	unsigned nodes;
	unsigned rise, fall;
	enum conf_fail_mode fail_mode;
	unsigned fail_open_percent;
	unsigned min_up;
	const char *freeze, *maintenance, *failover; /* NULL: not asked for */
	struct replay_endpoint_settings *endpoints; /* sorted, no one twice */
	size_t n_endpoints;
};

struct replay_probes {
	int64_t from_ms;
	enum health_state health;
	int streak; /* negative: of failures */
	unsigned calm;
	const char *outcomes; /* well-formed (http/trace.h) */
};

/* Texts are those of the JSON that it was read from; NULL: none. */
struct replay_event {
	void *json;
	uint64_t id;
	int64_t at_ms; /* never before that of the recorder's event before */
	enum event_kind kind;
	size_t recorder;
	bool after_gap; /* ids before it are missing */
	const char *fqdn;
	const char *state;
	struct addr addr; /* family 0: none */
	struct replay_probes *probes; /* NULL: none */
	struct replay_settings *settings;
};

struct replay_recorder {
	char *name;
	uint64_t last_id;
	int64_t last_ms;
};

struct replay_journal {
	struct replay_event *events; /* as read: of each recorder by id */
	size_t n_events;
	struct replay_recorder *recorders;
	size_t n_recorders;
};

/* replay_event.c: one event from its JSON (a json_t). ERR_INVALID, with why. */
int replay_event_read(void *json, struct replay_event *event,
    const char **recorder, bool *known, char *why, size_t why_size);
void replay_event_fini(struct replay_event *event);

/* What happens to one service, in the order in which it is replayed. */
enum replay_input_kind {
	REPLAY_THRESHOLDS, /* of event's settings */
	REPLAY_OUTCOME,
	REPLAY_ASSUMED, /* an outcome of a fast probe that was not made */
	REPLAY_RESUME, /* what is known of a node's probes begins anew */
	REPLAY_PAGE, /* where a page begins, health was event's */
	REPLAY_STATE, /* where event's settings say that all stood */
	REPLAY_VOTE, /* event's, of one node */
	REPLAY_INTENT, /* event's */
};

struct replay_input {
	int64_t at_ms;
	size_t order;
	enum replay_input_kind kind;
	size_t node;
	size_t endpoint; /* in the service's */
	bool ok;
	const struct replay_event *event; /* NULL: none */
};

/* One service of the journal: every endpoint that it ever had. */
struct replay_service {
	const char *fqdn;
	struct addr *endpoints; /* sorted */
	size_t n_endpoints;
	const struct replay_settings *first; /* NULL: never told */
	bool *heard; /* by recorder: it told of this service's settings */
	size_t n_heard;
	struct replay_input *inputs;
	size_t n_inputs;
	int64_t end_ms;
};

/* replay_inputs.c. ERR_NOMEM. */
int replay_service_init(struct replay_service *service,
    const struct replay_journal *journal,
    const struct replay_options *options, const char *fqdn);
void replay_service_fini(struct replay_service *service);
size_t replay_service_find(const struct replay_service *service,
    const struct addr *addr); /* n_endpoints: it is none */

/* replay_decide.c: one course of events. options: NULL, as recorded. window:
 * the time in which dead_ms and away_ms are counted. assumed: the fast probes
 * that were not made are believed. courses: one for each endpoint. ERR_NOMEM. */
int replay_course_run(const struct replay_service *service,
    const struct replay_journal *journal, const struct replay_options *options,
    const struct replay_options *window, bool assumed, struct replay_course *courses);

/* replay_spans.c: one that begun goes on until it ends */
void replay_spans_begin(struct replay_spans *spans, int64_t at_ms, int *err);
void replay_spans_end(struct replay_spans *spans, int64_t at_ms);
bool replay_span_is_within(const struct replay_span *span,
    const struct replay_options *options); /* begun since, not after until */

/* Fills in missed, skew_ms and differences from the rest. ERR_NOMEM. */
int replay_row_compare(struct replay_row *row,
    const struct replay_options *options);

#endif
