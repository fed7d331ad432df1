/* SPDX-License-Identifier: ISC */
/* The layer of run-time changes over the values of a file. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "conf.h"
#include "conf_changes.h"
#include "conf_json.h"
#include "conf_value.h"

static const char file[] =
    "{\"nodes\":[\"192.0.2.10:3333\"],\"services\":["
    "{\"fqdn\":\"WWW.example.org.\",\"ipaddrs\":[\"192.0.2.1\","
    "{\"ipaddr\":\"2001:db8::1\"}]},"
    "{\"fqdn\":\"lone.example.org\",\"ipaddrs\":\"192.0.2.9\"}]}";

struct told {
	unsigned n;
	char last[400];
};

static void
note(void *arg, bool warning, const char *name, int line, const char *text)
{
	struct told *told = arg;

	(void)warning;
	(void)name;
	(void)line;
	told->n++;
	snprintf(told->last, sizeof told->last, "%s", text);
}

/* "www.example.org: 192.0.2.1 2001:db8::1; ..." */
static void
describe(const struct conf_value *root, char *buf, size_t size)
{
	const struct conf_value *services = conf_value_find(root, "services");
	size_t used = 0;

	for (size_t i = 0; i < services->u.children.len; i++) {
		const struct conf_value *s = services->u.children.list[i];
		const struct conf_value *list = conf_value_find(s, "ipaddrs");

		used += (size_t)snprintf(buf + used, size - used, "%s:",
		    conf_value_find(s, "fqdn")->u.string);
		ck_assert_int_eq(list->type, CONF_LIST);
		for (size_t j = 0; j < list->u.children.len; j++) {
			const struct conf_value *e = list->u.children.list[j];

			if (e->type == CONF_GROUP)
				e = conf_value_find(e, "ipaddr");
			used += (size_t)snprintf(buf + used, size - used,
			    " %s", e->u.string);
		}
		used += (size_t)snprintf(buf + used, size - used, "; ");
	}
}

/* What the file becomes under the changes; which stays as it was itself. */
static void
check_applied(const struct conf_changes *changes, unsigned warnings,
    const char *wanted)
{
	struct told told = { 0 };
	struct conf_report report = { .line = note, .arg = &told };
	struct conf_value *root =
	    conf_json_parse(file, strlen(file), "file", &report);
	struct conf_value *copy = conf_value_copy(root);
	char text[800];

	ck_assert_int_eq(conf_changes_apply(changes, copy, &report), 0);
	describe(copy, text, sizeof text);
	ck_assert_str_eq(text, wanted);
	ck_assert_msg(told.n == warnings, "%u told, last: %s", told.n,
	    told.last);
	conf_value_free(copy);
	ck_assert(conf_file_has(root, CONF_CHANGE_SERVICE, "www.example.org",
	    ""));
	conf_value_free(root);
}

#define WWW "www.example.org"
#define NEW "{\"fqdn\":\"new.example.org\",\"ipaddrs\":\"192.0.2.7\"}"

START_TEST(adds_and_removes)
{
	struct conf_changes c = { 0 };

	ck_assert_int_eq(
	    conf_changes_add(&c, CONF_CHANGE_SERVICE, "new.example.org", "",
		NEW),
	    0);
	conf_changes_add(&c, CONF_CHANGE_ENDPOINT, "new.example.org",
	    "192.0.2.8", "{\"ipaddr\":\"192.0.2.8\"}");
	conf_changes_add(&c, CONF_CHANGE_ENDPOINT, "lone.example.org",
	    "192.0.2.8", "{\"ipaddr\":\"192.0.2.8\"}");
	conf_changes_remove(&c, CONF_CHANGE_ENDPOINT, WWW, "2001:db8::1",
	    true);
	check_applied(&c, 0,
	    "WWW.example.org.: 192.0.2.1; "
	    "lone.example.org: 192.0.2.9 192.0.2.8; "
	    "new.example.org: 192.0.2.7 192.0.2.8; ");
	/* With the service its endpoints' changes go. */
	conf_changes_remove(&c, CONF_CHANGE_SERVICE, "new.example.org", "",
	    false);
	ck_assert_uint_eq(c.len, 2);
	conf_changes_remove(&c, CONF_CHANGE_SERVICE, WWW, "", true);
	check_applied(&c, 0, "lone.example.org: 192.0.2.9 192.0.2.8; ");
	conf_changes_fini(&c);
}
END_TEST

START_TEST(what_the_file_has_overtaken_is_told)
{
	struct conf_changes c = { 0 };

	conf_changes_add(&c, CONF_CHANGE_SERVICE, WWW, "",
	    "{\"fqdn\":\"" WWW "\",\"ipaddrs\":[\"192.0.2.66\"]}");
	conf_changes_add(&c, CONF_CHANGE_ENDPOINT, WWW, "2001:db8::1",
	    "{\"ipaddr\":\"2001:db8:0::1\"}");
	conf_changes_add(&c, CONF_CHANGE_ENDPOINT, "gone.example.org",
	    "192.0.2.1", "{\"ipaddr\":\"192.0.2.1\"}");
	conf_changes_remove(&c, CONF_CHANGE_SERVICE, "gone.example.org", "",
	    true);
	conf_changes_add(&c, CONF_CHANGE_ENDPOINT, "gone.example.org",
	    "192.0.2.1", "{\"ipaddr\":\"192.0.2.1\"}");
	check_applied(&c, 4,
	    "WWW.example.org.: 192.0.2.1 2001:db8::1; "
	    "lone.example.org: 192.0.2.9; ");
	conf_changes_fini(&c);
}
END_TEST

START_TEST(removed_and_added_replaces)
{
	struct conf_changes c = { 0 }, copy;
	char text[200];

	conf_changes_remove(&c, CONF_CHANGE_SERVICE, WWW, "", true);
	ck_assert_str_eq(conf_change_text(&c.list[0], text, sizeof text),
	    "service " WWW ": removed");
	conf_changes_add(&c, CONF_CHANGE_SERVICE, WWW, "",
	    "{\"fqdn\":\"" WWW "\",\"ipaddrs\":[\"192.0.2.66\"]}");
	ck_assert_uint_eq(c.len, 1);
	ck_assert_str_eq(conf_change_text(&c.list[0], text, sizeof text),
	    "service " WWW ": replaced");
	ck_assert_int_eq(conf_changes_copy(&c, &copy), 0);
	conf_changes_fini(&c);
	check_applied(&copy, 0,
	    "lone.example.org: 192.0.2.9; www.example.org: 192.0.2.66; ");
	conf_changes_fini(&copy);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, adds_and_removes);
	tcase_add_test(tcase, what_the_file_has_overtaken_is_told);
	tcase_add_test(tcase, removed_and_added_replaces);
}

int
main(void)
{
	return check_main("conf_changes", fill);
}
