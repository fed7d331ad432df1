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
#define OPCODE_MASK 0x7800
#define FLAG_TC 0x0200
#define RCODE_MASK 0x000f
#define QDCOUNT_AT 4

/* So that a free id is found soon. */
#define IN_FLIGHT_MAX 16384

/* After an answer that could not be believed a better one gets this long: the
 * first may be forged, but most likely it is the server's own. */
#define HINT_MS 500

static bool
take_key(struct exchange *exchange, const struct tsig_key *key)
{
	exchange->conf.key = NULL;
	if (key == NULL)
		return true;
	exchange->conf.key = exchange->key = tsig_key_copy(key);
	if (exchange->key != NULL)
		exchange->signer = tsig_signer_new(exchange->key);
	return exchange->signer != NULL;
}

static void
destroy(void *arg)
{
	struct exchange *exchange = arg;

	tsig_signer_free(exchange->signer);
	if (exchange->key != NULL)
		tsig_key_fini(exchange->key);
	free(exchange->key);
	free(exchange->stream.in); /* an outcome may lie in it till now */
	free(exchange);
}

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
	if (!take_key(exchange, conf->key)) {
		destroy(exchange);
		return NULL;
	}
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	exchange_tcp_close(exchange);
	while (!TAILQ_EMPTY(&exchange->requests))
		exchange_cancel(TAILQ_FIRST(&exchange->requests));
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
		.tcp = request->tcp };

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

bool
exchange_is_wanted(const struct exchange_request *request)
{
	return request->wanted == NULL || request->wanted(request->arg);
}

static void
on_deadline(void *arg)
{
	struct exchange_request *request = arg;
	struct exchange *exchange = request->exchange;
	bool hung = exchange_tcp_is_hung(request);

	exchange_fail(request, request->late_status, request->late_text);
	if (hung)
		exchange_tcp_give_up(exchange);
}

static uint64_t
now_s(void)
{
	return (uint64_t)time(NULL);
}

/* Servers deny without a signature when they don't know the key, its secret or
 * the zone: then it is not worth waiting for a better answer for long. */
static bool
is_likely(enum tsig_result result, unsigned rcode)
{
	return (result == TSIG_MISSING || result == TSIG_UNSIGNED_ERROR) &&
	    (rcode == DNS_FORMERR || rcode == DNS_REFUSED ||
		rcode == DNS_NOTAUTH);
}

static void
keep_hint(struct exchange_request *request, enum tsig_result result,
    const struct exchange_outcome *outcome)
{
	struct exchange *exchange = request->exchange;

	request->hinted = true;
	request->hint = *outcome;
	if (!is_likely(result, outcome->rcode))
		return;
	loop_timer_cancel(exchange->loop, &request->resend);
	exchange_fail_later(request, EXCHANGE_NOT_AUTHENTIC, outcome->text,
	    loop_now_ms(exchange->loop) + HINT_MS);
}

/* TSIG_OK also when there is nothing to be verified; else the outcome says
 * what is wrong. */
static enum tsig_result
authenticate(struct exchange_request *request, uint8_t *wire, size_t *len,
    struct exchange_outcome *outcome)
{
	struct exchange *exchange = request->exchange;
	struct tsig_report report;
	enum tsig_result result;

	if (exchange->key == NULL)
		return TSIG_OK;
	result = tsig_verify(wire, len, exchange->signer, &request->mac, now_s(),
	    exchange->conf.fudge_s, &report);
	if (result == TSIG_OK)
		return TSIG_OK;
	outcome->status = EXCHANGE_NOT_AUTHENTIC;
	exchange_describe_tsig(request, result, &report, outcome->rcode,
	    (int64_t)now_s(), outcome);
	return result;
}

/* Id, direction, opcode and question (RFC 5452 section 9.1). Some answers have
 * no question: errors, and those to an UPDATE. */
static bool
is_answer_to(const struct exchange_request *request, const uint8_t *wire,
    size_t len)
{
	const uint8_t *asked = request->framed + 2;
	unsigned flags;

	if (len < WIRE_HEADER_LEN || wire_get16(wire) != request->id)
		return false;
	flags = wire_get16(wire + FLAGS_AT);
	if (!(flags & FLAG_QR) ||
	    (flags & OPCODE_MASK) !=
		(wire_get16(asked + FLAGS_AT) & OPCODE_MASK))
		return false;
	if (wire_get16(wire + QDCOUNT_AT) == 0)
		return request->kind == EXCHANGE_UPDATE ||
		    (flags & RCODE_MASK) != DNS_NOERROR;
	return wire_same_question(asked, request->len, wire, len);
}

bool
exchange_take(struct exchange_request *request, uint8_t *wire, size_t len,
    bool tcp)
{
	struct exchange_outcome outcome = { .status = EXCHANGE_ANSWERED,
		.tcp = tcp };
	enum tsig_result result;
	unsigned flags;

	if (!is_answer_to(request, wire, len))
		return false;
	flags = wire_get16(wire + FLAGS_AT);
	outcome.rcode = flags & RCODE_MASK;
	result = authenticate(request, wire, &len, &outcome);
	/* TCP can't be forged from aside; on UDP a true answer may still
	 * come. An authentic BADTIME is the truth already. */
	if (result != TSIG_OK && result != TSIG_SERVER_ERROR && !tcp) {
		keep_hint(request, result, &outcome);
		return false;
	}
	if (result != TSIG_OK) {
		exchange_finish(request, &outcome);
		return true;
	}
	if (flags & FLAG_TC && !tcp && request->kind == EXCHANGE_QUERY) {
		exchange_udp_stop(request);
		exchange_tcp_start(request);
		return true;
	}
	outcome.answer = wire;
	outcome.answer_len = len;
	exchange_describe_rcode(request, outcome.rcode, outcome.text,
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
	if (exchange->n_requests >= IN_FLIGHT_MAX)
		return ERR_BUSY;
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
		err = tsig_sign(message, exchange->signer, now_s(),
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
    struct dns_message *message, exchange_wanted_cb *wanted, exchange_cb *cb,
    void *arg)
{
	struct exchange_request *request = calloc(1, sizeof *request);
	int err = ERR_NOMEM;

	if (request != NULL) {
		request->exchange = exchange;
		request->kind = kind;
		request->wanted = wanted;
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
