/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/server.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "err.h"
#include "http/body_match.h"
#include "loop.h"

#define PEM_MAX 65536
#define MEMORY_PER_CONNECTION 32768

struct server {
	struct loop *loop;
	struct server_conf conf;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	struct timer timer;
	char *cert;
	char *key;
	char *why; /* where a message of libmicrohttpd goes, while it starts */
	size_t why_size;
};

/* A request while it arrives. */
struct incoming {
	struct body body;
	size_t limit;
	bool too_large;
};

static void
pump(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
		loop_timer_set(server->loop, &server->timer,
		    loop_now_ms(server->loop) + (int64_t)wait_ms);
	else
		loop_timer_cancel(server->loop, &server->timer);
}

static void
on_event(void *arg, int fd, short revents)
{
	(void)fd;
	(void)revents;
	pump(arg);
}

static void
on_timer(void *arg)
{
	pump(arg);
}

static enum MHD_Result
send_response(struct MHD_Connection *connection, struct server_response *from)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    from->len, from->body,
	    from->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (response == NULL) {
		free(from->body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    from->content_type ? from->content_type : "application/json");
	if (from->header_name != NULL)
		MHD_add_response_header(response, from->header_name,
		    from->header_value);
	result = MHD_queue_response(connection, from->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct server_response response = { .status = status };
	int len = asprintf(&response.body, "{\"error\":\"%s\"}\n", text);

	if (len < 0)
		return MHD_NO;
	response.len = (size_t)len;
	return send_response(connection, &response);
}

static void
take_piece(struct incoming *incoming, const char *data, size_t *size)
{
	if (!incoming->too_large &&
	    body_append(&incoming->body, data, *size, incoming->limit) != 0)
		incoming->too_large = true;
	*size = 0;
}

static enum MHD_Result
answer(struct server *server, struct MHD_Connection *connection,
    const char *url, const char *method, struct incoming *incoming)
{
	struct server_request request = {
		.method = method,
		.path = url,
		.body = incoming->body.data ? incoming->body.data : "",
		.len = incoming->body.len,
		.impl = connection,
	};
	struct server_response response = { .status = 500 };

	if (incoming->too_large)
		return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE,
		    "the body is too large");
	server->conf.handler(server->conf.arg, &request, &response);
	return send_response(connection, &response);
}

static struct addr
client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct addr addr = { 0 };

	if (info != NULL && info->client_addr != NULL)
		addr_from_sockaddr(info->client_addr, &addr);
	return addr;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	struct server *server = arg;
	struct incoming *incoming = *state;

	(void)version;
	if (incoming == NULL) {
		incoming = calloc(1, sizeof *incoming);
		if (incoming == NULL)
			return MHD_NO;
		incoming->limit = server->conf.limit(server->conf.arg, url,
		    client_of(connection));
		*state = incoming;
		return MHD_YES;
	}
	if (*size > 0) {
		take_piece(incoming, data, size);
		return MHD_YES;
	}
	return answer(server, connection, url, method, incoming);
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
	struct incoming *incoming = *state;

	(void)arg;
	(void)connection;
	(void)code;
	if (incoming != NULL)
		body_fini(&incoming->body);
	free(incoming);
	*state = NULL;
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

static bool
start(struct server *server)
{
	struct sockaddr_storage ss;
	unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem *more = server->cert ? tls : &tls[2];

	addr_to_sockaddr(&server->conf.listen, &ss);
	if (server->conf.listen.family == ADDR_IP6)
		flags |= MHD_USE_IPv6;
	if (server->cert != NULL)
		flags |= MHD_USE_TLS;
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request,
	    server, MHD_OPTION_EXTERNAL_LOGGER, on_message, server,
	    MHD_OPTION_SOCK_ADDR, &ss, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, server, MHD_OPTION_CONNECTION_LIMIT,
	    SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	    SERVER_REQUEST_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_LISTENING_ADDRESS_REUSE,
	    1u, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
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
	if (conf->tls_cert != NULL) {
		server->cert = read_pem(conf->tls_cert);
		server->key = read_pem(
		    conf->tls_key ? conf->tls_key : conf->tls_cert);
	}
	if (!start(server)) {
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
	pump(server);
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
		MHD_stop_daemon(server->daemon);
	}
	loop_timer_cancel(server->loop, &server->timer);
	free(server->cert);
	free(server->key);
	free(server);
}

const char *
server_header(const struct server_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->impl, MHD_HEADER_KIND,
	    name);
}
