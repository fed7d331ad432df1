/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "dns/exchange_impl.h"
#include "dns/wire.h"
#include "err.h"

#define FLAGS_AT 2
#define FLAG_QR 0x8000
#define FLAG_TC 0x0200

/* After an answer that could not be believed a better one gets this long: the
 * first may be forged, but most likely it is the server's own. */
#define HINT_MS 500

struct exchange *
exchange_new(struct loop *loop, const struct exchange_conf *conf)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		return NULL;
	exchange->loop = loop;
	exchange->conf = *conf;
	TAILQ_INIT(&exchange->requests);
	exchange_tcp_init(exchange);
	if (conf->key != NULL) {
		exchange->key = tsig_key_copy(conf->key);
		if (exchange->key == NULL) {
			free(exchange);
			return NULL;
		}
	}
	exchange->conf.key = exchange->key;
	return exchange;
}

static void
destroy(void *arg)
{
	struct exchange *exchange = arg;

	if (exchange->key != NULL)
		tsig_key_fini(exchange->key);
	free(exchange->key);
	free(exchange);
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	exchange->closed = true;
	while (!TAILQ_EMPTY(&exchange->requests))
		exchange_cancel(TAILQ_FIRST(&exchange->requests));
	exchange_tcp_fini(exchange);
	loop_defer(exchange->loop, destroy, exchange);
}

size_t
exchange_in_flight(const struct exchange *exchange)
{
	return exchange->n_requests;
}

static void
request_destroy(void *arg)
{
	struct exchange_request *request = arg;

	free(request->framed);
	free(request);
}

static void
unlink_request(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;

	exchange_udp_stop(request);
	exchange_tcp_stop(request);
	loop_timer_cancel(exchange->loop, &request->deadline);
	TAILQ_REMOVE(&exchange->requests, request, entry);
	exchange->n_requests--;
	loop_defer(exchange->loop, request_destroy, request);
}

void
exchange_cancel(struct exchange_request *request)
{
	unlink_request(request);
}

void
exchange_finish(struct exchange_request *request,
    struct exchange_outcome *outcome)
{
	if (request->sent_us != 0)
		outcome->duration_us =
		    (uint32_t)(loop_clock_us() - request->sent_us);
	unlink_request(request);
	request->cb(request->arg, outcome);
}

void
exchange_fail(struct exchange_request *request, enum exchange_status status,
    const char *text)
{
	struct exchange_outcome outcome = { .status = status,
		.tcp = request->on_tcp };

	if (request->hinted)
		outcome = request->hint;
	else
		snprintf(outcome.text, sizeof outcome.text, "%s", text);
	exchange_finish(request, &outcome);
}

void
exchange_fail_later(struct exchange_request *request,
    enum exchange_status status, const char *text, int64_t at_ms)
{
	request->late_status = status;
	snprintf(request->late_text, sizeof request->late_text, "%s", text);
	if (at_ms < request->deadline_ms) {
		request->deadline_ms = at_ms;
		loop_timer_set(request->exchange->loop, &request->deadline,
		    at_ms);
	}
}

static void
on_deadline(void *arg)
{
	struct exchange_request *request = arg;

	exchange_fail(request, request->late_status, request->late_text);
}

static uint64_t
now_s(void)
{
	return (uint64_t)time(NULL);
}

static void
keep_hint(struct exchange_request *request,
    const struct exchange_outcome *outcome)
{
	struct exchange *exchange = request->exchange;

	request->hinted = true;
	request->hint = *outcome;
	exchange_fail_later(request, EXCHANGE_NOT_AUTHENTIC, outcome->text,
	    loop_now_ms(exchange->loop) + HINT_MS);
}

/* True when the message is authentic, or needs not be; else the outcome says
 * why not. */
static bool
authenticate(struct exchange_request *request, uint8_t *wire, size_t *len,
    struct exchange_outcome *outcome)
{
	struct exchange *exchange = request->exchange;
	struct tsig_report report;
	enum tsig_result result;

	if (exchange->key == NULL)
		return true;
	result = tsig_verify(wire, len, exchange->key, &request->mac, now_s(),
	    &report);
	if (result == TSIG_OK)
		return true;
	outcome->status = EXCHANGE_NOT_AUTHENTIC;
	exchange_describe_tsig(exchange, result, &report, outcome->rcode,
	    (int64_t)now_s(), outcome);
	return false;
}

bool
exchange_take(struct exchange_request *request, uint8_t *wire, size_t len,
    bool tcp)
{
	struct exchange_outcome outcome = { .status = EXCHANGE_ANSWERED,
		.tcp = tcp };
	unsigned flags;

	if (len < WIRE_HEADER_LEN || wire_get16(wire) != request->id)
		return false;
	flags = wire_get16(wire + FLAGS_AT);
	if (!(flags & FLAG_QR))
		return false;
	outcome.rcode = flags & 0xf;
	if (!authenticate(request, wire, &len, &outcome)) {
		/* TCP can't be forged from aside; on UDP a true answer may
		 * still come. An authentic BADTIME is the truth already. */
		if (tcp || outcome.tsig_error == TSIG_BADTIME)
			exchange_finish(request, &outcome);
		else
			keep_hint(request, &outcome);
		return tcp || outcome.tsig_error == TSIG_BADTIME;
	}
	if (flags & FLAG_TC && !tcp) {
		exchange_udp_stop(request);
		exchange_tcp_start(request);
		return true;
	}
	outcome.answer = wire;
	outcome.answer_len = len;
	exchange_describe_rcode(request->exchange, outcome.rcode, outcome.text,
	    sizeof outcome.text);
	exchange_finish(request, &outcome);
	return true;
}

static bool
id_is_taken(const struct exchange *exchange, uint16_t id)
{
	const struct exchange_request *request;

	TAILQ_FOREACH(request, &exchange->requests, entry)
		if (request->id == id)
			return true;
	return false;
}

static int
choose_id(const struct exchange *exchange, struct exchange_request *request,
    struct dns_message *message)
{
	request->id = (uint16_t)wire_get16(message->wire);
	while (id_is_taken(exchange, request->id))
		if (getrandom(&request->id, sizeof request->id, 0) < 0)
			return ERR_CRYPTO;
	wire_put16(message->wire, request->id);
	return 0;
}

static int
frame(const struct exchange *exchange, struct exchange_request *request,
    struct dns_message *message)
{
	int err = choose_id(exchange, request, message);

	if (err == 0 && exchange->key != NULL)
		err = tsig_sign(message, exchange->key, now_s(),
		    exchange->conf.fudge_s, &request->mac);
	if (err != 0)
		return err;
	request->len = message->len;
	request->framed = malloc(2 + message->len);
	if (request->framed == NULL)
		return ERR_NOMEM;
	wire_put16(request->framed, (unsigned)message->len);
	memcpy(request->framed + 2, message->wire, message->len);
	return 0;
}

static bool
goes_by_tcp(const struct exchange *exchange,
    const struct exchange_request *request)
{
	int64_t now_ms = loop_now_ms(exchange->loop);

	if (request->len > EXCHANGE_UDP_MAX ||
	    exchange->conf.transport == EXCHANGE_TCP)
		return true;
	if (exchange->conf.transport == EXCHANGE_UDP)
		return false;
	if (request->kind == EXCHANGE_QUERY)
		return now_ms < exchange->udp_dead_until_ms;
	return now_ms >= exchange->tcp_dead_until_ms;
}

struct exchange_request *
exchange_send(struct exchange *exchange, enum exchange_kind kind,
    struct dns_message *message, exchange_cb *cb, void *arg)
{
	struct exchange_request *request = calloc(1, sizeof *request);
	int err = ERR_NOMEM;

	if (request != NULL) {
		request->exchange = exchange;
		request->kind = kind;
		request->cb = cb;
		request->arg = arg;
		request->fd = -1;
		err = frame(exchange, request, message);
	}
	dns_message_fini(message);
	if (err != 0) {
		if (request != NULL)
			free(request->framed);
		free(request);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&exchange->requests, request, entry);
	exchange->n_requests++;
	loop_timer_init(&request->deadline, on_deadline, request);
	request->deadline_ms =
	    loop_now_ms(exchange->loop) + exchange->conf.timeout_ms;
	loop_timer_set(exchange->loop, &request->deadline,
	    request->deadline_ms);
	request->late_status = EXCHANGE_TIMED_OUT;
	snprintf(request->late_text, sizeof request->late_text,
	    "no answer within %u ms", exchange->conf.timeout_ms);
	if (goes_by_tcp(exchange, request))
		exchange_tcp_start(request);
	else
		exchange_udp_start(request);
	return request;
}
