/* SPDX-License-Identifier: ISC */
/* Probes of DNS servers: one question by UDP, asked again while it may have
 * been lost, and by TCP when the answer does not fit a datagram. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_query.h"
#include "http/local_errno.h"
#include "http/prober_impl.h"

/* How often a datagram is sent, in equal parts of the timeout. */
#define TRIES 3
#define DATAGRAM_MAX 4096
#define DATAGRAMS_A_TURN 16 /* that are no answer may come without an end */
#define LENGTH_LEN 2 /* before each message on TCP, RFC 1035 section 4.2.2 */

struct dns_probe {
	struct probe base;
	struct timer again;
	unsigned tries;
	int fd; /* -1: none */
	bool tcp;
	bool waited;
	bool connected;
	uint8_t query[LENGTH_LEN + DNS_QUERY_MAX]; /* as TCP wants it */
	size_t query_len; /* without the length */
	uint8_t length[LENGTH_LEN]; /* of the answer on TCP */
	uint8_t *answer;
	size_t sent; /* of the query, its length included */
	size_t received; /* of the answer, its length included */
};

static struct loop *
loop_of(const struct dns_probe *probe)
{
	return probe->base.target->prober->loop;
}

static void
end(struct dns_probe *probe, enum transfer_end how, int os_errno)
{
	struct transfer_facts facts = {
		.end = how,
		.os_errno = os_errno,
		.no_descriptor = probe->fd < 0 &&
		    local_errno_is_descriptor(os_errno),
		.waited = probe->waited,
		.connected = probe->connected,
		.stalled = probe_is_stalled(&probe->base),
	};

	probe_end(&probe->base, &facts);
}

/* What sending or receiving failed with: a port where nobody listens is told
 * by ICMP. */
static void
end_broken(struct dns_probe *probe, int os_errno)
{
	switch (os_errno) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EADDRNOTAVAIL:
		end(probe, TRANSFER_NO_CONNECTION, os_errno);
		break;
	case ENOBUFS:
	case ENOMEM:
		end(probe, TRANSFER_NO_MEMORY, os_errno);
		break;
	default:
		end(probe, probe->connected ? TRANSFER_LOST
					    : TRANSFER_NO_CONNECTION, os_errno);
		break;
	}
}

static void
close_socket(struct dns_probe *probe)
{
	if (probe->fd < 0)
		return;
	loop_fd_remove(loop_of(probe), probe->fd);
	close(probe->fd);
	probe->fd = -1;
}

static bool open_tcp(struct dns_probe *probe);

/* True when the probe is over or goes on by TCP. */
static bool
take_reply(struct dns_probe *probe, const uint8_t *wire, size_t len)
{
	const struct probe_target *target = probe->base.target;
	const struct conf_probe *how = &target->spec.how;
	char detail[PROBE_DETAIL_MAX];
	const char *rcode;

	switch (target->prober->dns->read(how->dns_name, how->dns_type,
	    probe->query + LENGTH_LEN, wire, len, &rcode)) {
	case DNS_REPLY_ANSWERED:
		probe_end_with(&probe->base, OUTCOME_OK, "answered");
		return true;
	case DNS_REPLY_EMPTY:
		probe_end_with(&probe->base, OUTCOME_NO_RECORD,
		    outcome_text(OUTCOME_NO_RECORD));
		return true;
	case DNS_REPLY_RCODE:
		snprintf(detail, sizeof detail, "rcode %s", rcode);
		probe_end_with(&probe->base, OUTCOME_RCODE, detail);
		return true;
	case DNS_REPLY_TRUNCATED:
		if (!probe->tcp)
			return open_tcp(probe);
		/* Nothing is larger than what TCP carries. */
		break;
	case DNS_REPLY_FOREIGN:
		if (!probe->tcp)
			return false;
		break;
	case DNS_REPLY_MALFORMED:
		break;
	case DNS_REPLY_NOMEM:
		end(probe, TRANSFER_NO_MEMORY, 0);
		return true;
	}
	end(probe, TRANSFER_MALFORMED, 0);
	return true;
}

static void
receive_datagrams(struct dns_probe *probe)
{
	uint8_t wire[DATAGRAM_MAX];

	for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
		ssize_t n = recv(probe->fd, wire, sizeof wire, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				end_broken(probe, errno);
			return;
		}
		if (take_reply(probe, wire, (size_t)n))
			return;
	}
}

static void
on_datagram(void *arg, int fd, short revents)
{
	struct dns_probe *probe = arg;

	(void)fd;
	(void)revents;
	probe->waited = true;
	receive_datagrams(probe);
}

/* Where the next byte of the answer goes, and how many are wanted there. */
static uint8_t *
room(struct dns_probe *probe, size_t *wanted)
{
	size_t len = (size_t)probe->length[0] << 8 | probe->length[1];

	if (probe->received < LENGTH_LEN) {
		*wanted = LENGTH_LEN - probe->received;
		return probe->length + probe->received;
	}
	if (probe->answer == NULL)
		probe->answer = malloc(len + 1);
	*wanted = len - (probe->received - LENGTH_LEN);
	return probe->answer == NULL
	    ? NULL : probe->answer + (probe->received - LENGTH_LEN);
}

static void
receive_stream(struct dns_probe *probe)
{
	size_t wanted;
	uint8_t *to;

	while ((to = room(probe, &wanted)) != NULL && wanted > 0) {
		ssize_t n = recv(probe->fd, to, wanted, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				end_broken(probe, errno);
			return;
		}
		if (n == 0) {
			end(probe, probe->received > 0 ? TRANSFER_LOST
						       : TRANSFER_EMPTY, 0);
			return;
		}
		probe->received += (size_t)n;
	}
	if (to == NULL)
		end(probe, TRANSFER_NO_MEMORY, 0);
	else
		take_reply(probe, probe->answer, probe->received - LENGTH_LEN);
}

static void on_stream(void *arg, int fd, short revents);

/* True when all of the query is on its way. */
static bool
send_stream(struct dns_probe *probe)
{
	size_t len = LENGTH_LEN + probe->query_len;

	while (probe->sent < len) {
		ssize_t n = send(probe->fd, probe->query + probe->sent,
		    len - probe->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				end_broken(probe, errno);
			return false;
		}
		probe->connected = true;
		probe->sent += (size_t)n;
	}
	loop_fd_set(loop_of(probe), probe->fd, POLLIN, on_stream, probe);
	return true;
}

static void
on_stream(void *arg, int fd, short revents)
{
	struct dns_probe *probe = arg;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)revents;
	probe->waited = true;
	if (!probe->connected &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error != 0) {
		end(probe, TRANSFER_NO_CONNECTION, error);
		return;
	}
	if (probe->sent == LENGTH_LEN + probe->query_len)
		receive_stream(probe);
	else
		send_stream(probe);
}

/* False when the probe is over. */
static bool
open_socket(struct dns_probe *probe, int type, short events, watch_cb *cb)
{
	struct sockaddr_storage sa;
	socklen_t len =
	    addr_to_sockaddr(&probe->base.target->spec.addr, &sa);

	probe->fd =
	    socket(sa.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe->fd < 0) {
		end(probe, TRANSFER_NOT_SET_UP, errno);
		return false;
	}
	if (connect(probe->fd, (struct sockaddr *)&sa, len) != 0 &&
	    errno != EINPROGRESS) {
		end(probe, TRANSFER_NO_CONNECTION, errno);
		return false;
	}
	if (loop_fd_set(loop_of(probe), probe->fd, events, cb, probe) != 0) {
		end(probe, TRANSFER_NO_MEMORY, 0);
		return false;
	}
	return true;
}

static bool
open_tcp(struct dns_probe *probe)
{
	loop_timer_cancel(loop_of(probe), &probe->again);
	close_socket(probe);
	probe->tcp = true;
	probe->waited = probe->connected = false;
	open_socket(probe, SOCK_STREAM, POLLOUT, on_stream);
	return true;
}

static void
send_datagram(struct dns_probe *probe)
{
	struct loop *loop = loop_of(probe);

	if (send(probe->fd, probe->query + LENGTH_LEN, probe->query_len,
		MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != EINTR) {
		end_broken(probe, errno);
		return;
	}
	if (++probe->tries < TRIES)
		loop_timer_set(loop, &probe->again, loop_now_ms(loop) +
		    probe->base.target->spec.timeout_ms / TRIES + 1);
}

static void
on_again(void *arg)
{
	send_datagram(arg);
}

static void
start(struct probe *base)
{
	struct dns_probe *probe = (struct dns_probe *)base;
	const struct probe_target *target = base->target;
	const struct conf_probe *how = &target->spec.how;

	probe->fd = -1;
	loop_timer_init(&probe->again, on_again, probe);
	if (target->prober->dns->make(how->dns_name, how->dns_type,
		probe->query + LENGTH_LEN, &probe->query_len) != 0) {
		end(probe, TRANSFER_NOT_SET_UP, 0);
		return;
	}
	probe->query[0] = (uint8_t)(probe->query_len >> 8);
	probe->query[1] = (uint8_t)probe->query_len;
	if (!open_socket(probe, SOCK_DGRAM, POLLIN, on_datagram))
		return;
	probe->connected = true; /* as far as UDP is */
	send_datagram(probe);
}

static void
time_out(struct probe *base)
{
	end((struct dns_probe *)base, TRANSFER_TIMED_OUT, 0);
}

static void
release(struct probe *base)
{
	struct dns_probe *probe = (struct dns_probe *)base;

	loop_timer_cancel(loop_of(probe), &probe->again);
	close_socket(probe);
	free(probe->answer);
}

const struct probe_engine probe_dns_engine = {
	.size = sizeof(struct dns_probe),
	.start = start,
	.time_out = time_out,
	.release = release,
};
