/* SPDX-License-Identifier: ISC */
/* Where others reach us: `listen` for peers and everybody, `api_socket` for who
 * may open that file. */
#define LOG_TAG "[http]"
#include "config.h"

#include <string.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "err.h"
#include "http/dash.h"
#include "same_text.h"

static int
open_tcp(struct agent *agent, struct server **out)
{
	const struct conf *conf = agent->conf;
	struct server_conf server = { .listen = conf->listen,
		.tls_cert = conf->tls_cert,
		.tls_key = conf->tls_key,
		.admit = agent_api_admit,
		.handler = agent_api_handle,
		.arg = agent };
	char name[ADDR_TEXT_MAX], why[256];
	int err = server_new(agent->loop, &server, out, why, sizeof why);

	if (err != 0)
		log_error("listen %s: %s",
		    addr_format(&conf->listen, true, name), why);
	return err;
}

static int
open_local(struct agent *agent, struct server **out)
{
	const struct conf *conf = agent->conf;
	struct server_conf server = { .socket = conf->api_socket,
		.socket_mode = conf->api_socket_mode,
		.admit = agent_api_admit,
		.handler = agent_api_handle,
		.arg = agent };
	char why[256];
	int err;

	if (conf->api_socket[0] == '\0')
		return 0;
	err = server_new(agent->loop, &server, out, why, sizeof why);
	if (err != 0)
		log_warning("api_socket %s: %s; rrdnsctl can't reach us there",
		    conf->api_socket, why);
	return err;
}

/* Without a port nobody can vote with us. A dry run may run beside the real
 * one, and a socket that can't be had keeps no name from being watched. */
int
agent_server_start(struct agent *agent)
{
	int err;

	agent->dash = dash_new();
	if (agent->dash == NULL)
		return ERR_NOMEM;
	err = open_tcp(agent, &agent->server);
	if (err != 0 && !agent->options.dry_run)
		return err;
	open_local(agent, &agent->local_server);
	return 0;
}

void
agent_server_stop(struct agent *agent)
{
	server_free(agent->server);
	server_free(agent->local_server);
	agent->server = NULL;
	agent->local_server = NULL;
	server_page_free(agent->status_page.page);
	agent->status_page.page = NULL;
	server_page_free(agent->metrics_page.page);
	agent->metrics_page.page = NULL;
	dash_free(agent->dash);
	agent->dash = NULL;
}

void
agent_api_dash(const struct route_call *call, struct server_response *out)
{
	dash_answer(call->agent->dash,
	    server_header(call->request, "If-None-Match"), out);
}

/* For whoever types the address alone. */
void
agent_api_front(const struct route_call *call, struct server_response *out)
{
	(void)call;
	out->status = 302;
	server_add_header(out, "Location", "/dash");
}

/* The old one goes first: both may want the same port. */
void
agent_server_follow(struct agent *agent, const struct conf *old)
{
	const struct conf *conf = agent->conf;

	if (addr_compare(&conf->listen, &old->listen) != 0 ||
	    !same_text(conf->tls_cert, old->tls_cert) ||
	    !same_text(conf->tls_key, old->tls_key)) {
		server_free(agent->server);
		agent->server = NULL;
		open_tcp(agent, &agent->server);
	}
	if (!same_text(conf->api_socket, old->api_socket) ||
	    conf->api_socket_mode != old->api_socket_mode) {
		server_free(agent->local_server);
		agent->local_server = NULL;
		open_local(agent, &agent->local_server);
	}
}
