/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vote/gossip.h"

const struct vote_service fixture_services[2] = {
	{ .fqdn = "a.example.org", .hash = { 1 }, .n_endpoints = 2 },
	{ .fqdn = "b.example.org", .hash = { 2 }, .n_endpoints = 1 },
};

struct vote_node_conf
fixture_conf(const struct vote_fixture *f, size_t self)
{
	return (struct vote_node_conf){ .nodes = f->addrs,
		.n_nodes = f->n,
		.self = f->addrs[self],
		.heartbeat_ms = 1000,
		.vote_ttl_ms = FIXTURE_TTL_MS,
		.takeover_ms = 1500,
		.secrets = &f->secret,
		.n_secrets = 1,
		.random = self + 1,
		.boot = FIXTURE_BOOT * (self + 1) };
}

/* Whom a request is lost for is told. */
static void
lose(struct vote_fixture *f, size_t from, struct vote_out *out)
{
	for (size_t i = 0; i < out->n_sends; i++) {
		struct vote_out more;

		vote_out_init(&more);
		vote_node_answer(f->nodes[from], f->now_ms, f->wall_ms,
		    &out->sends[i].to, out->sends[i].seq, 0, NULL, "", 0,
		    &more);
		lose(f, from, &more);
	}
	vote_out_fini(out);
}

static struct vote_out *
next_out(struct vote_fixture *f, size_t node)
{
	lose(f, f->last_node, &f->last);
	f->last_node = node;
	return &f->last;
}

void
fixture_restart(struct vote_fixture *f, size_t i, uint64_t boot)
{
	struct vote_node_conf conf = fixture_conf(f, i);

	if (f->nodes[i] != NULL)
		next_out(f, i);
	conf.boot = boot;
	vote_node_free(f->nodes[i]);
	f->nodes[i] = vote_node_new(&conf, f->now_ms, f->wall_ms);
	ck_assert_ptr_nonnull(f->nodes[i]);
	ck_assert_int_eq(vote_node_define(f->nodes[i], &conf,
			     fixture_services, 2, f->now_ms), 0);
}

void
fixture_init(struct vote_fixture *f, size_t n)
{
	char text[ADDR_TEXT_MAX];

	*f = (struct vote_fixture){ .n = n, .now_ms = 100000,
		.wall_ms = 1767225600000 };
	ck_assert_int_eq(secret_from_bytes(FIXTURE_SECRET,
			     strlen(FIXTURE_SECRET), &f->secret), 0);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "192.0.2.%zu:3333", i + 1);
		ck_assert_int_eq(addr_parse(text, 0, &f->addrs[i]), 0);
	}
	for (size_t i = 0; i < n; i++)
		fixture_restart(f, i, FIXTURE_BOOT * (i + 1));
	vote_out_init(&f->last);
}

void
fixture_fini(struct vote_fixture *f)
{
	vote_out_fini(&f->last);
	for (size_t i = 0; i < f->n; i++)
		vote_node_free(f->nodes[i]);
	secret_fini(&f->secret);
}

void
fixture_tick(struct vote_fixture *f, size_t i)
{
	vote_node_tick(f->nodes[i], f->now_ms, f->wall_ms, next_out(f, i));
}

static void
exchange(struct vote_fixture *f, size_t from, size_t to,
    const struct vote_send *send)
{
	struct vote_out there;

	vote_out_init(&there);
	vote_node_request(f->nodes[to], f->now_ms, f->wall_ms, send->auth,
	    send->body, send->len, &there);
	f->now_ms += 2;
	f->wall_ms += 2;
	vote_node_answer(f->nodes[from], f->now_ms, f->wall_ms, &f->addrs[to],
	    send->seq, there.reply.status, there.reply.auth,
	    there.reply.body ? there.reply.body : "", there.reply.len,
	    &f->last);
	lose(f, to, &there);
}

bool
fixture_deliver(struct vote_fixture *f, size_t from, size_t to)
{
	struct vote_out now = f->last;
	bool found = false;

	vote_out_init(&f->last);
	for (size_t i = 0; i < now.n_sends && !found; i++) {
		if (addr_compare(&now.sends[i].to, &f->addrs[to]) != 0)
			continue;
		exchange(f, from, to, &now.sends[i]);
		found = true;
	}
	lose(f, from, &now); /* the one that was answered: dropped */
	return found;
}

void
fixture_talk(struct vote_fixture *f)
{
	for (int round = 0; round < 4; round++) {
		f->now_ms += 600;
		f->wall_ms += 600;
		for (size_t i = 0; i < f->n; i++)
			for (size_t j = 0; j < f->n; j++) {
				if (i == j)
					continue;
				f->now_ms += 501;
				f->wall_ms += 501;
				fixture_tick(f, i);
				fixture_deliver(f, i, j);
			}
	}
}

unsigned
fixture_request(struct vote_fixture *f, size_t i, const char *body)
{
	char auth[VOTE_AUTH_MAX];

	ck_assert_int_eq(vote_auth_sign(&f->secret, VOTE_REQUEST, body,
			     strlen(body), auth), 0);
	vote_node_request(f->nodes[i], f->now_ms, f->wall_ms, auth, body,
	    strlen(body), next_out(f, i));
	return f->last.reply.status;
}

bool
fixture_has_fact(const struct vote_out *out, enum vote_fact_kind kind)
{
	for (size_t i = 0; i < out->n_facts; i++)
		if (out->facts[i].kind == kind)
			return true;
	return false;
}

struct vote_message
fixture_message(const struct vote_fixture *f, size_t from, size_t to,
    uint64_t seq)
{
	return (struct vote_message){ .from = f->addrs[from],
		.boot = FIXTURE_BOOT * (from + 1),
		.to = f->addrs[to],
		.to_boot = vote_node_boot(f->nodes[to]),
		.seq = seq,
		.ms = 1 };
}

char *
fixture_encode(const struct vote_message *message)
{
	char *text;
	size_t len;

	ck_assert_int_eq(vote_gossip_encode(message, &text, &len), 0);
	ck_assert_uint_eq(strlen(text), len);
	return text;
}
