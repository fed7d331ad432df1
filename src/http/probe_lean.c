/* SPDX-License-Identifier: ISC */
/* Probes without libcurl: connect, send, read. */
#include "config.h"

#include "http/probe_lean.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_reader.h"

#define READ_SIZE 16384 /* bytes taken in one turn */

struct lean_probe {
	struct probe base;
	int fd;
	bool connected;
	size_t sent;
	bool no_memory;
	struct http_reader reader;
};

bool
probe_lean_can(const struct probe_spec *spec)
{
	return (spec->scheme == HEALTHCHECK_TCP && !probe_spec_talks(spec)) ||
	    (spec->scheme == HEALTHCHECK_HTTP &&
		!spec->how.follow_redirects && !spec->how.reuse);
}

static void
end(struct lean_probe *probe, enum transfer_end how, int os_errno)
{
	const struct probe_target *target = probe->base.target;
	struct transfer_facts facts = {
		.end = how,
		.os_errno = os_errno,
		.waited = true,
		.connected = probe->connected,
		.is_http = target->spec.scheme == HEALTHCHECK_HTTP,
		.status = probe->reader.status,
		.body_expected = body_pattern_is_set(&target->pattern),
	};

	if (how == TRANSFER_TIMED_OUT)
		facts.stalled = probe_is_stalled(&probe->base);
	if (facts.body_expected)
		facts.body_matched =
		    body_matches(&probe->base.body, &target->pattern);
	probe_end(&probe->base, &facts);
}

/* It could not even set out: connect(2) or socket(2) failed at once. */
static void
end_at_once(struct lean_probe *probe, int os_errno)
{
	struct transfer_facts facts = {
		.end = TRANSFER_NO_CONNECTION,
		.os_errno = os_errno,
		.no_descriptor = probe->fd < 0 &&
		    (os_errno == EMFILE || os_errno == ENFILE ||
			os_errno == ENOBUFS || os_errno == ENOMEM),
	};

	probe_end(&probe->base, &facts);
}

/* Both have said everything: no need for a TIME_WAIT here, of which 10,000
 * probes a second would leave 600,000 behind. */
static void
end_complete(struct lean_probe *probe)
{
	static const struct linger reset = { .l_onoff = 1 };

	setsockopt(probe->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	end(probe, probe->no_memory ? TRANSFER_NO_MEMORY : TRANSFER_DONE, 0);
}

static bool
is_transient(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static bool
on_body(void *arg, const char *data, size_t len)
{
	struct lean_probe *probe = arg;
	enum probe_body taken = probe_take_body(&probe->base, data, len);

	probe->no_memory = taken == PROBE_BODY_NO_MEMORY;
	return taken != PROBE_BODY_MORE;
}

static void
take_reading(struct lean_probe *probe, enum http_reading reading)
{
	switch (reading) {
	case HTTP_READING_MORE:
		return;
	case HTTP_READING_DONE:
		end_complete(probe);
		return;
	case HTTP_READING_MALFORMED:
		end(probe, TRANSFER_MALFORMED, 0);
		return;
	case HTTP_READING_TOO_LARGE:
		end(probe, TRANSFER_HEADER_TOO_LARGE, 0);
		return;
	case HTTP_READING_EMPTY:
		end(probe, TRANSFER_EMPTY, 0);
		return;
	case HTTP_READING_CUT:
		end(probe, TRANSFER_LOST, 0);
		return;
	}
}

static void
on_readable(void *arg, int fd, short revents)
{
	struct lean_probe *probe = arg;
	char data[READ_SIZE];
	ssize_t n = recv(fd, data, sizeof data, 0);

	(void)revents;
	if (n > 0)
		take_reading(probe, http_reader_feed(&probe->reader, data,
		    (size_t)n, on_body, probe));
	else if (n == 0)
		take_reading(probe, http_reader_close(&probe->reader));
	else if (!is_transient(errno))
		end(probe, TRANSFER_LOST, errno);
}

static void
watch(struct lean_probe *probe, short events, loop_fd_cb *cb)
{
	struct loop *loop = probe->base.target->prober->loop;

	if (loop_fd_set(loop, probe->fd, events, cb, probe) != 0)
		end(probe, TRANSFER_NO_MEMORY, 0);
}

/* A connection that failed is told by the first send(2). */
static void
on_writable(void *arg, int fd, short revents)
{
	struct lean_probe *probe = arg;
	const struct probe_target *target = probe->base.target;
	ssize_t n = send(fd, target->request + probe->sent,
	    target->request_len - probe->sent, MSG_NOSIGNAL);

	(void)revents;
	if (n < 0) {
		if (!is_transient(errno))
			end(probe,
			    probe->connected || errno == EPIPE
				? TRANSFER_LOST
				: TRANSFER_NO_CONNECTION,
			    errno);
		return;
	}
	probe->connected = true;
	probe->sent += (size_t)n;
	if (probe->sent == target->request_len)
		watch(probe, POLLIN, on_readable);
}

/* tcp://: that it is connected is all. */
static void
on_connected(void *arg, int fd, short revents)
{
	struct lean_probe *probe = arg;
	int error = 0;
	socklen_t len = sizeof error;

	(void)revents;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	probe->connected = error == 0;
	end(probe, error == 0 ? TRANSFER_DONE : TRANSFER_NO_CONNECTION, error);
}

static void
start(struct probe *base)
{
	struct lean_probe *probe = (struct lean_probe *)base;
	const struct probe_spec *spec = &base->target->spec;
	struct sockaddr_storage to;
	socklen_t len = addr_to_sockaddr(&spec->addr, &to);

	if (spec->scheme == HEALTHCHECK_HTTP)
		http_reader_init(&probe->reader,
		    strcmp(spec->how.method, "HEAD") == 0);
	probe->fd = socket(to.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd < 0 ||
	    (connect(probe->fd, (struct sockaddr *)&to, len) != 0 &&
		errno != EINPROGRESS)) {
		end_at_once(probe, errno);
		return;
	}
	watch(probe, POLLOUT,
	    spec->scheme == HEALTHCHECK_TCP ? on_connected : on_writable);
}

static void
time_out(struct probe *probe)
{
	end((struct lean_probe *)probe, TRANSFER_TIMED_OUT, 0);
}

static void
release(struct probe *base)
{
	struct lean_probe *probe = (struct lean_probe *)base;

	if (probe->fd >= 0) {
		loop_fd_remove(base->target->prober->loop, probe->fd);
		close(probe->fd);
	}
}

const struct probe_engine probe_lean_engine = {
	.size = sizeof(struct lean_probe),
	.start = start,
	.time_out = time_out,
	.release = release,
};
