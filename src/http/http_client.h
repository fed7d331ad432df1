/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_HTTP_CLIENT_H
#define RRDNSD_HTTP_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

struct loop;

/* Requests of our own, over connections that are kept. */
struct http_client;
struct http_request;

struct http_answer {
	unsigned status; /* 0: there was none */
	const char *body; /* valid during the callback; NULL without one */
	size_t len;
	const char *header; /* value of the wanted header, NULL: none */
};

typedef void http_answer_cb(void *arg, const struct http_answer *answer);

struct http_post {
	struct addr to;
	bool tls;
	const char *path;
	const char *header; /* "Name: value" */
	const char *wanted_header; /* its name; of the answer */
	const char *body; /* copied */
	size_t len;
	size_t max_answer; /* bytes; a longer body is none */
	unsigned timeout_ms;
};

/* ca_file: whom https peers are verified against, NULL: the system's. The name
 * a certificate must bear is the peer's address. NULL: out of memory. */
struct http_client *http_client_new(struct loop *loop, const char *ca_file);

/* What is in flight ends without callbacks. NULL is fine. */
void http_client_free(struct http_client *client);

/* cb comes once and never before this returns. NULL: out of memory. */
struct http_request *http_client_post(struct http_client *client,
    const struct http_post *post, http_answer_cb *cb, void *arg);

/* Fetches a URL (http or https) and ends as above; the body is not kept. The
 * name in it is resolved by libcurl, off the loop. */
struct http_request *http_client_get(struct http_client *client,
    const char *url, unsigned timeout_ms, http_answer_cb *cb, void *arg);

#endif
