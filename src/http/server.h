/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_SERVER_H
#define RRDNSD_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

struct loop;

/*
 * The HTTP server: libmicrohttpd, driven by our loop, on a TCP address or a
 * Unix socket. A request is first shown when its header is here, so that it can
 * be refused early, and handed to the handler as a whole.
 */
struct server;
struct server_page;

#define SERVER_CONNECTIONS_MAX 256
#define SERVER_REQUEST_S 10 /* from its first line to the end of the answer */

struct server_request {
	const char *method;
	const char *path; /* decoded, unless it would hold a NUL */
	const char *version; /* "HTTP/1.1" */
	const char *body; /* "" while only the header is here; a NUL follows */
	size_t len;
	bool local; /* over the Unix socket */
	struct addr client; /* over TCP */
	unsigned uid; /* over the Unix socket: of whoever connected */
	void *impl;
};

#define SERVER_HEADERS_MAX 6

struct server_response {
	unsigned status;
	const char *content_type; /* static text; NULL: application/json */
	char *body; /* malloc'ed; the server frees it; NULL: empty */
	size_t len;
	struct server_page *page; /* instead of body; stays the handler's */
	struct {
		const char *name; /* static text */
		char value[256];
	} headers[SERVER_HEADERS_MAX];
	size_t n_headers;
};

/* How a request that is admitted is treated. */
struct server_terms {
	size_t body_max; /* bytes of a body that are taken; more: 413 */
	bool urgent; /* it does not wait while others are answered */
};

/* A header is here. False: out says how it is answered once the client has sent
 * what it wants to send. True: terms are filled in. Both are zeroed before, out
 * with status 500. */
typedef bool server_admit(void *arg, const struct server_request *request,
    struct server_terms *terms, struct server_response *out);

/* Answers at once. out is as above. */
typedef void server_handler(void *arg, const struct server_request *request,
    struct server_response *out);

struct server_conf {
	struct addr listen; /* unless there is a socket */
	const char *socket; /* path of a Unix socket; NULL: TCP */
	unsigned socket_mode;
	const char *tls_cert; /* PEM file, NULL: plain HTTP */
	const char *tls_key;
	server_admit *admit;
	server_handler *handler;
	void *arg;
};

/* 0, or ERR_IO with the reason in why (it can't listen there, the certificate
 * is no good), or ERR_NOMEM. */
int server_new(struct loop *loop, const struct server_conf *conf,
    struct server **out, char *why, size_t why_size);

/* Not from inside a handler. NULL is fine. */
void server_free(struct server *server);

/* The value of a request's header, or of an argument behind the "?" of its
 * path; NULL: there is none. An argument without "=" is "". */
const char *server_header(const struct server_request *request,
    const char *name);
const char *server_argument(const struct server_request *request,
    const char *name);

/* How many lines of a request's header bear that name. */
unsigned server_header_count(const struct server_request *request,
    const char *name);

/* One more header of a response; the value is copied, and cut at its room. */
void server_add_header(struct server_response *response, const char *name,
    const char *value);

/* A body that answers many requests without being copied. Takes over body, also
 * on failure. NULL: out of memory. */
struct server_page *server_page_new(char *body, size_t len,
    const char *content_type);
void server_page_header(struct server_page *page, const char *name,
    const char *value); /* in place of one of that name; before it answers */
void server_page_free(struct server_page *page); /* NULL is fine */

#endif
