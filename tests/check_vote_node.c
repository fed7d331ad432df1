/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
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

/* Nobody is woken to talk to nobody. */
START_TEST(alone_there_is_nothing_to_wake_for)
{
	make(1);
	vote_node_set_vote(node, 0, 0, 'u', '-', 10);
	ck_assert_int_eq(vote_node_next_deadline(node), INT64_MAX);
	vote_node_free(node);
}
END_TEST

/* A clock that is read out of order does not run backwards. */
START_TEST(time_never_goes_back)
{
	struct vote_node_info info;
	struct vote_out out;

	make(1);
	vote_out_init(&out);
	vote_node_tick(node, 3000, 3000, &out);
	vote_node_tick(node, 2000, 2000, &out);
	ck_assert_int_eq(out.stood_ms, 0);
	vote_node_info(node, 0, 3100, &info);
	ck_assert_int_eq(info.age_ms, 100);
	ck_assert(info.fresh);
	vote_out_fini(&out);
	vote_node_free(node);
}
END_TEST

/* An intent ends by itself: it is saved and acted on as if it were taken back. */
START_TEST(an_intent_ends)
{
	struct vote_intent drain = { .target = "a.example.org", .op = "drain",
		.by = "op", .reason = "", .more = "", .until_ms = 2500 };
	struct vote_out out;

	make(1);
	ck_assert_int_eq(vote_node_set_intent(node, &drain, 10, 10), 0);
	vote_out_init(&out);
	vote_node_tick(node, 2000, 2000, &out);
	ck_assert(!out.save);
	ck_assert_ptr_nonnull(vote_intents_find(vote_node_intents(node),
	    drain.target));
	vote_node_tick(node, 3000, 3000, &out);
	ck_assert(out.save);
	ck_assert(out.changed);
	ck_assert_ptr_null(vote_intents_find(vote_node_intents(node),
	    drain.target));
	vote_out_fini(&out);
	vote_node_free(node);
}
END_TEST

/* Another process begins with what this one saved. */
START_TEST(intents_outlive_the_process)
{
	struct vote_intent freeze = { .target = "*", .op = "freeze",
		.by = "op", .reason = "why \"so\"", .more = "" };
	struct vote_node_conf conf = conf_of(1);
	uint8_t hash[VOTE_HASH_LEN];
	char *saved;

	make(1);
	ck_assert_int_eq(vote_node_set_intent(node, &freeze, 10, 10), 0);
	memcpy(hash, vote_node_intents_hash(node), sizeof hash);
	saved = vote_node_intents_json(node);
	ck_assert_ptr_nonnull(saved);
	vote_node_free(node);
	conf.intents = saved;
	node = vote_node_new(&conf, 20, 20);
	ck_assert_mem_eq(vote_node_intents_hash(node), hash, sizeof hash);
	ck_assert_str_eq(vote_intents_find(vote_node_intents(node), "*")->op,
	    "freeze");
	vote_node_free(node);
	free(saved);
}
END_TEST

/* What was saved and makes no sense is as if nothing was. */
START_TEST(what_was_saved_may_be_broken)
{
	struct vote_node_conf conf = conf_of(1);

	conf.intents = "{\"*\":";
	node = vote_node_new(&conf, 20, 20);
	ck_assert_ptr_nonnull(node);
	ck_assert_uint_eq(vote_intents_count(vote_node_intents(node)), 0);
	vote_node_free(node);
}
END_TEST

START_TEST(a_node_is_one_of_its_nodes)
{
	struct vote_node_conf conf = conf_of(3);

	ck_assert_int_eq(addr_parse("203.0.113.9:3333", 0, &conf.self), 0);
	ck_assert_ptr_null(vote_node_new(&conf, 0, 0));
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
	tcase_add_test(tcase, alone_there_is_nothing_to_wake_for);
	tcase_add_test(tcase, time_never_goes_back);
	tcase_add_test(tcase, an_intent_ends);
	tcase_add_test(tcase, intents_outlive_the_process);
	tcase_add_test(tcase, what_was_saved_may_be_broken);
	tcase_add_test(tcase, a_node_is_one_of_its_nodes);
	tcase_add_test(tcase, ranks_are_a_permutation);
}

int
main(void)
{
	return check_main("vote_node", fill);
}
