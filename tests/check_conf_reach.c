/* SPDX-License-Identifier: ISC */
/* What a service by the API would get at on this machine. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "conf.h"
#include "conf_json.h"
#include "conf_reach.h"
#include "conf_value.h"

static const struct row {
	const char *json;
	enum conf_place place;
	const char *option; /* that is complained of; NULL: none */
} rows[] = {
	{ "{}", CONF_SERVICE, NULL },
	{ "{\"fqdn\":\"a.b\",\"healthcheck\":\"http://{}/\"}", CONF_SERVICE,
	    NULL },
	{ "{\"healthcheck\":\"exec:/bin/true {}\"}", CONF_SERVICE,
	    "healthcheck" },
	{ "{\"healthcheck\":\"EXEC:/bin/true {}\"}", CONF_SERVICE,
	    "healthcheck" },
	{ "{\"healthcheck\":\"exec:/bin/true {}\"}", CONF_ENDPOINT,
	    "healthcheck" },
	{ "{\"ipaddrs\":[\"192.0.2.1\",{\"ipaddr\":\"192.0.2.2\","
	  "\"healthcheck\":\"exec:/bin/true {}\"}]}",
	    CONF_SERVICE, "healthcheck" },
	{ "{\"ipaddrs\":{\"ipaddr\":\"192.0.2.2\","
	  "\"healthcheck\":\"exec:/bin/true {}\"}}",
	    CONF_SERVICE, "healthcheck" },
	{ "{\"ipaddrs\":[\"192.0.2.1\",{\"ipaddr\":\"192.0.2.2\","
	  "\"healthcheck\":\"tcp://{}:1\"}, 7]}",
	    CONF_SERVICE, NULL },
	{ "{\"update_credentials\":\"file:/etc/shadow\"}", CONF_SERVICE,
	    "update_credentials" },
	{ "{\"update_credentials\":\"hmac-sha256:k:c2VjcmV0\"}",
	    CONF_SERVICE, NULL },
	{ "{\"tls_ca_file\":\"/etc/ca\"}", CONF_SERVICE, "tls_ca_file" },
	{ "{\"tls_client_cert\":\"/etc/c\"}", CONF_SERVICE,
	    "tls_client_cert" },
	{ "{\"tls_client_key\":\"/etc/k\"}", CONF_SERVICE, "tls_client_key" },
	{ "{\"tls_ca_file\":\"\"}", CONF_SERVICE, NULL },
	{ "{\"update_url\":\"https://evil.example/\"}", CONF_SERVICE,
	    "update_url" },
	{ "{\"update_url\":\"https://example.org/\","
	  "\"update_credentials\":\"a token\"}",
	    CONF_SERVICE, NULL },
	/* Words, not files; and what the rules of the file refuse. */
	{ "{\"label\":\"file:x\"}", CONF_ENDPOINT, NULL },
	{ "{\"expect_body\":\"file:x\",\"headers\":[\"X: exec:\"]}",
	    CONF_SERVICE, NULL },
	{ "{\"healthcheck\":[\"exec:/bin/true\"],\"tls_ca_file\":7,"
	  "\"nonsense\":\"file:x\",\"ipaddrs\":5}",
	    CONF_SERVICE, NULL },
};

START_TEST(test_rows)
{
	const struct row *row = &rows[_i];
	struct conf_report report = { .line = NULL };
	struct conf_value *root =
	    conf_json_parse(row->json, strlen(row->json), "test", &report);
	char why[200] = "";
	bool nothing;

	ck_assert_ptr_nonnull(root);
	nothing = conf_reaches_nothing(root, row->place, why, sizeof why);
	ck_assert_msg(nothing == (row->option == NULL), "%s: %s", row->json,
	    why);
	if (row->option != NULL) {
		ck_assert_msg(strncmp(why, row->option,
				  strlen(row->option)) == 0,
		    "%s: %s", row->json, why);
		ck_assert_int_eq(why[strlen(row->option)], ':');
	}
	conf_value_free(root);
}
END_TEST

/* A new option that names a file is not forgotten here. */
START_TEST(test_every_file_of_a_service)
{
	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];
		bool reads = option->type == OPTION_FILE ||
		    option->type == OPTION_KEY_FILE ||
		    option->type == OPTION_SECRET;
		struct conf_report report = { .line = NULL };
		struct conf_value *root;
		char json[120], why[200];

		if (!reads || !(option->places & CONF_SERVICE))
			continue;
		snprintf(json, sizeof json, "{\"%s\":\"file:/x\"}",
		    option->name);
		root = conf_json_parse(json, strlen(json), "test", &report);
		ck_assert_msg(!conf_reaches_nothing(root, CONF_SERVICE, why,
				  sizeof why),
		    "%s", json);
		conf_value_free(root);
	}
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, test_rows, 0,
	    (int)(sizeof rows / sizeof rows[0]));
	tcase_add_test(tcase, test_every_file_of_a_service);
}

int
main(void)
{
	return check_main("conf_reach", fill);
}
