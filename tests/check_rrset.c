/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/rrset.h"
#include "err.h"

static struct addr
ip(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse_ip(text, &addr), 0);
	return addr;
}

static void
add(struct rrset *set, const char *text)
{
	struct addr addr = ip(text);

	ck_assert_int_eq(rrset_add(set, &addr), 0);
}

START_TEST(stays_sorted_and_unique)
{
	const char *in[] = { "192.0.2.9", "192.0.2.1", "192.0.2.10",
		"192.0.2.9", "10.0.0.1" };
	const char *sorted[] = { "10.0.0.1", "192.0.2.1", "192.0.2.9",
		"192.0.2.10" };
	struct rrset set;

	rrset_init(&set, ADDR_IP4, 30);
	for (size_t i = 0; i < COUNT(in); i++)
		add(&set, in[i]);
	ck_assert_uint_eq(set.len, 4);
	for (size_t i = 0; i < set.len; i++) {
		struct addr expected = ip(sorted[i]);

		ck_assert_int_eq(addr_compare(&set.addrs[i], &expected), 0);
	}
	rrset_fini(&set);
}
END_TEST

START_TEST(ports_do_not_count)
{
	struct addr with_port = ip("192.0.2.1"), plain = with_port;
	struct rrset set;

	with_port.port = 443;
	rrset_init(&set, ADDR_IP4, 30);
	ck_assert_int_eq(rrset_add(&set, &with_port), 0);
	ck_assert_int_eq(rrset_add(&set, &plain), 0);
	ck_assert_uint_eq(set.len, 1);
	ck_assert_uint_eq(set.addrs[0].port, 0);
	ck_assert(rrset_has(&set, &with_port));
	rrset_remove(&set, &with_port);
	ck_assert_uint_eq(set.len, 0);
	rrset_fini(&set);
}
END_TEST

START_TEST(refuses_the_other_family)
{
	struct addr addr = ip("2001:db8::1");
	struct rrset set;

	rrset_init(&set, ADDR_IP4, 30);
	ck_assert_int_eq(rrset_add(&set, &addr), ERR_INVALID);
	ck_assert(!rrset_has(&set, &addr));
	rrset_remove(&set, &addr);
	ck_assert_uint_eq(set.len, 0);
	rrset_fini(&set);
}
END_TEST

START_TEST(removes_only_what_is_asked_for)
{
	struct addr first = ip("192.0.2.1"), none = ip("192.0.2.7");
	struct rrset set;

	rrset_init(&set, ADDR_IP4, 30);
	add(&set, "192.0.2.1");
	add(&set, "192.0.2.2");
	add(&set, "192.0.2.3");
	rrset_remove(&set, &none);
	ck_assert_uint_eq(set.len, 3);
	rrset_remove(&set, &first);
	ck_assert_uint_eq(set.len, 2);
	ck_assert(!rrset_has(&set, &first));
	rrset_fini(&set);
}
END_TEST

START_TEST(compares_addresses_and_ttl)
{
	struct rrset a, b, empty4, empty6;

	rrset_init(&a, ADDR_IP4, 30);
	add(&a, "192.0.2.1");
	add(&a, "192.0.2.2");
	ck_assert_int_eq(rrset_copy(&a, &b), 0);
	ck_assert(rrset_equal(&a, &b));
	b.ttl = 31;
	ck_assert(rrset_same_addrs(&a, &b));
	ck_assert(!rrset_equal(&a, &b));
	add(&b, "192.0.2.3");
	ck_assert(!rrset_same_addrs(&a, &b));
	rrset_init(&empty4, ADDR_IP4, 1);
	rrset_init(&empty6, ADDR_IP6, 1);
	ck_assert(!rrset_same_addrs(&empty4, &empty6));
	rrset_fini(&b);
	/* What does not exist has no TTL. */
	ck_assert_int_eq(rrset_copy(&empty4, &b), 0);
	b.ttl = 99;
	ck_assert(rrset_equal(&empty4, &b));
	rrset_fini(&a);
	rrset_fini(&b);
}
END_TEST

START_TEST(holds_no_more_than_its_limit)
{
	struct addr addr = ip("2001:db8::");
	struct rrset set;

	rrset_init(&set, ADDR_IP6, 30);
	for (unsigned i = 0; i < RRSET_MAX; i++) {
		addr.bytes[14] = (uint8_t)(i >> 8);
		addr.bytes[15] = (uint8_t)i;
		ck_assert_int_eq(rrset_add(&set, &addr), 0);
	}
	ck_assert_int_eq(rrset_add(&set, &addr), 0); /* is there already */
	addr.bytes[13] = 1;
	ck_assert_int_eq(rrset_add(&set, &addr), ERR_TOOBIG);
	ck_assert_uint_eq(set.len, RRSET_MAX);
	rrset_fini(&set);
}
END_TEST

START_TEST(formats_what_fits)
{
	char buf[64];
	struct rrset set;

	rrset_init(&set, ADDR_IP4, 4294967295U);
	ck_assert_str_eq(rrset_format(&set, buf, sizeof buf), "(none)");
	add(&set, "192.0.2.1");
	add(&set, "192.0.2.2");
	ck_assert_str_eq(rrset_format(&set, buf, sizeof buf),
	    "192.0.2.1 192.0.2.2 ttl 4294967295");
	for (size_t size = 24; size <= sizeof buf; size++) {
		memset(buf, 'x', sizeof buf);
		rrset_format(&set, buf, size);
		ck_assert_uint_lt(strlen(buf), size);
		ck_assert_ptr_nonnull(strstr(buf, "ttl 4294967295"));
	}
	ck_assert_str_eq(rrset_format(&set, buf, 34),
	    "192.0.2.1 ... ttl 4294967295");
	rrset_fini(&set);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, stays_sorted_and_unique);
	tcase_add_test(tcase, ports_do_not_count);
	tcase_add_test(tcase, refuses_the_other_family);
	tcase_add_test(tcase, removes_only_what_is_asked_for);
	tcase_add_test(tcase, compares_addresses_and_ttl);
	tcase_add_test(tcase, holds_no_more_than_its_limit);
	tcase_add_test(tcase, formats_what_fits);
}

int
main(void)
{
	return check_main("rrset", fill);
}
