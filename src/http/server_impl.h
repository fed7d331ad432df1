/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_SERVER_IMPL_H
#define RRDNSD_HTTP_SERVER_IMPL_H

/* Shared by the files of the server; nobody else includes it. */

#include <sys/queue.h>

#include <microhttpd.h>

#include "http/body_match.h"
#include "http/server.h"
#include "loop.h"

enum server_client_state {
	CLIENT_NEW, /* not a whole line was sent yet */
	CLIENT_ASKING, /* a request is being sent */
	CLIENT_WAITING, /* it is here, and is answered in a later turn */
	CLIENT_ANSWERED, /* a response is under way */
	CLIENT_RESTING, /* between two requests */
};

/* A connection, and by when what it does has to be over. */
struct server_client {
	struct server *server;
	struct MHD_Connection *connection;
	int fd;
	enum server_client_state state;
	int64_t deadline_ms;
	TAILQ_ENTRY(server_client) entry;
	TAILQ_ENTRY(server_client) waiting_entry;
};

struct server {
	struct loop *loop;
	struct server_conf conf;
	char *path; /* of conf.socket, which outlives the caller's */
	struct MHD_Daemon *daemon;
	int epoll_fd;
	struct timer timer; /* when libmicrohttpd wants to run */
	TAILQ_HEAD(server_clients, server_client) clients; /* by deadline */
	size_t n_clients;
	struct timer deadline; /* of the first of them */
	int64_t deadline_at_ms; /* what it is set to */
	struct server_clients waiting;
	int64_t turn_began_us;
	size_t unsent; /* bytes of answers under way */
	char *cert;
	char *key;
	char *why; /* where a message of libmicrohttpd goes, while it starts */
	size_t why_size;
};

/* server.c */
void server_pump(struct server *server);

/* server_request.c: libmicrohttpd's callbacks, from a request to its answer */
enum MHD_Result server_on_request(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version, const char *data,
    size_t *size, void **state);
size_t server_on_unescape(void *arg, struct MHD_Connection *connection,
    char *text);
void server_on_completed(void *arg, struct MHD_Connection *connection,
    void **state, enum MHD_RequestTerminationCode code);

/* server_client.c: connections come, go, and take too long */
void server_clients_init(struct server *server);
void server_clients_fini(struct server *server);
void server_on_connection(void *arg, struct MHD_Connection *connection,
    void **context, enum MHD_ConnectionNotificationCode code);
struct server_client *server_client_of(struct MHD_Connection *connection);
void *server_on_line(void *arg, const char *line,
    struct MHD_Connection *connection); /* the first one of a request */
void server_client_answers(struct MHD_Connection *connection);
void server_client_rests(struct MHD_Connection *connection);

/* server_turn.c: no turn of the loop is spent on answers alone */
void server_turn_begin(struct server *server);
void server_turn_end(struct server *server); /* its timer is set */
bool server_turn_is_over(const struct server *server);
void server_turn_wait(struct server_client *client); /* for a later one */
void server_turn_resume(struct server *server); /* all that wait */
void server_turn_forget(struct server_client *client);

/* server_socket.c: the listening Unix socket; 0 or ERR_IO with the reason */
int server_socket_open(const char *path, unsigned mode, int *fd, char *why,
    size_t why_size);
void server_socket_close(const char *path);

#endif
