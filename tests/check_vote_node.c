/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "vote/node.h"
#include "vote/rank.h"

#define TTL_MS 5000

static struct addr nodes[5];
static struct vote_node *node;
static struct vote_service services[2] = {
	{ .fqdn = "a.example.org", .hash = { 1 }, .n_endpoints = 2 },
	{ .fqdn = "b.example.org", .hash = { 2 }, .n_endpoints = 1 },
};

static struct vote_node_conf
conf_of(size_t n)
{
	char text[48];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "192.0.2.%zu:3333", i + 1);
		ck_assert_int_eq(addr_parse(text, 0, &nodes[i]), 0);
	}
	return (struct vote_node_conf){ .nodes = nodes, .n_nodes = n,
		.self = nodes[0], .heartbeat_ms = 1000, .vote_ttl_ms = TTL_MS,
		.takeover_ms = 1500 };
}

static void
make(size_t n)
{
	struct vote_node_conf conf = conf_of(n);

	node = vote_node_new(&conf, 0, 0);
	ck_assert_ptr_nonnull(node);
	ck_assert_int_eq(vote_node_define(node, &conf, services, 2, 0), 0);
}

static enum vote_verdict_kind
verdict(size_t service, size_t endpoint, int64_t now_ms)
{
	struct vote_verdict out;

	vote_node_verdict(node, service, endpoint, now_ms, &out);
	return out.verdict;
}

START_TEST(one_node_decides_alone)
{
	make(1);
	ck_assert_int_eq(verdict(0, 0, 0), VOTE_VERDICT_UNDECIDED);
	vote_node_set_vote(node, 0, 0, 'u', '-', 10);
	vote_node_set_vote(node, 0, 1, 'd', 'C', 10);
	ck_assert_int_eq(verdict(0, 0, 10), VOTE_VERDICT_UP);
	ck_assert_int_eq(verdict(0, 1, 10), VOTE_VERDICT_DOWN);
	ck_assert_int_eq(verdict(1, 0, 10), VOTE_VERDICT_UNDECIDED);
	ck_assert(vote_node_may_write(node, 0, 10));
	ck_assert_uint_eq(vote_node_rank(node, 0, 10), 0);
	vote_node_set_vote(node, 0, 0, 'a', '-', 20);
	ck_assert_int_eq(verdict(0, 0, 20), VOTE_VERDICT_UNDECIDED);
	vote_node_free(node);
}
END_TEST

START_TEST(a_stalled_node_decides_nothing)
{
	struct vote_out out;

	make(1);
	vote_node_set_vote(node, 0, 0, 'd', 'C', 0);
	ck_assert_int_eq(verdict(0, 0, TTL_MS - 1), VOTE_VERDICT_DOWN);
	ck_assert_int_eq(verdict(0, 0, TTL_MS), VOTE_VERDICT_UNDECIDED);
	ck_assert(!vote_node_may_write(node, 0, TTL_MS));
	vote_out_init(&out);
	vote_node_tick(node, TTL_MS, TTL_MS, &out);
	ck_assert_uint_eq(out.n_sends, 0);
	vote_out_fini(&out);
	ck_assert_int_eq(verdict(0, 0, TTL_MS), VOTE_VERDICT_DOWN);
	vote_node_free(node);
}
END_TEST

START_TEST(one_of_several_decides_nothing)
{
	struct vote_verdict out;

	make((size_t)_i);
	vote_node_set_vote(node, 0, 0, 'd', 'C', 0);
	vote_node_verdict(node, 0, 0, 0, &out);
	ck_assert_int_eq(out.verdict, VOTE_VERDICT_UNDECIDED);
	ck_assert_uint_eq(out.n_down, 1);
	ck_assert_uint_eq(out.needed, (unsigned)_i / 2 + 1);
	ck_assert_uint_eq(out.n_nodes, (unsigned)_i);
	ck_assert(!vote_node_may_write(node, 0, 0));
	vote_node_free(node);
}
END_TEST

START_TEST(what_is_news)
{
	struct vote_intent freeze = { .target = "*", .op = "freeze",
		.by = "op", .reason = "", .more = "" };

	make(1);
	for (size_t s = 0; s < 2; s++) {
		ck_assert(vote_node_has_news(node, s, 0));
		ck_assert(!vote_node_has_news(node, s, 0));
	}
	vote_node_set_vote(node, 0, 1, 'd', 'C', 10);
	ck_assert(vote_node_has_news(node, 0, 10));
	ck_assert(!vote_node_has_news(node, 1, 10));
	vote_node_set_vote(node, 0, 1, 'd', 'R', 20); /* a cause is none */
	ck_assert(!vote_node_has_news(node, 0, 20));
	ck_assert_int_eq(vote_node_set_intent(node, &freeze, 30, 30), 0);
	ck_assert(vote_node_has_news(node, 0, 30));
	ck_assert(vote_node_has_news(node, 1, 30));
	ck_assert(!vote_node_has_news(node, 0, TTL_MS - 1));
	ck_assert(vote_node_has_news(node, 0, TTL_MS)); /* stale */
	ck_assert(!vote_node_has_news(node, 0, TTL_MS + 1));
	vote_node_free(node);
}
END_TEST

START_TEST(ranks_are_a_permutation)
{
	struct vote_node_conf conf = conf_of(5);
	unsigned first[5] = { 0 };

	for (int s = 0; s < 1000; s++) {
		char fqdn[32];
		unsigned seen = 0, k = 0;
		uint8_t order[5], without_last[4];

		snprintf(fqdn, sizeof fqdn, "s%d.example.org", s);
		vote_rank(conf.nodes, 5, fqdn, order);
		vote_rank(conf.nodes, 4, fqdn, without_last);
		for (size_t i = 0; i < 5; i++) {
			ck_assert_uint_lt(order[i], 5);
			seen |= 1u << order[i];
			if (order[i] != 4)
				ck_assert_uint_eq(order[i], without_last[k++]);
		}
		ck_assert_uint_eq(seen, 31);
		first[order[0]]++;
	}
	/* Writing is shared: nobody is first for half of the services. */
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_lt(first[i], 500);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, one_node_decides_alone);
	tcase_add_test(tcase, a_stalled_node_decides_nothing);
	tcase_add_loop_test(tcase, one_of_several_decides_nothing, 2, 6);
	tcase_add_test(tcase, what_is_news);
	tcase_add_test(tcase, ranks_are_a_permutation);
}

int
main(void)
{
	return check_main("vote_node", fill);
}
