/* SPDX-License-Identifier: ISC */
/* Configuration, verdicts and what operators asked for, brought together. */
#include "config.h"

#include <stdlib.h>

#include "agent_rules.h"
#include "check_main.h"

static struct vote_intents *intents;

static void
setup(void)
{
	intents = vote_intents_new();
	ck_assert_ptr_nonnull(intents);
}

static void
teardown(void)
{
	vote_intents_free(intents);
}

static void
ask_for(const char *target, const char *op)
{
	struct vote_intent wanted = { .target = target, .op = op,
		.by = "alice", .reason = "", .more = "" };

	ck_assert_int_eq(vote_intents_set(intents, &wanted, 1000), 0);
}

START_TEST(a_failover_pins_a_tier)
{
	unsigned tier = 7;

	ck_assert(!agent_rules_failover(intents, "www.example.org", &tier));
	ask_for("www.example.org/failover", "tier 2");
	ck_assert(agent_rules_failover(intents, "www.example.org", &tier));
	ck_assert_uint_eq(tier, 2);
	ck_assert(!agent_rules_failover(intents, "example.org", &tier));
	ask_for("www.example.org/failover", "tier two");
	ck_assert(!agent_rules_failover(intents, "www.example.org", &tier));
}
END_TEST

/* A and AAAA apart, and apart from what an operator asked for. */
START_TEST(a_takeover_is_remembered)
{
	unsigned tier = 7;

	ask_for("www.example.org/failover", "tier 2");
	ck_assert_ptr_null(agent_rules_takeover(intents, "www.example.org",
	    ADDR_IP4, &tier));
	ask_for("www.example.org/failover/A", "tier 1");
	ask_for("www.example.org/failover/AAAA", "of another version");
	ck_assert_ptr_nonnull(agent_rules_takeover(intents, "www.example.org",
	    ADDR_IP4, &tier));
	ck_assert_uint_eq(tier, 1);
	ck_assert_ptr_null(agent_rules_takeover(intents, "www.example.org",
	    ADDR_IP6, &tier));
	ck_assert(agent_rules_is_takeover("www.example.org/failover/A"));
	ck_assert(!agent_rules_is_takeover("www.example.org/failover"));
	ck_assert(!agent_rules_is_takeover("www.example.org"));
}
END_TEST

static struct conf_endpoint endpoints[] = {
	{ .addr = { .family = ADDR_IP4 }, .tier = 3 },
	{ .addr = { .family = ADDR_IP6 }, .tier = 1 },
	{ .addr = { .family = ADDR_IP6 }, .tier = 0 },
	{ .addr = { .family = ADDR_IP4 }, .tier = 3 },
};
static const struct conf_service service = { .endpoints = endpoints,
	.n_endpoints = COUNT(endpoints) };

START_TEST(each_family_has_its_tiers)
{
	unsigned first = 7;

	ck_assert(!agent_rules_has_tiers(&service, ADDR_IP4, &first));
	ck_assert_uint_eq(first, 3);
	ck_assert(agent_rules_has_tiers(&service, ADDR_IP6, &first));
	ck_assert_uint_eq(first, 0);
	ck_assert(agent_rules_has_tiers(&service, ADDR_IP6, NULL));
}
END_TEST

START_TEST(what_is_left_is_up_and_stays)
{
	const struct desired_endpoint decided[] = {
		{ .verdict = DESIRED_UP, .action = DESIRED_PRESENT },
		{ .verdict = DESIRED_UP, .action = DESIRED_ABSENT },
		{ .verdict = DESIRED_UP, .action = DESIRED_KEEP },
		{ .verdict = DESIRED_DOWN, .action = DESIRED_PRESENT },
	};

	ck_assert_uint_eq(agent_rules_left(&service, decided, ADDR_IP4), 1);
	ck_assert_uint_eq(agent_rules_left(&service, decided, ADDR_IP6), 0);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_failover_pins_a_tier);
	tcase_add_test(tcase, a_takeover_is_remembered);
	tcase_add_test(tcase, each_family_has_its_tiers);
	tcase_add_test(tcase, what_is_left_is_up_and_stays);
}

int
main(void)
{
	return check_main("agent_rules", fill);
}
