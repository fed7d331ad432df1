/* SPDX-License-Identifier: ISC */
/* What webhooks and scripts are handed: queue, body, signature, environment. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "hook_queue.h"
#include "script_env.h"
#include "secret.h"
#include "webhook_body.h"

static const struct event down = {
	.id = 7, .group = 6, .at_ms = 1764080475123,
	.kind = EVENT_ENDPOINT_DOWN, .fqdn = "www.example.org",
	.ipaddr = "192.0.2.1", .state = "down", .cause = "status <503>",
	.text = "www.example.org 192.0.2.1: up -> down\n<503> & \"more\"",
};

START_TEST(the_oldest_gives_way)
{
	static struct hook_queue queue;

	ck_assert_uint_eq(hook_queue_pop(&queue), 0);
	for (uint64_t id = 1; id <= HOOK_QUEUE_MAX + 3; id++)
		hook_queue_push(&queue, id);
	ck_assert_uint_eq(queue.dropped, 3);
	for (uint64_t id = 4; id <= HOOK_QUEUE_MAX + 3; id++)
		ck_assert_uint_eq(hook_queue_pop(&queue), id);
	ck_assert_uint_eq(hook_queue_pop(&queue), 0);
}
END_TEST

#define DOWN                                                                   \
	"\"id\":7,\"at\":\"2025-11-25T14:21:15.123Z\","                        \
	"\"kind\":\"endpoint_down\",\"fqdn\":\"www.example.org\","             \
	"\"ipaddr\":\"192.0.2.1\",\"node\":null,\"server\":null,"              \
	"\"state\":\"down\",\"cause\":\"status <503>\","                       \
	"\"text\":\"www.example.org 192.0.2.1: up -> down\\u000a<503> & "          \
	"\\\"more\\\"\",\"group\":6"

START_TEST(a_body_has_the_first_event_and_all)
{
	const struct event *events[] = { &down, &down };
	struct webhook_delivery delivery = { "192.0.2.9:3333", events, 2, 5 };
	size_t len;
	char *body = webhook_body_json(&delivery, &len);

	ck_assert_ptr_nonnull(body);
	ck_assert_uint_eq(len, strlen(body));
	ck_assert_str_eq(body, "{" DOWN ",\"by\":\"192.0.2.9:3333\","
	    "\"count\":2,\"dropped\":5,\"events\":[{" DOWN "},{" DOWN "}]}");
	free(body);
}
END_TEST

START_TEST(a_text_has_a_line_for_each_up_to_a_limit)
{
	const struct event *events[100];
	struct webhook_delivery delivery = { "n", events, 1, 0 };
	size_t len, lines = 0;
	char *body;

	for (size_t i = 0; i < COUNT(events); i++)
		events[i] = &down;
	body = webhook_body_text(&delivery, &len);
	ck_assert_str_eq(body, "{\"text\":\"www.example.org 192.0.2.1: up -&gt; "
	    "down\\u000a&lt;503&gt; &amp; \\\"more\\\"\\u000a(rrdnsd on n)\"}");
	free(body);
	delivery.n = COUNT(events);
	delivery.dropped = 1;
	body = webhook_body_text(&delivery, &len);
	for (char *p = body; (p = strstr(p, "192.0.2.1")) != NULL; p++)
		lines++;
	ck_assert_uint_eq(lines, WEBHOOK_LINES_MAX);
	ck_assert_ptr_nonnull(strstr(body, "\\u000aand 80 more\\u000a(1 older"));
	free(body);
}
END_TEST

/* RFC 4231 section 4.3 */
START_TEST(signs)
{
	static const char text[] = "what do ya want for nothing?";
	char out[SECRET_SIGNATURE_MAX];
	struct secret secret;

	ck_assert_int_eq(secret_from_bytes("Jefe", 4, &secret), 0);
	ck_assert_int_eq(secret_sign(&secret, text, strlen(text), out), 0);
	ck_assert_str_eq(out, "5bdcc146bf60754e6a042426089575c7"
			      "5a003f089d2739839dec58b964ec3843");
	secret_fini(&secret);
}
END_TEST

START_TEST(an_environment_is_plain)
{
	static const char *const wanted[] = {
		"RRDNSD_EVENT=endpoint_down", "RRDNSD_ID=7", "RRDNSD_GROUP=6",
		"RRDNSD_AT=2025-11-25T14:21:15.123Z", "RRDNSD_NODE=n",
		"RRDNSD_TELLS=1", "RRDNSD_FQDN=www.example.org",
		"RRDNSD_IPADDR=192.0.2.1", "RRDNSD_STATE=down",
		"RRDNSD_CAUSE=status <503>",
		("RRDNSD_TEXT=www.example.org 192.0.2.1: up -> "
		 "down?<503> & \"more\""),
	};
	struct script_env env;

	ck_assert_int_eq(script_env_init(&env, &down, "n", true), 0);
	ck_assert_int_eq(strncmp(env.list[0], "PATH=/", 6), 0);
	for (size_t i = 0; i < COUNT(wanted); i++)
		ck_assert_str_eq(env.list[i + 1], wanted[i]);
	ck_assert_ptr_null(env.list[COUNT(wanted) + 1]);
	script_env_fini(&env);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, the_oldest_gives_way);
	tcase_add_test(tcase, a_body_has_the_first_event_and_all);
	tcase_add_test(tcase, a_text_has_a_line_for_each_up_to_a_limit);
	tcase_add_test(tcase, signs);
	tcase_add_test(tcase, an_environment_is_plain);
}

int
main(void)
{
	return check_main("hooks", fill);
}
