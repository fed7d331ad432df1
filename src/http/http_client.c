/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "err.h"
#include "http/body_match.h"
#include "http/curl_shard.h"
#include "http/tls_store.h"
#include "loop.h"

#define CONNECTIONS 32

struct http_request {
	struct http_client *client;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	size_t max_answer;
	struct body answer;
	const char *wanted_header;
	http_answer_cb *cb;
	void *arg;
	LIST_ENTRY(http_request) entry;
};

struct http_client {
	struct loop *loop;
	struct curl_shard *shard;
	struct tls_store *store;
	LIST_HEAD(, http_request) requests;
};

static void
request_free(struct http_request *request)
{
	if (request->easy != NULL)
		curl_shard_give_back(request->client->shard, request->easy);
	curl_slist_free_all(request->headers);
	body_fini(&request->answer);
	free(request->body);
	free(request);
}

static void
on_done(void *private, CURL *easy, CURLcode code)
{
	struct http_request *request = private;
	struct http_answer answer = { 0 };
	struct curl_header *header = NULL;
	long status = 0;

	if (code == CURLE_OK || request->wanted_header == NULL)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	answer.status = (unsigned)status;
	if (code == CURLE_OK && request->wanted_header != NULL) {
		answer.body = request->answer.data;
		answer.len = request->answer.len;
		if (curl_easy_header(easy, request->wanted_header, 0,
			CURLH_HEADER, -1, &header) == CURLHE_OK)
			answer.header = header->value;
	}
	LIST_REMOVE(request, entry);
	curl_shard_stop(request->client->shard, easy);
	request->cb(request->arg, &answer);
	request_free(request);
}

static void
on_polled(void *private)
{
	(void)private;
}

struct http_client *
http_client_new(struct loop *loop, const char *ca_file)
{
	struct http_client *client = calloc(1, sizeof *client);
	const char *why;

	if (client == NULL)
		return NULL;
	client->loop = loop;
	LIST_INIT(&client->requests);
	client->store = tls_store_get(ca_file, &why);
	client->shard = curl_shard_new(loop, CONNECTIONS, on_done, on_polled);
	if (client->shard == NULL) {
		http_client_free(client);
		return NULL;
	}
	return client;
}

void
http_client_free(struct http_client *client)
{
	struct http_request *request;

	if (client == NULL)
		return;
	while ((request = LIST_FIRST(&client->requests)) != NULL) {
		LIST_REMOVE(request, entry);
		curl_shard_stop(client->shard, request->easy);
		request_free(request);
	}
	curl_shard_free(client->shard);
	tls_store_put(client->store);
	free(client);
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_request *request = arg;

	if (body_append(&request->answer, data, size * n,
		request->max_answer) == 0)
		return size * n;
	return 0; /* ends the transfer */
}

static CURLcode
on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	const struct http_client *client = arg;

	(void)easy;
	if (client->store != NULL)
		tls_store_apply(client->store, ssl_ctx);
	return CURLE_OK;
}

static bool
add_header(struct http_request *request, const char *line)
{
	struct curl_slist *longer = curl_slist_append(request->headers, line);

	if (longer != NULL)
		request->headers = longer;
	return longer != NULL;
}

static void
set_options(struct http_request *request, const char *url, unsigned timeout_ms)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, request->client);
}

static struct http_request *
request_new(struct http_client *client, http_answer_cb *cb, void *arg)
{
	struct http_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return NULL;
	request->client = client;
	request->cb = cb;
	request->arg = arg;
	request->easy = curl_shard_take(client->shard);
	if (request->easy == NULL) {
		request_free(request);
		return NULL;
	}
	return request;
}

static struct http_request *
start(struct http_request *request)
{
	struct http_client *client = request->client;

	if (!curl_shard_start(client->shard, request->easy)) {
		request_free(request);
		return NULL;
	}
	LIST_INSERT_HEAD(&client->requests, request, entry);
	return request;
}

struct http_request *
http_client_post(struct http_client *client, const struct http_post *post,
    http_answer_cb *cb, void *arg)
{
	struct http_request *request = request_new(client, cb, arg);
	char url[ADDR_TEXT_MAX + 256], addr[ADDR_TEXT_MAX];

	if (request == NULL)
		return NULL;
	request->max_answer = post->max_answer;
	request->wanted_header = post->wanted_header;
	request->body = malloc(post->len + 1);
	if (request->body == NULL ||
	    !add_header(request, "Content-Type: application/json") ||
	    !add_header(request, "Expect:") ||
	    !add_header(request, post->header)) {
		request_free(request);
		return NULL;
	}
	memcpy(request->body, post->body, post->len);
	snprintf(url, sizeof url, "%s://%s%s", post->tls ? "https" : "http",
	    addr_format(&post->to, true, addr), post->path);
	set_options(request, url, post->timeout_ms);
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)post->len);
	return start(request);
}

struct http_request *
http_client_get(struct http_client *client, const char *url,
    unsigned timeout_ms, http_answer_cb *cb, void *arg)
{
	struct http_request *request = request_new(client, cb, arg);

	if (request == NULL)
		return NULL;
	set_options(request, url, timeout_ms);
	curl_easy_setopt(request->easy, CURLOPT_NOBODY, 0L);
	curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(request->easy, CURLOPT_FORBID_REUSE, 1L);
	return start(request);
}
