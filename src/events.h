/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_EVENTS_H
#define RRDNSD_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * What happened: the last EVENTS_MAX events, for the API, and told to whoever
 * subscribes as they come. Pure: time and the first number come from outside.
 */
struct events;

#define EVENTS_MAX 10000

/* X(name, text): the texts are those of the API, webhooks and scripts. */
#define EVENT_TABLE(X)                                                         \
	X(EVENT_ENDPOINT_UP, "endpoint_up")                                    \
	X(EVENT_ENDPOINT_DOWN, "endpoint_down")                                \
	X(EVENT_VOTE_CHANGED, "vote_changed")                                  \
	X(EVENT_SERVICE_DOWN, "service_down")                                  \
	X(EVENT_SERVICE_UP, "service_up")                                      \
	X(EVENT_FAIL_OPEN_ON, "fail_open_on")                                  \
	X(EVENT_FAIL_OPEN_OFF, "fail_open_off")                                \
	X(EVENT_PUBLISHED, "published")                                        \
	X(EVENT_PUBLISH_FAILED, "publish_failed")                              \
	X(EVENT_NODE_JOINED, "node_joined")                                    \
	X(EVENT_NODE_LOST, "node_lost")                                        \
	X(EVENT_QUORUM_LOST, "quorum_lost")                                    \
	X(EVENT_QUORUM_BACK, "quorum_back")                                    \
	X(EVENT_INTENT, "intent")                                              \
	X(EVENT_RELOAD, "reload")                                              \
	X(EVENT_DRIFT_REPAIRED, "drift_repaired")                              \
	X(EVENT_CERTIFICATE, "certificate")                                    \
	X(EVENT_PROBES, "probes")                                              \
	X(EVENT_SETTINGS, "settings")                                          \
	X(EVENT_FAILOVER, "failover")                                          \
	X(EVENT_FAILBACK, "failback")                                          \
	X(EVENT_HOLD_ON, "hold_on")                                            \
	X(EVENT_HOLD_OFF, "hold_off")

enum event_kind {
#define X(name, text) name,
	EVENT_TABLE(X)
#undef X
	EVENT_KIND_COUNT,
};

const char *event_kind_text(enum event_kind kind);

/* Whom it is about, as far as it is about one of these; NULL where not. */
struct event {
	uint64_t id; /* events_add gives it; rises, across restarts, too */
	uint64_t group; /* id of the first event of the same burst, or id */
	int64_t at_ms; /* wall clock */
	enum event_kind kind;
	const char *fqdn;
	const char *ipaddr;
	const char *node;
	const char *server;
	const char *state; /* what it became: "up", "down", "drain"... */
	const char *cause; /* why, without the subject */
	const char *text; /* all of it, as one sentence for people */
	const char *recorder; /* the node that saw it */
	/* For replays, JSON objects (agent_journal.h): */
	const char *probes;
	const char *settings;
};

/* Events of one kind that bring one service, node and server to one state are a
 * burst while each comes within EVENT_BURST_MS of the one before, and all of
 * them within EVENT_BURST_LONGEST_MS: 500 endpoints that go down together are
 * one thing that happened. */
#define EVENT_BURST_MS 2000
#define EVENT_BURST_LONGEST_MS 10000

/* first_id: the number of the first event, above all that were ever given.
 * NULL: out of memory. */
struct events *events_new(uint64_t first_id);
void events_free(struct events *events); /* NULL is fine */

/* Copies the event, gives it its id and group and tells the subscribers. Not
 * from inside a subscriber. ERR_NOMEM: it is lost. */
int events_add(struct events *events, const struct event *event);

/* The first event after id that is still known; NULL: none. Valid until the
 * next events_add. */
const struct event *events_after(const struct events *events, uint64_t id);

/* The one that was added `back` events before the last one; NULL: none. */
const struct event *events_recent(const struct events *events, size_t back);

uint64_t events_next_id(const struct events *events);

/* Subscribers are embedded in their owners. They are called in the order in
 * which they came, and may not subscribe or unsubscribe meanwhile. */
typedef void event_cb(void *arg, const struct event *event);

struct event_sub {
	event_cb *cb;
	void *arg;
	TAILQ_ENTRY(event_sub) entry;
};

void events_subscribe(struct events *events, struct event_sub *sub);
void events_unsubscribe(struct events *events, struct event_sub *sub);

#endif
