/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_CLOCK_H
#define RRDNSD_AGENT_CLOCK_H

#include <stdint.h>

/* The agent's clocks beside that of the loop, which stands still in a turn. */

/* Since 1970, for people and boots. */
int64_t agent_wall_ms(void);

/* Read now, not at the start of the turn, which may have taken long: of a
 * message it is when it was taken from the socket (vote/node.h), of a decision
 * when the UPDATE is about to leave. */
int64_t agent_now_ms(void);

#endif
