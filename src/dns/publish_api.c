/* SPDX-License-Identifier: ISC */
/* The API of a DNS service, under one token: who it is, how requests are sent,
 * and how much it can bear. */
#define LOG_TAG "[updater]"
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf_method.h"
#include "dns/providers/pace.h"
#include "dns/publish_impl.h"
#include "log.h"

/* Names that are read, or brought one step further, at the same time. */
#define CALLS_AT_ONCE 4
/* What was taken for a refusal of twins may have been one of something else; and
 * without them a name may be empty for a moment if somebody else writes it. */
#define NO_TWINS_MS 3600000

#define ANSWER_MAX (1024 * 1024) /* bytes; 1,024 records take about 200 kB */

struct publish_api {
	const struct provider *provider;
	char *url;
	char *auth; /* a header line; wiped */
	unsigned timeout_ms;
	/* Loop clock: it refused to hold an address twice not long ago; 0: never. */
	int64_t no_twins_until_ms;
};

static bool
same_token(const struct secret *a, const struct secret *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool
publish_api_same(const struct conf_update *a, const struct conf_update *b)
{
	if (a->url == NULL || b->url == NULL)
		return a->url == b->url;
	return strcmp(a->url, b->url) == 0 && same_token(&a->token, &b->token);
}

void
publish_api_free(struct publish_api *api)
{
	if (api == NULL)
		return;
	if (api->auth != NULL)
		explicit_bzero(api->auth, strlen(api->auth));
	free(api->auth);
	free(api->url);
	free(api);
}

static struct publish_api *
api_new(const struct conf_update *update)
{
	struct publish_api *api = calloc(1, sizeof *api);

	if (api == NULL)
		return NULL;
	api->provider = provider_of(update->method);
	api->timeout_ms = update->timeout_ms;
	api->url = strdup(update->url);
	api->auth = provider_auth_header(api->provider, &update->token);
	if (api->url != NULL && api->auth != NULL)
		return api;
	publish_api_free(api);
	return NULL;
}

static bool
same_api(const struct publish_api *a, const struct publish_api *b)
{
	return a != NULL && a->provider == b->provider &&
	    a->timeout_ms == b->timeout_ms && strcmp(a->url, b->url) == 0 &&
	    strcmp(a->auth, b->auth) == 0;
}

/* Services with the same API and token share it, and its limits. */
struct publish_server *
publish_api_get(struct publisher *publisher, const struct conf_update *update)
{
	struct publish_api *api = api_new(update);
	struct publish_server *server;
	char host[280];

	if (api == NULL)
		return NULL;
	LIST_FOREACH(server, &publisher->servers, entry) {
		if (same_api(server->api, api)) {
			publish_api_free(api);
			server->refs++;
			return server;
		}
	}
	server = publish_server_new(publisher, &publish_hosted_link,
	    conf_method_host(update, host, sizeof host), CALLS_AT_ONCE);
	if (server != NULL)
		server->api = api;
	else
		publish_api_free(api);
	return server;
}

const struct provider *
publish_api_provider(const struct publish_server *server)
{
	return server->api->provider;
}

const char *
publish_api_url(const struct publish_server *server)
{
	return server->api->url;
}

bool
publish_api_refuses_twins(const struct publish_server *server)
{
	return loop_now_ms(server->publisher->loop) <
	    server->api->no_twins_until_ms;
}

void
publish_api_note_no_twins(struct publish_server *server)
{
	server->api->no_twins_until_ms =
	    loop_now_ms(server->publisher->loop) + NO_TWINS_MS;
	log_info("server %s: refuses a second record with the same address",
	    server->name);
}

struct http_fetch_call *
publish_api_send(struct publish_record *record,
    struct provider_request *request, http_fetch_wanted_cb *is_wanted,
    http_fetch_cb *cb)
{
	static const char *const wanted[] = { "Retry-After",
		"ratelimit-remaining", "ratelimit-reset" };
	const struct publish_api *api = record->server->api;
	const struct http_fetch *fetch = &record->server->publisher->fetch;
	const char *const headers[] = { api->auth, "Accept: application/json",
		"Content-Type: application/json" };
	struct http_fetch_request http = { .method = request->method,
		.url = request->url,
		.headers = headers,
		.n_headers = request->body != NULL ? 3 : 2,
		.body = request->body,
		.len = request->body != NULL ? strlen(request->body) : 0,
		.wanted = wanted,
		.n_wanted = 3,
		.max_answer = ANSWER_MAX,
		.timeout_ms = api->timeout_ms,
		.is_wanted = is_wanted };
	struct http_fetch_call *call =
	    fetch->start(fetch->arg, &http, cb, record);

	provider_request_fini(request);
	return call;
}

unsigned
publish_api_pace(const struct http_fetch_answer *answer)
{
	struct pace pace = { .status = answer->status,
		.retry_after = answer->headers[0],
		.remaining = answer->headers[1],
		.reset = answer->headers[2] };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return pace_wait_ms(&pace,
	    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}
