/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_IMPL_H
#define RRDNSD_AGENT_IMPL_H

/* Shared by the files of the agent; nobody else includes it. */

#include <sys/queue.h>

#include "agent.h"
#include "agent_clock.h"
#include "agent_hooks.h"
#include "agent_metrics.h"
#include "agent_text.h"
#include "conf.h"
#include "dns/brake.h"
#include "dns/damping.h"
#include "dns/desired.h"
#include "dns/publish.h"
#include "dns/standby.h"
#include "events.h"
#include "file_mark.h"
#include "http/health.h"
#include "http/prober.h"
#include "http/trace.h"
#include "http_fetch.h"
#include "log.h"
#include "loop.h"
#include "vote/node.h"

#define AGENT_REASON_MAX 256
#define AGENT_WHY_MAX (2 * VOTE_INTENT_TEXT_MAX + 64)

/* Of an endpoint that an operator takes out: when its record was found gone from
 * all servers, and the TTL that it had. */
struct agent_drain {
	int64_t gone_at_ms; /* loop clock; 0: not yet */
	uint32_t ttl_s;
};

struct agent_endpoint {
	struct agent_service *service;
	const struct conf_endpoint *conf;
	size_t index; /* in the service's sorted endpoints: its vote's place */
	struct prober_sub *sub;

	int64_t since_ms; /* loop clock: when it began to be probed this way */
	struct health health;
	struct trace trace; /* of the health, for the journal */
	enum outcome outcome; /* of the last probe */
	char detail[PROBE_DETAIL_MAX];
	uint32_t duration_us;
	int64_t probed_at_ms; /* 0: never */
	int certificate_days;
	bool certificate_known;
	bool certificate_warned;

	char vote; /* 'u', 'd' or 'a', as last handed to the voters */
	enum desired_verdict verdict;
	int64_t verdict_at_ms; /* when it became this one */
	enum desired_action action;
	enum desired_why why;
	enum desired_why sent_why; /* when an UPDATE left last */
	enum desired_verdict sent_verdict;
	enum desired_intent intent;
	struct agent_drain drain;
	struct damping damping;
	bool dwells; /* held by min_dwell_ms, as last told */
	struct agent_endpoint_metrics metrics;
};

/* Of one family of a service that has tiers. */
struct agent_standby {
	struct standby_view view;
	struct standby_watch watch;
	bool tiered; /* it has more than one tier, and no operator pins one */
	bool told; /* tier is known */
	unsigned tier; /* in charge, as last told */
	int64_t since_ms; /* when it came in charge; 0: before we started */
	enum standby_move move; /* that is to be made */
	unsigned move_tier;
	int64_t move_at_ms; /* since when */
};

struct agent_service {
	struct agent *agent;
	const struct conf_service *conf;
	size_t index; /* in the node's table */
	struct agent_endpoint *endpoints;
	size_t n_endpoints;
	struct publish_service *publish; /* NULL with update_method none */
	struct publish_endpoint *wish; /* room for all endpoints */
	struct desired_endpoint *desired; /* all endpoints, as decided last */
	int64_t started_ms;
	uint64_t settings_id; /* of the event that told them; 0: none yet */
	int64_t settings_since_ms; /* wall clock */
	bool open; /* the start-up rule of protocol.md section 6 is met */
	bool fail_open;
	int64_t fail_open_at_ms; /* loop clock: when that last changed */
	bool may_empty[2]; /* by family: A, AAAA */
	struct agent_standby standby[2];
	bool down; /* no endpoint is up */
	int64_t dwells_until_ms; /* the first of its endpoints; 0: none does */
	size_t removals_pending; /* that are held */
	int64_t refresh_at_ms; /* an operator's refresh adds; 0: none does */
	bool kick_scheduled;
};

/* A page as it was last made, for whoever asks soon again. */
struct agent_page {
	struct server_page *page; /* NULL: to be made */
	int64_t valid_until_us;
};

/* Local faults of probes since that was last told (agent_faults.c). */
struct agent_faults {
	unsigned n;
	char first[300 + PROBE_DETAIL_MAX];
	int64_t told_at_ms; /* 0: never */
};

/* A way to reach us (agent_server.c). */
struct agent_listener {
	struct server *server; /* NULL: none */
	char error[256]; /* why it is not as configured; "": it is */
	struct addr listen; /* where it listens, over TCP */
	struct file_mark cert, key; /* of what it shows */
};

struct agent {
	struct loop *loop;
	struct conf *conf;
	struct agent_options options;
	struct prober *prober;
	struct publisher *publisher;
	struct vote_node *node;
	struct http_client *client; /* to peers and canaries; NULL without */
	struct http_client *fetcher; /* of agent_fetch; NULL until then */
	struct agent_canary *canaries; /* in the order of conf->canaries */
	size_t n_canaries;
	bool canaries_silent; /* none answers, or none has yet: we abstain */
	bool canaries_warned; /* that none answers */
	int64_t canaries_good_ms; /* when the last one that answered was asked */
	struct agent_listener tcp; /* on listen */
	struct agent_listener local; /* on api_socket */
	struct events *events;
	char name[ADDR_TEXT_MAX]; /* of this node, in events */
	uint64_t events_reserved; /* ids below this one are ours to give */
	bool quorum; /* as last told */
	struct vote_intents *intents_told; /* as last told */
	uint8_t intents_told_hash[VOTE_HASH_LEN];
	struct agent_page status_page;
	struct agent_page metrics_page;
	struct dash *dash;
	struct timer wake; /* of the node */
	LIST_HEAD(, agent_call) calls; /* to peers, under way */
	struct agent_voice *voices; /* what was told of whom */
	size_t n_voices;
	struct agent_difference *differences; /* of each node of the table */
	size_t n_differences;
	struct agent_service **services; /* in the order of conf->services */
	size_t n_services;
	struct timer tick;
	struct timer watchdog; /* agent_watchdog.c */
	int64_t tick_due_ms; /* when it should have come */
	int64_t stalled_ms; /* how late it was when that was last worth a word */
	int64_t stalled_at_ms; /* 0: never */
	struct agent_metrics metrics;
	struct agent_faults faults;
	struct brake brake; /* of the removals of all services */
	size_t removals_pending; /* of all services */
	bool brake_scheduled; /* all services are to be decided */
	struct agent_hooks hooks;
	int save_error; /* ERR_* of the last attempt to keep the state */
	int64_t save_again_ms;
	bool stopping;
	bool ready; /* the first round of probes is over */
	int64_t started_ms;
};

/* agent.c: the services of a configuration. NULL: out of memory; define: 0 or
 * ERR_* of vote_node_define(). */
struct agent_service **agent_services_make(struct agent *agent,
    const struct conf *conf);
int agent_services_define(struct vote_node *node, const struct conf *conf,
    int64_t now_ms);
void agent_services_free(struct agent_service **services, size_t n);

/* agent_tick.c: with each heartbeat (arg: the agent); for how long the loop stood
 * still not long ago, 0: it did not */
void agent_tick(void *arg);
int64_t agent_stalled_ms(const struct agent *agent);

/* agent_watchdog.c: tells systemd's that the loop turns, however seldom a
 * heartbeat is */
void agent_watchdog_start(struct agent *agent);
void agent_watchdog_stop(struct agent *agent);

/* agent_probe.c: probe results become health and the own vote */
void agent_probe_result(void *arg, const struct probe_result *result);
void agent_probe_tick(struct agent_endpoint *endpoint);

/* What was seen until now is the fault of our own network. */
void agent_probe_void(struct agent *agent);

/* We stood still for so long, and so did our clock. */
void agent_probe_stood(struct agent *agent, int64_t ms);

/* agent_faults.c: local faults are told at once, then once a minute */
void agent_faults_note(const struct agent_endpoint *endpoint,
    const struct probe_result *result);
void agent_faults_tick(struct agent *agent);

/* The outcome behind a vote, as a letter that all nodes understand alike. */
char agent_probe_cause(const struct agent_endpoint *endpoint);
const char *agent_cause_text(char cause); /* NULL: none, or not known here */

/* agent_trace.c: what events hold for a replay */

/* Before an event of the service that needs its settings. */
void agent_trace_settings(struct agent_service *service);
void agent_trace_result(struct agent_endpoint *endpoint,
    const struct health *before, enum outcome outcome);

/* The page that is complete, as JSON, the caller's; NULL: none is. */
char *agent_trace_take(struct agent_endpoint *endpoint);
void agent_trace_tell(struct agent_endpoint *endpoint); /* if no event did */

/* agent_facts.c: what the node notices, in words; why: there was no answer,
 * or whom the message is from */
void agent_fact_tell(struct agent *agent, const struct vote_fact *fact,
    const char *why);
void agent_facts_forget(struct agent *agent); /* nodes may be others now */
void agent_facts_log(const struct agent *agent);

/* agent_differing.c: nodes that define services otherwise are told */
void agent_differing_tick(struct agent *agent);
void agent_differing_free(struct agent *agent);

/* agent_decide.c: votes become verdicts, verdicts the desired set */
void agent_decide(struct agent_service *service);

/* The same, but only if something could come of it: of 10,000 endpoints few
 * are another one's news. */
void agent_decide_news(struct agent_service *service);

const char *agent_reason_text(const struct agent_endpoint *endpoint,
    char buf[AGENT_REASON_MAX]); /* of the verdict, for people */
const char *agent_why_text(const struct agent_endpoint *endpoint,
    enum desired_why why, char *buf,
    size_t size); /* cut at size; AGENT_WHY_MAX is enough */

/* agent_publish.c: what the publisher asks and tells */
extern const struct publish_hooks agent_publish_hooks;

/* How many servers are written for an endpoint's family, of how many of them it
 * is known what they have, and how many of these have its record. */
struct agent_published {
	unsigned servers, known, held;
	int64_t read_at_ms; /* the oldest of what is known */
};
struct agent_published
agent_endpoint_published(const struct agent_endpoint *endpoint);

/* agent_service.c: one service comes, goes, and survives a reload */

/* Subscribes its probes; nothing is published yet. NULL: out of memory. */
struct agent_service *agent_service_new(struct agent *agent,
    const struct conf_service *conf, size_t index);
void agent_service_free(struct agent_service *service);

/* Takes over what `old` knows about endpoints that are probed the same way. */
void agent_service_inherit(struct agent_service *service,
    struct agent_service *old);

/* Hands its votes to the node and begins to publish, going on with old's
 * publishing where nothing changed; old may be NULL. */
int agent_service_start(struct agent_service *service,
    struct agent_service *old);

/* agent_canary.c: is it our own network? */
int agent_canaries_start(struct agent *agent); /* 0 or ERR_NOMEM */
void agent_canaries_stop(struct agent *agent);
void agent_canaries_tick(struct agent *agent);
void agent_canaries_follow(struct agent *agent); /* there may be none now */

/* agent_server.c: where others reach us */
int agent_server_start(struct agent *agent); /* 0 or an error, logged */
void agent_server_follow(struct agent *agent, const struct conf *old);
void agent_server_tick(struct agent *agent); /* tries again what failed */
const char *agent_server_error(const struct agent *agent); /* of listen, or NULL */
void agent_server_stop(struct agent *agent);

/* agent_standby.c: a standby tier took over, or hands back */

/* After each decision: looks, and tells. */
void agent_standby_look(struct agent_service *service,
    const struct desired_summary summary[2]);

/* Whether time alone has it return: a decision is due without any news. */
bool agent_standby_is_due(const struct agent_service *service);

/* Records what is to be remembered (dns/standby.h). May decide anew, so not
 * from within a decision. */
void agent_standby_act(struct agent_service *service);

/* When it returns by itself, on the loop's clock; false: it does not. */
bool agent_standby_returns_at(const struct agent_service *service,
    enum addr_family family, int64_t *at_ms);

/* agent_drain.c: when an endpoint that was taken out can be stopped */
void agent_drains_look(struct agent_service *service);

/* On the wall clock; 0: not yet known. */
int64_t agent_drain_safe_ms(const struct agent_endpoint *endpoint);

/* agent_refresh.c: reads and puts right a service's records now */
void agent_refresh_start(struct agent_service *service, const char *by,
    const char *reason);
void agent_refresh_tick(struct agent_service *service);
bool agent_refresh_adds(const struct agent_service *service); /* adds only */

/* agent_api_status.c: the next one who asks for the status gets a new one */
void agent_status_changed(struct agent *agent);

/* agent_events.c: what happened, for the API and whoever subscribes */
int agent_events_start(struct agent *agent, uint64_t reserved);
void agent_event(struct agent *agent, const struct event *event);
void agent_event_of(struct agent_endpoint *endpoint, enum event_kind kind,
    const char *state, const char *cause, const char *text);
void agent_note_quorum(struct agent *agent);
int64_t agent_wall_of(const struct agent *agent, int64_t loop_ms);

/* agent_fetch.c: HTTP for src/dns; good as long as the agent */
struct http_fetch agent_fetch(struct agent *agent);

/* agent_gossip.c: the pure node's mouth and ears */
int agent_gossip_start(struct agent *agent); /* 0 or ERR_NOMEM */

/* Follows another configuration of nodes and canaries. What was under way has
 * ended without an answer, and what comes of that is done. */
int agent_gossip_restart(struct agent *agent); /* 0 or ERR_NOMEM */
void agent_gossip_stop(struct agent *agent);
void agent_gossip_rearm(struct agent *agent); /* after the node was changed */
void agent_vote_apply(struct agent *agent, struct vote_out *out); /* ends it */
/* Looks at the clocks, whether we stood still, and speaks if it is time. */
void agent_vote_look(struct agent *agent);

/* agent_state.c: keeps boot, events and intents (JSON; NULL: those that the node
 * holds); 0 or an error of state_save(), which is told by /health until one of
 * the later attempts succeeds. first: before there is a node. */
struct state;
int agent_save_first(struct agent *agent, const struct state *state);
int agent_save(struct agent *agent, const char *intents);
void agent_save_tick(struct agent *agent);

/* agent_status.c */
void agent_describe(const struct agent *agent, char *buf, size_t size);

#endif
