/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_TEXT_H
#define RRDNSD_AGENT_TEXT_H

#include "dns/desired.h"
#include "dns/publish.h"

/* What is decided and published, in the words of the API and the log. Pure. */

const char *agent_verdict_text(enum desired_verdict verdict);
const char *agent_action_text(enum desired_action action);
const char *agent_publish_state_text(enum publish_state state);
unsigned agent_publish_badness(enum publish_state state); /* 0 is best */

#endif
