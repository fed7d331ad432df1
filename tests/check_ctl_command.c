/* SPDX-License-Identifier: ISC */
/* From words to the request that they are. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "ctl_command.h"
#include "ctl_service_file.h"

#define WWW "/api/v1/services/www.example.org"

static const struct {
	const char *words[3];
	const char *reason;
	int64_t for_s;
	bool force;
	const char *request; /* method, path, body */
} calls[] = {
	{ { "drain", "www.example.org", "192.0.2.7" }, "kernel", 9000, true,
	    "POST " WWW "/endpoints/192.0.2.7/intent {\"intent\":\"drain\","
	    "\"by\":\"alice\",\"reason\":\"kernel\",\"for_s\":9000,"
	    "\"force\":true}" },
	{ { "undrain", "www.example.org", "2001:db8::1" }, NULL, 0, false,
	    "POST " WWW "/endpoints/2001%3Adb8%3A%3A1/intent "
	    "{\"intent\":\"auto\",\"by\":\"alice\"}" },
	{ { "up", "www.example.org", "192.0.2.7" }, NULL, 0, false,
	    "POST " WWW "/endpoints/192.0.2.7/intent {\"intent\":\"up\","
	    "\"by\":\"alice\"}" },
	{ { "maintenance", "on", "www.example.org" }, NULL, 60, false,
	    "POST " WWW "/intent {\"intent\":\"maintenance\","
	    "\"by\":\"alice\",\"for_s\":60}" },
	{ { "maintenance", "off", "www.example.org" }, NULL, 0, false,
	    "POST " WWW "/intent {\"intent\":\"auto\",\"by\":\"alice\"}" },
	{ { "auto", "www.example.org" }, NULL, 0, false,
	    "POST " WWW "/intent {\"intent\":\"auto\",\"by\":\"alice\"}" },
	{ { "auto", "www.example.org", "192.0.2.7" }, NULL, 0, false,
	    "POST " WWW "/endpoints/192.0.2.7/intent {\"intent\":\"auto\","
	    "\"by\":\"alice\"}" },
	{ { "freeze", "on" }, "a \"storm\"", 0, false,
	    "POST /api/v1/freeze {\"on\":true,\"by\":\"alice\","
	    "\"reason\":\"a \\\"storm\\\"\"}" },
	{ { "freeze", "off" }, NULL, 0, false,
	    "POST /api/v1/freeze {\"on\":false,\"by\":\"alice\"}" },
	{ { "failover", "www.example.org", "1" }, NULL, 0, false,
	    "POST " WWW "/failover {\"to\":1,\"by\":\"alice\"}" },
	{ { "failover", "www.example.org", "192.0.2.7" }, NULL, 0, false,
	    "POST " WWW "/failover {\"to\":\"192.0.2.7\","
	    "\"by\":\"alice\"}" },
	{ { "refresh", "www.example.org" }, NULL, 0, false,
	    "POST " WWW "/refresh {\"by\":\"alice\"}" },
	{ { "check", "www.example.org", "192.0.2.7" }, NULL, 0, false,
	    "POST " WWW "/endpoints/192.0.2.7/check {}" },
	{ { "remove-service", "www.example.org" }, NULL, 0, false,
	    "DELETE " WWW " -" },
	{ { "add-endpoint", "www.example.org", "192.0.2.9" }, NULL, 0, false,
	    "POST " WWW "/endpoints {\"ipaddr\":\"192.0.2.9\"}" },
	{ { "remove-endpoint", "www.example.org", "192.0.2.9" }, NULL, 0,
	    false, "DELETE " WWW "/endpoints/192.0.2.9 -" },
	{ { "add-node", "[2001:db8::9]:3333" }, NULL, 0, false,
	    "POST /api/v1/nodes {\"node\":\"[2001:db8::9]:3333\"}" },
	{ { "remove-node", "[2001:db8::9]:3333" }, NULL, 0, false,
	    "DELETE /api/v1/nodes/%5B2001%3Adb8%3A%3A9%5D%3A3333 -" },
	/* A word can't leave its place in the path. */
	{ { "refresh", "../nodes?x=1#\303\274 %" }, NULL, 0, false,
	    "POST /api/v1/services/..%2Fnodes%3Fx%3D1%23%C3%BC%20%25/refresh "
	    "{\"by\":\"alice\"}" },
};

static size_t
count(const char *const *words)
{
	size_t n = 0;

	while (n < 3 && words[n] != NULL)
		n++;
	return n;
}

START_TEST(makes_requests)
{
	struct ctl_args args = { .reason = calls[_i].reason,
		.for_s = calls[_i].for_s,
		.force = calls[_i].force };
	struct ctl_call call;
	char why[256], request[512];

	ck_assert_int_eq(ctl_args_take(&args, (char **)calls[_i].words,
			     count(calls[_i].words), why, sizeof why),
	    0);
	ck_assert_int_eq(ctl_call_make(&args, "alice", &call), 0);
	snprintf(request, sizeof request, "%s %s %s", call.method, call.path,
	    call.body != NULL ? call.body : "-");
	ck_assert_str_eq(request, calls[_i].request);
	ctl_call_fini(&call);
}
END_TEST

static const struct {
	const char *words[4];
	size_t n;
	unsigned given;
	const char *why; /* what it says; NULL: it is right */
} usages[] = {
	{ { "status" }, 1, 0, NULL },
	{ { "status", "www" }, 2, 0, NULL },
	{ { "status", "www", "x" }, 3, 0, "usage: rrdnsctl status [FQDN]" },
	{ { "watch", "x" }, 2, 0, "usage: rrdnsctl watch" },
	{ { "events" }, 1, CTL_FOLLOW, NULL },
	{ { "status" }, 1, CTL_FOLLOW, "usage: rrdnsctl status [FQDN]" },
	{ { "drain", "www" }, 2, 0,
	    "usage: rrdnsctl drain FQDN IP [--reason TEXT] [--for DURATION] "
	    "[--force]" },
	{ { "check", "www", "x" }, 3, CTL_FORCE,
	    "usage: rrdnsctl check FQDN IP" },
	{ { "freeze", "maybe" }, 2, 0,
	    "usage: rrdnsctl freeze on|off [--reason TEXT] [--for DURATION]" },
	{ { "drian" }, 1, 0,
	    "there is no command 'drian'; rrdnsctl -h shows all of them" },
};

START_TEST(says_what_is_right)
{
	struct ctl_args args = { .given = usages[_i].given };
	char why[256] = "";
	int err = ctl_args_take(&args, (char **)usages[_i].words,
	    usages[_i].n, why, sizeof why);

	ck_assert_int_eq(err == 0, usages[_i].why == NULL);
	if (usages[_i].why != NULL)
		ck_assert_str_eq(why, usages[_i].why);
}
END_TEST

#define ONE "[{\"fqdn\":\"www\",\"ttl\":5,\"ipaddrs\":[\"192.0.2.1\"]}]"

static const struct {
	const char *text;
	const char *json; /* NULL: refused */
} files[] = {
	{ "{\"fqdn\":\"www\",\"ttl\":5,\"ipaddrs\":[\"192.0.2.1\"]}", ONE },
	{ " [ {\"fqdn\":\"www\",\"ttl\":5,\"ipaddrs\":[\"192.0.2.1\"]} ]\n",
	    ONE },
	{ "{\"services\":" ONE "}", ONE },
	{ "fqdn = \"www\"; # words\nttl = 5;\nipaddrs = ( \"192.0.2.1\" );\n",
	    ONE },
	{ "{ fqdn = \"www\"; ttl = 5; ipaddrs = ( \"192.0.2.1\" ); },\n",
	    ONE },
	{ "services = ( { fqdn = \"www\"; ttl = 5; "
	  "ipaddrs = ( \"192.0.2.1\" ); } );",
	    ONE },
	{ "on = true; off = false; x = 1.5;", "[{\"on\":true,\"off\":false,"
					      "\"x\":1.5}]" },
	{ "{\"fqdn\":\"www\"", NULL },
	{ "{ fqdn = www; }", NULL },
	{ "fqdn = ", NULL },
	{ "\001\002", NULL },
};

START_TEST(reads_service_files)
{
	char why[256] = "";
	json_t *list = ctl_service_parse(files[_i].text,
	    strlen(files[_i].text), "f", why, sizeof why);
	char *text = json_dumps(list, JSON_COMPACT);

	if (files[_i].json != NULL) {
		ck_assert_msg(list != NULL, "%s", why);
		ck_assert_str_eq(text, files[_i].json);
	} else {
		ck_assert_ptr_null(list);
		ck_assert_int_eq(strncmp(why, "f:", 2), 0);
	}
	free(text);
	json_decref(list);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, makes_requests, 0, COUNT(calls));
	tcase_add_loop_test(tcase, says_what_is_right, 0, COUNT(usages));
	tcase_add_loop_test(tcase, reads_service_files, 0, COUNT(files));
}

int
main(void)
{
	return check_main("ctl_command", fill);
}
