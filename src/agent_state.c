/* SPDX-License-Identifier: ISC */
/* What outlives a restart is kept; what can't be kept is tried again. */
#define LOG_TAG "[agent]"
#include "config.h"

#include <stdlib.h>

#include "agent_impl.h"
#include "err.h"
#include "log.h"
#include "state.h"

#define AGAIN_MS 30000

static int
note(struct agent *agent, int err)
{
	agent->save_error = err;
	agent_status_changed(agent);
	agent->save_again_ms = loop_now_ms(agent->loop) + AGAIN_MS;
	return err;
}

int
agent_save_first(struct agent *agent, const struct state *state)
{
	return note(agent, state_save(agent->conf->state_dir, state));
}

int
agent_save(struct agent *agent, const char *intents)
{
	char *held = intents == NULL ? vote_node_intents_json(agent->node)
				     : NULL;
	struct state state = { .boot = vote_node_boot(agent->node),
		.events = agent->events_reserved,
		.intents = held != NULL ? held : (char *)intents };
	int err;

	/* Without memory, what was saved is better than none. */
	if (state.intents == NULL)
		return note(agent, ERR_NOMEM);
	err = state_save(agent->conf->state_dir, &state);
	free(held);
	return note(agent, err);
}

void
agent_save_tick(struct agent *agent)
{
	if (agent->save_error != 0 &&
	    loop_now_ms(agent->loop) >= agent->save_again_ms &&
	    agent_save(agent, NULL) == 0)
		log_notice("%s: what is to outlive a restart is kept again",
		    agent->conf->state_dir);
}
