/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_NODE_H
#define RRDNSD_VOTE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "secret.h"
#include "vote/auth.h"
#include "vote/boot.h"
#include "vote/hash.h"
#include "vote/intents.h"
#include "vote/verdict.h"

/*
 * One node of the cluster as a state machine (protocol.md): what it knows of
 * all nodes' votes, what they add up to, and what it says to its peers. Pure:
 * no clock, socket, file or log; time comes in with each call, and what is to
 * be done goes out in a struct vote_out. The agent and the simulation drive
 * exactly this.
 *
 * Two clocks come in. now_ms counts suspended time (CLOCK_BOOTTIME) and is
 * read when the event happened: for a message when it was taken from the
 * socket, not at the start of the loop's turn, or ages would come out too
 * small. wall_ms is the time of day. Neither is ever compared with another
 * node's.
 */
struct vote_node;

struct vote_node_conf {
	const struct addr *nodes; /* all configured ones, sorted */
	size_t n_nodes;
	struct addr self;
	unsigned heartbeat_ms;
	unsigned vote_ttl_ms;
	unsigned takeover_ms;
	/* The first signs, any verifies. Copied. Needed with several nodes. */
	const struct secret *secrets;
	size_t n_secrets;
	/* Only looked at by vote_node_new: */
	uint64_t boot; /* see vote_boot_choose; saved before it comes here */
	uint64_t random; /* seeds what is spread; protects nothing */
	const char *intents; /* as saved, JSON; NULL: none */
};

struct vote_service {
	const char *fqdn;
	uint8_t hash[VOTE_HASH_LEN]; /* of its definition */
	size_t n_endpoints; /* sorted by address: a vote's place */
	/* Services with the same one have the same writers (vote/rank.h); NULL:
	 * fqdn. Whoever is to count what is written writes all of it. */
	const char *ranked_as;
};

/* Things worth a line in the log or a counter. */
enum vote_fact_kind {
	VOTE_FACT_BAD_MAC, /* a message that is not authentic: refused */
	VOTE_FACT_MALFORMED, /* authentic, but not what it says: refused */
	VOTE_FACT_NOT_FOR_US, /* a request for another node: refused */
	VOTE_FACT_UNKNOWN_NODE, /* from a node that is not configured here */
	VOTE_FACT_REPLAY, /* an old request, or of an older boot: refused */
	VOTE_FACT_WRONG_BOOT, /* meant for an earlier boot of ours: not taken */
	VOTE_FACT_DROPPED, /* an answer to nothing that was asked */
	VOTE_FACT_NO_ANSWER, /* a request to this peer ended without one */
	VOTE_FACT_REFUSED, /* by this peer; value: the HTTP status */
	VOTE_FACT_BOOT_ADOPTED, /* value: the new boot */
	VOTE_FACT_CONTESTED, /* another process bears our name: we are silent */
	VOTE_FACT_UNCONTESTED, /* not seen for a minute: we speak again */
	VOTE_FACT_SUSPENDED, /* value: for how many ms we had stopped */
	VOTE_FACT_NODE_FRESH, /* its votes count from now on */
	VOTE_FACT_NODE_STALE, /* they no longer do */
	VOTE_FACT_INTENTS, /* a peer's intents changed ours */
	VOTE_FACT_COUNT,
};

struct vote_fact {
	enum vote_fact_kind kind;
	struct addr node; /* whom it is about; family 0: not known */
	uint64_t value;
};

/* A request to POST at VOTE_PATH of a peer. However it ends is told to the node
 * by vote_node_answer, at the latest after timeout_ms. */
struct vote_send {
	struct addr to;
	uint64_t seq;
	char *body;
	size_t len;
	char auth[VOTE_AUTH_MAX]; /* value of the header VOTE_AUTH_HEADER */
	unsigned timeout_ms;
};

/* How to answer a request. */
struct vote_reply {
	unsigned status; /* 200, 400, 401, 409, 500 or 503 */
	char *body; /* NULL: empty, and without the header */
	size_t len;
	char auth[VOTE_AUTH_MAX];
};

#define VOTE_FACTS_MAX 64

/* What a step asks for. When save is set, boot and intents have to be saved
 * (vote_node_boot, vote_node_intents_json) and synced before anything here is
 * sent or acted on. */
struct vote_out {
	struct vote_send *sends;
	size_t n_sends;
	struct vote_reply reply; /* of vote_node_request alone */
	struct vote_fact facts[VOTE_FACTS_MAX];
	size_t n_facts;
	int64_t stood_ms; /* that we stood still, and so did our clock, is
			     noticed: what else was timed is as much older */
	bool save;
	bool changed; /* verdicts, intents or the right to write may differ */
};

void vote_out_init(struct vote_out *out);
void vote_out_fini(struct vote_out *out); /* frees what is still in it */

/* Copies what it needs of conf. There are no services until vote_node_define.
 * NULL: out of memory, or self is not among the nodes. */
struct vote_node *vote_node_new(const struct vote_node_conf *conf,
    int64_t now_ms, int64_t wall_ms);
void vote_node_free(struct vote_node *node); /* NULL is fine */

/* The services of a (new) configuration, sorted by name, and its nodes. Own
 * votes under a definition that stays are kept, others start as abstentions;
 * so is what is known of nodes that stay. self can't change. On failure
 * (ERR_NOMEM) nothing changed. */
int vote_node_define(struct vote_node *node, const struct vote_node_conf *conf,
    const struct vote_service *services, size_t n, int64_t now_ms);

/* The probe loop is alive: call it each heartbeat_ms, after stale own votes
 * were turned into abstentions. Raises the own heartbeat and wakes. */
void vote_node_tick(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out);

/* Sends what is due. Says nothing about the probe loop. */
void vote_node_wake(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    struct vote_out *out);

/* When vote_node_wake is due, INT64_MAX: only after the next event. Ask again
 * after each call that changes the node, vote_node_set_vote included. */
int64_t vote_node_next_deadline(const struct vote_node *node);

/* A request arrived: fills out->reply. auth is the header's value, or NULL. The
 * caller bounds len by VOTE_BODY_MAX. */
void vote_node_request(struct vote_node *node, int64_t now_ms,
    int64_t wall_ms, const char *auth, const char *body, size_t len,
    struct vote_out *out);

/* A request ended, with an answer or, status 0, without. */
void vote_node_answer(struct vote_node *node, int64_t now_ms, int64_t wall_ms,
    const struct addr *peer, uint64_t seq, unsigned status, const char *auth,
    const char *body, size_t len, struct vote_out *out);

/* The own vote for an endpoint: 'u', 'd' or 'a', and why: a printable character
 * that all nodes understand alike, VOTE_NO_CAUSE when there is no reason. Peers
 * are told within 30 ms: see vote_node_next_deadline. */
void vote_node_set_vote(struct vote_node *node, size_t service,
    size_t endpoint, char vote, char cause, int64_t now_ms);

/* An operator's wish; stamp is made here. Save before it is answered. 0,
 * ERR_INVALID, ERR_TOOBIG (too many targets) or ERR_NOMEM. */
int vote_node_set_intent(struct vote_node *node,
    const struct vote_intent *wanted, int64_t now_ms, int64_t wall_ms);
const struct vote_intents *vote_node_intents(const struct vote_node *node);

/* SHA-256 of the intents that this node holds: the same, nothing changed. */
const uint8_t *vote_node_intents_hash(const struct vote_node *node);

/* How many nodes are known to hold the same intents, this one included. */
unsigned vote_node_intents_held(const struct vote_node *node);

/* What is to be saved. The text is the caller's; NULL: out of memory. */
uint64_t vote_node_boot(const struct vote_node *node);
char *vote_node_intents_json(const struct vote_node *node);

/* Counts the fresh rows that bear our definition of the service. Q or more of
 * the configured nodes decide; silence never does. */
void vote_node_verdict(const struct vote_node *node, size_t service,
    size_t endpoint, int64_t now_ms, struct vote_verdict *out);

/* Whether anything that decides about the service (votes, whose rows are fresh
 * and bear our definition, intents) is other than when this was asked last;
 * true when it never was. Where it is not, the verdicts are as they were. */
bool vote_node_has_news(struct vote_node *node, size_t service,
    int64_t now_ms);

/* Whether Q fresh rows, the own one included, bear our definition, and Q of
 * these our intents; these are waited for, at most vote_ttl_ms. */
bool vote_node_may_write(struct vote_node *node, size_t service,
    int64_t now_ms);

/* The own place among the nodes whose fresh rows bear our definition of the
 * service (vote/rank.h): 0 writes first. */
unsigned vote_node_rank(const struct vote_node *node, size_t service,
    int64_t now_ms);

/* Who writes first; false: nobody's votes count. */
bool vote_node_writer(const struct vote_node *node, size_t service,
    int64_t now_ms, struct addr *out);

/* For status: row i of the configured nodes in their order. */
struct vote_node_info {
	struct addr addr;
	bool self;
	bool heard; /* a heartbeat is known, fresh or not */
	bool fresh;
	int64_t age_ms; /* upper bound; of no meaning before it is heard */
	uint64_t boot;
	uint64_t heartbeat;
	uint64_t version;
	bool same_intents;
};
size_t vote_node_count(const struct vote_node *node);
void vote_node_info(const struct vote_node *node, size_t i, int64_t now_ms,
    struct vote_node_info *out);

/* How row i votes under our definition, and why; 0: it does not know it. */
char vote_node_vote_of(const struct vote_node *node, size_t i, size_t service,
    size_t endpoint, char *cause);

/* Whether row i, fresh or not, bears our definition of the service. */
bool vote_node_agrees(const struct vote_node *node, size_t i, size_t service);

/* How many fresh rows bear our definition of the service. */
unsigned vote_node_agreeing(const struct vote_node *node, size_t service,
    int64_t now_ms);

#endif
