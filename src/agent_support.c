/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[agent]"
#include "config.h"

#include "agent_impl.h"
#include "log.h"

static void
warn(bool configured, const char *option)
{
	if (configured)
		log_warning("%s: this version does nothing with it", option);
}

void
agent_warn_of_unused(const struct conf *conf)
{
	warn(conf->n_webhooks > 0, "webhooks");
	warn(conf->n_scripts > 0, "scripts");
}
