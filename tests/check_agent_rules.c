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
	const struct desired_endpoint of_each[] = {
		{ .verdict = DESIRED_UP, .action = DESIRED_PRESENT },
		{ .verdict = DESIRED_UP, .action = DESIRED_ABSENT },
		{ .verdict = DESIRED_UP, .action = DESIRED_KEEP },
		{ .verdict = DESIRED_DOWN, .action = DESIRED_PRESENT },
	};

	ck_assert_uint_eq(agent_rules_left(&service, of_each, ADDR_IP4), 1);
	ck_assert_uint_eq(agent_rules_left(&service, of_each, ADDR_IP6), 0);
}
END_TEST

/* A service of both families, two tiers each. */
static char fqdn[] = "www.example.org";
static struct conf_endpoint sorted[] = {
	{ .addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 1 } } },
	{ .addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 2 } } },
	{ .addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 3 } },
	    .tier = 1 },
	{ .addr = { .family = ADDR_IP6, .bytes = { [15] = 1 } } },
	{ .addr = { .family = ADDR_IP6, .bytes = { [15] = 2 } }, .tier = 1 },
};
#define N COUNT(sorted)

static struct conf_service
tiered_service(void)
{
	return (struct conf_service){ .fqdn = fqdn, .endpoints = sorted,
		.n_endpoints = N, .min_up = 1, .fail_open_percent = 50,
		.rise = 2, .fall = 3 };
}

static struct desired_endpoint decided[N];
static struct desired_summary summary[2];

/* One letter for each endpoint: up, down or undecided. */
static void
decide(const struct conf_service *conf, const char *verdicts)
{
	for (size_t i = 0; i < N; i++)
		decided[i] = (struct desired_endpoint){
			.verdict = verdicts[i] == 'u' ? DESIRED_UP
			    : verdicts[i] == 'd'      ? DESIRED_DOWN
						      : DESIRED_UNDECIDED };
	agent_rules_decide(conf, intents, false, decided, summary);
}

START_TEST(verdicts_of_votes_are_those_of_the_rules)
{
	ck_assert_int_eq(agent_rules_verdict(VOTE_VERDICT_UP), DESIRED_UP);
	ck_assert_int_eq(agent_rules_verdict(VOTE_VERDICT_DOWN), DESIRED_DOWN);
	ck_assert_int_eq(agent_rules_verdict(VOTE_VERDICT_UNDECIDED),
	    DESIRED_UNDECIDED);
}
END_TEST

START_TEST(an_operator_asks_for_one_address)
{
	struct conf_service conf = tiered_service();

	ask_for("www.example.org/192.0.2.1", "down");
	ask_for("www.example.org/192.0.2.2", "drain");
	ask_for("www.example.org/192.0.2.3", "up");
	ask_for("www.example.org/::1", "of another version");
	ask_for("ftp.example.org/::2", "down");
	decide(&conf, "uuddd");
	ck_assert_int_eq(decided[0].intent, DESIRED_FORCE_DOWN);
	ck_assert_int_eq(decided[0].action, DESIRED_ABSENT);
	ck_assert_int_eq(decided[1].intent, DESIRED_DRAIN);
	ck_assert_int_eq(decided[1].action, DESIRED_ABSENT);
	ck_assert_int_eq(decided[2].intent, DESIRED_FORCE_UP);
	ck_assert_int_eq(decided[2].action, DESIRED_PRESENT);
	ck_assert_int_eq(decided[3].intent, DESIRED_AUTO);
	ck_assert_int_eq(decided[4].intent, DESIRED_AUTO);
	ck_assert(summary[0].may_empty);
	ck_assert(!summary[1].may_empty);
}
END_TEST

/* Of the service as a whole, or of everything. */
START_TEST(an_operator_stops_all_changes)
{
	struct conf_service conf = tiered_service();

	ask_for("ftp.example.org", "maintenance");
	decide(&conf, "uuuuu");
	ck_assert_int_eq(decided[0].action, DESIRED_PRESENT);
	ask_for("www.example.org", "maintenance");
	decide(&conf, "uuuuu");
	ck_assert_int_eq(decided[0].why, DESIRED_WHY_MAINTENANCE);
	ask_for("*", "freeze");
	decide(&conf, "uuuuu");
	for (size_t i = 0; i < N; i++) {
		ck_assert_int_eq(decided[i].action, DESIRED_KEEP);
		ck_assert_int_eq(decided[i].why, DESIRED_WHY_FROZEN);
	}
}
END_TEST

START_TEST(held_begins_nothing)
{
	struct conf_service conf = tiered_service();

	for (size_t i = 0; i < N; i++)
		decided[i] =
		    (struct desired_endpoint){ .verdict = DESIRED_UP };
	agent_rules_decide(&conf, intents, true, decided, summary);
	ck_assert_int_eq(decided[0].action, DESIRED_KEEP);
	ck_assert_int_eq(decided[0].why, DESIRED_WHY_HELD);
}
END_TEST

/* An operator's failover does not wait; a takeover that is remembered does. */
START_TEST(held_begins_a_failover)
{
	struct conf_service conf = tiered_service();

	conf.failback_manual = true;
	for (int asked = 0; asked < 2; asked++) {
		ask_for(asked ? "www.example.org/failover"
			      : "www.example.org/failover/A",
		    "tier 1");
		for (size_t i = 0; i < N; i++)
			decided[i] = (struct desired_endpoint){
				.verdict = DESIRED_UP };
		agent_rules_decide(&conf, intents, true, decided, summary);
		ck_assert_int_eq(decided[0].action,
		    asked ? DESIRED_ABSENT : DESIRED_KEEP);
		ck_assert_int_eq(decided[0].why,
		    asked ? DESIRED_WHY_FAILOVER : DESIRED_WHY_HELD);
	}
}
END_TEST

/* All are down. */
static const struct {
	enum conf_fail_mode mode;
	enum desired_action action;
	enum desired_why why;
} fail_modes[] = {
	{ CONF_FAIL_RESTORE, DESIRED_PRESENT, DESIRED_WHY_FAIL_OPEN },
	{ CONF_FAIL_HOLD, DESIRED_KEEP, DESIRED_WHY_FAIL_HOLD },
	{ CONF_FAIL_CLOSED, DESIRED_ABSENT, DESIRED_WHY_VERDICT },
};

START_TEST(each_fail_mode_is_that_of_the_rules)
{
	struct conf_service conf = tiered_service();

	conf.fail_mode = fail_modes[_i].mode;
	decide(&conf, "ddddd");
	for (size_t i = 0; i < N; i++) {
		ck_assert_int_eq(decided[i].action, fail_modes[_i].action);
		ck_assert_int_eq(decided[i].why, fail_modes[_i].why);
	}
	ck_assert_int_eq(summary[0].may_empty,
	    conf.fail_mode == CONF_FAIL_CLOSED);
}
END_TEST

/* The second tier took over IPv4 by itself: it stays in charge where somebody
 * has to remember, unless an operator has pinned another one. */
START_TEST(a_pinned_tier_is_in_charge)
{
	struct conf_service conf = tiered_service();

	ask_for("www.example.org/failover/A", "tier 1");
	decide(&conf, "uuuuu");
	ck_assert_uint_eq(summary[0].tier, 0);
	conf.failback_manual = true;
	decide(&conf, "uuuuu");
	ck_assert(summary[0].tiered);
	ck_assert_uint_eq(summary[0].tier, 1);
	ck_assert_int_eq(decided[0].why, DESIRED_WHY_STANDBY);
	ck_assert_uint_eq(summary[1].tier, 0);
	ask_for("www.example.org/failover", "tier 0");
	decide(&conf, "uuuuu");
	ck_assert_uint_eq(summary[0].tier, 0);
	ck_assert_int_eq(decided[2].why, DESIRED_WHY_FAILOVER);
}
END_TEST

START_TEST(a_takeover_is_seen_with_what_it_pinned)
{
	struct conf_service conf = tiered_service();
	struct standby_view view;

	conf.failback_delay_ms = 5000;
	ck_assert(!agent_rules_standby(&conf).manual);
	ck_assert_int_eq(agent_rules_standby(&conf).delay_ms, 5000);
	ask_for("www.example.org/failover/A", "tier 1");
	decide(&conf, "uuuud");
	ck_assert(agent_rules_standby_view(&conf, intents, decided, summary,
	    ADDR_IP4, &view));
	ck_assert(view.recorded && view.certain && view.natural_certain);
	ck_assert_uint_eq(view.record, 1);
	ck_assert_uint_eq(view.tier, 1);
	ck_assert_uint_eq(view.natural, 0);
	ck_assert_uint_eq(view.first, 0);
	ck_assert_uint_eq(view.lowest, 0);
	/* The first tier of IPv6 may be up or down. */
	decide(&conf, "uuu?u");
	ck_assert(agent_rules_standby_view(&conf, intents, decided, summary,
	    ADDR_IP6, &view));
	ck_assert(!view.recorded && !view.certain && !view.natural_certain);
}
END_TEST

/* Endpoints that an operator has a word on are in no tier. */
START_TEST(one_tier_has_no_standby)
{
	struct conf_service conf = tiered_service();
	struct standby_view view;

	ask_for("www.example.org/::2", "down");
	decide(&conf, "uuuuu");
	ck_assert(agent_rules_standby_view(&conf, intents, decided, summary,
	    ADDR_IP4, &view));
	ck_assert(!agent_rules_standby_view(&conf, intents, decided, summary,
	    ADDR_IP6, &view));
	ask_for("www.example.org/failover", "tier 1");
	decide(&conf, "uuuuu");
	ck_assert(!agent_rules_standby_view(&conf, intents, decided, summary,
	    ADDR_IP4, &view));
}
END_TEST

/* Until each endpoint had the time to be found down three times over. */
START_TEST(the_first_write_waits_for_verdicts)
{
	struct conf_service conf = tiered_service();
	int64_t patience_ms = 3 * (3 * 1000 + 500);

	for (size_t i = 0; i < N; i++) {
		sorted[i].probe_interval_ms = 1000;
		sorted[i].probe_timeout_ms = 500;
	}
	decide(&conf, "uduud");
	ck_assert(agent_rules_may_open(&conf, decided, 0));
	decide(&conf, "udu?d");
	ck_assert(!agent_rules_may_open(&conf, decided, patience_ms - 1));
	ck_assert(agent_rules_may_open(&conf, decided, patience_ms));
	ask_for("www.example.org/::1", "down");
	decide(&conf, "udu?d"); /* no verdict would change that */
	ck_assert(agent_rules_may_open(&conf, decided, 0));
}
END_TEST

START_TEST(each_family_is_wished_for_apart)
{
	struct conf_service conf = tiered_service();
	struct publish_endpoint wish[N];

	decide(&conf, "u?uud");
	ck_assert_uint_eq(agent_rules_wish(&conf, decided, ADDR_IP4, wish), 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(addr_compare_ip(&wish[i].addr,
				     &sorted[i].addr), 0);
		ck_assert_int_eq(wish[i].action, decided[i].action);
	}
	ck_assert_int_eq(wish[1].action, DESIRED_KEEP);
	ck_assert_uint_eq(agent_rules_wish(&conf, decided, ADDR_IP6, wish), 2);
	ck_assert_int_eq(addr_compare_ip(&wish[0].addr, &sorted[3].addr), 0);
	ck_assert_int_eq(wish[0].action, DESIRED_PRESENT);
	ck_assert_int_eq(wish[1].action, DESIRED_ABSENT);
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
	tcase_add_test(tcase, verdicts_of_votes_are_those_of_the_rules);
	tcase_add_test(tcase, an_operator_asks_for_one_address);
	tcase_add_test(tcase, an_operator_stops_all_changes);
	tcase_add_test(tcase, held_begins_nothing);
	tcase_add_test(tcase, held_begins_a_failover);
	tcase_add_loop_test(tcase, each_fail_mode_is_that_of_the_rules, 0,
	    COUNT(fail_modes));
	tcase_add_test(tcase, a_pinned_tier_is_in_charge);
	tcase_add_test(tcase, a_takeover_is_seen_with_what_it_pinned);
	tcase_add_test(tcase, one_tier_has_no_standby);
	tcase_add_test(tcase, the_first_write_waits_for_verdicts);
	tcase_add_test(tcase, each_family_is_wished_for_apart);
}

int
main(void)
{
	return check_main("agent_rules", fill);
}
