/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_H
#define RRDNSD_TESTS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "dns/brake.h"
#include "dns/damping.h"
#include "dns/publish.h"
#include "dns/standby.h"
#include "http/health.h"
#include "http_fetch.h"
#include "loop.h"
#include "vote/node.h"

/*
 * The simulated world: real voting nodes, real deciding and real publishers on
 * virtual clocks, a virtual network and a virtual primary. One world at a time.
 * Nothing in it depends on anything but the seed.
 */
#define SIM_NODES 5
#define SIM_SERVICES 2
#define SIM_ENDPOINTS 4 /* of a service, in all its versions */
#define SIM_CONFS 3 /* versions of the configuration */

#define SIM_MS INT64_C(1000)
#define SIM_S INT64_C(1000000)

struct sim;
struct sim_node;

/* One version of the configuration, the same on each node that has it. */
struct sim_conf {
	struct addr nodes[SIM_NODES];
	size_t n_nodes;
	struct conf_service services[SIM_SERVICES];
	struct conf_endpoint endpoints[SIM_SERVICES][SIM_ENDPOINTS];
};

/* What a node's prober sees of an endpoint. */
enum sim_view {
	SIM_VIEW_OK,
	SIM_VIEW_FAILED,
	SIM_VIEW_LOCAL_FAULT,
};

struct sim_standby {
	struct standby_watch watch;
	enum standby_move move;
	unsigned tier;
	int64_t move_at_ms;
	int64_t returns_at_ms; /* 0: not by itself */
};

struct sim_service {
	struct sim_node *node;
	size_t index;
	const struct conf_service *conf;
	struct health health[SIM_ENDPOINTS];
	int64_t counted_at_us[SIM_ENDPOINTS]; /* true time, by address */
	char votes[SIM_ENDPOINTS + 1];
	struct desired_endpoint desired[SIM_ENDPOINTS];
	struct publish_endpoint wish[SIM_ENDPOINTS];
	struct publish_service *publish;
	int64_t started_ms;
	int64_t started_us; /* true time; 0: by a reload */
	bool open;
	bool may_empty[2];
	bool kick_scheduled;
	struct sim_standby standby[2]; /* by family */
	struct damping damping[SIM_ENDPOINTS];
	size_t removals_pending;
	int64_t dwells_until_ms; /* 0: none does */
};

enum sim_power {
	SIM_DOWN,
	SIM_UP,
	SIM_PAUSED, /* frozen; what arrives waits in its sockets */
};

struct sim_node {
	struct sim *sim;
	size_t index;
	enum sim_power power;
	unsigned life; /* raised with each start and each crash */
	int64_t boot_offset_us; /* its CLOCK_BOOTTIME minus true time */
	int64_t wall_offset_us; /* its time of day minus true time */
	int64_t resume_at_us;
	bool clock_ran; /* meanwhile */
	bool stood; /* once at least its clock stood, too */
	bool was_paused; /* and did not look at its clocks since */
	bool wall_was_set; /* likewise */
	uint64_t twelve_bits; /* the random ones of its boot numbers */

	uint64_t disk_boot; /* 0: no state file */
	char *disk_intents;

	size_t conf; /* which version */
	enum sim_view view[SIM_SERVICES][SIM_ENDPOINTS];
	bool canaries_failed;
	int64_t stalls_us; /* the next turn that reads DNS takes so long */

	/* of a process, while it lives */
	struct loop *loop;
	struct vote_node *vote;
	struct publisher *publisher;
	struct sim_service services[SIM_SERVICES];
	int64_t started_ms;
	struct brake brake;
	bool decides_later;
	struct timer tick;
	struct timer wake;
	struct timer probe;
	uint64_t requests_sent;
	size_t largest_sent;
};

enum sim_kind {
	SIM_CHAOS, /* everything at once; then L1 and L2 */
	SIM_RESTARTS, /* S5 */
	SIM_GOSSIP_FAULTS, /* S6 */
	SIM_SWIFT, /* L1's bound, and that one node writes once */
	SIM_DAMPED, /* min_dwell_ms and max_removals */
	SIM_KINDS,
};

struct sim_event;

struct sim {
	uint64_t seed;
	uint64_t random;
	enum sim_kind kind;
	bool verbose;
	int64_t now_us; /* true time */
	struct sim_event **events; /* a heap */
	size_t n_events;
	size_t room;
	uint64_t order;
	void *arena;
	size_t n_nodes; /* in the last version of the configuration */
	struct sim_node nodes[SIM_NODES];
	struct sim_conf confs[SIM_CONFS];
	size_t n_confs;
	struct secret secret;
	unsigned heartbeat_ms;
	unsigned vote_ttl_ms;
	unsigned takeover_ms;
	unsigned max_removals; /* 0: no limit */
	int64_t window_ms;
	bool restarts; /* of SIM_DAMPED: nodes do, and forget */
	bool calm; /* no fault happens any more */
	bool disks_survive; /* what is remembered matters */
	bool forbid_updates; /* S5, S6: nothing may be sent */
	bool failed;
	char why[512];
	uint64_t updates_sent;
};

/* sim_world.c: time, chance and memory */
void sim_init(struct sim *sim, uint64_t seed);
void sim_fini(struct sim *sim);

/* Until the next event is later than until_us, or something failed. */
void sim_run_until(struct sim *sim, int64_t until_us);
void sim_at(struct sim *sim, int64_t at_us, void (*run)(struct sim *, void *),
    void *arg);
void *sim_alloc(struct sim *sim, size_t size); /* zeroed; until sim_fini */
void *sim_copy(struct sim *sim, const void *data, size_t size);
uint64_t sim_below(struct sim *sim, uint64_t n); /* 0 to n - 1 */
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
bool sim_chance(struct sim *sim, unsigned permille);

/* The first one counts; the run ends. */
void sim_fail(struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_say(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* sim_loop.c: loop.h on the clock of one node */
struct loop *sim_loop_new(struct sim_node *node);
struct sim_node *sim_loop_node(const struct loop *loop);
void sim_loop_free(struct loop *loop);
int64_t sim_loop_next_us(const struct loop *loop); /* true time; INT64_MAX */
void sim_loop_fire(struct loop *loop); /* the timer that is due first */
void sim_loop_begin_turn(struct loop *loop); /* if it has not begun yet */
void sim_loop_end_turn(struct loop *loop); /* runs what is deferred */
void sim_loop_stall(struct loop *loop, int64_t us); /* within this turn */

/* sim_conf.c */
void sim_conf_make(struct sim *sim);

/* Which endpoint of all versions stands at place i of this one. */
size_t sim_conf_universal(const struct addr *addr);

/* sim_node.c: what main and the agent are in the daemon */
void sim_node_init(struct sim *sim, size_t index);
void sim_node_start(struct sim_node *node);
void sim_node_crash(struct sim_node *node);
void sim_node_pause(struct sim_node *node, int64_t us, bool clock_runs);
void sim_node_resume(struct sim_node *node); /* before its time, too */
void sim_node_reload(struct sim_node *node, size_t version);
void sim_node_intent(struct sim_node *node, const char *target,
    const char *op, int64_t for_ms);
void sim_node_request(struct sim_node *node, const char *auth,
    const char *body, size_t len, struct vote_reply *reply);
void sim_node_answer(struct sim_node *node, size_t peer, uint64_t seq,
    unsigned status, const char *auth, const char *body, size_t len);
int64_t sim_node_now_us(const struct sim_node *node);
int64_t sim_node_wall_ms(const struct sim_node *node);
void sim_node_end_turn(struct sim_node *node);
void sim_node_decide_later(struct sim_node *node); /* in this turn */

static inline const struct sim_conf *
sim_node_conf(const struct sim_node *node)
{
	return &node->sim->confs[node->conf];
}

#endif
