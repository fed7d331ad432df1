/* SPDX-License-Identifier: ISC */
/* Webhooks: what happens within a moment is one POST. One is under way per
 * webhook; what comes meanwhile is the next one. */
#define LOG_TAG "[webhook]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "agent_impl.h"
#include "err.h"
#include "http/http_client.h"
#include "webhook_body.h"

#define COLLECT_MS 500
#define TIMEOUT_MS 10000
#define TRIES_MAX 10
#define BACKOFF_MS 1000 /* doubles with each try */
#define BACKOFF_MAX_MS 60000
#define RETRY_AFTER_MAX_S 600 /* what a server may ask for */
#define ANSWER_MAX 4096

struct webhook {
	struct agent *agent;
	const struct conf_webhook *conf;
	char name[80]; /* without what is secret in its URL */
	struct hook_queue queue;
	struct timer timer; /* the next POST */
	char *body; /* on its way; NULL: none */
	size_t len;
	size_t count; /* of events in it */
	unsigned tries;
	struct http_client *client; /* NULL: that of the agent */
	struct http_fetch_call *call;
};

/* "hooks.example.org": paths and queries of webhooks are passwords. */
static void
make_name(struct webhook *hook)
{
	const char *host = strstr(hook->conf->url, "://") + 3;
	size_t len = strcspn(host, "/?#");
	const char *at = memchr(host, '@', len);

	if (at != NULL) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	snprintf(hook->name, sizeof hook->name, "%.*s", (int)len, host);
}

static void
post_in(struct webhook *hook, int64_t ms)
{
	struct loop *loop = hook->agent->loop;

	loop_timer_set(loop, &hook->timer, loop_now_ms(loop) + ms);
}

/* Between 3/4 and 5/4 of it, so that those who failed together don't come back
 * together. */
static int64_t
with_jitter(int64_t ms)
{
	uint16_t random = 0;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint16_t)loop_clock_us();
	return ms * 3 / 4 + ms * random / (2 * 65536);
}

static void
end_delivery(struct webhook *hook)
{
	free(hook->body);
	hook->body = NULL;
	hook->tries = 0;
	if (hook->queue.n > 0)
		post_in(hook, COLLECT_MS);
}

static void
count(struct webhook *hook, const char *outcome, uint64_t n)
{
	agent_metrics_hooked(hook->agent, hook->name, outcome, n);
}

static void
give_up(struct webhook *hook, const char *why)
{
	count(hook, "dropped", hook->count);
	log_error("webhook %s: %zu event%s not delivered: %s", hook->name,
	    hook->count, hook->count == 1 ? "" : "s", why);
	end_delivery(hook);
}

static void
try_again(struct webhook *hook, const char *why, const char *retry_after)
{
	int64_t wait_ms = (int64_t)BACKOFF_MS << (hook->tries - 1);
	long asked_s = retry_after != NULL ? strtol(retry_after, NULL, 10) : 0;

	if (hook->tries >= TRIES_MAX) {
		give_up(hook, why);
		return;
	}
	if (wait_ms > BACKOFF_MAX_MS)
		wait_ms = BACKOFF_MAX_MS;
	wait_ms = with_jitter(wait_ms);
	if (asked_s > RETRY_AFTER_MAX_S)
		asked_s = RETRY_AFTER_MAX_S;
	if (asked_s * 1000 > wait_ms)
		wait_ms = asked_s * 1000;
	log_warning("webhook %s: %s; once more in %lld ms", hook->name, why,
	    (long long)wait_ms);
	post_in(hook, wait_ms);
}

static void
on_answer(void *arg, const struct http_fetch_answer *answer)
{
	struct webhook *hook = arg;
	unsigned status = answer->status;
	char why[128];

	hook->call = NULL;
	if (status >= 200 && status < 300) {
		log_debug("webhook %s: %zu events delivered", hook->name,
		    hook->count);
		count(hook, "delivered", hook->count);
		end_delivery(hook);
		return;
	}
	if (status > 0)
		snprintf(why, sizeof why, "status %u", status);
	else
		snprintf(why, sizeof why, "%s", answer->why);
	if (status == 0 || status == 408 || status == 429 || status >= 500)
		try_again(hook, why, answer->headers[0]);
	else
		give_up(hook, why);
}

static void
make_body(struct webhook *hook)
{
	const struct event *events[HOOK_QUEUE_MAX];
	char by[ADDR_TEXT_MAX];
	struct webhook_delivery delivery = { .events = events,
		.by = addr_format(&hook->agent->conf->local_node, true, by) };
	uint64_t id;

	while ((id = hook_queue_pop(&hook->queue)) != 0) {
		const struct event *event = agent_hooks_event(hook->agent, id);

		if (event != NULL)
			events[delivery.n++] = event;
		else
			hook->queue.dropped++;
	}
	delivery.dropped = hook->queue.dropped;
	if (delivery.dropped > 0)
		log_warning("webhook %s: %" PRIu64 " events were dropped, too "
			    "many came", hook->name, delivery.dropped);
	count(hook, "dropped", delivery.dropped);
	hook->queue.dropped = 0;
	hook->count = delivery.n;
	if (delivery.n == 0)
		return;
	hook->body = hook->conf->format == CONF_WEBHOOK_SLACK
	    ? webhook_body_text(&delivery, &hook->len)
	    : webhook_body_json(&delivery, &hook->len);
	if (hook->body != NULL)
		return;
	log_error("webhook %s: out of memory, %zu events are lost",
	    hook->name, delivery.n);
	count(hook, "dropped", delivery.n);
}

/* One that has a CA of its own has a client of its own. */
static struct http_fetch_call *
start_call(struct webhook *hook, const struct http_fetch_request *request)
{
	const char *ca_file = hook->conf->tls_ca_file;
	struct http_fetch fetch = agent_fetch(hook->agent);

	if (ca_file == NULL)
		return fetch.start(fetch.arg, request, on_answer, hook);
	if (hook->client == NULL)
		hook->client = http_client_new(hook->agent->loop, ca_file);
	return hook->client != NULL
	    ? http_client_fetch(hook->client, request, on_answer, hook)
	    : NULL;
}

static void
send_body(struct webhook *hook)
{
	char signature[128] = "Rrdnsd-Signature: sha256=";
	static const char *const wanted[] = { "Retry-After" };
	const char *headers[] = { "Content-Type: application/json",
		"User-Agent: rrdnsd/" PACKAGE_VERSION, signature };
	struct http_fetch_request request = { .method = "POST",
		.url = hook->conf->url, .headers = headers, .n_headers = 2,
		.body = hook->body, .len = hook->len, .wanted = wanted,
		.n_wanted = 1, .max_answer = ANSWER_MAX,
		.timeout_ms = TIMEOUT_MS };

	hook->tries++;
	if (hook->conf->secret.len > 0) {
		if (secret_sign(&hook->conf->secret, hook->body, hook->len,
			signature + strlen(signature)) != 0) {
			try_again(hook, err_text(ERR_CRYPTO), NULL);
			return;
		}
		request.n_headers = 3;
	}
	hook->call = start_call(hook, &request);
	if (hook->call == NULL)
		try_again(hook, err_text(ERR_NOMEM), NULL);
}

static void
on_timer(void *arg)
{
	struct webhook *hook = arg;

	if (hook->body == NULL)
		make_body(hook);
	if (hook->body != NULL)
		send_body(hook);
}

static struct webhook *
webhook_new(struct agent *agent)
{
	struct webhook *hook = calloc(1, sizeof *hook);

	if (hook == NULL)
		return NULL;
	hook->agent = agent;
	loop_timer_init(&hook->timer, on_timer, hook);
	return hook;
}

static void
webhook_free(struct webhook *hook)
{
	if (hook->call != NULL)
		http_client_cancel(hook->call);
	http_client_free(hook->client);
	if (hook->queue.n > 0 || hook->body != NULL)
		log_warning("webhook %s: not all of its events were delivered",
		    hook->name);
	loop_timer_cancel(hook->agent->loop, &hook->timer);
	free(hook->body);
	free(hook);
}

void
agent_webhooks_event(struct agent *agent, const struct event *event)
{
	for (size_t i = 0; i < agent->hooks.n_webhooks; i++) {
		struct webhook *hook = agent->hooks.webhooks[i];

		if (!agent_hooks_wants(&hook->conf->events, event))
			continue;
		hook_queue_push(&hook->queue, event->id);
		if (hook->body == NULL && !loop_timer_is_set(&hook->timer))
			post_in(hook, COLLECT_MS);
	}
}

static bool
same_place(const struct conf_webhook *a, const struct conf_webhook *b)
{
	const char *a_ca = a->tls_ca_file != NULL ? a->tls_ca_file : "";
	const char *b_ca = b->tls_ca_file != NULL ? b->tls_ca_file : "";

	return strcmp(a->url, b->url) == 0 && strcmp(a_ca, b_ca) == 0;
}

/* The old one that goes to the same place, which leaves the list. */
static struct webhook *
take_old(struct webhook **old, size_t n, const struct conf_webhook *conf)
{
	for (size_t i = 0; i < n; i++) {
		struct webhook *hook = old[i];

		if (hook == NULL || !same_place(hook->conf, conf))
			continue;
		old[i] = NULL;
		return hook;
	}
	return NULL;
}

int
agent_webhooks_start(struct agent *agent, struct webhook **old, size_t n_old)
{
	struct agent_hooks *hooks = &agent->hooks;
	const struct conf *conf = agent->conf;

	hooks->n_webhooks = 0;
	hooks->webhooks = calloc(conf->n_webhooks + 1, sizeof *hooks->webhooks);
	for (size_t i = 0; hooks->webhooks && i < conf->n_webhooks; i++) {
		struct webhook *hook =
		    take_old(old, n_old, &conf->webhooks[i]);

		if (hook == NULL && (hook = webhook_new(agent)) == NULL)
			break;
		hook->conf = &conf->webhooks[i];
		make_name(hook);
		count(hook, "dropped", 0);
		hooks->webhooks[hooks->n_webhooks++] = hook;
	}
	for (size_t i = 0; i < n_old; i++)
		if (old[i] != NULL)
			webhook_free(old[i]);
	return hooks->n_webhooks == conf->n_webhooks ? 0 : ERR_NOMEM;
}

void
agent_webhooks_stop(struct agent *agent)
{
	struct agent_hooks *hooks = &agent->hooks;

	while (hooks->n_webhooks > 0)
		webhook_free(hooks->webhooks[--hooks->n_webhooks]);
	free(hooks->webhooks);
	hooks->webhooks = NULL;
}

void
agent_webhooks_dropped(struct agent *agent, uint64_t n)
{
	for (size_t i = 0; i < agent->hooks.n_webhooks; i++)
		count(agent->hooks.webhooks[i], "dropped", n);
}

/* What failed already is not waited for. */
bool
agent_webhooks_idle(const struct agent *agent)
{
	for (size_t i = 0; i < agent->hooks.n_webhooks; i++) {
		const struct webhook *hook = agent->hooks.webhooks[i];

		if (hook->call != NULL ||
		    (hook->queue.n > 0 && hook->body == NULL))
			return false;
	}
	return true;
}
