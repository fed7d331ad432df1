/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_net.h"

#include <stdlib.h>
#include <string.h>

#include "sim_oracle.h"
#include "vote/gossip.h"

#define RECORDED 64

/* One exchange. Bodies and signatures live as long as the run. */
struct call {
	size_t from;
	size_t to;
	unsigned life; /* of the process that asked */
	unsigned taken_in; /* the life of the receiver that saw it; 0: none */
	uint64_t seq;
	const char *body;
	size_t len;
	char auth[VOTE_AUTH_MAX];
	bool ended;
	unsigned status;
	const char *answer;
	size_t answer_len;
	char answer_auth[VOTE_AUTH_MAX];
	bool has_answer;
	const struct sim_knowledge *said; /* what the messages can tell */
	const struct sim_knowledge *told;
};

/* A request on its way. */
struct delivery {
	struct call *call;
	size_t to;
	bool played_back;
	bool forged;
	const char *body;
	size_t len;
};

struct sim_net sim_net;
static struct call *recorded[RECORDED];
static size_t n_recorded;

static const struct sim_link good_link = { .delay_low_us = 200,
	.delay_high_us = 20 * SIM_MS };

void
sim_net_init(struct sim *sim)
{
	n_recorded = 0;
	sim_net_heal(sim);
}

void
sim_net_heal(struct sim *sim)
{
	(void)sim;
	for (size_t i = 0; i < SIM_NODES; i++) {
		for (size_t j = 0; j < SIM_NODES; j++)
			sim_net.peers[i][j] = good_link;
		sim_net.up[i] = sim_net.down[i] = good_link;
	}
}

bool
sim_net_passes(struct sim *sim, const struct sim_link *link,
    int64_t *delay_us)
{
	*delay_us = sim_between(sim, link->delay_low_us, link->delay_high_us);
	return !link->cut && !sim_chance(sim, link->loss);
}

static void
end_call(struct call *call, struct sim_node *node, bool answered)
{
	if (call->ended || node->power == SIM_DOWN || node->life != call->life)
		return;
	call->ended = true;
	if (answered)
		sim_oracle_heard(node, call->told);
	sim_node_answer(node, call->to, call->seq, answered ? call->status : 0,
	    answered && call->has_answer ? call->answer_auth : NULL,
	    answered && call->has_answer ? call->answer : "",
	    answered && call->has_answer ? call->answer_len : 0);
	sim_node_end_turn(node);
}

static void
on_timeout(struct sim *sim, void *arg)
{
	struct call *call = arg;
	struct sim_node *node = &sim->nodes[call->from];

	if (node->power == SIM_PAUSED)
		sim_at(sim, node->resume_at_us + 1000, on_timeout, call);
	else
		end_call(call, node, false);
}

/* The answer to another request of the same pair, as it was. */
static const struct call *
old_answer(struct sim *sim, const struct call *call)
{
	for (int tries = 0; tries < 8 && n_recorded > 0; tries++) {
		const struct call *old = recorded[sim_below(sim,
		    n_recorded < RECORDED ? n_recorded : RECORDED)];

		if (old != call && old->from == call->from &&
		    old->to == call->to && old->has_answer)
			return old;
	}
	return NULL;
}

static void
swap_answer(struct call *call, const struct call *old)
{
	call->status = old->status;
	call->answer = old->answer;
	call->answer_len = old->answer_len;
	memcpy(call->answer_auth, old->answer_auth, sizeof old->answer_auth);
	call->told = old->told;
}

static void
deliver_answer(struct sim *sim, void *arg)
{
	struct call *call = arg;
	struct sim_node *node = &sim->nodes[call->from];
	const struct sim_link *link = &sim_net.peers[call->to][call->from];
	const struct call *old = NULL;

	if (node->power == SIM_PAUSED) {
		sim_at(sim, node->resume_at_us + sim_between(sim, 1, 999),
		    deliver_answer, call);
		return;
	}
	if (!call->ended && node->power == SIM_UP &&
	    node->life == call->life && sim_chance(sim, link->swaps))
		old = old_answer(sim, call);
	if (old == NULL) {
		end_call(call, node, true);
		return;
	}
	swap_answer(call, old);
	sim_oracle_expect_nothing(node);
	end_call(call, node, true);
	sim_oracle_check_nothing(node, "an old answer");
}

static void
refuse_connection(struct sim *sim, struct call *call)
{
	int64_t delay_us;

	if (sim_net_passes(sim, &sim_net.peers[call->to][call->from],
		&delay_us))
		sim_at(sim, sim->now_us + delay_us, on_timeout, call);
}

static void
keep_answer(struct sim *sim, struct call *call, const struct vote_reply *reply)
{
	call->status = reply->status;
	call->has_answer = reply->body != NULL;
	if (!call->has_answer)
		return;
	call->answer = sim_copy(sim, reply->body, reply->len);
	call->answer_len = reply->len;
	memcpy(call->answer_auth, reply->auth, sizeof reply->auth);
}

/* Meant for the boot that the receiver has now; another message is answered,
 * and not taken. */
static bool
is_meant_for(const struct delivery *delivery, const struct sim_node *node)
{
	struct vote_message message;
	bool meant = vote_gossip_decode(delivery->body, delivery->len,
			 &message) == 0 &&
	    message.to_boot == vote_node_boot(node->vote);

	vote_message_fini(&message);
	return meant;
}

static void
check_refusal(const struct delivery *delivery, const struct sim_node *node,
    bool meant, unsigned status)
{
	bool elsewhere = delivery->to != delivery->call->to;

	if (delivery->forged && status != 401)
		sim_fail(node->sim, "node %zu: a forged message got %u",
		    node->index, status);
	if (!delivery->forged && (elsewhere || meant) && status == 200)
		sim_fail(node->sim, "node %zu: a message %s got 200",
		    node->index,
		    elsewhere ? "for another node" : "played back");
}

/* What an attacker sends must not be taken: played back to a process that saw
 * it before, to another node than it was for, or changed. */
static void
deliver_attack(struct sim *sim, struct delivery *delivery)
{
	struct call *call = delivery->call;
	struct sim_node *node = &sim->nodes[delivery->to];
	bool meant = is_meant_for(delivery, node);
	bool first = !delivery->forged && delivery->to == call->to &&
	    call->taken_in != node->life;
	struct vote_reply reply;

	if (first)
		sim_oracle_heard(node, call->said);
	else
		sim_oracle_expect_nothing(node);
	sim_node_request(node, call->auth, delivery->body, delivery->len,
	    &reply);
	if (first) {
		call->taken_in = reply.status == 200 ? node->life : 0;
	} else {
		check_refusal(delivery, node, meant, reply.status);
		sim_oracle_check_nothing(node, "what was refused");
	}
	free(reply.body);
	sim_node_end_turn(node);
}

static void
deliver_request(struct sim *sim, void *arg)
{
	struct delivery *delivery = arg;
	struct call *call = delivery->call;
	struct sim_node *node = &sim->nodes[delivery->to];
	struct vote_reply reply;
	int64_t delay_us;

	if (node->power == SIM_PAUSED) {
		sim_at(sim, node->resume_at_us + sim_between(sim, 1, 999),
		    deliver_request, delivery);
		return;
	}
	if (node->power == SIM_DOWN) {
		if (!delivery->played_back)
			refuse_connection(sim, call);
		return;
	}
	if (delivery->played_back) {
		deliver_attack(sim, delivery);
		return;
	}
	sim_oracle_heard(node, call->said);
	sim_node_request(node, call->auth, call->body, call->len, &reply);
	if (reply.status == 200)
		call->taken_in = node->life;
	keep_answer(sim, call, &reply);
	free(reply.body);
	call->told = sim_oracle_knowledge(node);
	sim_node_end_turn(node);
	if (sim_net_passes(sim, &sim_net.peers[call->to][call->from],
		&delay_us))
		sim_at(sim, sim->now_us + delay_us, deliver_answer, call);
}

static void
play_back(struct sim *sim, struct call *call, size_t to, int64_t at_us)
{
	struct delivery *delivery = sim_alloc(sim, sizeof *delivery);

	*delivery = (struct delivery){ .call = call, .to = to,
		.played_back = true, .body = call->body, .len = call->len };
	sim_at(sim, at_us, deliver_request, delivery);
}

void
sim_net_send(struct sim_node *from, const struct vote_send *send)
{
	struct sim *sim = from->sim;
	const struct sim_conf *conf = &sim->confs[sim->n_confs - 1];
	struct call *call = sim_alloc(sim, sizeof *call);
	struct delivery *delivery = sim_alloc(sim, sizeof *delivery);
	size_t to = 0;
	const struct sim_link *link;
	int64_t delay_us;

	while (addr_compare(&conf->nodes[to], &send->to) != 0)
		to++;
	link = &sim_net.peers[from->index][to];
	*call = (struct call){ .from = from->index, .to = to,
		.life = from->life, .seq = send->seq,
		.body = sim_copy(sim, send->body, send->len),
		.len = send->len, .said = sim_oracle_knowledge(from) };
	memcpy(call->auth, send->auth, sizeof call->auth);
	*delivery = (struct delivery){ .call = call, .to = to };
	from->requests_sent++;
	if (send->len > from->largest_sent)
		from->largest_sent = send->len;
	recorded[n_recorded++ % RECORDED] = call;
	sim_at(sim, sim->now_us + send->timeout_ms * SIM_MS, on_timeout, call);
	if (!sim_net_passes(sim, link, &delay_us))
		return;
	sim_at(sim, sim->now_us + delay_us, deliver_request, delivery);
	if (!sim->calm && sim_chance(sim, link->repeats))
		play_back(sim, call, to,
		    sim->now_us + delay_us + sim_between(sim, 0, 20 * SIM_S));
}

/* The same votes the other way round, and younger. */
static void
forge(struct sim *sim, struct delivery *delivery)
{
	struct vote_message message;
	char *body;

	if (vote_gossip_decode(delivery->body, delivery->len, &message) != 0)
		abort();
	message.seq += 1000;
	for (size_t i = 0; i < message.n_digest; i++)
		message.digest[i].heartbeat += 1000;
	if (vote_gossip_encode(&message, &body, &delivery->len) != 0)
		abort();
	delivery->body = sim_copy(sim, body, delivery->len);
	free(body);
	vote_message_fini(&message);
	delivery->forged = true;
}

void
sim_net_attack(struct sim *sim)
{
	struct delivery *delivery = sim_alloc(sim, sizeof *delivery);
	size_t n = n_recorded < RECORDED ? n_recorded : RECORDED;
	struct call *call;

	if (n == 0)
		return;
	call = recorded[sim_below(sim, n)];
	*delivery = (struct delivery){ .call = call, .to = call->to,
		.played_back = true, .body = call->body, .len = call->len };
	switch (sim_below(sim, 3)) {
	case 0:
		break;
	case 1:
		delivery->to = sim_below(sim, sim->confs[0].n_nodes);
		break;
	case 2:
		forge(sim, delivery);
		break;
	}
	sim_say(sim, "attack: from %zu, played back to %zu%s", call->from,
	    delivery->to, delivery->forged ? ", forged" : "");
	sim_at(sim, sim->now_us, deliver_request, delivery);
}
