/* SPDX-License-Identifier: ISC */
/* Nobody holds a connection longer than SERVER_REQUEST_S without getting a
 * request done: libmicrohttpd itself only knows of silence, which a sender of
 * one byte a second breaks for ever. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/server_impl.h"

/* When most connections are taken, those that ask nothing have to go soon. */
#define CROWDED (SERVER_CONNECTIONS_MAX * 3 / 4)
#define CROWDED_REST_MS 1000
#define CROWDED_LOOK_MS 250

static bool
is_crowded(const struct server *server)
{
	return server->n_clients >= CROWDED;
}

static void
rearm(struct server *server)
{
	struct server_client *first = TAILQ_FIRST(&server->clients);
	int64_t look_ms = loop_now_ms(server->loop) + CROWDED_LOOK_MS;
	int64_t at_ms;

	if (first == NULL) {
		loop_timer_cancel(server->loop, &server->deadline);
		return;
	}
	at_ms = first->deadline_ms;
	if (is_crowded(server) && look_ms < at_ms)
		at_ms = look_ms;
	/* A look that is due is not put off by each one that comes. */
	if (is_crowded(server) && loop_timer_is_set(&server->deadline) &&
	    server->deadline_at_ms <= at_ms)
		return;
	server->deadline_at_ms = at_ms;
	loop_timer_set(server->loop, &server->deadline, loop_slot(at_ms));
}

/* The last one to be over: the list is in the order of the deadlines. */
static void
give_time(struct server_client *client)
{
	struct server *server = client->server;

	TAILQ_REMOVE(&server->clients, client, entry);
	client->deadline_ms =
	    loop_now_ms(server->loop) + SERVER_REQUEST_S * 1000;
	TAILQ_INSERT_TAIL(&server->clients, client, entry);
	rearm(server);
}

/* Shut down, not closed: the descriptor is libmicrohttpd's, which finds out and
 * closes it. Half a request gets an answer, where it can be understood. */
static void
end(struct server_client *client)
{
	static const char answer[] =
	    "HTTP/1.1 408 Request Timeout\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: 44\r\n"
	    "Connection: close\r\n"
	    "\r\n"
	    "{\"error\":\"the request took more than 10 s\"}\n";

	if (client->state <= CLIENT_ASKING && client->server->cert == NULL)
		send(client->fd, answer, sizeof answer - 1,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(client->fd, SHUT_RDWR);
}

/* Those that ask nothing, the ones first that did so longest. */
static void
make_room(struct server *server)
{
	int64_t latest_ms = loop_now_ms(server->loop) +
	    SERVER_REQUEST_S * 1000 - CROWDED_REST_MS;
	struct server_client *client;

	TAILQ_FOREACH(client, &server->clients, entry) {
		if (client->deadline_ms > latest_ms)
			return;
		if (client->state == CLIENT_NEW ||
		    client->state == CLIENT_RESTING)
			end(client);
	}
}

static void
on_deadline(void *arg)
{
	struct server *server = arg;
	struct server_client *client;
	int64_t now_ms = loop_now_ms(server->loop);

	if (is_crowded(server))
		make_room(server);
	while ((client = TAILQ_FIRST(&server->clients)) != NULL &&
	    client->deadline_ms <= now_ms) {
		end(client);
		/* Closed in this turn; until then the order is kept. */
		give_time(client);
	}
	server_pump(server);
	rearm(server);
}

struct server_client *
server_client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

void
server_on_connection(void *arg, struct MHD_Connection *connection,
    void **context, enum MHD_ConnectionNotificationCode code)
{
	struct server *server = arg;
	struct server_client *client = *context;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (client == NULL)
			return;
		server_turn_forget(client);
		TAILQ_REMOVE(&server->clients, client, entry);
		server->n_clients--;
		free(client);
		*context = NULL;
		rearm(server);
		return;
	}
	client = calloc(1, sizeof *client);
	if (client == NULL)
		return; /* it has no deadline then, and no request is taken */
	client->server = server;
	client->connection = connection;
	client->fd = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	*context = client;
	TAILQ_INSERT_TAIL(&server->clients, client, entry);
	server->n_clients++;
	give_time(client);
}

void *
server_on_line(void *arg, const char *line, struct MHD_Connection *connection)
{
	struct server_client *client = server_client_of(connection);

	(void)arg;
	(void)line;
	if (client != NULL) {
		client->state = CLIENT_ASKING;
		give_time(client);
	}
	return NULL;
}

void
server_client_answers(struct MHD_Connection *connection)
{
	struct server_client *client = server_client_of(connection);

	if (client != NULL)
		client->state = CLIENT_ANSWERED;
}

void
server_client_rests(struct MHD_Connection *connection)
{
	struct server_client *client = server_client_of(connection);

	if (client == NULL)
		return;
	client->state = CLIENT_RESTING;
	give_time(client);
}

void
server_clients_init(struct server *server)
{
	TAILQ_INIT(&server->clients);
	TAILQ_INIT(&server->waiting);
	loop_timer_init(&server->deadline, on_deadline, server);
}

/* After libmicrohttpd has closed all of them. */
void
server_clients_fini(struct server *server)
{
	loop_timer_cancel(server->loop, &server->deadline);
}
