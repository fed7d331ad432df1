/* SPDX-License-Identifier: ISC */
/* What is said and heard over a connection that libcurl has made, with TLS or
 * without. */
#include "config.h"

#include <poll.h>

#include "http/probe_curl.h"

#define PIECE_MAX 4096

static void on_ready(void *arg, int fd, short revents);

static void
await(struct curl_probe *probe, short events)
{
	struct loop *loop = probe->base.target->prober->loop;

	if (loop_fd_set(loop, probe->talk_fd, events, on_ready, probe) != 0)
		probe_curl_end(probe, TRANSFER_NO_MEMORY);
}

/* True when all is sent. */
static bool
say(struct curl_probe *probe)
{
	const struct conf_bytes *send = &probe->base.target->spec.how.send;

	while (probe->said < send->len) {
		size_t n = 0;
		CURLcode code = curl_easy_send(probe->easy,
		    send->data + probe->said, send->len - probe->said, &n);

		if (code == CURLE_AGAIN)
			await(probe, POLLOUT);
		else if (code != CURLE_OK)
			probe_curl_end(probe, TRANSFER_LOST);
		if (code != CURLE_OK)
			return false;
		probe->said += n;
	}
	return true;
}

static void
hear(struct curl_probe *probe)
{
	enum probe_body taken = PROBE_BODY_MORE;
	char piece[PIECE_MAX];
	size_t n = 0;
	CURLcode code;

	do {
		code = curl_easy_recv(probe->easy, piece, sizeof piece, &n);
		if (code == CURLE_OK && n > 0)
			taken = probe_take_body(&probe->base, piece, n);
	} while (code == CURLE_OK && n > 0 && taken == PROBE_BODY_MORE);
	if (code == CURLE_AGAIN)
		await(probe, POLLIN);
	else if (code != CURLE_OK)
		probe_curl_end(probe, TRANSFER_LOST);
	else if (taken == PROBE_BODY_NO_MEMORY)
		probe_curl_end(probe, TRANSFER_NO_MEMORY);
	else
		probe_curl_end(probe, probe->base.body_bytes > 0
			? TRANSFER_DONE : TRANSFER_EMPTY);
}

static void
on_ready(void *arg, int fd, short revents)
{
	struct curl_probe *probe = arg;

	(void)fd;
	(void)revents;
	if (say(probe))
		hear(probe);
}

void
probe_talk_start(struct curl_probe *probe)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(probe->easy, CURLINFO_ACTIVESOCKET, &fd) !=
		CURLE_OK || fd == CURL_SOCKET_BAD) {
		probe_curl_end(probe, TRANSFER_LOST);
		return;
	}
	probe->talk_fd = fd;
	if (say(probe))
		hear(probe);
}

void
probe_talk_stop(struct curl_probe *probe)
{
	if (probe->talk_fd >= 0)
		loop_fd_remove(probe->base.target->prober->loop,
		    probe->talk_fd);
	probe->talk_fd = -1;
}
