/* SPDX-License-Identifier: ISC */
/* Probes over a stream: connect, shake hands, send, receive. */
#include "config.h"

#include "http/probe_lean.h"

#include <poll.h>
#include <string.h>

#include "http/http_reader.h"
#include "http/local_errno.h"
#include "http/stream.h"
#include "http/tls_client.h"
#include "http/tls_conn.h"

#define READ_SIZE 16384 /* bytes taken in one turn */

enum lean_phase {
	LEAN_CONNECT,
	LEAN_HANDSHAKE,
	LEAN_SEND,
	LEAN_RECEIVE,
};

struct lean_probe {
	struct probe base;
	struct stream stream;
	enum lean_phase phase;
	bool kept; /* the stream is one that an earlier probe made */
	bool reset; /* how to close it */
	size_t sent;
	bool no_memory;
	struct http_reader reader;
};

bool
probe_lean_can(const struct probe_spec *spec)
{
	return !spec->how.follow_redirects;
}

static bool
is_http(const struct lean_probe *probe)
{
	return healthcheck_is_http(probe->base.target->spec.scheme);
}

/* false, like all that ends a probe or lets it wait: nothing goes on now. */
static bool
end(struct lean_probe *probe, enum transfer_end how)
{
	struct probe_target *target = probe->base.target;
	struct transfer_facts facts = {
		.end = how,
		.os_errno = probe->stream.os_errno,
		.waited = true,
		.connected = probe->stream.connected,
		.tls = target->tls != NULL,
		.tls_done = probe->stream.secure,
		.verify_result = probe->stream.verify_result,
		.is_http = is_http(probe),
		.status = probe->reader.status,
		.body_expected = body_pattern_is_set(&target->pattern),
		.answered = !is_http(probe) && probe->base.body_bytes > 0,
		.stalled = probe_is_stalled(&probe->base),
	};

	if (facts.body_expected)
		facts.body_matched =
		    body_matches(&probe->base.body, &target->pattern);
	facts.body_costly = body_is_costly(&probe->base.body);
	probe_end(&probe->base, &facts);
	return false;
}

/* It could not even set out: connect(2) or socket(2) failed at once. */
static void
end_at_once(struct lean_probe *probe)
{
	int os_errno = probe->stream.os_errno;
	struct transfer_facts facts = {
		.end = TRANSFER_NO_CONNECTION,
		.os_errno = os_errno,
		.no_descriptor = probe->stream.fd < 0 &&
		    local_errno_is_descriptor(os_errno),
	};

	probe_end(&probe->base, &facts);
}

static void on_ready(void *arg, int fd, short revents);

static bool
await(struct lean_probe *probe, short events)
{
	struct loop *loop = probe->base.target->prober->loop;

	if (loop_fd_set(loop, probe->stream.fd, events, on_ready, probe) != 0)
		return end(probe, TRANSFER_NO_MEMORY);
	return false;
}

static void
open_stream(struct lean_probe *probe)
{
	const struct probe_target *target = probe->base.target;
	bool has_request = target->request_len > 0;
	bool send_tells = target->tls == NULL && has_request;
	bool speaks_first = target->tls != NULL || has_request;

	probe->phase = send_tells ? LEAN_SEND : LEAN_CONNECT;
	if (stream_open(&probe->stream, &target->spec.addr, speaks_first) ==
	    STREAM_FAILED)
		end_at_once(probe);
	else
		await(probe, POLLOUT);
}

static void
close_stream(struct lean_probe *probe)
{
	loop_fd_remove(probe->base.target->prober->loop, probe->stream.fd);
	stream_close(&probe->stream, probe->reset);
}

/* A kept connection that the peer has closed meanwhile says nothing of it. */
static bool
open_anew(struct lean_probe *probe)
{
	close_stream(probe);
	probe->kept = false;
	probe->sent = 0;
	open_stream(probe);
	return false;
}

static bool
is_unheard(const struct lean_probe *probe)
{
	return probe->kept && probe->reader.header_bytes == 0;
}

/* What is left to be done when a step is not over. */
static bool
stop_at(struct lean_probe *probe, enum stream_step step)
{
	switch (step) {
	case STREAM_WANT_IN:
		return await(probe, POLLIN);
	case STREAM_WANT_OUT:
		return await(probe, POLLOUT);
	case STREAM_DONE:
	case STREAM_CLOSED:
	case STREAM_FAILED:
		break;
	}
	if (is_unheard(probe))
		return open_anew(probe);
	return end(probe, step == STREAM_CLOSED ? TRANSFER_LOST
						: probe->stream.end);
}

/* Both have said everything: the next probe goes on here, or no TIME_WAIT is
 * needed, of which 10,000 probes a second would leave 600,000 behind. */
static bool
end_complete(struct lean_probe *probe)
{
	struct probe_target *target = probe->base.target;

	if (target->spec.how.reuse && http_reader_keeps(&probe->reader)) {
		loop_fd_remove(target->prober->loop, probe->stream.fd);
		target->kept = probe->stream;
		probe->stream.fd = -1;
		probe->stream.tls = NULL;
	}
	probe->reset = true;
	return end(probe, probe->no_memory ? TRANSFER_NO_MEMORY
					   : TRANSFER_DONE);
}

static bool
on_body(void *arg, const char *data, size_t len)
{
	struct lean_probe *probe = arg;
	enum probe_body taken = probe_take_body(&probe->base, data, len);

	probe->no_memory = taken == PROBE_BODY_NO_MEMORY;
	return taken != PROBE_BODY_MORE;
}

static bool
take_reading(struct lean_probe *probe, enum http_reading reading)
{
	switch (reading) {
	case HTTP_READING_MORE:
		return true;
	case HTTP_READING_DONE:
		return end_complete(probe);
	case HTTP_READING_MALFORMED:
		return end(probe, TRANSFER_MALFORMED);
	case HTTP_READING_TOO_LARGE:
		return end(probe, TRANSFER_HEADER_TOO_LARGE);
	case HTTP_READING_EMPTY:
		return probe->kept ? open_anew(probe)
				   : end(probe, TRANSFER_EMPTY);
	case HTTP_READING_CUT:
		return end(probe, TRANSFER_LOST);
	}
	return false;
}

static bool
take(struct lean_probe *probe, const char *data, size_t len)
{
	if (is_http(probe))
		return take_reading(probe, http_reader_feed(&probe->reader,
		    data, len, on_body, probe));
	return on_body(probe, data, len)
	    ? end(probe, probe->no_memory ? TRANSFER_NO_MEMORY
					  : TRANSFER_DONE)
	    : true;
}

static bool
take_close(struct lean_probe *probe)
{
	if (is_http(probe))
		return take_reading(probe, http_reader_close(&probe->reader));
	return end(probe, probe->base.body_bytes > 0 ? TRANSFER_DONE
						     : TRANSFER_EMPTY);
}

static bool
receive(struct lean_probe *probe)
{
	char data[READ_SIZE];
	size_t n = 0;
	enum stream_step step =
	    stream_receive(&probe->stream, data, sizeof data, &n);

	if (step == STREAM_CLOSED)
		return take_close(probe);
	if (step != STREAM_DONE)
		return stop_at(probe, step);
	if (!take(probe, data, n))
		return false;
	return stream_has_pending(&probe->stream) || await(probe, POLLIN);
}

static bool
send_request(struct lean_probe *probe)
{
	const struct probe_target *target = probe->base.target;

	while (probe->sent < target->request_len) {
		size_t n = 0;
		enum stream_step step = stream_send(&probe->stream,
		    target->request + probe->sent,
		    target->request_len - probe->sent, &n);

		if (step != STREAM_DONE)
			return stop_at(probe, step);
		probe->sent += n;
	}
	probe->phase = LEAN_RECEIVE;
	return stream_has_pending(&probe->stream) || await(probe, POLLIN);
}

/* When the connection is made; of some probes that is all. */
static bool
set_to_work(struct lean_probe *probe)
{
	probe->phase = LEAN_SEND;
	return is_http(probe) ||
		probe_spec_talks(&probe->base.target->spec)
	    ? true
	    : end(probe, TRANSFER_DONE);
}

static bool
shake_hands(struct lean_probe *probe)
{
	struct probe_target *target = probe->base.target;
	enum stream_step step = stream_handshake(&probe->stream, target->tls,
	    target->spec.how.host, &target->session);

	if (step != STREAM_DONE)
		return stop_at(probe, step);
	if (stream_certificate_days(&probe->stream,
		&target->certificate_days))
		target->certificate_known = true;
	return set_to_work(probe);
}

static bool
finish_connect(struct lean_probe *probe)
{
	enum stream_step step = stream_finish_connect(&probe->stream);

	if (step != STREAM_DONE)
		return stop_at(probe, step);
	if (probe->base.target->tls == NULL)
		return set_to_work(probe);
	probe->phase = LEAN_HANDSHAKE;
	return true;
}

/* True: the next phase can be gone through at once. */
static bool
run_phase(struct lean_probe *probe)
{
	switch (probe->phase) {
	case LEAN_CONNECT:
		return finish_connect(probe);
	case LEAN_HANDSHAKE:
		return shake_hands(probe);
	case LEAN_SEND:
		return send_request(probe);
	case LEAN_RECEIVE:
		return receive(probe);
	}
	return false;
}

static void
on_ready(void *arg, int fd, short revents)
{
	(void)fd;
	(void)revents;
	while (run_phase(arg))
		continue;
}

/* A full handshake, and with it the whole check of the chain, is made when it
 * is due and after each failure; between, sessions are resumed and connections
 * kept. */
static void
begin_session(struct probe_target *target)
{
	unsigned interval_ms = target->spec.how.tls_full_interval_ms;
	int64_t now_ms = loop_now_ms(target->prober->loop);

	if (target->tls == NULL ||
	    (interval_ms > 0 && now_ms < target->full_handshake_at_ms))
		return;
	tls_session_free(target->session);
	target->session = NULL;
	stream_close(&target->kept, true);
	tls_client_refresh(target->tls);
	target->full_handshake_at_ms = now_ms + interval_ms;
}

static void
start(struct probe *base)
{
	struct lean_probe *probe = (struct lean_probe *)base;
	struct probe_target *target = base->target;

	if (is_http(probe))
		http_reader_init(&probe->reader,
		    strcmp(target->spec.how.method, "HEAD") == 0);
	begin_session(target);
	if (target->kept.fd < 0) {
		open_stream(probe);
		return;
	}
	probe->kept = true;
	probe->stream = target->kept;
	target->kept = STREAM_NONE;
	probe->phase = LEAN_SEND;
	on_ready(probe, probe->stream.fd, POLLOUT);
}

static void
time_out(struct probe *probe)
{
	end((struct lean_probe *)probe, TRANSFER_TIMED_OUT);
}

static void
release(struct probe *base)
{
	close_stream((struct lean_probe *)base);
}

const struct probe_engine probe_lean_engine = {
	.size = sizeof(struct lean_probe),
	.start = start,
	.time_out = time_out,
	.release = release,
};
