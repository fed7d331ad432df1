/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_HTTP_CLIENT_H
#define RRDNSD_HTTP_HTTP_CLIENT_H

#include "http_fetch.h"

struct loop;

/* Requests of our own, over connections that are kept. Names are resolved by
 * libcurl, off the loop. No proxy, no redirects. */
struct http_client;

/* ca_file: whom https servers are verified against, NULL: the system's. The
 * name a certificate must bear is the one in the URL. NULL: out of memory. */
struct http_client *http_client_new(struct loop *loop, const char *ca_file);

/* What is in flight ends without callbacks. NULL is fine. */
void http_client_free(struct http_client *client);

/* See struct http_fetch. */
struct http_fetch_call *http_client_fetch(struct http_client *client,
    const struct http_fetch_request *request, http_fetch_cb *cb, void *arg);
void http_client_cancel(struct http_fetch_call *call);

#endif
