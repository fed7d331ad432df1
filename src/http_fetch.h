/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_FETCH_H
#define RRDNSD_HTTP_FETCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One HTTP request and its answer, and how a room that speaks no HTTP itself
 * has it sent: the agent hands src/dns a struct http_fetch that
 * http/http_client.h stands behind.
 */
#define HTTP_FETCH_WANTED_MAX 4

struct http_fetch_call;

/* Whether a request is still to leave, with the arg of its callback. */
typedef bool http_fetch_wanted_cb(void *arg);

struct http_fetch_request {
	const char *method; /* "GET" */
	const char *url; /* http or https; redirects are not followed */
	const char *const *headers; /* "Name: value" */
	size_t n_headers;
	const char *body; /* NULL: none */
	size_t len;
	const char *const *wanted; /* names of headers of the answer */
	size_t n_wanted; /* at most HTTP_FETCH_WANTED_MAX */
	size_t max_answer; /* bytes; a longer body is not taken */
	unsigned timeout_ms; /* for all of it */
	unsigned connect_ms; /* for the connection, within that; 0: all of it */
	bool fresh; /* over a connection of its own */
	/* Asked when the connection stands, right before anything of it leaves;
	 * where it says no, nothing does. NULL: it leaves. */
	http_fetch_wanted_cb *is_wanted;
};

/* Valid during the callback. */
struct http_fetch_answer {
	unsigned status; /* 0: no answer, or not the whole of it */
	const char *body; /* a NUL follows; NULL: none that could be taken */
	size_t len;
	const char *headers[HTTP_FETCH_WANTED_MAX]; /* as wanted; NULL: none */
	const char *why; /* there is no body, in words; never NULL */
	bool withdrawn; /* it did not leave: it was no longer wanted */
};

typedef void http_fetch_cb(void *arg, const struct http_fetch_answer *answer);

struct http_fetch {
	/* Copies all of the request. cb comes once, never before this
	 * returns. NULL: out of memory. */
	struct http_fetch_call *(*start)(void *arg,
	    const struct http_fetch_request *request, http_fetch_cb *cb,
	    void *cb_arg);

	/* Ends it without a callback; the request may have been carried
	 * out. */
	void (*cancel)(void *arg, struct http_fetch_call *call);
	void *arg;
};

#endif
