/* SPDX-License-Identifier: ISC */
/* One datagram socket per request: each with a source port of its own, which
 * makes forging an answer harder (RFC 5452). */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/exchange_impl.h"
#include "err.h"

#define UPDATE_RESEND_MS 2500
#define QUERY_RESEND_MS 500

/* How long queries go by TCP after UDP was silent. */
#define UDP_DEAD_MS 60000

#define DATAGRAMS_PER_TURN 64

static bool
may_change_to_tcp(const struct exchange_request *request)
{
	return request->exchange->conf.transport == EXCHANGE_AUTO &&
	    request->kind == EXCHANGE_QUERY;
}

static void
change_to_tcp(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;

	exchange->udp_dead_until_ms =
	    loop_now_ms(exchange->loop) + UDP_DEAD_MS;
	exchange_udp_stop(request);
	exchange_tcp_start(request);
}

static void
on_refused(struct exchange_request *request, int error)
{
	char text[128];

	if (may_change_to_tcp(request)) {
		change_to_tcp(request);
		return;
	}
	snprintf(text, sizeof text, "UDP: %s", strerror(error));
	/* Of several copies the first may have arrived. */
	exchange_fail(request,
	    request->sends > 1 ? EXCHANGE_BROKEN : EXCHANGE_UNREACHABLE, text);
}

static void
on_readable(void *arg, int fd, short revents)
{
	static uint8_t wire[DNS_MESSAGE_MAX];
	struct exchange_request *request = arg;

	(void)revents;
	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		ssize_t len = recv(fd, wire, sizeof wire, MSG_DONTWAIT);

		if (len < 0) {
			if (errno != EAGAIN && errno != EINTR)
				on_refused(request, errno);
			return;
		}
		if (exchange_take(request, wire, (size_t)len, false))
			return;
	}
}

/* Knot often takes up to a second for an UPDATE; that is no loss. A query may
 * be asked again early. */
static unsigned
first_wait_ms(const struct exchange_request *request)
{
	unsigned timeout_ms = request->exchange->conf.timeout_ms;
	unsigned most_ms = timeout_ms / 10, wait_ms = QUERY_RESEND_MS;

	if (request->kind == EXCHANGE_UPDATE) {
		most_ms = timeout_ms / 2;
		wait_ms = UPDATE_RESEND_MS;
	}
	return wait_ms < most_ms ? wait_ms : most_ms;
}

static void
transmit(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;
	int64_t now_ms = loop_now_ms(exchange->loop);
	unsigned wait_ms = first_wait_ms(request);

	if (!exchange_is_wanted(request)) {
		if (request->sends == 0)
			exchange_fail_later(request, EXCHANGE_WITHDRAWN,
			    EXCHANGE_WITHDRAWN_TEXT, now_ms);
		return;
	}
	/* A failed send is a lost datagram, like any other. */
	(void)!send(request->fd, request->framed + 2, request->len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	loop_timer_set(exchange->loop, &request->resend,
	    now_ms + (int64_t)(wait_ms << request->sends));
	if (request->sends < 8)
		request->sends++;
}

static void
on_resend(void *arg)
{
	struct exchange_request *request = arg;
	struct exchange *exchange = request->exchange;
	int64_t begun_ms = request->sent_us / 1000;

	if (may_change_to_tcp(request) &&
	    loop_now_ms(exchange->loop) - begun_ms >=
		exchange->conf.timeout_ms / 5) {
		change_to_tcp(request);
		return;
	}
	transmit(request);
}

void
exchange_udp_start(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&exchange->conf.server, &ss);
	char text[128];

	request->tcp = false;
	request->sent_us = loop_now_us(exchange->loop);
	loop_timer_init(&request->resend, on_resend, request);
	request->fd = socket(ss.ss_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (request->fd < 0 ||
	    connect(request->fd, (struct sockaddr *)&ss, len) != 0 ||
	    loop_fd_set(exchange->loop, request->fd, POLLIN, on_readable,
		request) != 0) {
		snprintf(text, sizeof text, "UDP: %s", strerror(errno));
		exchange_udp_stop(request);
		exchange_fail_later(request, EXCHANGE_UNREACHABLE, text,
		    loop_now_ms(exchange->loop));
		return;
	}
	transmit(request);
}

void
exchange_udp_stop(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;

	if (request->fd < 0)
		return;
	loop_fd_remove(exchange->loop, request->fd);
	loop_timer_cancel(exchange->loop, &request->resend);
	close(request->fd);
	request->fd = -1;
}
