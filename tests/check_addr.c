/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "addr.h"
#include "check_main.h"
#include "err.h"

static const struct {
	const char *text;
	uint16_t default_port;
	int err;
	const char *formatted;
} cases[] = {
	{ "192.0.2.1:53", 0, 0, "192.0.2.1:53" },
	{ "192.0.2.1", 53, 0, "192.0.2.1:53" },
	{ "192.0.2.1", 0, ERR_SYNTAX, NULL },
	{ "[2001:db8::1]:53", 0, 0, "[2001:db8::1]:53" },
	{ "[2001:DB8:0::1]", 53, 0, "[2001:db8::1]:53" },
	{ "2001:db8::1", 53, 0, "[2001:db8::1]:53" },
	{ "192.0.2.1:0", 53, ERR_RANGE, NULL },
	{ "192.0.2.1:65536", 53, ERR_RANGE, NULL },
	{ "192.0.2.1:", 53, ERR_SYNTAX, NULL },
	{ "192.0.2.1:5x", 53, ERR_SYNTAX, NULL },
	{ "192.0.2:53", 0, ERR_SYNTAX, NULL },
	{ "[::1", 53, ERR_SYNTAX, NULL },
	{ "[::1]x", 53, ERR_SYNTAX, NULL },
	{ "[::ffff:192.0.2.1]:53", 0, ERR_INVALID, NULL },
	{ "", 53, ERR_SYNTAX, NULL },
	{ "localhost:53", 0, ERR_SYNTAX, NULL },
	{ "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000", 53, ERR_SYNTAX,
	  NULL },
	{ "[2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000]:53", 0,
	  ERR_SYNTAX, NULL },
};

START_TEST(parses_and_formats)
{
	char buf[ADDR_TEXT_MAX];
	struct addr addr;
	int err = addr_parse(cases[_i].text, cases[_i].default_port, &addr);

	ck_assert_int_eq(err, cases[_i].err);
	if (err == 0)
		ck_assert_str_eq(addr_format(&addr, true, buf),
		    cases[_i].formatted);
}
END_TEST

START_TEST(orders_by_family_bytes_and_port)
{
	const char *sorted[] = { "10.0.0.1:2", "10.0.0.2:1", "10.0.0.2:3",
		"[::1]:1", "[::2]:1" };
	struct addr a, b;

	for (int i = 0; i < 5; i++) {
		for (int j = 0; j < 5; j++) {
			int order;

			ck_assert_int_eq(addr_parse(sorted[i], 0, &a), 0);
			ck_assert_int_eq(addr_parse(sorted[j], 0, &b), 0);
			order = addr_compare(&a, &b);
			ck_assert_int_eq((order > 0) - (order < 0),
			    (i > j) - (i < j));
		}
	}
}
END_TEST

START_TEST(survives_a_sockaddr)
{
	const char *texts[] = { "192.0.2.1:53", "[2001:db8::1]:65535" };
	struct sockaddr_storage ss;
	struct addr a, b;

	ck_assert_int_eq(addr_parse(texts[_i], 0, &a), 0);
	ck_assert_uint_gt(addr_to_sockaddr(&a, &ss), 0);
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&ss, &b), 0);
	ck_assert_int_eq(addr_compare(&a, &b), 0);
}
END_TEST

START_TEST(a_path_is_no_address)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct addr addr;

	ck_assert_int_eq(addr_from_sockaddr(&sa, &addr), ERR_INVALID);
}
END_TEST

START_TEST(knows_what_no_endpoint_can_have)
{
	const char *unusable[] = { "0.0.0.0", "0.1.2.3", "224.0.0.1",
		"255.255.255.255", "::", "ff02::1" };
	const char *usable[] = { "127.0.0.1", "223.255.255.255", "::1",
		"fe80::1" };
	struct addr addr;

	for (size_t i = 0; i < sizeof unusable / sizeof unusable[0]; i++) {
		ck_assert_int_eq(addr_parse_ip(unusable[i], &addr), 0);
		ck_assert(addr_is_unusable(&addr));
	}
	for (size_t i = 0; i < sizeof usable / sizeof usable[0]; i++) {
		ck_assert_int_eq(addr_parse_ip(usable[i], &addr), 0);
		ck_assert(!addr_is_unusable(&addr));
	}
}
END_TEST

/* For the log, where what has no address yet is spoken of. */
START_TEST(no_address_has_a_word)
{
	struct addr addr = { .family = ADDR_NONE };
	char buf[ADDR_TEXT_MAX];

	ck_assert_str_eq(addr_format(&addr, false, buf), "none");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, parses_and_formats, 0, COUNT(cases));
	tcase_add_test(tcase, orders_by_family_bytes_and_port);
	tcase_add_loop_test(tcase, survives_a_sockaddr, 0, 2);
	tcase_add_test(tcase, a_path_is_no_address);
	tcase_add_test(tcase, knows_what_no_endpoint_can_have);
	tcase_add_test(tcase, no_address_has_a_word);
}

int
main(void)
{
	return check_main("addr", fill);
}
