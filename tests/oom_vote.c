/* SPDX-License-Identifier: ISC */
/* Nodes that come, change and are answered, and what operators asked for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_impl.h"
#include "check_main.h"
#include "err.h"
#include "oom_cases.h"
#include "state.h"
#include "vote_fixture.h"

static struct vote_fixture f;

static const char saved[] =
    "{\"a.example.org\":{\"by\":\"op\",\"op\":\"drain\",\"reason\":\"\","
    "\"stamp\":7,\"until\":0}}";
static struct vote_node *node;

static void
prepare_cluster(void)
{
	fixture_init(&f, 3);
	node = NULL;
}

static int
start(void)
{
	struct vote_node_conf conf = fixture_conf(&f, 0);

	conf.intents = saved;
	node = vote_node_new(&conf, f.now_ms, f.wall_ms);
	return node == NULL ? ERR_NOMEM
			    : vote_node_define(node, &conf, fixture_services,
				  2, f.now_ms);
}

/* What was saved is read or the node does not start: nothing is forgotten. */
static void
judge_started(int err)
{
	struct vote_node_conf conf = fixture_conf(&f, 0);

	if (node != NULL) {
		ck_assert_uint_eq(
		    vote_intents_count(vote_node_intents(node)), 1);
		if (err != 0)
			ck_assert_int_eq(vote_node_define(node, &conf,
			    fixture_services, 2, f.now_ms), 0);
		vote_node_set_vote(node, 1, 0, 'u', '-', f.now_ms);
	}
	vote_node_free(node);
	fixture_fini(&f);
}

static void
prepare_change(void)
{
	prepare_cluster();
	vote_node_set_vote(f.nodes[0], 1, 0, 'd', 'C', f.now_ms);
	ck_assert_int_eq(addr_parse("192.0.2.4:3333", 0, &f.addrs[3]), 0);
}

/* One node more, and service 0 is no longer there. */
static int
change(void)
{
	struct vote_node_conf conf = fixture_conf(&f, 0);

	conf.n_nodes = 4;
	return vote_node_define(f.nodes[0], &conf, &fixture_services[1], 1,
	    f.now_ms);
}

/* All of it, or nothing. */
static void
judge_changed(int err)
{
	size_t service = err == 0 ? 0 : 1;
	char cause;

	ck_assert_uint_eq(vote_node_count(f.nodes[0]), err == 0 ? 4 : 3);
	ck_assert_int_eq(vote_node_vote_of(f.nodes[0], 0, service, 0, &cause),
	    'd');
	ck_assert_int_eq(cause, 'C');
	fixture_fini(&f);
}

static struct vote_out there, out;
static struct vote_send *request;

static void
prepare_answer(void)
{
	prepare_cluster();
	vote_node_set_vote(f.nodes[1], 0, 0, 'd', 'C', f.now_ms);
	f.now_ms += 1000;
	f.wall_ms += 1000;
	fixture_tick(&f, 0);
	request = &f.last.sends[0];
	ck_assert_int_eq(addr_compare(&request->to, &f.addrs[1]), 0);
	vote_out_init(&there);
	vote_node_request(f.nodes[1], f.now_ms, f.wall_ms, request->auth,
	    request->body, request->len, &there);
	ck_assert_uint_eq(there.reply.status, 200);
	vote_out_init(&out);
}

/* Whoever answered is not held guilty: it said nothing wrong. */
static int
take_answer(void)
{
	vote_node_answer(f.nodes[0], f.now_ms, f.wall_ms, &f.addrs[1],
	    request->seq, 200, there.reply.auth, there.reply.body,
	    there.reply.len, &out);
	if (fixture_has_fact(&out, VOTE_FACT_NO_ANSWER))
		return ERR_NOMEM;
	return fixture_has_fact(&out, VOTE_FACT_BAD_MAC) ||
		fixture_has_fact(&out, VOTE_FACT_MALFORMED) ||
		fixture_has_fact(&out, VOTE_FACT_DROPPED) ||
		fixture_has_fact(&out, VOTE_FACT_REFUSED)
	    ? ERR_REFUSED
	    : 0;
}

/* The next ones bring what was lost. */
static void
judge_taken(int err)
{
	char cause;

	(void)err;
	vote_out_fini(&out);
	vote_out_fini(&there);
	fixture_talk(&f);
	ck_assert_int_eq(vote_node_vote_of(f.nodes[0], 1, 0, 0, &cause), 'd');
	fixture_fini(&f);
}

static uint8_t hash[VOTE_HASH_LEN];

/* OpenSSL has been used before: it does not survive a beginning without memory. */
static void
prepare_hash(void)
{
	ck_assert_int_eq(vote_hash_bytes("", 0, hash), 0);
	memset(hash, 1, sizeof hash);
}

static int
make_hash(void)
{
	return vote_hash_bytes("abc", 3, hash);
}

/* FIPS 180-2 appendix B.1, or the same as nobody's. */
static void
judge_hash(int err)
{
	char text[VOTE_HASH_TEXT_MAX];

	ck_assert_int_eq(strncmp(vote_hash_format(hash, text),
			     err == 0 ? "ba7816bf8f01cfea" : "0000000000000000",
			     16), 0);
}

static struct vote_intents *ours, *theirs;

static void
prepare_intents(void)
{
	struct vote_intent wanted = { .op = "drain", .by = "op", .reason = "",
		.more = "" };
	static const char *const targets[] = { "a", "b", "c" };

	ours = vote_intents_new();
	theirs = vote_intents_new();
	for (size_t i = 0; i < COUNT(targets); i++) {
		wanted.target = targets[i];
		ck_assert_int_eq(vote_intents_set(theirs, &wanted, 1), 0);
	}
}

static int
merge(void)
{
	bool changed = false;

	return vote_intents_merge(ours, theirs, 1, &changed);
}

/* What was not taken is, as soon as it is heard again. */
static void
judge_merged(int err)
{
	if (err != 0)
		ck_assert_int_eq(merge(), 0);
	ck_assert_uint_eq(vote_intents_count(ours), 3);
	vote_intents_free(ours);
	vote_intents_free(theirs);
}

static char state_dir[] = "check_oom.XXXXXX";
static struct conf agent_conf = { .state_dir = state_dir };
static struct agent agent;

static void
prepare_saving(void)
{
	prepare_cluster();
	ck_assert_int_eq(start(), 0);
	strcpy(state_dir + strlen(state_dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state_dir));
	agent = (struct agent){ .loop = loop_new(), .conf = &agent_conf,
		.node = node };
	ck_assert_ptr_nonnull(agent.loop);
	ck_assert_int_eq(agent_save(&agent, NULL), 0);
}

static int
save(void)
{
	return agent_save(&agent, NULL);
}

/* What was saved before is still, or is once more. */
static void
judge_saved(int err)
{
	char path[sizeof state_dir + 20];
	struct state state;

	(void)err;
	ck_assert_int_eq(state_load(state_dir, &state), 0);
	ck_assert_ptr_nonnull(state.intents);
	ck_assert_ptr_nonnull(strstr(state.intents, "drain"));
	state_fini(&state);
	snprintf(path, sizeof path, "%s/state.json", state_dir);
	unlink(path);
	ck_assert_int_eq(rmdir(state_dir), 0);
	loop_free(agent.loop);
	vote_node_free(node);
	fixture_fini(&f);
}

const struct oom_case oom_vote_cases[] = {
	{ "node that starts", prepare_cluster, start, judge_started },
	{ "node's other configuration", prepare_change, change, judge_changed },
	{ "node that is answered", prepare_answer, take_answer, judge_taken },
	{ "hash", prepare_hash, make_hash, judge_hash },
	{ "intents that are merged", prepare_intents, merge, judge_merged },
	{ "intents that are saved", prepare_saving, save, judge_saved },
};
const size_t oom_n_vote_cases = COUNT(oom_vote_cases);
