/* SPDX-License-Identifier: ISC */
/* What is JSON: gossip, intents, bodies of the API, and the state file. */
#include "config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "err.h"
#include "http/api_request.h"
#include "oom_cases.h"
#include "state.h"
#include "vote/gossip.h"
#include "vote/node.h"

#define NOW 100000

static char *text;
static size_t len;
static struct vote_message message;
static char *told;
static size_t told_len;

static void
prepare_gossip(void)
{
	text = oom_corpus("gossip/whole", &len);
	told = NULL;
}

static int
decode_and_encode(void)
{
	int err = vote_gossip_decode(text, len, &message);

	return err != 0 ? err : vote_gossip_encode(&message, &told, &told_len);
}

/* What was told is the whole of it. */
static void
judge_gossip(int err)
{
	char *again;
	size_t again_len;

	ck_assert_int_eq(told != NULL, err == 0);
	vote_message_fini(&message);
	if (err == 0) {
		ck_assert_int_eq(vote_gossip_decode(text, len, &message), 0);
		ck_assert_int_eq(vote_gossip_encode(&message, &again,
				     &again_len), 0);
		ck_assert_uint_eq(told_len, again_len);
		ck_assert_mem_eq(told, again, again_len);
		vote_message_fini(&message);
		free(again);
	}
	free(told);
	free(text);
}

static struct secret secret = { (uint8_t *)"secret", 6 };
static struct addr nodes[3];
static struct vote_node *node;
static char auth[VOTE_AUTH_MAX];
static struct vote_out out;

static struct vote_node_conf
node_conf(void)
{
	return (struct vote_node_conf){ .nodes = nodes, .n_nodes = 3,
		.self = nodes[0], .heartbeat_ms = 1000, .vote_ttl_ms = 5000,
		.takeover_ms = 1500, .secrets = &secret, .n_secrets = 1,
		.boot = 1, .random = 1 };
}

/* One of the three nodes that the corpus is about, and a message for it. */
static void
prepare_node(void)
{
	static const struct vote_service services[2] = {
		{ .fqdn = "a.example.org", .hash = { 1 }, .n_endpoints = 3 },
		{ .fqdn = "b.example.org", .hash = { 2 }, .n_endpoints = 1 },
	};
	struct vote_node_conf conf;
	char name[40];

	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "192.0.2.%d:3333", i + 1);
		ck_assert_int_eq(addr_parse(name, 0, &nodes[i]), 0);
	}
	conf = node_conf();
	node = vote_node_new(&conf, NOW, NOW);
	ck_assert_ptr_nonnull(node);
	ck_assert_int_eq(vote_node_define(node, &conf, services, 2, NOW), 0);
	text = oom_corpus("gossip/whole", &len);
	ck_assert_int_eq(vote_auth_sign(&secret, VOTE_REQUEST, text, len, auth),
	    0);
}

/* 401 and 400 would blame the sender. */
static int
hear(void)
{
	vote_out_init(&out);
	vote_node_request(node, NOW + 10, NOW + 10, auth, text, len, &out);
	switch (out.reply.status) {
	case 200:
		return 0;
	case 500:
	case 503:
		return ERR_NOMEM;
	}
	return ERR_REFUSED;
}

/* Each next message is taken, and answered with all that is known. */
static void
judge_node(int err)
{
	(void)err;
	vote_out_fini(&out);
	vote_out_init(&out);
	vote_node_tick(node, NOW + 1000, NOW + 1000, &out);
	ck_assert_uint_gt(out.n_sends, 0);
	vote_out_fini(&out);
	vote_node_free(node);
	free(text);
}

static int
beat(void)
{
	vote_out_init(&out);
	vote_node_tick(node, NOW + 1000, NOW + 1000, &out);
	return out.n_sends > 0 ? 0 : ERR_NOMEM;
}

/* Peers hear of it the next time. */
static void
judge_beat(int err)
{
	vote_out_fini(&out);
	vote_out_init(&out);
	vote_node_tick(node, NOW + 2000, NOW + 2000, &out);
	if (err != 0)
		ck_assert_uint_gt(out.n_sends, 0);
	vote_out_fini(&out);
	vote_node_free(node);
	free(text);
}

static struct api_body *body;
static struct order {
	const char *intent;
	const char *to;
	int64_t for_s;
	bool force;
} order;
static char why[200];

static void
prepare_body(void)
{
	char *whole = oom_corpus("api/order", &len);

	text = strchr(whole, '\n') + 1;
	len -= (size_t)(text - whole);
	text = strndup(text, len);
	free(whole);
}

static int
parse_body(void)
{
	static const struct api_field fields[] = {
		{ "intent", API_FIELD_TEXT, true, 0, 32,
		    offsetof(struct order, intent) },
		{ "to", API_FIELD_WORD, false, 0, 64,
		    offsetof(struct order, to) },
		{ "for_s", API_FIELD_NUMBER, false, 1, 1000,
		    offsetof(struct order, for_s) },
		{ "force", API_FIELD_BOOL, false, 0, 0,
		    offsetof(struct order, force) },
	};

	body = api_body_parse(text, len, fields, COUNT(fields), &order, why,
	    sizeof why);
	return body != NULL ? 0 : ERR_NOMEM;
}

static void
judge_body(int err)
{
	if (err == 0)
		ck_assert_str_eq(order.intent, "drain");
	else
		ck_assert_msg(strstr(why, "out of memory") != NULL, "%s", why);
	api_body_free(body);
	free(text);
}

static char dir[] = "/tmp/check_oom.XXXXXX";
static struct state state;

static void
prepare_state(void)
{
	static const struct state old = { 7, 8, (char *)"{\"*\":{}}" };

	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(state_save(dir, &old), 0);
	state = (struct state){ 0 };
}

static int
load_state(void)
{
	return state_load(dir, &state);
}

static int
save_state(void)
{
	static const struct state next = { 9, 10, (char *)"{}" };

	return state_save(dir, &next);
}

static void
end_state(unsigned long boot)
{
	char path[64];

	state_fini(&state);
	ck_assert_int_eq(state_load(dir, &state), 0);
	ck_assert_uint_eq(state.boot, boot);
	ck_assert_ptr_nonnull(state.intents);
	state_fini(&state);
	snprintf(path, sizeof path, "%s/state.json", dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0); /* nothing else lies there */
}

/* A file that can't be read for want of memory is not a broken one. */
static void
judge_loaded(int err)
{
	if (err == 0)
		ck_assert_uint_eq(state.boot, 7);
	end_state(7);
}

static void
judge_saved(int err)
{
	end_state(err == 0 ? 9 : 7);
}

static struct vote_intents *intents;

static void
prepare_intents(void)
{
	struct state saved;

	text = oom_corpus("state/intents", &len);
	ck_assert_int_eq(state_decode(text, len, &saved, why, sizeof why), 0);
	free(text);
	text = saved.intents;
	intents = NULL;
	told = NULL;
}

static int
parse_intents(void)
{
	int err = vote_intents_parse(text, &intents);

	if (err != 0)
		return err;
	told = vote_intents_format(intents);
	return told != NULL ? 0 : ERR_NOMEM;
}

static void
judge_intents(int err)
{
	if (err == 0)
		ck_assert_uint_eq(vote_intents_count(intents), 3);
	vote_intents_free(intents);
	free(told);
	free(text);
}

const struct oom_case oom_json_cases[] = {
	{ "gossip message", prepare_gossip, decode_and_encode, judge_gossip },
	{ "node that hears", prepare_node, hear, judge_node },
	{ "node that speaks", prepare_node, beat, judge_beat },
	{ "body of the API", prepare_body, parse_body, judge_body },
	{ "state read", prepare_state, load_state, judge_loaded },
	{ "state written", prepare_state, save_state, judge_saved },
	{ "intents", prepare_intents, parse_intents, judge_intents },
};
const size_t oom_n_json_cases = COUNT(oom_json_cases);
