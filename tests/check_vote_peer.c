/* SPDX-License-Identifier: ISC */
/* Of one peer: its messages' age and order, and when it is spoken to. */
#include "config.h"

#include "check_main.h"
#include "vote/peer.h"
#include "vote/verdict.h"

static const struct {
	int64_t to_ms;
	int64_t to_held;
	int64_t valid_from_ms;
	int64_t now_ms;
	int64_t way_ms;
} ways[] = {
	{ 1000, 100, 500, 1150, 50 + VOTE_ROUNDING_MS },
	{ 1000, 150, 500, 1150, VOTE_ROUNDING_MS },
	{ 1000, 152, 500, 1150, VOTE_ROUNDING_MS }, /* rounding */
	{ 1000, 154, 500, 1150, VOTE_AGE_UNKNOWN }, /* nonsense */
	{ 0, 0, 0, 1150, VOTE_AGE_UNKNOWN }, /* none was accepted yet */
	{ 1000, 100, 1001, 1150, VOTE_AGE_UNKNOWN }, /* before a stop */
	{ 1000, 100, 1000, 1150, 50 + VOTE_ROUNDING_MS },
	{ 2000, 0, 500, 1150, VOTE_AGE_UNKNOWN }, /* from the future */
};

START_TEST(the_way_is_an_upper_bound)
{
	struct vote_message message = { .to_ms = ways[_i].to_ms,
		.to_held = ways[_i].to_held };

	ck_assert_int_eq(vote_way(&message, ways[_i].valid_from_ms,
			     ways[_i].now_ms), ways[_i].way_ms);
}
END_TEST

static struct vote_table table;
static struct vote_peer peer;

static void
setup(void)
{
	struct addr nodes[3] = { { .family = ADDR_IP4, .port = 1 },
		{ .family = ADDR_IP4, .port = 2 },
		{ .family = ADDR_IP4, .port = 3 } };
	struct vote_table_service service = { .hash = { 1 },
		.n_endpoints = 1 };

	ck_assert_int_eq(vote_table_init(&table, nodes, 3, 0, 5000, &service,
			     1), 0);
	table.rows[0].boot = 1;
	ck_assert_int_eq(vote_peer_init(&peer, 3), 0);
}

static void
teardown(void)
{
	vote_peer_fini(&peer);
	vote_table_fini(&table);
}

START_TEST(messages_are_taken_once_and_in_order)
{
	ck_assert(vote_peer_is_new(&peer, 5, 1));
	vote_peer_remember(&peer, 5, 7);
	ck_assert(!vote_peer_is_new(&peer, 5, 7));
	ck_assert(!vote_peer_is_new(&peer, 5, 6));
	ck_assert(vote_peer_is_new(&peer, 5, 8));
	ck_assert(!vote_peer_is_new(&peer, 4, 100));
	ck_assert(vote_peer_is_new(&peer, 6, 1));
}
END_TEST

START_TEST(a_clock_is_shown_to_its_own_boot)
{
	struct vote_message message = { .boot = 5, .ms = 1234 };
	int64_t to_ms, to_held;

	vote_peer_echo(&peer, 0, 100, &to_ms, &to_held);
	ck_assert_int_eq(to_ms, 0);
	vote_peer_hold(&peer, &message, 100);
	vote_peer_echo(&peer, 5, 130, &to_ms, &to_held);
	ck_assert_int_eq(to_ms, 1234);
	ck_assert_int_eq(to_held, 30);
	vote_peer_echo(&peer, 6, 130, &to_ms, &to_held);
	ck_assert_int_eq(to_ms, 0);
	ck_assert_int_eq(to_held, 0);
}
END_TEST

/* What row 1 shows that it has of row 0 and 2. */
static void
learn(uint64_t boot, uint64_t version0, uint64_t version2)
{
	struct vote_digest digest[3] = {
		{ .node = table.rows[0].node, .boot = 1,
		    .version = version0 },
		{ .node = table.rows[1].node, .boot = boot, .version = 9 },
		{ .node = table.rows[2].node, .boot = 3,
		    .version = version2 },
	};
	struct vote_message message = { .boot = boot, .digest = digest,
		.n_digest = 3 };

	vote_peer_learn(&peer, 1, &table, &message, 1000, 100);
}

START_TEST(news_is_what_the_peer_lacks)
{
	table.rows[2].boot = 3;
	table.rows[2].version = 4;
	ck_assert(!vote_peer_lacks(&peer, 1, &table, 2)); /* told nothing */
	learn(2, 1, 4);
	ck_assert(!vote_peer_lacks(&peer, 1, &table, 0));
	ck_assert(!vote_peer_lacks(&peer, 1, &table, 2));
	table.rows[2].version = 5;
	ck_assert(vote_peer_lacks(&peer, 1, &table, 2));
	table.rows[2].boot = 2; /* older than what the peer has */
	ck_assert(!vote_peer_lacks(&peer, 1, &table, 2));
	table.rows[2].boot = 4;
	ck_assert(vote_peer_lacks(&peer, 1, &table, 2));
	ck_assert(!vote_peer_lacks(&peer, 1, &table, 1)); /* its own */
}
END_TEST

START_TEST(a_beat_waits_for_nothing)
{
	vote_peer_push(&peer, 1000);
	peer.beat_due = true;
	ck_assert_int_eq(vote_peer_deadline(&peer), 0);
	ck_assert(vote_peer_is_due(&peer, 1, &table, 1000));
	vote_peer_sent(&peer, 1, 2);
	ck_assert(!peer.beat_due);
}
END_TEST

START_TEST(own_changes_wait_for_company)
{
	vote_peer_push(&peer, 1000);
	vote_peer_push(&peer, 1020);
	ck_assert_int_eq(vote_peer_deadline(&peer), 1030);
	ck_assert(!vote_peer_is_due(&peer, 1, &table, 1029));
	ck_assert(vote_peer_is_due(&peer, 1, &table, 1030));
	vote_peer_sent(&peer, 1, 2);
	ck_assert(!vote_peer_is_due(&peer, 1, &table, 1030));
	vote_peer_push(&peer, 1040);
	ck_assert_int_eq(vote_peer_deadline(&peer), VOTE_NEVER);
	peer.in_flight = false;
	ck_assert(vote_peer_is_due(&peer, 1, &table, 1070));
}
END_TEST

START_TEST(a_relay_is_spared_when_another_one_did_it)
{
	table.rows[2].boot = 3;
	table.rows[2].version = 5;
	learn(2, 1, 4);
	vote_peer_sent(&peer, 1, 2);
	peer.in_flight = false;
	vote_peer_relay(&peer, 1000, 100);
	ck_assert(!vote_peer_is_due(&peer, 1, &table, 1099));
	ck_assert(vote_peer_is_due(&peer, 1, &table, 1100));
	learn(2, 1, 5);
	ck_assert(!vote_peer_is_due(&peer, 1, &table, 1100));
	ck_assert_int_eq(vote_peer_deadline(&peer), VOTE_NEVER);
}
END_TEST

START_TEST(who_starts_anew_is_told)
{
	table.rows[2].boot = 3;
	table.rows[2].version = 5;
	learn(2, 0, 5);
	ck_assert_int_eq(peer.push_at_ms, 1000 + VOTE_COALESCE_MS);
	ck_assert_int_eq(peer.relay_at_ms, 1100);
	vote_peer_sent(&peer, 1, 2);
	learn(2, 0, 5); /* lost: the next heartbeat brings it */
	ck_assert_int_eq(peer.push_at_ms, VOTE_NEVER);
	learn(7, 0, 5);
	ck_assert_int_eq(peer.push_at_ms, 1000 + VOTE_COALESCE_MS);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, the_way_is_an_upper_bound, 0, COUNT(ways));
	tcase_add_test(tcase, messages_are_taken_once_and_in_order);
	tcase_add_test(tcase, a_clock_is_shown_to_its_own_boot);
	tcase_add_test(tcase, news_is_what_the_peer_lacks);
	tcase_add_test(tcase, a_beat_waits_for_nothing);
	tcase_add_test(tcase, own_changes_wait_for_company);
	tcase_add_test(tcase, a_relay_is_spared_when_another_one_did_it);
	tcase_add_test(tcase, who_starts_anew_is_told);
}

int
main(void)
{
	return check_main("vote_peer", fill);
}
