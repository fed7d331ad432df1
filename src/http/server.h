/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_SERVER_H
#define RRDNSD_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

struct loop;

/*
 * The HTTP server: libmicrohttpd, driven by our loop. A request is collected,
 * within limits, and handed to the handler as a whole.
 */
struct server;

#define SERVER_CONNECTIONS_MAX 256
#define SERVER_REQUEST_S 10 /* for a request, all in all */

struct server_request {
	const char *method;
	const char *path;
	const char *body;
	size_t len;
	void *impl; /* for server_header */
};

struct server_response {
	unsigned status;
	const char *content_type; /* static text */
	char *body; /* malloc'ed; the server frees it; NULL: empty */
	size_t len;
	/* One more header; name NULL: none. The value is copied. */
	const char *header_name;
	const char *header_value;
};

/* Answers at once. out is zeroed, with status 500. */
typedef void server_handler(void *arg, const struct server_request *request,
    struct server_response *out);

/* How many bytes of a body are taken for this path from this client; more is
 * answered 413. */
typedef size_t server_limit(void *arg, const char *path, struct addr client);

struct server_conf {
	struct addr listen;
	const char *tls_cert; /* PEM file, NULL: plain HTTP */
	const char *tls_key;
	server_handler *handler;
	server_limit *limit;
	void *arg;
};

/* 0, or ERR_IO with the reason in why (it can't listen there, the certificate
 * is no good), or ERR_NOMEM. */
int server_new(struct loop *loop, const struct server_conf *conf,
    struct server **out, char *why, size_t why_size);
void server_free(struct server *server); /* NULL is fine */

/* The value of a request's header, NULL: there is none. */
const char *server_header(const struct server_request *request,
    const char *name);

#endif
