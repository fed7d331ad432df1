/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/curl_shard.h"

#include <poll.h>
#include <stdlib.h>

#include "loop.h"

/* Easy handles kept for the next transfers; more than are in flight at once
 * on a quiet day. */
#define POOL_MAX 256

struct curl_shard {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	curl_shard_done_cb *done;
	curl_shard_polled_cb *polled;
	CURL *pool[POOL_MAX];
	size_t n_pool;
};

static void
drain(struct curl_shard *shard)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(shard->multi, &left)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;
		char *private = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		shard->done(private, easy, code);
	}
}

static void
on_event(void *arg, int fd, short revents)
{
	struct curl_shard *shard = arg;
	int running, mask = 0;

	if (revents & (POLLIN | POLLHUP))
		mask |= CURL_CSELECT_IN;
	if (revents & POLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (revents & (POLLERR | POLLNVAL))
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(shard->multi, fd, mask, &running);
	drain(shard);
}

static void
on_timer(void *arg)
{
	struct curl_shard *shard = arg;
	int running;

	curl_multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	drain(shard);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct curl_shard *shard = arg;
	short events = 0;
	char *private = NULL;

	if (what == CURL_POLL_REMOVE) {
		loop_fd_remove(shard->loop, fd);
		return 0;
	}
	if (known == NULL) {
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		if (private != NULL)
			shard->polled(private);
		curl_multi_assign(shard->multi, fd, shard);
	}
	if (what & CURL_POLL_IN)
		events |= POLLIN;
	if (what & CURL_POLL_OUT)
		events |= POLLOUT;
	return loop_fd_set(shard->loop, fd, events, on_event, shard);
}

static int
on_multi_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_shard *shard = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(shard->loop, &shard->timer);
	else
		loop_timer_set(shard->loop, &shard->timer,
		    loop_now_ms(shard->loop) + timeout_ms);
	return 0;
}

struct curl_shard *
curl_shard_new(struct loop *loop, long connections, curl_shard_done_cb *done,
    curl_shard_polled_cb *polled)
{
	struct curl_shard *shard = calloc(1, sizeof *shard);

	if (shard == NULL)
		return NULL;
	/* libcurl counts: only the first sets it up, only the last takes it
	 * down. Most nodes never need it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(shard);
		return NULL;
	}
	shard->loop = loop;
	shard->done = done;
	shard->polled = polled;
	loop_timer_init(&shard->timer, on_timer, shard);
	shard->multi = curl_multi_init();
	if (shard->multi == NULL) {
		curl_global_cleanup();
		free(shard);
		return NULL;
	}
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION,
	    on_multi_timer);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING,
	    CURLPIPE_NOTHING);
	curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, connections);
	return shard;
}

void
curl_shard_free(struct curl_shard *shard)
{
	if (shard == NULL)
		return;
	while (shard->n_pool > 0)
		curl_easy_cleanup(shard->pool[--shard->n_pool]);
	curl_multi_cleanup(shard->multi);
	loop_timer_cancel(shard->loop, &shard->timer);
	curl_global_cleanup();
	free(shard);
}

CURL *
curl_shard_take(struct curl_shard *shard)
{
	if (shard->n_pool == 0)
		return curl_easy_init();
	return shard->pool[--shard->n_pool];
}

void
curl_shard_give_back(struct curl_shard *shard, CURL *easy)
{
	if (shard->n_pool == POOL_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	/* A reset leaves the share: another target's TLS sessions. */
	curl_easy_setopt(easy, CURLOPT_SHARE, NULL);
	curl_easy_reset(easy);
	shard->pool[shard->n_pool++] = easy;
}

bool
curl_shard_start(struct curl_shard *shard, CURL *easy)
{
	return curl_multi_add_handle(shard->multi, easy) == CURLM_OK;
}

void
curl_shard_stop(struct curl_shard *shard, CURL *easy)
{
	curl_multi_remove_handle(shard->multi, easy);
}
