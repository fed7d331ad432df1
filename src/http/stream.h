/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_STREAM_H
#define RRDNSD_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "http/judge.h"

struct addr;
struct ssl_session_st; /* OpenSSL's */
struct ssl_st;
struct tls_client;

/*
 * A connection to an endpoint, TCP or TLS over it, that never waits: each step
 * says what has to happen before it goes on.
 */
enum stream_step {
	STREAM_DONE, /* this step is over */
	STREAM_WANT_IN, /* again when there is something to be read */
	STREAM_WANT_OUT, /* again when there is room to write */
	STREAM_CLOSED, /* the peer has ended it */
	STREAM_FAILED, /* struct stream says how; it is only good for closing */
};

struct stream {
	int fd; /* -1: none */
	struct ssl_st *tls; /* NULL: not yet, or plain */
	bool connected;
	bool secure; /* TLS, and its handshake is over */
	enum transfer_end end; /* these three of STREAM_FAILED */
	int os_errno; /* 0: unknown */
	long verify_result; /* X509_V_ERR_* of OpenSSL */
};

#define STREAM_NONE ((struct stream){ .fd = -1 })

/* Sets out for an address. STREAM_FAILED is our own fault, or at least was
 * found without asking the peer; with fd -1 there was no descriptor.
 * speaks_first: we send something as soon as it is connected, and the peer
 * needs no acknowledgement of its own before that. */
enum stream_step stream_open(struct stream *stream, const struct addr *to,
    bool speaks_first);

/* Whether it is connected, once it can be written to. */
enum stream_step stream_finish_connect(struct stream *stream);

/* The handshake of TLS. *session is resumed where there is one, and replaced by
 * what the peer hands out, now or later: it must outlive the stream. host is
 * the name that the certificate must bear. */
enum stream_step stream_handshake(struct stream *stream,
    struct tls_client *client, const char *host,
    struct ssl_session_st **session);

/* Of a plain stream that may not be connected yet, the first send says so. *n:
 * how many bytes went, or came; not 0 with STREAM_DONE. */
enum stream_step stream_send(struct stream *stream, const void *data,
    size_t len, size_t *n);
enum stream_step stream_receive(struct stream *stream, void *data, size_t size,
    size_t *n);

/* Some of what came has not been received yet: no need to wait for more. */
bool stream_has_pending(const struct stream *stream);

/* Whole days until the peer's certificate ends; false: it showed none, or it
 * was seen before: the session was resumed. */
bool stream_certificate_days(const struct stream *stream, int *days);

/* reset: both have said everything, and no TIME_WAIT is to be left behind. */
void stream_close(struct stream *stream, bool reset);

#endif
