/* SPDX-License-Identifier: ISC */
/* Nodes that talk: what one takes from another, and what it refuses. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "vote/gossip.h"
#include "vote_fixture.h"

static struct vote_fixture f;

static void
setup(void)
{
	fixture_init(&f, 3);
}

static void
teardown(void)
{
	fixture_fini(&f);
}

static enum vote_verdict_kind
verdict(size_t node)
{
	struct vote_verdict out;

	vote_node_verdict(f.nodes[node], 0, 0, f.now_ms, &out);
	return out.verdict;
}

static struct vote_node_info
row(size_t node, size_t of)
{
	struct vote_node_info info;

	vote_node_info(f.nodes[node], of, f.now_ms, &info);
	return info;
}

static void
vote_down(size_t node)
{
	vote_node_set_vote(f.nodes[node], 0, 0, 'd', 'C', f.now_ms);
}

START_TEST(a_majority_decides)
{
	char cause;

	ck_assert_int_eq(vote_node_vote_of(f.nodes[2], 1, 0, 0, &cause), '\0');
	vote_down(0);
	fixture_talk(&f);
	ck_assert_int_eq(verdict(0), VOTE_VERDICT_UNDECIDED);
	ck_assert(vote_node_may_write(f.nodes[0], 0, f.now_ms));
	vote_down(1);
	fixture_talk(&f);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(verdict(i), VOTE_VERDICT_DOWN);
	ck_assert_int_eq(vote_node_vote_of(f.nodes[2], 1, 0, 0, &cause), 'd');
	ck_assert_int_eq(cause, 'C');
}
END_TEST

START_TEST(silence_is_no_vote)
{
	vote_down(0);
	vote_down(1);
	fixture_talk(&f);
	f.now_ms += FIXTURE_TTL_MS;
	f.wall_ms += FIXTURE_TTL_MS;
	fixture_tick(&f, 2);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_NODE_STALE));
	ck_assert_int_eq(verdict(2), VOTE_VERDICT_UNDECIDED);
	ck_assert(!vote_node_may_write(f.nodes[2], 0, f.now_ms));
}
END_TEST

/* The third hears of the first by the second alone. */
START_TEST(rows_are_relayed)
{
	fixture_talk(&f);
	vote_down(0);
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert(fixture_deliver(&f, 0, 1));
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 1);
	ck_assert(fixture_deliver(&f, 1, 2));
	ck_assert_uint_eq(row(2, 0).version, row(0, 0).version);
	ck_assert_uint_eq(row(2, 0).heartbeat, row(0, 0).heartbeat);
	ck_assert_int_ge(row(2, 0).age_ms, 1000);
}
END_TEST

START_TEST(a_request_is_taken_once)
{
	struct vote_message message = fixture_message(&f, 1, 0, 1);
	char *body = fixture_encode(&message);

	ck_assert_uint_eq(fixture_request(&f, 0, body), 200);
	ck_assert_uint_eq(fixture_request(&f, 0, body), 409);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_REPLAY));
	ck_assert_ptr_nonnull(strstr(f.last.reply.body,
	    "\"known_boot\":2000,\"known_seq\":1"));
	ck_assert_int_eq(vote_auth_verify(&f.secret, 1, VOTE_ANSWER,
	    f.last.reply.body, f.last.reply.len,
			     f.last.reply.auth), 0);
	free(body);
}
END_TEST

static unsigned
send_message(struct vote_message message)
{
	char *body = fixture_encode(&message);
	unsigned status = fixture_request(&f, 0, body);

	free(body);
	return status;
}

START_TEST(only_what_is_meant_for_it_is_taken)
{
	struct vote_digest digest = { .node = f.addrs[1], .boot = 2000,
		.heartbeat = 5, .age_ms = 10 };
	struct vote_message message = fixture_message(&f, 1, 0, 1);

	message.digest = &digest;
	message.n_digest = 1;
	message.to = f.addrs[2];
	ck_assert_uint_eq(send_message(message), 409);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_NOT_FOR_US));
	message.to = f.addrs[0];
	message.to_boot = 999;
	ck_assert_uint_eq(send_message(message), 200);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_WRONG_BOOT));
	ck_assert_uint_eq(row(0, 1).boot, 0);
	message.to_boot = 1000;
	ck_assert_uint_eq(send_message(message), 200);
	ck_assert_uint_eq(row(0, 1).boot, 2000);
}
END_TEST

START_TEST(strangers_and_itself_are_refused)
{
	struct vote_message message = fixture_message(&f, 1, 0, 1);

	ck_assert_int_eq(addr_parse("203.0.113.1:1", 0, &message.from), 0);
	ck_assert_uint_eq(send_message(message), 409);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_UNKNOWN_NODE));
	message.from = f.addrs[0];
	ck_assert_uint_eq(send_message(message), 409);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_UNKNOWN_NODE));
}
END_TEST

START_TEST(an_older_boot_is_told_the_known_one)
{
	struct vote_message message = fixture_message(&f, 1, 0, 1);

	ck_assert_uint_eq(send_message(message), 200);
	message.boot = 1999;
	message.seq = 100;
	ck_assert_uint_eq(send_message(message), 409);
	ck_assert_ptr_nonnull(strstr(f.last.reply.body, "\"known_boot\":2000"));
	message.boot = 2001;
	message.seq = 1;
	ck_assert_uint_eq(send_message(message), 200);
}
END_TEST

START_TEST(nothing_is_looked_at_without_a_signature)
{
	static const char body[] = "not even JSON";
	struct vote_out out;

	vote_out_init(&out);
	vote_node_request(f.nodes[0], f.now_ms, f.wall_ms, "v1 0", body,
	    strlen(body), &out);
	ck_assert_uint_eq(out.reply.status, 401);
	ck_assert_ptr_null(out.reply.body);
	ck_assert(fixture_has_fact(&out, VOTE_FACT_BAD_MAC));
	vote_out_fini(&out);
	ck_assert_uint_eq(fixture_request(&f, 0, body), 400);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_MALFORMED));
}
END_TEST

/* What answers node 0's request to node 1: the fact that it leads to. */
static enum vote_fact_kind
fact_of_answer(unsigned status, const char *auth, const char *body)
{
	enum vote_fact_kind kind;
	struct vote_out out;

	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert_uint_ge(f.last.n_sends, 1);
	vote_out_init(&out);
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.last.sends[0].to,
	    f.last.sends[0].seq, status, auth, body, strlen(body), &out);
	ck_assert_uint_ge(out.n_facts, 1);
	kind = out.facts[0].kind;
	vote_out_fini(&out);
	return kind;
}

START_TEST(an_answer_is_signed_and_whole)
{
	static const char body[] = "not even JSON";
	char auth[VOTE_AUTH_MAX];

	ck_assert_int_eq(fact_of_answer(200, "v1 0", body), VOTE_FACT_BAD_MAC);
	ck_assert_int_eq(fact_of_answer(409, NULL, body), VOTE_FACT_BAD_MAC);
	ck_assert_int_eq(fact_of_answer(404, NULL, body), VOTE_FACT_REFUSED);
	ck_assert_int_eq(vote_auth_sign(&f.secret, VOTE_ANSWER, body,
			     strlen(body), auth), 0);
	ck_assert_int_eq(fact_of_answer(200, auth, body), VOTE_FACT_MALFORMED);
}
END_TEST

/* A stranger who knows no secret can't make more of it than so many lines. */
START_TEST(facts_are_bounded)
{
	struct vote_out out;

	vote_out_init(&out);
	for (int i = 0; i < VOTE_FACTS_MAX + 10; i++)
		vote_node_request(f.nodes[0], f.now_ms, f.wall_ms, "v1 0", "",
		    0, &out);
	ck_assert_uint_eq(out.n_facts, VOTE_FACTS_MAX);
	ck_assert_int_eq(out.facts[VOTE_FACTS_MAX - 1].kind,
	    VOTE_FACT_BAD_MAC);
	ck_assert_uint_eq(out.reply.status, 401);
	vote_out_fini(&out);
}
END_TEST

/* Late, from before the peer's process was started anew. */
START_TEST(an_answer_of_an_older_boot_is_not_taken)
{
	struct vote_digest digest = { .node = f.addrs[1], .boot = 1999,
		.heartbeat = 99, .age_ms = 0 };
	struct vote_message message;
	char auth[VOTE_AUTH_MAX], *body;
	struct vote_out out;

	fixture_talk(&f);
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert_int_eq(addr_compare(&f.last.sends[0].to, &f.addrs[1]), 0);
	message = fixture_message(&f, 1, 0, f.last.sends[0].seq);
	message.boot = 1999;
	message.digest = &digest;
	message.n_digest = 1;
	body = fixture_encode(&message);
	ck_assert_int_eq(vote_auth_sign(&f.secret, VOTE_ANSWER, body,
			     strlen(body), auth), 0);
	vote_out_init(&out);
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.addrs[1],
	    message.seq, 200, auth, body, strlen(body), &out);
	ck_assert_uint_eq(row(0, 1).boot, 2000);
	ck_assert_uint_ne(row(0, 1).heartbeat, 99);
	ck_assert_uint_eq(out.n_facts, 0);
	vote_out_fini(&out);
	free(body);
}
END_TEST

/* Who may write first is the first in rank of those that count. */
START_TEST(one_of_those_that_count_writes)
{
	struct addr writer;

	fixture_talk(&f);
	ck_assert(vote_node_writer(f.nodes[0], 0, f.now_ms, &writer));
	for (size_t i = 0; i < 3; i++)
		if (vote_node_rank(f.nodes[i], 0, f.now_ms) == 0)
			ck_assert_int_eq(addr_compare(&writer, &f.addrs[i]),
			    0);
	f.now_ms += FIXTURE_TTL_MS;
	f.wall_ms += FIXTURE_TTL_MS;
	ck_assert(!vote_node_writer(f.nodes[0], 0, f.now_ms, &writer));
	/* Alone it is the first. */
	f.now_ms += FIXTURE_TTL_MS;
	f.wall_ms += FIXTURE_TTL_MS;
	for (size_t i = 0; i < 3; i++) {
		fixture_tick(&f, i);
		ck_assert(vote_node_writer(f.nodes[i], 0, f.now_ms, &writer));
		ck_assert_int_eq(addr_compare(&writer, &f.addrs[i]), 0);
	}
}
END_TEST

START_TEST(without_a_secret_nothing_is_said)
{
	struct vote_node_conf conf = fixture_conf(&f, 0);

	conf.n_secrets = 0;
	ck_assert_int_eq(vote_node_define(f.nodes[0], &conf, fixture_services,
			     2, f.now_ms), 0);
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert_uint_eq(f.last.n_sends, 0);
}
END_TEST

START_TEST(a_refusal_is_no_request)
{
	struct vote_message message = fixture_message(&f, 1, 0, 1);

	message.refusal = true;
	ck_assert_uint_eq(send_message(message), 400);
}
END_TEST

/* Adopted after `seen` was, with the spread of vote_boot_above(). */
static bool
is_above(uint64_t boot, uint64_t seen)
{
	return boot > seen && boot <= seen + (1 << 20);
}

/* The same number again, as without clock and state file: peers know more of
 * that boot than the new process ever said. */
START_TEST(the_same_boot_twice_is_noticed)
{
	fixture_talk(&f);
	fixture_restart(&f, 0, 1000);
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert(fixture_deliver(&f, 0, 1));
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_BOOT_ADOPTED));
	ck_assert(f.last.save);
	ck_assert(is_above(vote_node_boot(f.nodes[0]), 1000));
	fixture_talk(&f);
	ck_assert_uint_eq(row(1, 0).boot, vote_node_boot(f.nodes[0]));
}
END_TEST

static void
show_boot(uint64_t boot, uint64_t seq)
{
	struct vote_digest digest = { .node = f.addrs[0], .boot = boot };
	struct vote_message message = fixture_message(&f, 1, 0, seq);

	message.digest = &digest;
	message.n_digest = 1;
	send_message(message);
}

/* Node 0 hears of a boot above its own, and adopts one above that. */
static void
bear_its_name(uint64_t seq)
{
	uint64_t boot = vote_node_boot(f.nodes[0]) + 10;

	show_boot(boot, seq);
	ck_assert(is_above(vote_node_boot(f.nodes[0]), boot));
}

START_TEST(a_name_that_others_bear_is_given_up)
{
	vote_down(0);
	for (uint64_t i = 1; i <= 5; i++)
		bear_its_name(i);
	ck_assert(!fixture_has_fact(&f.last, VOTE_FACT_CONTESTED));
	bear_its_name(6);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_CONTESTED));
	ck_assert(!vote_node_may_write(f.nodes[0], 0, f.now_ms));
	ck_assert(!row(0, 0).fresh);
	ck_assert_int_eq(vote_node_next_deadline(f.nodes[0]), INT64_MAX);
	fixture_tick(&f, 0);
	ck_assert_uint_eq(f.last.n_sends, 0);
	show_boot(1, 7);
	ck_assert_uint_eq(f.last.reply.status, 503);
	f.now_ms += 60000;
	f.wall_ms += 60000;
	fixture_tick(&f, 0);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_UNCONTESTED));
	ck_assert_uint_eq(f.last.n_sends, 2);
}
END_TEST

START_TEST(after_a_stop_nothing_heard_before_counts)
{
	vote_down(0);
	vote_down(1);
	fixture_talk(&f);
	ck_assert_int_eq(verdict(2), VOTE_VERDICT_DOWN);
	f.now_ms += 10;
	f.wall_ms += 10 + 1001;
	fixture_tick(&f, 2);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_SUSPENDED));
	ck_assert_int_eq(verdict(2), VOTE_VERDICT_UNDECIDED);
	fixture_talk(&f);
	ck_assert_int_eq(verdict(2), VOTE_VERDICT_DOWN);
}
END_TEST

/* Of what its clock did not count, the other one's has to hold nothing: how long
 * a reading was kept is a lower bound. */
START_TEST(how_long_a_clock_was_held_counts_no_stop)
{
	struct vote_digest digest = { .node = f.addrs[1], .boot = 2000,
		.heartbeat = 5, .age_ms = 10 };
	struct vote_message message = fixture_message(&f, 1, 0, 1);

	message.digest = &digest;
	message.n_digest = 1;
	message.to_boot = 1000;
	message.ms = 777;
	ck_assert_uint_eq(send_message(message), 200);
	f.now_ms += 10;
	f.wall_ms += 10 + 5000;
	fixture_tick(&f, 0);
	ck_assert(fixture_has_fact(&f.last, VOTE_FACT_SUSPENDED));
	for (size_t i = 0; i < f.last.n_sends; i++) {
		const struct vote_send *send = &f.last.sends[i];

		if (addr_compare(&send->to, &f.addrs[1]) != 0)
			continue;
		ck_assert_ptr_nonnull(
		    strstr(send->body, "\"to_ms\":777,\"to_held\":10,"));
		return;
	}
	ck_abort_msg("nothing was sent");
}
END_TEST

static struct vote_intent
drain(void)
{
	return (struct vote_intent){ .target = "a.example.org/192.0.2.7",
		.op = "drain", .by = "me", .reason = "", .more = "" };
}

START_TEST(an_answer_to_something_else_is_dropped)
{
	struct vote_out there, out;
	struct vote_send *send;

	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	ck_assert_uint_eq(f.last.n_sends, 2);
	send = &f.last.sends[0];
	vote_out_init(&there);
	vote_node_request(f.nodes[1], f.now_ms, f.wall_ms, send->auth,
	    send->body, send->len, &there);
	/* The same answer to the next request of the same pair. */
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	send = &f.last.sends[0];
	ck_assert_int_eq(addr_compare(&send->to, &f.addrs[1]), 0);
	vote_out_init(&out);
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.addrs[1],
	    send->seq, 200, there.reply.auth, there.reply.body,
	    there.reply.len, &out);
	ck_assert(fixture_has_fact(&out, VOTE_FACT_DROPPED));
	ck_assert_uint_eq(row(0, 1).boot, 0);
	vote_out_fini(&out);
	/* Nor to what nobody asked. */
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.addrs[1],
	    send->seq + 1, 200, there.reply.auth, there.reply.body,
	    there.reply.len, &out);
	ck_assert(fixture_has_fact(&out, VOTE_FACT_DROPPED));
	vote_out_fini(&out);
	/* No answer to it says nothing of the peer. */
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.addrs[1],
	    send->seq + 1, 0, NULL, "", 0, &out);
	ck_assert_uint_eq(out.n_facts, 0);
	vote_out_fini(&out);
	vote_out_fini(&there);
}
END_TEST

START_TEST(an_intent_reaches_all)
{
	struct vote_intent wanted = drain();

	fixture_talk(&f);
	ck_assert_int_eq(vote_node_set_intent(f.nodes[0], &wanted, f.now_ms,
			     f.wall_ms), 0);
	ck_assert_uint_eq(vote_node_intents_held(f.nodes[0]), 1);
	ck_assert_mem_ne(vote_node_intents_hash(f.nodes[0]),
	    vote_node_intents_hash(f.nodes[2]), VOTE_HASH_LEN);
	fixture_talk(&f);
	ck_assert_mem_eq(vote_node_intents_hash(f.nodes[0]),
	    vote_node_intents_hash(f.nodes[2]), VOTE_HASH_LEN);
	ck_assert_uint_eq(vote_node_intents_held(f.nodes[0]), 3);
	ck_assert_ptr_nonnull(vote_intents_find(
	    vote_node_intents(f.nodes[2]), wanted.target));
}
END_TEST

START_TEST(who_lacks_the_intents_of_others_waits)
{
	struct vote_intent wanted = drain();

	fixture_talk(&f);
	ck_assert(vote_node_may_write(f.nodes[0], 0, f.now_ms));
	ck_assert_int_eq(vote_node_set_intent(f.nodes[0], &wanted, f.now_ms,
			     f.wall_ms), 0);
	/* Nobody else shows the same: wait, but not for ever. */
	ck_assert(!vote_node_may_write(f.nodes[0], 0, f.now_ms));
	f.now_ms += 2000;
	f.wall_ms += 2000;
	ck_assert(!vote_node_may_write(f.nodes[0], 0, f.now_ms));
	fixture_talk(&f);
	ck_assert(vote_node_may_write(f.nodes[0], 0, f.now_ms));
}
END_TEST

START_TEST(other_definitions_do_not_count)
{
	struct vote_node_conf conf = fixture_conf(&f, 1);
	struct vote_service other[2] = { fixture_services[0],
		fixture_services[1] };

	vote_down(0);
	vote_down(1);
	fixture_talk(&f);
	ck_assert_int_eq(verdict(0), VOTE_VERDICT_DOWN);
	other[0].hash[0] = 9;
	ck_assert_int_eq(vote_node_define(f.nodes[1], &conf, other, 2,
			     f.now_ms), 0);
	fixture_talk(&f);
	ck_assert_int_eq(verdict(0), VOTE_VERDICT_UNDECIDED);
	ck_assert_uint_eq(vote_node_agreeing(f.nodes[0], 0, f.now_ms), 2);
	ck_assert_uint_eq(vote_node_agreeing(f.nodes[0], 1, f.now_ms), 3);
	ck_assert(vote_node_agrees(f.nodes[0], 2, 0));
	ck_assert(!vote_node_agrees(f.nodes[0], 1, 0));
	ck_assert(vote_node_agrees(f.nodes[0], 1, 1));
}
END_TEST

/* Peers are told of a vote within 30 ms, those of one moment together. */
START_TEST(a_vote_is_told_soon)
{
	struct vote_out out;
	int64_t at_ms;

	fixture_talk(&f);
	f.now_ms += 100;
	vote_down(0);
	at_ms = vote_node_next_deadline(f.nodes[0]);
	ck_assert_int_ge(at_ms, f.now_ms);
	ck_assert_int_le(at_ms, f.now_ms + 30);
	vote_out_init(&out);
	f.wall_ms += 100 + at_ms - 1 - f.now_ms;
	vote_node_wake(f.nodes[0], at_ms - 1, f.wall_ms, &out);
	ck_assert_uint_eq(out.n_sends, 0);
	vote_node_set_vote(f.nodes[0], 0, 1, 'u', '-', at_ms - 1);
	ck_assert_int_eq(vote_node_next_deadline(f.nodes[0]), at_ms);
	vote_node_wake(f.nodes[0], at_ms, f.wall_ms + 1, &out);
	ck_assert_uint_eq(out.n_sends, 2);
	/* Nothing more until they have answered. */
	ck_assert_int_eq(vote_node_next_deadline(f.nodes[0]), INT64_MAX);
	vote_out_fini(&out);
}
END_TEST

/* What is known of those that stay is kept; the new one is not known yet. */
START_TEST(a_node_joins)
{
	struct vote_node_conf conf = fixture_conf(&f, 0);
	struct vote_verdict out;

	vote_down(0);
	vote_down(1);
	fixture_talk(&f);
	ck_assert_uint_eq(vote_node_count(f.nodes[0]), 3);
	ck_assert_int_eq(addr_parse("192.0.2.4:3333", 0, &f.addrs[3]), 0);
	conf.n_nodes = 4;
	ck_assert_int_eq(vote_node_define(f.nodes[0], &conf, fixture_services,
			     2, f.now_ms), 0);
	ck_assert_uint_eq(vote_node_count(f.nodes[0]), 4);
	ck_assert_uint_eq(row(0, 1).boot, 2000);
	ck_assert(row(0, 1).fresh);
	ck_assert(!row(0, 3).heard);
	vote_node_verdict(f.nodes[0], 0, 0, f.now_ms, &out);
	ck_assert_uint_eq(out.n_down, 2);
	ck_assert_uint_eq(out.needed, 3);
	ck_assert_int_eq(out.verdict, VOTE_VERDICT_UNDECIDED);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_majority_decides);
	tcase_add_test(tcase, silence_is_no_vote);
	tcase_add_test(tcase, rows_are_relayed);
	tcase_add_test(tcase, a_request_is_taken_once);
	tcase_add_test(tcase, only_what_is_meant_for_it_is_taken);
	tcase_add_test(tcase, strangers_and_itself_are_refused);
	tcase_add_test(tcase, an_older_boot_is_told_the_known_one);
	tcase_add_test(tcase, nothing_is_looked_at_without_a_signature);
	tcase_add_test(tcase, an_answer_is_signed_and_whole);
	tcase_add_test(tcase, facts_are_bounded);
	tcase_add_test(tcase, an_answer_of_an_older_boot_is_not_taken);
	tcase_add_test(tcase, one_of_those_that_count_writes);
	tcase_add_test(tcase, without_a_secret_nothing_is_said);
	tcase_add_test(tcase, a_refusal_is_no_request);
	tcase_add_test(tcase, the_same_boot_twice_is_noticed);
	tcase_add_test(tcase, a_name_that_others_bear_is_given_up);
	tcase_add_test(tcase, after_a_stop_nothing_heard_before_counts);
	tcase_add_test(tcase, how_long_a_clock_was_held_counts_no_stop);
	tcase_add_test(tcase, an_answer_to_something_else_is_dropped);
	tcase_add_test(tcase, an_intent_reaches_all);
	tcase_add_test(tcase, who_lacks_the_intents_of_others_waits);
	tcase_add_test(tcase, other_definitions_do_not_count);
	tcase_add_test(tcase, a_vote_is_told_soon);
	tcase_add_test(tcase, a_node_joins);
}

int
main(void)
{
	return check_main("vote_talk", fill);
}
