/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/http_client.h"

#include <assert.h>
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
#define HEADER_MAX 65536 /* bytes of all header lines of an answer */

struct http_fetch_call {
	struct http_client *client;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	size_t max_answer;
	size_t header_bytes;
	struct body answer;
	bool too_large;
	char *wanted[HTTP_FETCH_WANTED_MAX];
	size_t n_wanted;
	char error[CURL_ERROR_SIZE];
	http_fetch_wanted_cb *is_wanted; /* NULL: always */
	bool withdrawn;
	http_fetch_cb *cb;
	void *arg;
	LIST_ENTRY(http_fetch_call) entry;
};

struct http_client {
	struct loop *loop;
	struct curl_shard *shard;
	struct tls_store *store;
	LIST_HEAD(, http_fetch_call) calls;
};

/* Headers bear tokens, bodies maybe too. */
static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

static void
call_free(struct http_fetch_call *call)
{
	if (call->easy != NULL)
		curl_shard_give_back(call->client->shard, call->easy);
	for (struct curl_slist *at = call->headers; at != NULL; at = at->next)
		wipe(at->data);
	curl_slist_free_all(call->headers);
	for (size_t i = 0; i < call->n_wanted; i++)
		free(call->wanted[i]);
	body_fini(&call->answer);
	free(call->body);
	free(call);
}

static void
take_headers(struct http_fetch_call *call, struct http_fetch_answer *answer)
{
	struct curl_header *header;

	for (size_t i = 0; i < call->n_wanted; i++)
		if (curl_easy_header(call->easy, call->wanted[i], 0,
			CURLH_HEADER, -1, &header) == CURLHE_OK)
			answer->headers[i] = header->value;
}

static void
on_done(void *private, CURL *easy, CURLcode code)
{
	struct http_fetch_call *call = private;
	struct http_fetch_answer answer = { .why = "",
		.withdrawn = call->withdrawn };
	char text[64];
	long status = 0;

	if (code == CURLE_OK || call->too_large) {
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		answer.status = (unsigned)status;
		take_headers(call, &answer);
	}
	if (call->too_large) {
		snprintf(text, sizeof text, "the answer is longer than %zu bytes",
		    call->max_answer);
		answer.why = text;
	} else if (code == CURLE_OK) {
		answer.body = call->answer.data ? call->answer.data : "";
		answer.len = call->answer.len;
	} else {
		answer.why = call->error[0] != '\0' ? call->error
						    : curl_easy_strerror(code);
	}
	LIST_REMOVE(call, entry);
	curl_shard_stop(call->client->shard, easy);
	call->cb(call->arg, &answer);
	call_free(call);
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
	LIST_INIT(&client->calls);
	client->store = tls_store_get(ca_file, &why);
	client->shard = curl_shard_new(loop, CONNECTIONS, on_done, on_polled);
	if (client->shard == NULL) {
		http_client_free(client);
		return NULL;
	}
	return client;
}

void
http_client_cancel(struct http_fetch_call *call)
{
	LIST_REMOVE(call, entry);
	curl_shard_stop(call->client->shard, call->easy);
	call_free(call);
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	while (!LIST_EMPTY(&client->calls))
		http_client_cancel(LIST_FIRST(&client->calls));
	curl_shard_free(client->shard);
	tls_store_put(client->store);
	free(client);
}

static size_t
on_header(char *data, size_t size, size_t n, void *arg)
{
	struct http_fetch_call *call = arg;

	(void)data;
	call->header_bytes += size * n;
	return call->header_bytes <= HEADER_MAX ? size * n : 0;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_fetch_call *call = arg;
	int err = body_append(&call->answer, data, size * n, call->max_answer);

	call->too_large = err == ERR_TOOBIG;
	return err == 0 ? size * n : 0; /* 0 ends the transfer */
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

/* Called when the connection is there, a kept one, too. */
static int
on_connection(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct http_fetch_call *call = arg;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	call->withdrawn = !call->is_wanted(call->arg);
	return call->withdrawn ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static bool
add_header(struct http_fetch_call *call, const char *line)
{
	struct curl_slist *longer = curl_slist_append(call->headers, line);

	if (longer != NULL)
		call->headers = longer;
	return longer != NULL;
}

/* Everything that libcurl does not copy itself. */
static bool
copy(struct http_fetch_call *call, const struct http_fetch_request *request)
{
	assert(request->n_wanted <= HTTP_FETCH_WANTED_MAX);
	/* Nobody here waits for "100 Continue". */
	if (!add_header(call, "Expect:"))
		return false;
	for (size_t i = 0; i < request->n_headers; i++)
		if (!add_header(call, request->headers[i]))
			return false;
	for (size_t i = 0; i < request->n_wanted; i++) {
		call->wanted[i] = strdup(request->wanted[i]);
		if (call->wanted[i] == NULL)
			return false;
		call->n_wanted++;
	}
	if (request->body == NULL)
		return true;
	call->body = malloc(request->len + 1);
	if (call->body != NULL)
		memcpy(call->body, request->body, request->len);
	return call->body != NULL;
}

static void
set_transport(struct http_fetch_call *call,
    const struct http_fetch_request *request)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	if (request->connect_ms > 0)
		curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		    (long)request->connect_ms);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)request->fresh);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)request->fresh);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	/* It would go on with the store of its first connection. */
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, call->client);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	if (request->is_wanted == NULL)
		return;
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
}

static void
set_http(struct http_fetch_call *call,
    const struct http_fetch_request *request)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	if (call->body != NULL) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->len);
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

struct http_fetch_call *
http_client_fetch(struct http_client *client,
    const struct http_fetch_request *request, http_fetch_cb *cb, void *arg)
{
	struct http_fetch_call *call = calloc(1, sizeof *call);

	if (call == NULL)
		return NULL;
	call->client = client;
	call->cb = cb;
	call->arg = arg;
	call->is_wanted = request->is_wanted;
	call->max_answer = request->max_answer;
	call->easy = curl_shard_take(client->shard);
	if (call->easy == NULL || !copy(call, request)) {
		call_free(call);
		return NULL;
	}
	set_transport(call, request);
	set_http(call, request);
	if (!curl_shard_start(client->shard, call->easy)) {
		call_free(call);
		return NULL;
	}
	LIST_INSERT_HEAD(&client->calls, call, entry);
	return call;
}
