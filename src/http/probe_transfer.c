/* SPDX-License-Identifier: ISC */
/* One probe from its start to its outcome. */
#define _XOPEN_SOURCE 700 /* strptime */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "http/prober_impl.h"

#define REDIRECTS_MAX 3

static struct loop *
loop_of(const struct probe *probe)
{
	return probe->target->prober->loop;
}

static void
probe_free(struct probe *probe)
{
	struct probe_target *target = probe->target;

	loop_timer_cancel(loop_of(probe), &probe->deadline);
	if (probe->easy != NULL)
		curl_shard_give_back(target->shard, probe->easy);
	curl_slist_free_all(probe->redirect_to);
	body_fini(&probe->body);
	target->probe = NULL;
	target->prober->stats.in_flight--;
	free(probe);
}

void
probe_cancel(struct probe *probe)
{
	curl_shard_stop(probe->target->shard, probe->easy);
	probe_free(probe);
}

static enum transfer_end
end_of(const struct probe *probe, CURLcode code)
{
	if (probe->enough)
		return TRANSFER_DONE;
	if (probe->header_too_large)
		return TRANSFER_HEADER_TOO_LARGE;
	switch (code) {
	case CURLE_OK:
		return TRANSFER_DONE;
	case CURLE_COULDNT_CONNECT:
		return TRANSFER_NO_CONNECTION;
	case CURLE_PEER_FAILED_VERIFICATION:
		return TRANSFER_NOT_TRUSTED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_USE_SSL_FAILED:
		return TRANSFER_TLS_FAILED;
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return TRANSFER_LOST;
	case CURLE_GOT_NOTHING:
		return TRANSFER_EMPTY;
	case CURLE_OUT_OF_MEMORY:
		return TRANSFER_NO_MEMORY;
	case CURLE_OPERATION_TIMEDOUT:
		return TRANSFER_TIMED_OUT;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_FAILED_INIT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
	case CURLE_URL_MALFORMAT:
		return TRANSFER_NOT_SET_UP;
	default:
		return TRANSFER_MALFORMED;
	}
}

/* The deadline was judged by a loop that was itself late by a good part of
 * the time allowed: that proves nothing against the target. */
static bool
is_stalled(const struct probe *probe)
{
	const struct probe_target *target = probe->target;
	int64_t late_ms = loop_now_ms(loop_of(probe)) -
	    target->started_ms - target->spec.timeout_ms;

	return late_ms > (int64_t)target->spec.timeout_ms / 2 + 10;
}

/* libcurl 7.88 leaves its initial 1 where the chain was fine and the name was
 * not. */
static long
verify_result(const struct probe *probe)
{
	long result = 0;

	curl_easy_getinfo(probe->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	return result == 1 ? 0 : result;
}

/* libcurl reports the time of connecting only after the TLS handshake. While
 * the transfer goes on the socket is still there to be asked. */
static bool
is_connected(const struct probe *probe)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return probe->fd >= 0 &&
	    getpeername(probe->fd, (struct sockaddr *)&peer, &len) == 0;
}

static void
collect(const struct probe *probe, enum transfer_end end,
    struct transfer_facts *facts)
{
	const struct probe_target *target = probe->target;
	curl_off_t connected_us = 0, tls_us = 0;
	long number = 0;

	*facts = (struct transfer_facts){
		.end = end,
		.no_descriptor = probe->no_descriptor,
		.waited = probe->waited,
		.tls = target->spec.scheme == HEALTHCHECK_HTTPS,
		.is_http = target->spec.scheme != HEALTHCHECK_TCP,
		.body_expected = body_pattern_is_set(&target->pattern),
	};
	curl_easy_getinfo(probe->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	curl_easy_getinfo(probe->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	facts->connected = connected_us > 0 ||
	    (end == TRANSFER_TIMED_OUT && is_connected(probe));
	facts->tls_done = tls_us > 0;
	curl_easy_getinfo(probe->easy, CURLINFO_OS_ERRNO, &number);
	facts->os_errno = (int)number;
	if (end == TRANSFER_TIMED_OUT)
		facts->stalled = is_stalled(probe);
	if (end == TRANSFER_NOT_TRUSTED)
		facts->verify_result = verify_result(probe);
	number = 0;
	if (facts->is_http)
		curl_easy_getinfo(probe->easy, CURLINFO_RESPONSE_CODE,
		    &number);
	facts->status = (unsigned)number;
	if (facts->body_expected)
		facts->body_matched =
		    body_matches(&probe->body, &target->pattern);
}

/* Days until the certificate ends, out of libcurl's "Expire date:Nov 24
 * 12:00:00 2026 GMT". */
static bool
read_certificate(const struct probe *probe, int *days)
{
	static const char label[] = "Expire date:";
	struct curl_certinfo *info = NULL;
	struct curl_slist *line = NULL;
	struct tm tm = { 0 };

	if (!probe->full_handshake ||
	    curl_easy_getinfo(probe->easy, CURLINFO_CERTINFO, &info) !=
		CURLE_OK ||
	    info == NULL || info->num_of_certs < 1)
		return false;
	for (line = info->certinfo[0]; line != NULL; line = line->next)
		if (strncmp(line->data, label, sizeof label - 1) == 0)
			break;
	if (line == NULL ||
	    strptime(line->data + sizeof label - 1, "%b %d %H:%M:%S %Y",
		&tm) == NULL)
		return false;
	*days = (int)(difftime(timegm(&tm), time(NULL)) / 86400);
	return true;
}

static void
end_probe(struct probe *probe, enum transfer_end end)
{
	struct probe_target *target = probe->target;
	int64_t now_us = loop_clock_us();
	struct transfer_facts facts;
	struct probe_result result = {
		.at_ms = now_us / 1000,
		.duration_us = (uint32_t)(now_us - probe->started_us),
	};

	collect(probe, end, &facts);
	if (read_certificate(probe, &target->certificate_days))
		target->certificate_known = true;
	result.outcome = judge_transfer(&facts, &target->spec.how.expect_status,
	    result.detail, sizeof result.detail);
	if (result.outcome != OUTCOME_OK)
		target->full_handshake_at_ms = 0;
	curl_shard_stop(target->shard, probe->easy);
	probe_free(probe);
	prober_take_result(target, &result);
}

static bool
same_host(const char *url, const char *host, bool *same)
{
	CURLU *u = curl_url();
	char *name = NULL;
	bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == 0 &&
	    curl_url_get(u, CURLUPART_HOST, &name, 0) == 0;

	*same = ok && strcasecmp(name, host) == 0;
	curl_free(name);
	curl_url_cleanup(u);
	return ok;
}

/* Follows to the same host name, which stays with the endpoint; any other
 * would be a probe of something else. True when a transfer was started. */
static bool
follow_redirect(struct probe *probe, bool *bad)
{
	struct probe_target *target = probe->target;
	char *url = NULL, to[ADDR_TEXT_MAX + 512], ip[ADDR_TEXT_MAX];
	bool same = false;

	*bad = false;
	curl_easy_getinfo(probe->easy, CURLINFO_REDIRECT_URL, &url);
	if (!target->spec.how.follow_redirects || url == NULL)
		return false;
	*bad = true;
	if (++probe->redirects > REDIRECTS_MAX ||
	    !same_host(url, target->spec.how.host, &same) || !same)
		return false;
	snprintf(to, sizeof to,
	    target->spec.addr.family == ADDR_IP6 ? "%s::[%s]:" : "%s::%s:",
	    target->spec.how.host,
	    addr_format(&target->spec.addr, false, ip));
	curl_slist_free_all(probe->redirect_to);
	probe->redirect_to = curl_slist_append(NULL, to);
	url = strdup(url);
	curl_shard_stop(target->shard, probe->easy);
	probe->body.len = 0;
	probe->header_bytes = 0;
	probe->enough = false;
	curl_easy_setopt(probe->easy, CURLOPT_URL, url);
	curl_easy_setopt(probe->easy, CURLOPT_CONNECT_TO, probe->redirect_to);
	free(url);
	*bad = !curl_shard_start(target->shard, probe->easy);
	return !*bad;
}

void
probe_on_done(void *private, CURL *easy, CURLcode code)
{
	struct probe *probe = private;
	enum transfer_end end = end_of(probe, code);
	bool bad = false;

	(void)easy;
	if (end == TRANSFER_DONE && follow_redirect(probe, &bad))
		return;
	end_probe(probe, bad ? TRANSFER_BAD_REDIRECT : end);
}

void
probe_on_polled(void *private)
{
	struct probe *probe = private;

	probe->waited = true;
}

static void
on_deadline(void *arg)
{
	end_probe(arg, TRANSFER_TIMED_OUT);
}

static void
end_unstarted(struct probe_target *target, enum outcome outcome,
    const char *detail)
{
	struct probe_result result = {
		.outcome = outcome,
		.at_ms = loop_now_ms(target->prober->loop),
	};

	snprintf(result.detail, sizeof result.detail, "%s", detail);
	prober_take_result(target, &result);
}

void
probe_start(struct probe_target *target)
{
	struct prober *prober = target->prober;
	struct probe *probe = calloc(1, sizeof *probe);

	target->started_ms = loop_now_ms(prober->loop);
	prober->stats.started++;
	if (target->broken || probe == NULL) {
		free(probe);
		end_unstarted(target,
		    target->broken ? OUTCOME_SETUP : OUTCOME_NO_MEMORY,
		    target->broken ? target->broken_text
				   : outcome_text(OUTCOME_NO_MEMORY));
		return;
	}
	probe->target = target;
	probe->fd = -1;
	probe->started_us = loop_clock_us();
	probe->easy = curl_shard_take(target->shard);
	loop_timer_init(&probe->deadline, on_deadline, probe);
	target->probe = probe;
	prober->stats.in_flight++;
	if (probe->easy == NULL || !probe_set_options(probe) ||
	    !curl_shard_start(target->shard, probe->easy)) {
		probe_free(probe);
		end_unstarted(target, OUTCOME_NO_MEMORY,
		    outcome_text(OUTCOME_NO_MEMORY));
		return;
	}
	loop_timer_set(prober->loop, &probe->deadline,
	    loop_slot(target->started_ms + target->spec.timeout_ms));
}
