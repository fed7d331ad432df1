/* SPDX-License-Identifier: ISC */
/* Probes that follow redirects, by libcurl. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "http/probe_curl.h"
#include "http/prober_impl.h"

#define REDIRECTS_MAX 3

static enum transfer_end
end_of(const struct curl_probe *probe, CURLcode code)
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

/* libcurl 7.88 leaves its initial 1 where the chain was fine and the name was
 * not. */
static long
verify_result(const struct curl_probe *probe)
{
	long result = 0;

	curl_easy_getinfo(probe->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	return result == 1 ? 0 : result;
}

/* libcurl reports the time of connecting only after the TLS handshake. While
 * the transfer goes on the socket is still there to be asked. */
static bool
is_connected(const struct curl_probe *probe)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return probe->fd >= 0 &&
	    getpeername(probe->fd, (struct sockaddr *)&peer, &len) == 0;
}

static void
collect(struct curl_probe *probe, enum transfer_end end,
    struct transfer_facts *facts)
{
	struct probe_target *target = probe->base.target;
	curl_off_t connected_us = 0, tls_us = 0;
	long number = 0;

	*facts = (struct transfer_facts){
		.end = end,
		.no_descriptor = probe->no_descriptor,
		.waited = probe->waited,
		.tls = healthcheck_uses_tls(target->spec.scheme),
		.is_http = true,
		.body_expected = body_pattern_is_set(&target->pattern),
	};
	curl_easy_getinfo(probe->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	curl_easy_getinfo(probe->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	facts->connected = connected_us > 0 ||
	    (end == TRANSFER_TIMED_OUT && is_connected(probe));
	facts->tls_done = tls_us > 0;
	curl_easy_getinfo(probe->easy, CURLINFO_OS_ERRNO, &number);
	facts->os_errno = (int)number;
	facts->stalled = probe_is_stalled(&probe->base);
	if (end == TRANSFER_NOT_TRUSTED)
		facts->verify_result = verify_result(probe);
	number = 0;
	curl_easy_getinfo(probe->easy, CURLINFO_RESPONSE_CODE, &number);
	facts->status = (unsigned)number;
	if (facts->body_expected)
		facts->body_matched =
		    body_matches(&probe->base.body, &target->pattern);
	facts->body_costly = body_is_costly(&probe->base.body);
}

/* Days until the certificate ends, out of libcurl's "Expire date:Nov 24
 * 12:00:00 2026 GMT". */
static bool
read_certificate(const struct curl_probe *probe, int *days)
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
end_transfer(struct curl_probe *probe, enum transfer_end end)
{
	struct probe_target *target = probe->base.target;
	struct transfer_facts facts;

	collect(probe, end, &facts);
	if (read_certificate(probe, &target->certificate_days))
		target->certificate_known = true;
	probe_end(&probe->base, &facts);
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
follow_redirect(struct curl_probe *probe, bool *bad)
{
	struct probe_target *target = probe->base.target;
	char *url = NULL, to[ADDR_TEXT_MAX + 512], ip[ADDR_TEXT_MAX];
	bool same = false;

	*bad = false;
	curl_easy_getinfo(probe->easy, CURLINFO_REDIRECT_URL, &url);
	if (url == NULL)
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
	body_fini(&probe->base.body);
	probe->base.body_bytes = 0;
	probe->header_bytes = 0;
	probe->enough = false;
	curl_easy_setopt(probe->easy, CURLOPT_URL, url);
	curl_easy_setopt(probe->easy, CURLOPT_CONNECT_TO, probe->redirect_to);
	free(url);
	*bad = !curl_shard_start(target->shard, probe->easy);
	return !*bad;
}

void
probe_curl_on_done(void *private, CURL *easy, CURLcode code)
{
	struct curl_probe *probe = private;
	enum transfer_end end = end_of(probe, code);
	bool bad = false;

	(void)easy;
	if (end == TRANSFER_DONE && follow_redirect(probe, &bad))
		return;
	end_transfer(probe, bad ? TRANSFER_BAD_REDIRECT : end);
}

void
probe_curl_on_polled(void *private)
{
	struct curl_probe *probe = private;

	probe->waited = true;
}

static void
start(struct probe *base)
{
	struct curl_probe *probe = (struct curl_probe *)base;
	struct curl_shard *shard = base->target->shard;

	probe->fd = -1;
	probe->easy = curl_shard_take(shard);
	if (probe->easy == NULL || !probe_curl_set_options(probe) ||
	    !curl_shard_start(shard, probe->easy))
		probe_end(base,
		    &(struct transfer_facts){ .end = TRANSFER_NO_MEMORY });
}

static void
time_out(struct probe *probe)
{
	end_transfer((struct curl_probe *)probe, TRANSFER_TIMED_OUT);
}

static void
release(struct probe *base)
{
	struct curl_probe *probe = (struct curl_probe *)base;
	struct curl_shard *shard = base->target->shard;

	if (probe->easy != NULL) {
		curl_shard_stop(shard, probe->easy);
		curl_shard_give_back(shard, probe->easy);
	}
	curl_slist_free_all(probe->redirect_to);
}

const struct probe_engine probe_curl_engine = {
	.size = sizeof(struct curl_probe),
	.start = start,
	.time_out = time_out,
	.release = release,
};
