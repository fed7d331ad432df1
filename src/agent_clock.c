/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent_clock.h"

#include <time.h>

#include "loop.h"

int64_t
agent_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
agent_now_ms(void)
{
	return loop_clock_us() / 1000;
}
