/* SPDX-License-Identifier: ISC */
/* What is looked at with each heartbeat. */
#define LOG_TAG "[agent]"
#include "config.h"

#include "agent_damping.h"
#include "agent_impl.h"
#include "notify.h"

/* A loop that comes so late has stalled; /health says so for a while. */
#define STALL_MS 1000
#define STALL_TOLD_MS 30000

/* systemd waits for a start no longer than TimeoutStartSec, while an endpoint
 * may be probed once a day. */
#define READY_MS 60000

/* Ready once every endpoint was probed: a start that is reported as good has
 * looked at everything, or as much as a minute allows. */
static bool
first_round_is_over(const struct agent *agent)
{
	for (size_t i = 0; i < agent->n_services; i++)
		for (size_t j = 0; j < agent->services[i]->n_endpoints; j++)
			if (agent->services[i]->endpoints[j].probed_at_ms == 0)
				return false;
	return true;
}

/* Beats once more, after stale votes were withdrawn. */
static void
beat(struct agent *agent)
{
	struct vote_out out;

	vote_out_init(&out);
	vote_node_tick(agent->node, loop_now_ms(agent->loop), agent_wall_ms(), &out);
	agent_vote_apply(agent, &out);
}

static void
note_stall(struct agent *agent)
{
	int64_t now_ms = loop_now_ms(agent->loop);
	int64_t late_ms = now_ms - agent->tick_due_ms;

	if (agent->tick_due_ms != 0 && late_ms > STALL_MS) {
		agent->stalled_ms = late_ms;
		agent->stalled_at_ms = now_ms;
		log_warning("loop: stood still for %lld ms",
		    (long long)late_ms);
	}
	agent->tick_due_ms = now_ms + agent->conf->heartbeat_ms;
}

int64_t
agent_stalled_ms(const struct agent *agent)
{
	if (agent->stalled_at_ms == 0 ||
	    loop_now_ms(agent->loop) - agent->stalled_at_ms > STALL_TOLD_MS)
		return 0;
	return agent->stalled_ms;
}

static void
note_ready(struct agent *agent)
{
	bool all;

	if (agent->ready)
		return;
	all = first_round_is_over(agent);
	if (!all && loop_now_ms(agent->loop) - agent->started_ms < READY_MS)
		return;
	agent->ready = true;
	log_info("ready: %s", all ? "every endpoint was probed once"
				  : "not every endpoint was probed within a "
				    "minute, the others follow");
	notify_ready();
}

void
agent_tick(void *arg)
{
	struct agent *agent = arg;
	char status[160];

	note_stall(agent);
	agent_vote_look(agent); /* votes from before a stop beat no more */
	agent_canaries_tick(agent);
	for (size_t i = 0; i < agent->n_services; i++) {
		struct agent_service *service = agent->services[i];

		for (size_t j = 0; j < service->n_endpoints; j++)
			agent_probe_tick(&service->endpoints[j]);
	}
	beat(agent);
	for (size_t i = 0; i < agent->n_services; i++) {
		agent_decide_news(agent->services[i]);
		agent_standby_act(agent->services[i]);
		agent_refresh_tick(agent->services[i]);
		agent_drains_look(agent->services[i]);
	}
	agent_damping_tick(agent);
	agent_differing_tick(agent);
	note_ready(agent);
	agent_faults_tick(agent);
	agent_save_tick(agent);
	agent_server_tick(agent);
	agent_metrics_tick(agent);
	agent_describe(agent, status, sizeof status);
	notify_status("%s", status);
	loop_timer_set(agent->loop, &agent->tick,
	    loop_now_ms(agent->loop) + agent->conf->heartbeat_ms);
}
