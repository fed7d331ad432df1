/* SPDX-License-Identifier: ISC */
/* The options of one probe. What each spares was measured: libcurl left alone
 * costs four times as much. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "http/local_errno.h"
#include "http/probe_curl.h"
#include "http/tls_store.h"

#define HEADER_MAX 65536
#define CHUNK_FRAME 5 /* "1", and two ends of lines */

static bool
count_header(struct curl_probe *probe, size_t len)
{
	probe->header_bytes += len;
	probe->header_too_large = probe->header_bytes > HEADER_MAX;
	return !probe->header_too_large;
}

static size_t
on_header(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	return count_header(arg, size * n) ? size * n : 0;
}

/* What frames a chunk counts as header, as http_reader.h has it: a body in
 * chunks of a byte must not keep the loop busy until max_body. */
static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct curl_probe *probe = arg;
	enum probe_body taken;

	if (!count_header(probe, CHUNK_FRAME))
		return 0;
	taken = probe_take_body(&probe->base, data, size * n);
	probe->enough = taken == PROBE_BODY_ENOUGH;
	return taken == PROBE_BODY_MORE ? size * n : 0;
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct curl_probe *probe = arg;
	int fd = socket(address->family,
	    address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    address->protocol);

	(void)purpose;
	if (fd < 0 && local_errno_is_descriptor(errno))
		probe->no_descriptor = true;
	probe->fd = fd;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode
on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	const struct curl_probe *probe = arg;

	(void)easy;
	if (probe->base.target->store != NULL)
		tls_store_apply(probe->base.target->store, ssl_ctx);
	return CURLE_OK;
}

static void
set_transport(struct curl_probe *probe)
{
	const struct probe_target *target = probe->base.target;
	CURL *easy = probe->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, probe);
	curl_easy_setopt(easy, CURLOPT_URL, target->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, target->connect_to);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
	    target->spec.addr.family == ADDR_IP4 ? CURL_IPRESOLVE_V4
						 : CURL_IPRESOLVE_V6);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	if (!target->spec.how.reuse) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
}

static void
set_http(struct curl_probe *probe)
{
	const struct conf_probe *how = &probe->base.target->spec.how;
	CURL *easy = probe->easy;

	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP_TRANSFER_DECODING, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, probe->base.target->headers);
	if (strcmp(how->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (strcmp(how->method, "GET") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, how->method);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, probe);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
}

/* A full handshake, and with it the whole check of the chain, is made when it
 * is due and after each failure; between, sessions are resumed. */
static bool
begin_sessions(struct curl_probe *probe)
{
	struct probe_target *target = probe->base.target;
	unsigned interval_ms = target->spec.how.tls_full_interval_ms;
	int64_t now_ms = loop_now_ms(target->prober->loop);

	probe->full_handshake = interval_ms == 0 ||
	    target->sessions == NULL || now_ms >= target->full_handshake_at_ms;
	if (!probe->full_handshake)
		return true;
	curl_share_cleanup(target->sessions);
	target->sessions = NULL;
	target->full_handshake_at_ms = now_ms + interval_ms;
	if (interval_ms == 0)
		return true;
	target->sessions = curl_share_init();
	return target->sessions != NULL &&
	    curl_share_setopt(target->sessions, CURLSHOPT_SHARE,
		CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
}

static bool
set_tls(struct curl_probe *probe)
{
	const struct probe_target *target = probe->base.target;
	const struct conf_probe *how = &target->spec.how;
	CURL *easy = probe->easy;

	if (!begin_sessions(probe))
		return false;
	if (target->sessions != NULL)
		curl_easy_setopt(easy, CURLOPT_SHARE, target->sessions);
	else
		curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	/* It would show one connection's store to all others of its shard. */
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
	    how->tls_verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
	    how->tls_verify ? 2L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, probe);
	if (how->tls_client_cert != NULL)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, how->tls_client_cert);
	if (how->tls_client_key != NULL)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, how->tls_client_key);
	if (probe->full_handshake)
		curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	return true;
}

bool
probe_curl_set_options(struct curl_probe *probe)
{
	set_transport(probe);
	set_http(probe);
	return set_tls(probe);
}
