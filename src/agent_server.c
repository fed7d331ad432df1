/* SPDX-License-Identifier: ISC */
/* Where others reach us: `listen` for peers and everybody, `api_socket` for who
 * may open that file. */
#define LOG_TAG "[http]"
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "err.h"
#include "http/dash.h"
#include "same_text.h"

/* The running one stays until the other one listens: both may, even on the same
 * port, as libmicrohttpd sets SO_REUSEPORT. */
static int
open_tcp(struct agent *agent)
{
	const struct conf *conf = agent->conf;
	struct agent_listener *tcp = &agent->tcp;
	struct server_conf wanted = { .listen = conf->listen,
		.tls_cert = conf->tls_cert,
		.tls_key = conf->tls_key,
		.admit = agent_api_admit,
		.handler = agent_api_handle,
		.arg = agent };
	struct file_mark cert = file_mark_of(conf->tls_cert);
	struct file_mark key = file_mark_of(conf->tls_key);
	struct server *server;
	char why[256];
	int err = server_new(agent->loop, &wanted, &server, why, sizeof why);

	if (err != 0) {
		snprintf(tcp->error, sizeof tcp->error, "%s", why);
		return err;
	}
	server_free(tcp->server);
	*tcp = (struct agent_listener){ .server = server,
		.listen = conf->listen,
		.cert = cert,
		.key = key };
	return 0;
}

static bool
listens_elsewhere(const struct agent *agent)
{
	return agent->tcp.server == NULL ||
	    addr_compare(&agent->tcp.listen, &agent->conf->listen) != 0;
}

static int
open_and_tell(struct agent *agent)
{
	char name[ADDR_TEXT_MAX], before[ADDR_TEXT_MAX];
	int err = open_tcp(agent);

	if (err == 0)
		return 0;
	addr_format(&agent->conf->listen, true, name);
	if (agent->tcp.server == NULL)
		log_error("listen %s: %s", name, agent->tcp.error);
	else if (listens_elsewhere(agent))
		log_error("listen %s: %s; still listening on %s, it is tried "
			  "again", name, agent->tcp.error,
		    addr_format(&agent->tcp.listen, true, before));
	else
		log_error("listen %s: %s; going on with the certificate of "
			  "before", name, agent->tcp.error);
	return err;
}

/* The old one goes first: its name is the new one's, too, more often than
 * not. */
static void
open_local(struct agent *agent)
{
	const struct conf *conf = agent->conf;
	struct agent_listener *local = &agent->local;
	struct server_conf wanted = { .socket = conf->api_socket,
		.socket_mode = conf->api_socket_mode,
		.admit = agent_api_admit,
		.handler = agent_api_handle,
		.arg = agent };
	char why[256];

	server_free(local->server);
	local->server = NULL;
	local->error[0] = '\0';
	if (conf->api_socket[0] != '\0' &&
	    server_new(agent->loop, &wanted, &local->server, why,
		sizeof why) != 0)
		snprintf(local->error, sizeof local->error, "%s", why);
}

static void
open_local_and_tell(struct agent *agent)
{
	open_local(agent);
	if (agent->local.error[0] != '\0')
		log_warning("api_socket %s: %s; rrdnsctl can't reach us there, "
			    "it is tried again", agent->conf->api_socket,
		    agent->local.error);
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
	err = open_and_tell(agent);
	if (err != 0 && !agent->options.dry_run)
		return err;
	open_local_and_tell(agent);
	return 0;
}

void
agent_server_stop(struct agent *agent)
{
	server_free(agent->tcp.server);
	server_free(agent->local.server);
	agent->tcp.server = agent->local.server = NULL;
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

static bool
shows_other_files(const struct agent *agent)
{
	struct file_mark cert = file_mark_of(agent->conf->tls_cert);
	struct file_mark key = file_mark_of(agent->conf->tls_key);

	return !file_mark_equal(&cert, &agent->tcp.cert) ||
	    !file_mark_equal(&key, &agent->tcp.key);
}

void
agent_server_follow(struct agent *agent, const struct conf *old)
{
	const struct conf *conf = agent->conf;

	if (listens_elsewhere(agent) || shows_other_files(agent))
		open_and_tell(agent);
	else
		agent->tcp.error[0] = '\0'; /* as before an earlier change */
	if (!same_text(conf->api_socket, old->api_socket) ||
	    conf->api_socket_mode != old->api_socket_mode ||
	    agent->local.error[0] != '\0')
		open_local_and_tell(agent);
}

/* A certificate that can't be used waits for whoever replaces it. A dry run takes
 * nothing that the real one may want when it starts again. */
void
agent_server_tick(struct agent *agent)
{
	char name[ADDR_TEXT_MAX];

	if (agent->options.dry_run)
		return;
	if (agent->tcp.error[0] != '\0' && listens_elsewhere(agent) &&
	    open_tcp(agent) == 0)
		log_notice("listen %s: open now",
		    addr_format(&agent->conf->listen, true, name));
	if (agent->local.error[0] == '\0')
		return;
	open_local(agent);
	if (agent->local.error[0] == '\0')
		log_notice("api_socket %s: open now", agent->conf->api_socket);
}

const char *
agent_server_error(const struct agent *agent)
{
	return agent->tcp.error[0] != '\0' && !agent->options.dry_run
	    ? agent->tcp.error
	    : NULL;
}

const char *
agent_pending_option(const struct agent *agent)
{
	if (agent_server_error(agent) != NULL)
		return listens_elsewhere(agent) ? "listen" : "tls_cert";
	return agent->local.error[0] != '\0' ? "api_socket" : NULL;
}
