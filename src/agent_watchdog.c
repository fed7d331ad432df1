/* SPDX-License-Identifier: ISC */
/* systemd ends us when it is not told in time that the loop turns. A timer of
 * its own tells: a heartbeat may come once a minute only. */
#include "config.h"

#include "agent_impl.h"
#include "notify.h"

static void
on_timer(void *arg)
{
	struct agent *agent = arg;

	notify_watchdog();
	loop_timer_set(agent->loop, &agent->watchdog,
	    loop_now_ms(agent->loop) + notify_watchdog_ms() / 2);
}

void
agent_watchdog_start(struct agent *agent)
{
	loop_timer_init(&agent->watchdog, on_timer, agent);
	if (notify_watchdog_ms() > 0)
		loop_timer_set(agent->loop, &agent->watchdog,
		    loop_now_ms(agent->loop));
}

void
agent_watchdog_stop(struct agent *agent)
{
	loop_timer_cancel(agent->loop, &agent->watchdog);
}
