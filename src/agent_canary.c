/* SPDX-License-Identifier: ISC */
/* Canaries: when none of them answers, this node's own network is at fault,
 * and it abstains (protocol.md section 2); so it does until the first answer.
 * What it saw meanwhile says nothing of the endpoints, and their failures count
 * once a canary has answered that was asked after they began: else a network
 * that fails would be told by the endpoints first.
 * Another configuration's canaries change nothing before they were asked. */
#define LOG_TAG "[prober]"
#include "config.h"

#include <stdlib.h>

#include "agent_impl.h"
#include "err.h"
#include "http/http_client.h"
#include "log.h"

#define TIMEOUT_MS 1000

struct agent_canary {
	struct agent *agent;
	bool in_flight;
	bool failed; /* at the last try; false: not asked yet, too */
	int64_t asked_at_ms;
};

static bool
all_failed(const struct agent *agent)
{
	for (size_t i = 0; i < agent->n_canaries; i++)
		if (!agent->canaries[i].failed)
			return false;
	return true;
}

static void
fall_silent(struct agent *agent)
{
	agent->canaries_silent = true;
	agent->canaries_warned = true;
	log_warning("canaries: none of %zu answers: abstaining, our own "
		    "network is at fault",
	    agent->n_canaries);
}

static void
speak(struct agent *agent)
{
	agent->canaries_silent = false;
	if (!agent->canaries_warned)
		return;
	agent->canaries_warned = false;
	agent_probe_void(agent);
	log_notice("canaries: answered again: voting");
}

static void
on_answer(void *arg, const struct http_fetch_answer *answer)
{
	struct agent_canary *canary = arg;
	struct agent *agent = canary->agent;
	bool had_failed = all_failed(agent);

	canary->in_flight = false;
	canary->failed = answer->status < 200 || answer->status > 399;
	if (!canary->failed) {
		agent->canaries_good_ms = canary->asked_at_ms;
		speak(agent);
	} else if (!had_failed && all_failed(agent))
		fall_silent(agent);
}

void
agent_canaries_tick(struct agent *agent)
{
	for (size_t i = 0; i < agent->n_canaries; i++) {
		struct agent_canary *canary = &agent->canaries[i];
		struct http_fetch_request request = { .method = "GET",
			.url = agent->conf->canaries.list[i],
			.timeout_ms = TIMEOUT_MS,
			.fresh = true };

		if (canary->in_flight)
			continue;
		canary->asked_at_ms = loop_now_ms(agent->loop);
		canary->in_flight = http_client_fetch(agent->client, &request,
					on_answer, canary) != NULL;
	}
}

int
agent_canaries_start(struct agent *agent)
{
	size_t n = agent->conf->canaries.len;

	agent->canaries = calloc(n + 1, sizeof *agent->canaries);
	if (agent->canaries == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		agent->canaries[i].agent = agent;
	agent->n_canaries = n;
	return 0;
}

void
agent_canaries_follow(struct agent *agent)
{
	if (agent->conf->canaries.len > 0)
		return;
	if (agent->canaries_warned)
		log_notice("canaries: none is configured any more: voting");
	agent->canaries_silent = false;
	agent->canaries_warned = false;
}

/* After the client, which holds pointers to them. */
void
agent_canaries_stop(struct agent *agent)
{
	free(agent->canaries);
	agent->canaries = NULL;
	agent->n_canaries = 0;
}
