/* SPDX-License-Identifier: ISC */
/* What the API is sent. The first line is the path and the headers Host, Origin,
 * Authorization and Content-Type, with "|" between; one that is empty is not
 * there. The rest is the body: of an order, and of a service. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_json.h"
#include "http/api_access.h"
#include "http/api_request.h"
#include "http/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct order {
	const char *intent;
	const char *to;
	int64_t for_s;
	bool force;
};

#define FIELD(name, type, required, min, max)                                  \
	{ #name, type, required, min, max, offsetof(struct order, name) }

static const struct api_field fields[] = {
	FIELD(intent, API_FIELD_TEXT, true, 0, 32),
	FIELD(to, API_FIELD_WORD, false, 0, 64),
	FIELD(for_s, API_FIELD_NUMBER, false, 1, 1000000),
	FIELD(force, API_FIELD_BOOL, false, 0, 0),
};

static const struct route routes[] = {
	{ "GET", "/health", ROUTE_OPEN, 10, NULL },
	{ "GET", "/api/v1/services/*", ROUTE_READ, 10, NULL },
	{ "POST", "/api/v1/services", ROUTE_CHANGE, 10, NULL },
	{ "DELETE", "/api/v1/services/*/endpoints/*", ROUTE_CHANGE, 10, NULL },
};

static void
try_order(const char *body, size_t len)
{
	struct order order = { .for_s = 7 };
	char why[400] = "";
	struct api_body *parsed = api_body_parse(body, len, fields,
	    sizeof fields / sizeof fields[0], &order, why, sizeof why);

	if (parsed == NULL) {
		if (why[0] == '\0')
			abort();
		return;
	}
	if (order.intent == NULL || strlen(order.intent) > 32 ||
	    (order.to != NULL && strlen(order.to) > 64) || order.for_s < 1 ||
	    order.for_s > 1000000)
		abort();
	api_body_free(parsed);
}

static const char *
next_word(char **rest)
{
	const char *word = strsep(rest, "|");

	return word != NULL && word[0] != '\0' ? word : NULL;
}

static bool
is_token(const char *authorization)
{
	return authorization != NULL && strstr(authorization, "token") != NULL;
}

static void
try_head(char *head)
{
	static struct secret token = { .data = (uint8_t *)"token", .len = 5 };
	const struct access_rules rules = { &token, .reads_need_token = true };
	const char *path = next_word(&head);
	struct access_request request = { .has_body = true, .needs_host = true,
		.host = next_word(&head) };
	struct access_answer answer;
	struct route_match match;

	request.n_hosts = request.host != NULL;
	request.origin = next_word(&head);
	request.authorization = next_word(&head);
	request.content_type = next_word(&head);
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		route_find(routes, sizeof routes / sizeof routes[0],
		    routes[i].method, path != NULL ? path : "", &match);
		if ((match.status == 200) != (match.route != NULL))
			abort();
		request.right = routes[i].right;
		answer = access_check(&request, &rules);
		if (request.right != ROUTE_OPEN && answer.status == 200 &&
		    !is_token(request.authorization))
			abort();
	}
}

/* The file that is added to. */
static const char base_text[] =
    "{\"conf_version\":1,\"local_node\":\"192.0.2.10:3333\","
    "\"nodes\":[\"192.0.2.10:3333\"],\"update_method\":\"none\","
    "\"services\":[{\"fqdn\":\"www.example.org\",\"zone\":\"example.org\","
    "\"healthcheck\":\"http://{}/\",\"ipaddrs\":[\"192.0.2.1\"]}]}";

static struct conf *
make_base(void)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	struct conf_value *root = conf_json_parse(base_text,
	    sizeof base_text - 1, "base", &report);
	struct conf *base = root != NULL ? conf_build(root, &report) : NULL;

	if (base == NULL)
		abort();
	base->source = root;
	return base;
}

/* An addition at run time is as good as the file, or refused with reasons. */
static void
try_addition(const char *body, size_t len)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	struct conf_changes changes = { 0 };
	static struct conf *base;
	struct conf *amended;

	if (base == NULL)
		base = make_base();
	/* Nothing but what was given is to be read. */
	if (memmem(body, len, "file", 4) != NULL ||
	    memmem(body, len, "\\u", 2) != NULL)
		return;
	if (conf_changes_add(&changes, CONF_CHANGE_SERVICE, "new.example.org",
	    "", body) != 0)
		abort();
	amended = conf_amend(base, &changes, &report);
	if ((amended == NULL) != (report.errors > 0))
		abort();
	conf_free(amended);
	conf_changes_fini(&changes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *body;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	body = strchr(text, '\n');
	if (body != NULL) {
		*body++ = '\0';
		try_head(text);
		try_order(body, size - (size_t)(body - text));
		try_addition(body, strlen(body));
	}
	free(text);
	return 0;
}
