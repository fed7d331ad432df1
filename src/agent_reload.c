/* SPDX-License-Identifier: ISC */
/* Another configuration takes the place of the running one. */
#define LOG_TAG "[agent]"
#include "config.h"

#include <string.h>

#include "agent_impl.h"
#include "err.h"
#include "http/tls_client.h"
#include "same_text.h"

static struct agent_service *
find_service(struct agent_service **services, size_t n, const char *fqdn)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(services[i]->conf->fqdn, fqdn) == 0)
			return services[i];
	return NULL;
}

static void
log_removed(const struct agent_service *service, const struct conf *conf)
{
	const char *fqdn = service->conf->fqdn;
	const struct conf_service *now = conf_find_service(conf, fqdn);
	char ip[ADDR_TEXT_MAX];

	if (now == NULL) {
		log_notice("%s: no longer configured; its records are left "
			   "as they are", fqdn);
		return;
	}
	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct addr *addr = &service->endpoints[i].conf->addr;

		if (conf_find_endpoint(now, addr) == NULL)
			log_notice("%s %s: no longer configured; its record "
				   "is left as it is",
			    fqdn, addr_format(addr, false, ip));
	}
}

/* Speaks anew where what that rests on was changed. */
static void
follow_nodes(struct agent *agent, const struct conf *old)
{
	const struct conf *conf = agent->conf;

	if ((conf->nodes.len > 1) == (old->nodes.len > 1) &&
	    conf_strings_equal(&conf->canaries, &old->canaries) &&
	    same_text(conf->nodes_ca_file, old->nodes_ca_file))
		return;
	if (agent_gossip_restart(agent) != 0)
		log_error("out of memory: neither peers nor canaries are "
			  "asked");
	agent_canaries_follow(agent);
}

int
agent_reload(struct agent *agent, struct conf *conf)
{
	struct agent_service **services, **old = agent->services;
	size_t n_old = agent->n_services;
	struct conf *old_conf = agent->conf;
	int64_t now_ms = loop_now_ms(agent->loop);
	int err;

	if (addr_compare(&conf->local_node, &old_conf->local_node) != 0) {
		log_error("local_node: a running node keeps its name; restart "
			  "it to give it another");
		conf_free(conf);
		return ERR_INVALID;
	}
	services = agent_services_make(agent, conf);
	err = services == NULL
	    ? ERR_NOMEM
	    : agent_services_define(agent->node, conf, now_ms);
	if (err != 0) {
		agent_services_free(services,
		    services != NULL ? conf->n_services : 0);
		conf_free(conf);
		return err;
	}
	agent->conf = conf;
	agent->services = services;
	agent->n_services = conf->n_services;
	for (size_t i = 0; i < agent->n_services; i++) {
		struct agent_service *before = find_service(old, n_old,
		    services[i]->conf->fqdn);

		if (before != NULL)
			agent_service_inherit(services[i], before);
		if (agent_service_start(services[i], before) != 0)
			log_error("%s: out of memory, not published",
			    services[i]->conf->fqdn);
	}
	for (size_t i = 0; i < n_old; i++)
		log_removed(old[i], conf);
	tls_client_refresh_all();
	agent_facts_forget(agent);
	agent_metrics_follow(agent, old_conf);
	agent_server_follow(agent, old_conf);
	agent_hooks_follow(agent);
	agent_services_free(old, n_old);
	follow_nodes(agent, old_conf);
	conf_free(old_conf);
	for (size_t i = 0; i < agent->n_services; i++)
		agent_decide(agent->services[i]);
	return 0;
}
