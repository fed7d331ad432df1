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

/* What this version can't do is refused at the start, not left silent. */
bool
agent_can_do(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->update.method == CONF_METHOD_DYNU ||
		    service->update.method == CONF_METHOD_DIGITALOCEAN) {
			log_error("%s: update_method: this version knows "
				  "rfc2136 and none",
			    service->fqdn);
			return false;
		}
	}
	warn(conf->n_webhooks > 0, "webhooks");
	warn(conf->n_scripts > 0, "scripts");
	return true;
}
