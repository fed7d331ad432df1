/* SPDX-License-Identifier: ISC */
/* dns/exchange.h over the virtual network: requests are lost, late, carried out
 * though the answer is lost, and UDP copies come long afterwards. */
#include "config.h"

#include "dns/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "sim_net.h"
#include "sim_oracle.h"
#include "sim_primary.h"

#define ANSWER_MAX 1024
#define IDLE_MS 4000
#define QUERY_RESEND_MS 500
#define UPDATE_RESEND_MS 2500
#define LATE_US (70 * SIM_S)

struct exchange {
	struct loop *loop;
	struct exchange_conf conf;
	int64_t used_ms; /* the kept connection, the last time; 0: none */
};

struct exchange_request {
	struct exchange *exchange;
	enum exchange_kind kind;
	uint64_t id;
	exchange_cb *cb;
	exchange_wanted_cb *wanted;
	void *arg;
	const uint8_t *wire;
	size_t len;
	int64_t signed_at_us;
	bool udp;
	unsigned sends;
	struct timer step; /* connected, or to be sent once more */
	struct timer deadline;
	TAILQ_ENTRY(exchange_request) entry;
};

static TAILQ_HEAD(, exchange_request) requests =
    TAILQ_HEAD_INITIALIZER(requests);
static uint64_t next_id;

/* A message on its way, in either direction. */
struct flight {
	uint64_t id; /* of the request */
	size_t node;
	enum exchange_kind kind;
	bool udp;
	bool late; /* a stray copy */
	const uint8_t *wire;
	size_t len;
	int64_t signed_at_us;
	struct exchange_outcome outcome;
	uint8_t answer[ANSWER_MAX];
};

static struct sim_node *
node_of(const struct exchange_request *request)
{
	return sim_loop_node(request->exchange->loop);
}

struct exchange *
exchange_new(struct loop *loop, const struct exchange_conf *conf)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		abort();
	exchange->loop = loop;
	exchange->conf = *conf;
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	struct exchange_request *request, *next;

	if (exchange == NULL)
		return;
	for (request = TAILQ_FIRST(&requests); request != NULL;
	     request = next) {
		next = TAILQ_NEXT(request, entry);
		if (request->exchange == exchange)
			exchange_cancel(request);
	}
	loop_defer(exchange->loop, free, exchange);
}

void
exchange_cancel(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;

	loop_timer_cancel(exchange->loop, &request->step);
	loop_timer_cancel(exchange->loop, &request->deadline);
	TAILQ_REMOVE(&requests, request, entry);
	loop_defer(exchange->loop, free, request);
}

static void
finish(struct exchange_request *request, const struct exchange_outcome *outcome)
{
	exchange_cb *cb = request->cb;
	void *arg = request->arg;

	exchange_cancel(request);
	cb(arg, outcome);
}

static void
fail(struct exchange_request *request, enum exchange_status status,
    const char *text)
{
	struct exchange_outcome outcome = { .status = status,
		.tcp = !request->udp };

	snprintf(outcome.text, sizeof outcome.text, "%s", text);
	finish(request, &outcome);
}

static bool
is_wanted(const struct exchange_request *request)
{
	return request->wanted == NULL || request->wanted(request->arg);
}

static void
on_deadline(void *arg)
{
	fail(arg, EXCHANGE_TIMED_OUT, "no answer in time");
}

static void
answer_arrives(struct sim *sim, void *arg)
{
	struct flight *flight = arg;
	struct sim_node *node = &sim->nodes[flight->node];
	struct exchange_request *request;

	TAILQ_FOREACH(request, &requests, entry)
		if (request->id == flight->id)
			break;
	if (request == NULL)
		return;
	if (node->power == SIM_PAUSED) {
		sim_at(sim, node->resume_at_us + sim_between(sim, 1, 999),
		    answer_arrives, flight);
		return;
	}
	if (flight->len > 0) {
		flight->outcome.answer = flight->answer;
		flight->outcome.answer_len = flight->len;
	}
	sim_loop_stall(node->loop, node->stalls_us);
	node->stalls_us = 0;
	finish(request, &flight->outcome);
	sim_node_end_turn(node);
}

static void
answer_query(struct flight *flight)
{
	enum addr_family family;
	size_t service;

	if (!sim_dns_read_query(flight->wire, flight->len, &service, &family))
		abort();
	flight->len = sim_dns_write_answer(flight->wire, flight->len,
	    sim_primary_set(service, family), family, flight->answer);
}

static void
answer_update(struct sim *sim, struct flight *flight)
{
	struct exchange_outcome *outcome = &flight->outcome;
	struct sim_update update;
	bool good =
	    sim_dns_read_update(flight->wire, flight->len, &update);

	flight->len = 0;
	if (!good) {
		sim_fail(sim, "a malformed UPDATE of node %zu", flight->node);
		return;
	}
	/* RFC 8945 section 5.2.3. */
	if (sim->now_us - flight->signed_at_us > 60 * SIM_S) {
		outcome->status = EXCHANGE_NOT_AUTHENTIC;
		outcome->rcode = DNS_NOTAUTH;
		outcome->tsig_error = 18;
		return;
	}
	outcome->rcode = sim_primary_update(sim, flight->node, &update);
	snprintf(outcome->text, sizeof outcome->text, "%s",
	    dns_rcode_text(outcome->rcode));
}

static void
request_arrives(struct sim *sim, void *arg)
{
	struct flight *flight = arg;
	int64_t delay_us;

	if (sim_primary.down || (flight->late && sim->calm))
		return;
	flight->outcome = (struct exchange_outcome){
		.status = EXCHANGE_ANSWERED, .tcp = !flight->udp };
	if (flight->kind == EXCHANGE_QUERY)
		answer_query(flight);
	else
		answer_update(sim, flight);
	if (sim_net_passes(sim, &sim_net.down[flight->node], &delay_us))
		sim_at(sim, sim->now_us + delay_us, answer_arrives, flight);
}

static struct flight *
take_off(struct exchange_request *request, int64_t delay_us)
{
	struct sim *sim = node_of(request)->sim;
	struct flight *flight = sim_alloc(sim, sizeof *flight);

	*flight = (struct flight){ .id = request->id,
		.node = node_of(request)->index,
		.kind = request->kind,
		.udp = request->udp,
		.wire = request->wire,
		.len = request->len,
		.signed_at_us = request->signed_at_us };
	sim_at(sim, sim->now_us + delay_us, request_arrives, flight);
	return flight;
}

static void
tell_oracle(struct exchange_request *request)
{
	struct sim_update update;

	if (request->kind != EXCHANGE_UPDATE ||
	    !sim_dns_read_update(request->wire, request->len, &update))
		return;
	node_of(request)->sim->updates_sent++;
	sim_oracle_update(node_of(request), &update);
}

/* A segment that is lost is sent again by the kernel, for a while. */
static void
leave_by_tcp(struct exchange_request *request)
{
	struct sim_node *node = node_of(request);
	const struct sim_link *link = &sim_net.up[node->index];
	int64_t delay_us;
	bool passes = sim_net_passes(node->sim, link, &delay_us);

	tell_oracle(request);
	request->exchange->used_ms = loop_now_ms(request->exchange->loop);
	if (passes)
		take_off(request, delay_us);
	else if (sim_chance(node->sim, 700))
		take_off(request, sim_between(node->sim, 200 * SIM_MS,
		    9 * SIM_S))->late = true;
}

static void
leave_by_udp(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;
	struct sim_node *node = node_of(request);
	struct sim *sim = node->sim;
	const struct sim_link *link = &sim_net.up[node->index];
	unsigned wait_ms = request->kind == EXCHANGE_UPDATE ? UPDATE_RESEND_MS
							    : QUERY_RESEND_MS;
	int64_t delay_us;

	tell_oracle(request);
	if (sim_net_passes(sim, link, &delay_us))
		take_off(request, delay_us);
	if (!sim->calm && sim_chance(sim, link->repeats))
		take_off(request, sim_between(sim, 0, LATE_US))->late = true;
	loop_timer_set(exchange->loop, &request->step,
	    loop_now_ms(exchange->loop) +
		(int64_t)(wait_ms << request->sends));
	request->sends++;
}

static bool
is_small_update(const struct exchange_request *request)
{
	return request->exchange->conf.transport == EXCHANGE_AUTO &&
	    request->kind == EXCHANGE_UPDATE;
}

/* The connection stands; or it could not be had in half of the time. */
static void
on_step(void *arg)
{
	struct exchange_request *request = arg;
	struct sim_node *node = node_of(request);
	int64_t delay_us;

	if (!is_wanted(request)) {
		if (request->sends == 0)
			fail(request, EXCHANGE_WITHDRAWN, "no longer wanted");
	} else if (request->udp) {
		leave_by_udp(request);
	} else if (!sim_primary.down &&
	    sim_net_passes(node->sim, &sim_net.up[node->index], &delay_us) &&
	    sim_net_passes(node->sim, &sim_net.down[node->index],
		&delay_us)) {
		leave_by_tcp(request);
	} else if (is_small_update(request)) {
		request->udp = true;
		leave_by_udp(request);
	} else {
		fail(request, EXCHANGE_UNREACHABLE, "no connection");
	}
}

/* Without having waited for anything; what is not wanted is told so soon. */
static void
leave_at_once(struct exchange_request *request)
{
	struct loop *loop = request->exchange->loop;

	if (!is_wanted(request))
		loop_timer_set(loop, &request->step, loop_now_ms(loop));
	else if (request->udp)
		leave_by_udp(request);
	else
		leave_by_tcp(request);
}

/* Handshakes take a way there and back, or one to three times a second more
 * when a segment is lost. */
static void
start_tcp(struct exchange_request *request)
{
	struct exchange *exchange = request->exchange;
	struct sim_node *node = node_of(request);
	struct sim *sim = node->sim;
	int64_t now_ms = loop_now_ms(exchange->loop), there_us, back_us;
	unsigned half_ms = exchange->conf.timeout_ms / 2;

	if (exchange->used_ms != 0 && now_ms - exchange->used_ms < IDLE_MS) {
		leave_at_once(request);
		return;
	}
	if (sim_primary.down ||
	    !sim_net_passes(sim, &sim_net.up[node->index], &there_us) ||
	    !sim_net_passes(sim, &sim_net.down[node->index], &back_us))
		now_ms += sim_chance(sim, 500) ? 1000 : half_ms;
	else
		now_ms += (there_us + back_us) / SIM_MS + 1;
	loop_timer_set(exchange->loop, &request->step, now_ms);
}

struct exchange_request *
exchange_send(struct exchange *exchange, enum exchange_kind kind,
    struct dns_message *message, exchange_wanted_cb *wanted, exchange_cb *cb,
    void *arg)
{
	struct exchange_request *request = calloc(1, sizeof *request);
	struct sim *sim = sim_loop_node(exchange->loop)->sim;

	if (request == NULL)
		abort();
	*request = (struct exchange_request){ .exchange = exchange,
		.kind = kind,
		.id = ++next_id,
		.cb = cb,
		.wanted = wanted,
		.arg = arg,
		.wire = sim_copy(sim, message->wire, message->len),
		.len = message->len,
		.signed_at_us = sim->now_us };
	dns_message_fini(message);
	TAILQ_INSERT_TAIL(&requests, request, entry);
	loop_timer_init(&request->step, on_step, request);
	loop_timer_init(&request->deadline, on_deadline, request);
	loop_timer_set(exchange->loop, &request->deadline,
	    loop_now_ms(exchange->loop) + exchange->conf.timeout_ms);
	request->udp = exchange->conf.transport == EXCHANGE_UDP ||
	    (exchange->conf.transport == EXCHANGE_AUTO &&
		kind == EXCHANGE_QUERY);
	if (request->udp)
		leave_at_once(request);
	else
		start_tcp(request);
	return request;
}

size_t
exchange_in_flight(const struct exchange *exchange)
{
	const struct exchange_request *request;
	size_t n = 0;

	TAILQ_FOREACH(request, &requests, entry)
		n += request->exchange == exchange;
	return n;
}
