/* SPDX-License-Identifier: ISC */
/* The pure parts of the API: routes, rights, bodies, JSON, health. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "check_main.h"
#include "http/api_access.h"
#include "http/api_health.h"
#include "http/api_request.h"
#include "http/api_status.h"
#include "http/router.h"
#include "json_out.h"
#include "secret.h"

static void
handler(const struct route_call *call, struct server_response *out)
{
	(void)call;
	(void)out;
}

static const struct route routes[] = {
	{ "GET", "/health", ROUTE_OPEN, 1, handler },
	{ "GET", "/api/services/*", ROUTE_READ, 2, handler },
	{ "DELETE", "/api/services/*", ROUTE_CHANGE, 3, handler },
	{ "POST", "/api/services/*/endpoints/*/intent", ROUTE_CHANGE, 4,
	    handler },
};

static const struct {
	const char *method;
	const char *path;
	unsigned status;
	size_t body_max; /* tells the routes apart */
	const char *first;
	const char *second;
	const char *allow;
} paths[] = {
	{ "GET", "/health", 200, 1, "", "", "" },
	{ "HEAD", "/health", 200, 1, "", "", "" },
	{ "GET", "/health/", 200, 1, "", "", "" },
	{ "GET", "/health//", 404, 0, "", "", "" },
	{ "GET", "/healthy", 404, 0, "", "", "" },
	{ "GET", "/Health", 404, 0, "", "", "" },
	{ "GET", "health", 404, 0, "", "", "" },
	{ "GET", "", 404, 0, "", "", "" },
	{ "GET", "/", 404, 0, "", "", "" },
	{ "POST", "/health", 405, 0, "", "", "GET, HEAD" },
	{ "GET", "/api/services/www.example.org", 200, 2, "www.example.org", "",
	    "" },
	{ "DELETE", "/api/services/x", 200, 3, "x", "", "" },
	{ "PUT", "/api/services/x", 405, 0, "", "", "GET, HEAD, DELETE" },
	{ "GET", "/api/services/", 404, 0, "", "", "" },
	{ "GET", "/api/services", 404, 0, "", "", "" },
	{ "POST", "/api/services/a/endpoints/2001:db8::1/intent", 200, 4, "a",
	    "2001:db8::1", "" },
	{ "POST", "/api/services//endpoints/b/intent", 404, 0, "", "", "" },
	{ "POST", "/api/services/a/endpoints/b/intent/c", 404, 0, "", "", "" },
	{ "GET", "/api/services/a/endpoints/b/intent", 405, 0, "", "",
	    "POST" },
	{ "get", "/health", 405, 0, "", "", "GET, HEAD" },
};

START_TEST(finds_the_route)
{
	struct route_match match;

	route_find(routes, COUNT(routes), paths[_i].method, paths[_i].path,
	    &match);
	ck_assert_msg(match.status == paths[_i].status, "%s: %u",
	    paths[_i].path, match.status);
	ck_assert_str_eq(match.allow, paths[_i].allow);
	if (match.status != 200)
		return;
	ck_assert_uint_eq(match.route->body_max, paths[_i].body_max);
	ck_assert_str_eq(match.params[0], paths[_i].first);
	ck_assert_str_eq(match.params[1], paths[_i].second);
}
END_TEST

START_TEST(a_segment_without_end_fits_nothing)
{
	char path[1024] = "/api/services/";
	size_t used = strlen(path);
	struct route_match match;

	memset(path + used, 'x', ROUTE_PARAM_MAX - 1);
	route_find(routes, COUNT(routes), "GET", path, &match);
	ck_assert_uint_eq(match.status, 200);
	ck_assert_uint_eq(strlen(match.params[0]), ROUTE_PARAM_MAX - 1);
	memset(path + used, 'x', ROUTE_PARAM_MAX);
	route_find(routes, COUNT(routes), "GET", path, &match);
	ck_assert_uint_eq(match.status, 404);
}
END_TEST

#define TOKEN "s3cret"
#define RIGHT "Bearer " TOKEN
#define JSON "application/json"

static const struct {
	enum route_right right;
	bool local;
	const char *token; /* "" none is set */
	bool reads_need_token;
	const char *authorization;
	const char *content_type;
	const char *host; /* NULL: HTTP/1.0, which needs none */
	const char *origin;
	unsigned status;
} accesses[] = {
	{ ROUTE_OPEN, 0, "", 0, NULL, NULL, NULL, NULL, 200 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "h:1", NULL, 200 },
	{ ROUTE_READ, 0, TOKEN, 1, NULL, NULL, NULL, NULL, 401 },
	{ ROUTE_READ, 0, TOKEN, 1, RIGHT, NULL, NULL, NULL, 200 },
	{ ROUTE_READ, 1, TOKEN, 1, NULL, NULL, NULL, NULL, 200 },
	{ ROUTE_OPEN, 0, TOKEN, 1, NULL, NULL, NULL, NULL, 200 },
	{ ROUTE_PEER, 0, TOKEN, 1, NULL, NULL, NULL, NULL, 200 },
	{ ROUTE_CHANGE, 0, "", 0, NULL, JSON, NULL, NULL, 403 },
	{ ROUTE_CHANGE, 0, "", 0, "Bearer ", JSON, NULL, NULL, 403 },
	{ ROUTE_CHANGE, 1, "", 0, NULL, NULL, NULL, NULL, 200 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, NULL, JSON, NULL, NULL, 401 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, JSON, NULL, NULL, 200 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, "bearer   " TOKEN, JSON, NULL, NULL, 200 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT "x", JSON, NULL, NULL, 401 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, "Bearer s3cre", JSON, NULL, NULL, 401 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, "Bearer", JSON, NULL, NULL, 401 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, "Basic " TOKEN, JSON, NULL, NULL, 401 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, NULL, NULL, NULL, 415 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, "text/plain", NULL, NULL, 415 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, JSON "x", NULL, NULL, 415 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, "Application/JSON ; charset=utf-8",
	    NULL, NULL, 200 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "h:1", "http://h:1", 200 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "h:1", "https://H:1", 200 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "h:1", "http://evil", 403 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "h:1", "null", 403 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, NULL, "http://evil", 403 },
	{ ROUTE_CHANGE, 1, "", 0, NULL, NULL, "h", "http://evil", 403 },
	{ ROUTE_CHANGE, 0, TOKEN, 0, RIGHT, JSON, "h", "http://evil", 403 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "", NULL, 400 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "a b", NULL, 400 },
	{ ROUTE_READ, 0, "", 0, NULL, NULL, "[2001:db8::1]:3333", NULL, 200 },
};

START_TEST(knows_who_may)
{
	struct secret token = { 0 };
	struct access_rules rules = { .token = &token,
		.reads_need_token = accesses[_i].reads_need_token };
	struct access_request request = { .right = accesses[_i].right,
		.has_body = true,
		.local = accesses[_i].local,
		.needs_host = accesses[_i].host != NULL,
		.n_hosts = accesses[_i].host != NULL,
		.host = accesses[_i].host,
		.origin = accesses[_i].origin,
		.authorization = accesses[_i].authorization,
		.content_type = accesses[_i].content_type };
	struct access_answer answer;

	if (accesses[_i].token[0] != '\0')
		ck_assert_int_eq(secret_from_bytes(accesses[_i].token,
				     strlen(accesses[_i].token), &token),
		    0);
	answer = access_check(&request, &rules);
	ck_assert_msg(answer.status == accesses[_i].status, "row %d: %u %s",
	    _i, answer.status, answer.text);
	secret_fini(&token);
}
END_TEST

/* RFC 9112 section 3.2 */
START_TEST(wants_one_host)
{
	static const struct {
		bool needed;
		unsigned n;
		const char *host;
		unsigned status;
	} rows[] = {
		{ true, 1, "h", 200 },
		{ true, 0, NULL, 400 },
		{ false, 0, NULL, 200 },
		{ false, 1, "h", 200 },
		{ true, 2, "h", 400 },
		{ false, 2, "h", 400 },
		{ true, 1, NULL, 400 },
		{ true, 1, "", 400 },
	};
	struct secret token = { 0 };
	struct access_rules rules = { .token = &token };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct access_request request = { .right = ROUTE_OPEN,
			.needs_host = rows[i].needed,
			.n_hosts = rows[i].n,
			.host = rows[i].host };

		ck_assert_uint_eq(access_check(&request, &rules).status,
		    rows[i].status);
	}
}
END_TEST

struct thing {
	const char *text;
	const char *word;
	int64_t number;
	bool flag;
};

static const struct api_field fields[] = {
	{ "text", API_FIELD_TEXT, true, 0, 5, offsetof(struct thing, text) },
	{ "word", API_FIELD_WORD, false, 0, 9, offsetof(struct thing, word) },
	{ "number", API_FIELD_NUMBER, false, -1, 7,
	    offsetof(struct thing, number) },
	{ "flag", API_FIELD_BOOL, false, 0, 0, offsetof(struct thing, flag) },
};

static const struct {
	const char *body;
	const char *why; /* NULL: it is good */
} bodies[] = {
	{ "{\"text\":\"abcde\",\"number\":-1,\"flag\":true,\"word\":12}", NULL },
	{ "{\"text\":\"abcde\",\"number\":-1,\"flag\":true,\"word\":\"12\"}",
	    NULL },
	{ "", "text is missing" },
	{ "{}", "text is missing" },
	{ "{\"text\":null}", "text must be a text in quotes" },
	{ "{\"text\":\"abcdef\"}", "text is longer than 5 bytes" },
	{ "{\"text\":1}", "text must be a text in quotes" },
	{ "{\"text\":\"a\",\"number\":8}",
	    "number must be a whole number from -1 to 7" },
	{ "{\"text\":\"a\",\"number\":1.0}",
	    "number must be a whole number from -1 to 7" },
	{ "{\"text\":\"a\",\"flag\":1}", "flag must be true or false" },
	{ "{\"text\":\"a\",\"word\":[]}", "word must be a whole number or a text in quotes" },
	{ "{\"text\":\"a\",\"txt\":1}",
	    "\"txt\" is not known here; known are: text, word, number, flag" },
	{ "[]", "the body must be a JSON object, { ... }" },
	{ "7", "the body is no JSON: line 1: '[' or '{' expected near '7'" },
	{ "{\"text\":\"a\\u0000b\"}",
	    "the body is no JSON: line 1: \\u0000 is not allowed without "
	    "JSON_ALLOW_NUL near '\"a\\u0000b\"'" },
	{ "{\"text\":\"a\",\"text\":\"b\"}",
	    "the body is no JSON: line 1: duplicate object key near "
	    "'\"text\"'" },
};

START_TEST(reads_bodies)
{
	struct thing thing = { .number = 5 };
	char why[200];
	struct api_body *body = api_body_parse(bodies[_i].body,
	    strlen(bodies[_i].body), fields, COUNT(fields), &thing, why,
	    sizeof why);

	if (bodies[_i].why != NULL) {
		ck_assert_ptr_null(body);
		ck_assert_str_eq(why, bodies[_i].why);
		return;
	}
	ck_assert_ptr_nonnull(body);
	ck_assert_str_eq(thing.text, "abcde");
	ck_assert_str_eq(thing.word, "12");
	ck_assert_int_eq(thing.number, -1);
	ck_assert(thing.flag);
	api_body_free(body);
}
END_TEST

static void
check_json(struct json_out *json, const char *wanted)
{
	size_t len;
	char *text = json_out_take(json, &len);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(len, strlen(wanted));
	free(text);
}

START_TEST(writes_json)
{
	struct json_out json;

	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "a\"b", "\\ \n \x7f \xc3\xa9 \xf0\x9f\x98\x80");
	json_put_text(&json, "bad",
	    "\xff \xc3 \xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80");
	json_put_text(&json, "none", NULL);
	json_put_int(&json, "least", INT64_MIN);
	json_put_bool(&json, "no", false);
	json_key(&json, "list");
	json_open(&json, '[');
	json_thousandths(&json, 1005);
	json_open(&json, '[');
	json_close(&json, ']');
	json_none(&json);
	json_close(&json, ']');
	json_put_time(&json, "at", INT64_C(1795616475123));
	json_put_time(&json, "never", 0);
	json_close(&json, '}');
	json_end_line(&json);
#define FFFD "\xef\xbf\xbd"
	check_json(&json,
	    "{\"a\\\"b\":\"\\\\ \\u000a \\u007f \xc3\xa9 \xf0\x9f\x98\x80\","
	    "\"bad\":\"" FFFD " " FFFD " " FFFD FFFD FFFD " " FFFD FFFD
	    " " FFFD FFFD FFFD FFFD "\","
	    "\"none\":null,\"least\":-9223372036854775808,\"no\":false,"
	    "\"list\":[1.005,[],null],\"at\":\"2026-11-25T14:21:15.123Z\","
	    "\"never\":null}\n");
}
END_TEST

/* RFC 3629 section 4: the shortest form alone, and all of it. */
static const struct {
	const char *text;
	const char *json;
} characters[] = {
	{ "\xe0\xa0\x80", "\"\xe0\xa0\x80\"" },
	{ "\xe0\x9f\xbf", "\"" FFFD FFFD FFFD "\"" },
	{ "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
	{ "\xe2\x82 ", "\"" FFFD FFFD " \"" },
	{ "\xe2\x82", "\"" FFFD FFFD "\"" },
	{ "\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\"" },
	{ "\xf0\x8f\xbf\xbf", "\"" FFFD FFFD FFFD FFFD "\"" },
	{ "\xf0\x90\x80", "\"" FFFD FFFD FFFD "\"" },
	{ "\x80", "\"" FFFD "\"" },
};

START_TEST(writes_utf8_alone)
{
	struct json_out json;

	json_out_init(&json);
	json_text(&json, characters[_i].text);
	check_json(&json, characters[_i].json);
}
END_TEST

START_TEST(writes_an_endpoint)
{
	struct api_vote votes[] = {
		{ "192.0.2.10:3333", "down", "connect timeout", 12 },
		{ "192.0.2.11:3333", NULL, NULL, -1 },
	};
	struct api_endpoint e = { .ipaddr = "192.0.2.1",
		.label = "<b>",
		.tier = 1,
		.verdict = "undecided",
		.own = "down",
		.votes = votes,
		.n_votes = 2,
		.intent = { .intent = "drain",
		    .reason = "",
		    .by = "alice",
		    .at_ms = INT64_C(1795616475123) },
		.desired = "keep",
		.published = API_PUBLISHED,
		.why = "undecided" };
	struct json_out json;

	json_out_init(&json);
	api_write_endpoint(&json, &e);
	check_json(&json,
	    "{\"ipaddr\":\"192.0.2.1\",\"label\":\"<b>\",\"tier\":1,"
	    "\"verdict\":\"undecided\",\"own\":\"down\",\"since\":null,"
	    "\"votes\":{\"192.0.2.10:3333\":{\"vote\":\"down\","
	    "\"reason\":\"connect timeout\",\"age_ms\":12},"
	    "\"192.0.2.11:3333\":{\"vote\":null,\"reason\":null,"
	    "\"age_ms\":null}},"
	    "\"intent\":{\"intent\":\"drain\",\"reason\":\"\","
	    "\"by\":\"alice\",\"at\":\"2026-11-25T14:21:15.123Z\","
	    "\"until\":null},\"desired\":\"keep\",\"published\":true,"
	    "\"why\":\"undecided\",\"safe_to_stop\":null,\"probe\":null}");
}
END_TEST

START_TEST(writes_a_probe)
{
	struct api_endpoint e = { .ipaddr = "192.0.2.1",
		.outcome = "ok",
		.detail = "status 200",
		.duration_us = 1234,
		.probed_at_ms = INT64_C(1795616475123),
		.history = "..." };
	struct json_out json;

	json_out_init(&json);
	api_write_endpoint(&json, &e);
	check_json(&json,
	    "{\"ipaddr\":\"192.0.2.1\",\"label\":null,\"tier\":0,"
	    "\"verdict\":null,\"own\":null,\"since\":null,\"votes\":{},"
	    "\"intent\":null,\"desired\":null,\"published\":null,"
	    "\"why\":null,\"safe_to_stop\":null,"
	    "\"probe\":{\"outcome\":\"ok\",\"detail\":\"status 200\","
	    "\"duration_ms\":1.234,\"at\":\"2026-11-25T14:21:15.123Z\","
	    "\"history\":\"...\"}}");
}
END_TEST

START_TEST(writes_an_intent_with_its_target)
{
	struct api_intent intent = { .target = "*",
		.intent = "freeze",
		.reason = "a move",
		.by = "alice",
		.at_ms = INT64_C(1795616475123),
		.until_ms = INT64_C(1795616475124) };
	struct json_out json;

	json_out_init(&json);
	api_write_intent(&json, &intent);
	check_json(&json,
	    "{\"target\":\"*\",\"intent\":\"freeze\",\"reason\":\"a move\","
	    "\"by\":\"alice\",\"at\":\"2026-11-25T14:21:15.123Z\","
	    "\"until\":\"2026-11-25T14:21:15.124Z\"}");
}
END_TEST

START_TEST(writes_nodes_and_their_quorum)
{
	struct api_node node = { .node = "192.0.2.10:3333",
		.fresh = true,
		.age_ms = 12,
		.boot = 7,
		.version = 9,
		.same_intents = true };
	struct api_quorum quorum = { 3, 2, 1 };
	struct json_out json;

	json_out_init(&json);
	json_open(&json, '[');
	api_write_node(&json, &node);
	api_write_quorum(&json, &quorum);
	quorum.fresh = 2;
	api_write_quorum(&json, &quorum);
	json_close(&json, ']');
	check_json(&json,
	    "[{\"node\":\"192.0.2.10:3333\",\"self\":false,\"fresh\":true,"
	    "\"age_ms\":12,\"boot\":7,\"version\":9,\"same_intents\":true},"
	    "{\"nodes\":3,\"needed\":2,\"fresh\":1,\"have\":false},"
	    "{\"nodes\":3,\"needed\":2,\"fresh\":2,\"have\":true}]");
	json_out_init(&json);
	json_open(&json, '[');
	json_out_fini(&json);
	ck_assert_ptr_null(json.data);
}
END_TEST

START_TEST(says_how_a_service_stands)
{
	ck_assert_str_eq(api_service_state(3, 0, 0), "ok");
	ck_assert_str_eq(api_service_state(1, 2, 0), "partial");
	ck_assert_str_eq(api_service_state(1, 0, 2), "partial");
	ck_assert_str_eq(api_service_state(0, 3, 0), "down");
	ck_assert_str_eq(api_service_state(0, 2, 1), "undecided");
}
END_TEST

START_TEST(says_whether_it_is_well)
{
	static const char *const servers[] = { "192.0.2.53:53: refused" };
	struct api_health health = { .nodes_fresh = 2, .nodes_needed = 2 };
	struct json_out json;

	json_out_init(&json);
	ck_assert_uint_eq(api_write_health(&json, &health, true), 200);
	check_json(&json, "{\"status\":\"ok\"}");
	health = (struct api_health){ .nodes_fresh = 1,
		.nodes_needed = 2,
		.stalled_ms = 1500,
		.n_stale = 3,
		.n_endpoints = 4,
		.servers = servers,
		.n_servers = 1,
		.state_error = "no space left",
		.listen_error = "address in use" };
	ck_assert_uint_eq(api_write_health(&json, &health, true), 503);
	check_json(&json,
	    "{\"status\":\"degraded\",\"reasons\":["
	    "\"no quorum: 1 nodes are heard, 2 are needed\","
	    "\"loop stalled: for 1500 ms\","
	    "\"probes stale: of 3 of 4 endpoints\","
	    "\"server not updated: 192.0.2.53:53: refused\","
	    "\"state not kept, a restart would lose it: no space left\","
	    "\"listen not as configured: address in use\"]}");
	ck_assert_uint_eq(api_write_health(&json, &health, false), 503);
	check_json(&json, "{\"status\":\"degraded\",\"reasons\":[]}");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, finds_the_route, 0, COUNT(paths));
	tcase_add_test(tcase, a_segment_without_end_fits_nothing);
	tcase_add_loop_test(tcase, knows_who_may, 0, COUNT(accesses));
	tcase_add_test(tcase, wants_one_host);
	tcase_add_loop_test(tcase, reads_bodies, 0, COUNT(bodies));
	tcase_add_test(tcase, writes_json);
	tcase_add_loop_test(tcase, writes_utf8_alone, 0, COUNT(characters));
	tcase_add_test(tcase, writes_an_endpoint);
	tcase_add_test(tcase, writes_a_probe);
	tcase_add_test(tcase, writes_an_intent_with_its_target);
	tcase_add_test(tcase, writes_nodes_and_their_quorum);
	tcase_add_test(tcase, says_how_a_service_stands);
	tcase_add_test(tcase, says_whether_it_is_well);
}

int
main(void)
{
	return check_main("api", fill);
}
