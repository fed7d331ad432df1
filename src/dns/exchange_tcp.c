/* SPDX-License-Identifier: ISC */
/* The kept TCP connection: many requests in flight, answers in any order, and
 * no byte is ever sent twice. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/exchange_impl.h"
#include "dns/wire.h"
#include "err.h"

/* Below the 5 s after which PowerDNS closes: whoever closes first knows that
 * nothing is under way. */
#define IDLE_MS 4000

/* How long updates go by UDP after a connection could not be had. */
#define TCP_DEAD_MS 10000

/* A request that was not written at all when its connection ended gets another
 * one, once. */
#define CONNECTIONS_MAX 2

/* How long a server that ends its connections after an answer gets one for each
 * request: what else had been written to one would be lost each time. */
#define SINGLE_MS 600000

#define BUFFER_SIZE (2 + DNS_MESSAGE_MAX)

static void on_event(void *arg, int fd, short revents);
static void open_stream(struct exchange *exchange);

static void
close_stream(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;

	if (stream->fd >= 0) {
		loop_fd_remove(exchange->loop, stream->fd);
		close(stream->fd);
	}
	stream->fd = -1;
	stream->state = STREAM_CLOSED;
	stream->in_len = 0;
	stream->heard_ms = 0;
	stream->has_answered = false;
	loop_timer_cancel(exchange->loop, &stream->timer);
}

/* Updates below the size limit may go by UDP when TCP can't be had. */
static bool
may_change_to_udp(const struct exchange_request *request)
{
	return request->exchange->conf.transport == EXCHANGE_AUTO &&
	    request->kind == EXCHANGE_UPDATE &&
	    request->len <= EXCHANGE_UDP_MAX;
}

static void
leave(struct exchange_request *request)
{
	TAILQ_REMOVE(&request->exchange->stream.requests, request, tcp_entry);
	request->on_tcp = false;
}

/* Callbacks come in the next turn: none runs while the list is walked. */
static void
fail_soon(struct exchange_request *request, enum exchange_status status,
    const char *text)
{
	struct exchange *exchange = request->exchange;

	leave(request);
	exchange_fail_later(request, status, text,
	    loop_now_ms(exchange->loop));
}

static void
connect_failed(struct exchange *exchange, const char *text)
{
	struct exchange_stream *stream = &exchange->stream;
	struct exchange_request *request;

	close_stream(exchange);
	exchange->tcp_dead_until_ms =
	    loop_now_ms(exchange->loop) + TCP_DEAD_MS;
	exchange->udp_dead_until_ms = 0; /* better than nothing again */
	while ((request = TAILQ_FIRST(&stream->requests)) != NULL) {
		if (!may_change_to_udp(request)) {
			fail_soon(request, EXCHANGE_UNREACHABLE, text);
			continue;
		}
		leave(request);
		exchange_udp_start(request);
	}
}

/* The connection ended. What was written may have been carried out; what was
 * not goes over a new one. */
static void
connection_lost(struct exchange *exchange, const char *text)
{
	struct exchange_stream *stream = &exchange->stream;
	struct exchange_request *request, *next;

	close_stream(exchange);
	for (request = TAILQ_FIRST(&stream->requests); request != NULL;
	     request = next) {
		next = TAILQ_NEXT(request, tcp_entry);
		if (request->written > 0)
			fail_soon(request, EXCHANGE_BROKEN, text);
		else if (request->connections >= CONNECTIONS_MAX)
			fail_soon(request, EXCHANGE_UNREACHABLE, text);
	}
	if (!TAILQ_EMPTY(&stream->requests))
		open_stream(exchange);
}

static bool
awaits_answers(const struct exchange_stream *stream)
{
	const struct exchange_request *request;

	TAILQ_FOREACH(request, &stream->requests, tcp_entry)
		if (request->written > 0)
			return true;
	return false;
}

static void
closed_by_peer(struct exchange *exchange, const char *text)
{
	if (exchange->stream.has_answered && awaits_answers(&exchange->stream))
		exchange->single_until_ms =
		    loop_now_ms(exchange->loop) + SINGLE_MS;
	connection_lost(exchange, text);
}

static void
on_timer(void *arg)
{
	struct exchange *exchange = arg;
	char text[128];

	if (exchange->stream.state != STREAM_CONNECTING) {
		close_stream(exchange);
		return;
	}
	snprintf(text, sizeof text, "TCP: %s",
	    strerror(exchange->stream.error));
	connect_failed(exchange, text);
}

static void
watch(struct exchange *exchange, bool writing)
{
	loop_fd_set(exchange->loop, exchange->stream.fd,
	    writing ? POLLIN | POLLOUT : POLLIN, on_event, exchange);
}

static void
open_stream(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&exchange->conf.server, &ss);
	struct exchange_request *request;
	unsigned timeout_ms = exchange->conf.timeout_ms;
	int one = 1;

	stream->single =
	    loop_now_ms(exchange->loop) < exchange->single_until_ms;
	TAILQ_FOREACH(request, &stream->requests, tcp_entry) {
		request->connections++;
		if (stream->single)
			break;
	}
	stream->state = STREAM_CONNECTING;
	/* At most half of the time, so that there is some left for UDP. */
	loop_timer_set(exchange->loop, &stream->timer,
	    loop_now_ms(exchange->loop) + timeout_ms / 2);
	stream->error = ETIMEDOUT;
	stream->fd = socket(ss.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0 ||
	    (connect(stream->fd, (struct sockaddr *)&ss, len) != 0 &&
		errno != EINPROGRESS)) {
		stream->error = errno;
		loop_timer_set(exchange->loop, &stream->timer,
		    loop_now_ms(exchange->loop));
		return;
	}
	setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	/* Or a path that has become silent would be kept for a quarter of an
	 * hour, because new requests hold the connection open. */
	setsockopt(stream->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
	    sizeof timeout_ms);
	watch(exchange, true);
}

static void
write_out(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;
	struct exchange_request *request, *next;

	for (request = TAILQ_FIRST(&stream->requests); request != NULL;
	     request = next) {
		size_t size = 2 + request->len;

		next = TAILQ_NEXT(request, tcp_entry);
		if (request->written == 0 && !exchange_is_wanted(request)) {
			fail_soon(request, EXCHANGE_WITHDRAWN,
			    EXCHANGE_WITHDRAWN_TEXT);
			continue;
		}
		if (request->written < size)
			request->written_ms = loop_now_ms(exchange->loop);
		while (request->written < size) {
			ssize_t n = send(stream->fd,
			    request->framed + request->written,
			    size - request->written,
			    MSG_DONTWAIT | MSG_NOSIGNAL);

			if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
				watch(exchange, true);
				return;
			}
			if (n < 0) {
				closed_by_peer(exchange,
				    "the connection was closed");
				return;
			}
			request->written += (size_t)n;
		}
		if (stream->single)
			break;
	}
	watch(exchange, false);
}

static struct exchange_request *
find(const struct exchange_stream *stream, unsigned id)
{
	struct exchange_request *request;

	TAILQ_FOREACH(request, &stream->requests, tcp_entry)
		if (request->id == id &&
		    request->written == 2 + request->len)
			return request;
	return NULL;
}

/* Hands on each complete message that has arrived. */
static void
take_messages(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;
	size_t at = 0;

	while (stream->state == STREAM_OPEN && stream->in_len - at >= 2) {
		size_t len = wire_get16(stream->in + at);
		struct exchange_request *request;

		if (stream->in_len - at - 2 < len)
			break;
		if (len >= 2) {
			request = find(stream,
			    wire_get16(stream->in + at + 2));
			if (request != NULL &&
			    exchange_take(request, stream->in + at + 2, len,
				true))
				stream->has_answered =
				    stream->state == STREAM_OPEN;
		}
		at += 2 + len;
	}
	if (stream->state != STREAM_OPEN)
		return;
	stream->in_len -= at;
	memmove(stream->in, stream->in + at, stream->in_len);
}

static void
read_in(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;
	ssize_t n = recv(stream->fd, stream->in + stream->in_len,
	    BUFFER_SIZE - stream->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		closed_by_peer(exchange,
		    "the connection was closed before the answer");
		return;
	}
	stream->in_len += (size_t)n;
	stream->heard_ms = loop_now_ms(exchange->loop);
	take_messages(exchange);
}

static void
rest(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;

	if (stream->state != STREAM_OPEN)
		return;
	if (TAILQ_EMPTY(&stream->requests))
		loop_timer_set(exchange->loop, &stream->timer,
		    loop_now_ms(exchange->loop) + IDLE_MS);
	else
		loop_timer_cancel(exchange->loop, &stream->timer);
}

static void
connected(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;
	int error = 0;
	socklen_t len = sizeof error;
	char text[128];

	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error == 0 && stream->in == NULL) {
		stream->in = malloc(BUFFER_SIZE);
		error = stream->in == NULL ? ENOMEM : 0;
	}
	if (error != 0) {
		snprintf(text, sizeof text, "TCP: %s", strerror(error));
		connect_failed(exchange, text);
		return;
	}
	stream->state = STREAM_OPEN;
	exchange->tcp_dead_until_ms = 0;
	loop_timer_cancel(exchange->loop, &stream->timer);
	write_out(exchange);
}

static void
on_event(void *arg, int fd, short revents)
{
	struct exchange *exchange = arg;

	(void)fd;
	if (exchange->stream.state == STREAM_CONNECTING) {
		connected(exchange);
		rest(exchange);
		return;
	}
	/* Reading first: what has ended takes no further request. */
	if (revents & (POLLIN | POLLERR | POLLHUP))
		read_in(exchange);
	if (revents & POLLOUT && exchange->stream.state == STREAM_OPEN)
		write_out(exchange);
	rest(exchange);
}

/* At the end of the turn: all that one turn asks for goes out together, and
 * without asking first whether there is room. */
static void
flush(void *arg)
{
	struct exchange *exchange = arg;

	exchange->stream.flushing = false;
	if (exchange->stream.state != STREAM_OPEN)
		return;
	write_out(exchange);
	rest(exchange);
}

void
exchange_tcp_start(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;
	struct exchange_stream *stream = &exchange->stream;

	if (request->sent_us == 0)
		request->sent_us = loop_now_us(exchange->loop);
	request->tcp = request->on_tcp = true;
	request->written = 0;
	request->connections = 1;
	TAILQ_INSERT_TAIL(&stream->requests, request, tcp_entry);
	if (stream->state == STREAM_CLOSED) {
		request->connections = 0;
		open_stream(exchange);
	} else if (stream->state == STREAM_OPEN && !stream->flushing) {
		loop_timer_cancel(exchange->loop, &stream->timer);
		stream->flushing = true;
		loop_defer(exchange->loop, flush, exchange);
	}
}

void
exchange_tcp_stop(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;

	if (!request->on_tcp)
		return;
	leave(request);
	/* Half a message can't be taken back: the rest of the stream would be
	 * read as garbage. */
	if (exchange->stream.state == STREAM_OPEN && request->written > 0 &&
	    (request->written < 2 + request->len || exchange->stream.single))
		connection_lost(exchange, "the connection was given up");
	else
		rest(exchange);
}

bool
exchange_tcp_is_hung(const struct exchange_request *request)
{
	const struct exchange_stream *stream = &request->exchange->stream;

	return request->on_tcp && stream->state == STREAM_OPEN &&
	    (stream->in_len > 0 ||
		(request->written == 2 + request->len &&
		    stream->heard_ms <= request->written_ms));
}

void
exchange_tcp_give_up(struct exchange *exchange)
{
	if (exchange->stream.state == STREAM_OPEN)
		connection_lost(exchange, "the connection has become silent");
}

void
exchange_tcp_init(struct exchange *exchange)
{
	struct exchange_stream *stream = &exchange->stream;

	stream->fd = -1;
	TAILQ_INIT(&stream->requests);
	loop_timer_init(&stream->timer, on_timer, exchange);
}

void
exchange_tcp_close(struct exchange *exchange)
{
	close_stream(exchange);
}
