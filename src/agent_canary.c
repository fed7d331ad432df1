/* SPDX-License-Identifier: ISC */
/* Canaries: when none of them answers, this node's own network is at fault,
 * and it abstains (protocol.md section 2). */
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
	bool failed; /* at the last try */
};

static void
look_at_all(struct agent *agent)
{
	bool failed = agent->n_canaries > 0;

	for (size_t i = 0; i < agent->n_canaries; i++)
		failed &= agent->canaries[i].failed;
	if (failed == agent->canaries_failed)
		return;
	agent->canaries_failed = failed;
	if (failed)
		log_warning("canaries: none of %zu answers: abstaining, our "
			    "own network is at fault",
		    agent->n_canaries);
	else
		log_notice("canaries: answered again: voting");
}

static void
on_answer(void *arg, const struct http_fetch_answer *answer)
{
	struct agent_canary *canary = arg;

	canary->in_flight = false;
	canary->failed = answer->status < 200 || answer->status > 399;
	look_at_all(canary->agent);
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

		if (!canary->in_flight)
			canary->in_flight = http_client_fetch(agent->client,
			    &request, on_answer, canary) != NULL;
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

/* After the client, which holds pointers to them. */
void
agent_canaries_stop(struct agent *agent)
{
	free(agent->canaries);
	agent->canaries = NULL;
	agent->n_canaries = 0;
	agent->canaries_failed = false;
}
