/* SPDX-License-Identifier: ISC */
/* The server starts, runs when the loop says so, and stops. */
#include "config.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "http/server_impl.h"

#define PEM_MAX 65536
#define MEMORY_PER_CONNECTION 32768

void
server_pump(struct server *server)
{
	bool was_full = server->n_clients >= SERVER_CONNECTIONS_MAX;

	server_turn_begin(server);
	MHD_run(server->daemon);
	/* While it is full it does not watch its socket, and begins to again
	 * only when it is run once more: nothing would wake us for that. */
	if (was_full && server->n_clients < SERVER_CONNECTIONS_MAX)
		MHD_run(server->daemon);
	server_turn_end(server);
}

static void
on_event(void *arg, int fd, short revents)
{
	(void)fd;
	(void)revents;
	server_pump(arg);
}

static void
on_timer(void *arg)
{
	server_pump(arg);
}

static void __attribute__((format(printf, 2, 0)))
on_message(void *arg, const char *format, va_list args)
{
	struct server *server = arg;

	if (server->why != NULL)
		vsnprintf(server->why, server->why_size, format, args);
}

static char *
read_pem(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, PEM_MAX);

	if (file != NULL && text != NULL)
		text[fread(text, 1, PEM_MAX - 1, file)] = '\0';
	if (file != NULL)
		fclose(file);
	return text;
}

static struct MHD_Daemon *
start(struct server *server, unsigned flags, struct MHD_OptionItem *where)
{
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key },
		{ MHD_OPTION_END, 0, NULL },
	};

	flags |= MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
	if (server->cert != NULL)
		flags |= MHD_USE_TLS;
	return MHD_start_daemon(flags, 0, NULL, NULL, server_on_request,
	    server, MHD_OPTION_EXTERNAL_LOGGER, on_message, server,
	    MHD_OPTION_ARRAY, where, MHD_OPTION_NOTIFY_COMPLETED,
	    server_on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
	    server_on_connection, server, MHD_OPTION_URI_LOG_CALLBACK,
	    server_on_line, server, MHD_OPTION_UNESCAPE_CALLBACK,
	    server_on_unescape, server, MHD_OPTION_CONNECTION_LIMIT,
	    SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_ARRAY,
	    server->cert != NULL ? tls : &tls[2], MHD_OPTION_END);
}

static bool
start_tcp(struct server *server)
{
	const struct addr *listen = &server->conf.listen;
	struct sockaddr_storage ss;
	struct MHD_OptionItem where[] = {
		{ MHD_OPTION_SOCK_ADDR, 0, &ss },
		{ MHD_OPTION_LISTENING_ADDRESS_REUSE, 1, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	addr_to_sockaddr(listen, &ss);
	server->daemon = start(server,
	    listen->family == ADDR_IP6 ? MHD_USE_IPv6 : 0, where);
	return server->daemon != NULL;
}

static bool
start_local(struct server *server)
{
	struct MHD_OptionItem where[] = {
		{ MHD_OPTION_LISTEN_SOCKET, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	int fd;

	if (server_socket_open(server->conf.socket, server->conf.socket_mode,
		&fd, server->why, server->why_size) != 0)
		return false;
	where[0].value = fd;
	server->daemon = start(server, 0, where);
	if (server->daemon == NULL)
		close(fd);
	return server->daemon != NULL;
}

int
server_new(struct loop *loop, const struct server_conf *conf,
    struct server **out, char *why, size_t why_size)
{
	struct server *server = calloc(1, sizeof *server);
	const union MHD_DaemonInfo *info;

	if (server == NULL)
		return ERR_NOMEM;
	server->loop = loop;
	server->conf = *conf;
	server->why = why;
	server->why_size = why_size;
	snprintf(why, why_size, "out of memory");
	loop_timer_init(&server->timer, on_timer, server);
	server_clients_init(server);
	if (conf->socket == NULL && conf->tls_cert != NULL) {
		server->cert = read_pem(conf->tls_cert);
		server->key = read_pem(
		    conf->tls_key ? conf->tls_key : conf->tls_cert);
	}
	if (conf->socket != NULL) {
		server->path = strdup(conf->socket);
		server->conf.socket = server->path;
	}
	if (conf->socket != NULL && server->path == NULL) {
		server_free(server);
		return ERR_NOMEM;
	}
	if (!(conf->socket != NULL ? start_local(server) : start_tcp(server))) {
		server_free(server);
		return ERR_IO;
	}
	server->why = NULL;
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->epoll_fd = info->epoll_fd;
	if (loop_fd_set(loop, server->epoll_fd, POLLIN, on_event, server) !=
	    0) {
		server_free(server);
		return ERR_NOMEM;
	}
	server_pump(server);
	*out = server;
	return 0;
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	if (server->daemon != NULL) {
		loop_fd_remove(server->loop, server->epoll_fd);
		server_turn_resume(server); /* or it can't be stopped */
		MHD_stop_daemon(server->daemon);
		if (server->conf.socket != NULL)
			server_socket_close(server->conf.socket);
	}
	loop_timer_cancel(server->loop, &server->timer);
	server_clients_fini(server);
	free(server->path);
	free(server->cert);
	free(server->key);
	free(server);
}
