/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/message.h"
#include "dns/wire.h"
#include "err.h"
#include "wire_text.h"

#define ZONE "07 'example' 03 'org' 00 "
#define WWW "03 'www' " ZONE
#define WWW_AT "c01d "
#define IN_A "0001 0001 "
#define ANY_A "0001 00ff "
#define NONE_A "0001 00fe "
#define IN_AAAA "001c 0001 "
#define ADDR1 "0004 c0000201 "
#define ADDR2 "0004 c0000202 "

static struct rrset
make_set(enum addr_family family, uint32_t ttl, const char *const *texts)
{
	struct rrset set;
	struct addr addr;

	rrset_init(&set, family, ttl);
	for (; *texts != NULL; texts++) {
		ck_assert_int_eq(addr_parse_ip(*texts, &addr), 0);
		ck_assert_int_eq(rrset_add(&set, &addr), 0);
	}
	return set;
}

#define SET4(ttl, ...)                                                         \
	make_set(ADDR_IP4, (ttl), (const char *const[]){ __VA_ARGS__ })

static void
assert_update(const struct dns_change *changes, size_t n, const char *text)
{
	struct dns_message message;

	ck_assert_int_eq(dns_message_update("example.org", changes, n,
			     &message), 0);
	ck_assert_uint_ge(message.cap, message.len + DNS_TSIG_ROOM);
	wire_put16(message.wire, 0); /* the id is random */
	wire_assert_eq(message.wire, message.len, text);
	dns_message_fini(&message);
	ck_assert_ptr_null(message.wire);
}

START_TEST(query_for_an_authoritative_server)
{
	struct dns_message message;

	ck_assert_int_eq(dns_message_query("www.example.org", DNS_QTYPE_AAAA,
			     false, &message), 0);
	wire_put16(message.wire, 0);
	wire_assert_eq(message.wire, message.len,
	    "0000 0000 0001 0000 0000 0000" WWW IN_AAAA);
	dns_message_fini(&message);
}
END_TEST

START_TEST(query_for_a_resolver)
{
	struct dns_message message;

	ck_assert_int_eq(dns_message_query("www.example.org", DNS_QTYPE_A,
			     true, &message), 0);
	wire_put16(message.wire, 0);
	wire_assert_eq(message.wire, message.len,
	    "0000 0100 0001 0000 0000 0000" WWW IN_A);
	dns_message_fini(&message);
}
END_TEST

START_TEST(ids_are_random)
{
	struct dns_message message;
	unsigned first = 0, differ = 0;

	for (int i = 0; i < 16; i++) {
		ck_assert_int_eq(dns_message_query("www.example.org",
				     DNS_QTYPE_A, false, &message), 0);
		if (i == 0)
			first = wire_get16(message.wire);
		else if (wire_get16(message.wire) != first)
			differ++;
		dns_message_fini(&message);
	}
	ck_assert_uint_ge(differ, 12);
}
END_TEST

START_TEST(no_name_no_query)
{
	const char *wrong[] = { "www..example.org",
		"a23456789012345678901234567890123456789012345678901234567890"
		"1234.example.org" };
	struct dns_message message;

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_int_eq(dns_message_query(wrong[i], DNS_QTYPE_A,
				     false, &message), ERR_INVALID);
}
END_TEST

/* RFC 2136: prerequisite 2.4.2 with class IN and TTL 0, delete 2.5.2 with
 * class ANY and no rdata, add 2.5.1. */
START_TEST(update_compares_and_swaps)
{
	struct rrset was = SET4(60, "192.0.2.2", "192.0.2.1", NULL);
	struct rrset now = SET4(30, "192.0.2.1", NULL);
	struct dns_change change = { "www.example.org", &was, &now, false };

	assert_update(&change, 1, "0000 2800 0001 0002 0002 0000"
	    ZONE "0006 0001"
	    "03 'www' c00c" IN_A "00000000" ADDR1
	    WWW_AT IN_A "00000000" ADDR2
	    WWW_AT ANY_A "00000000 0000"
	    WWW_AT IN_A "0000001e" ADDR1);
	rrset_fini(&was);
	rrset_fini(&now);
}
END_TEST

/* 2.4.3, RRset does not exist: class NONE, no rdata. */
START_TEST(update_fills_an_empty_name)
{
	struct rrset was = SET4(0, NULL);
	struct rrset now = SET4(30, "192.0.2.1", "192.0.2.2", NULL);
	struct dns_change change = { "www.example.org", &was, &now, false };

	assert_update(&change, 1, "0000 2800 0001 0001 0003 0000"
	    ZONE "0006 0001"
	    "03 'www' c00c" NONE_A "00000000 0000"
	    WWW_AT ANY_A "00000000 0000"
	    WWW_AT IN_A "0000001e" ADDR1
	    WWW_AT IN_A "0000001e" ADDR2);
	rrset_fini(&was);
	rrset_fini(&now);
}
END_TEST

START_TEST(update_of_what_a_wildcard_shows)
{
	struct rrset was = SET4(60, "192.0.2.2", NULL);
	struct rrset now = SET4(30, "192.0.2.1", NULL);
	struct dns_change change = { "www.example.org", &was, &now, true };

	assert_update(&change, 1, "0000 2800 0001 0001 0002 0000"
	    ZONE "0006 0001"
	    "03 'www' c00c" NONE_A "00000000 0000"
	    WWW_AT ANY_A "00000000 0000"
	    WWW_AT IN_A "0000001e" ADDR1);
	rrset_fini(&was);
	rrset_fini(&now);
}
END_TEST

START_TEST(update_empties)
{
	struct rrset was = SET4(60, "192.0.2.2", NULL);
	struct rrset now = SET4(30, NULL);
	struct dns_change change = { "www.example.org", &was, &now, false };

	assert_update(&change, 1, "0000 2800 0001 0001 0001 0000"
	    ZONE "0006 0001"
	    "03 'www' c00c" IN_A "00000000" ADDR2
	    WWW_AT ANY_A "00000000 0000");
	rrset_fini(&was);
	rrset_fini(&now);
}
END_TEST

/* All prerequisites come first, whatever number of names there is. */
START_TEST(update_of_two_names_and_families)
{
	static const char *const six[] = { "2001:db8::1", NULL };
	struct rrset was4 = SET4(60, "192.0.2.2", NULL);
	struct rrset now4 = SET4(30, "192.0.2.1", NULL);
	struct rrset was6 = make_set(ADDR_IP6, 0, six + 1);
	struct rrset now6 = make_set(ADDR_IP6, 5, six);
	struct dns_change changes[] = {
		{ "www.example.org", &was4, &now4, false },
		{ "example.org", &was6, &now6, false },
	};

	assert_update(changes, 2, "0000 2800 0001 0002 0004 0000"
	    ZONE "0006 0001"
	    "03 'www' c00c" IN_A "00000000" ADDR2
	    "c00c 001c 00fe 00000000 0000"
	    WWW_AT ANY_A "00000000 0000"
	    WWW_AT IN_A "0000001e" ADDR1
	    "c00c 001c 00ff 00000000 0000"
	    "c00c" IN_AAAA "00000005"
	    "0010 20010db8 00000000 00000000 00000001");
	rrset_fini(&was4);
	rrset_fini(&now4);
	rrset_fini(&was6);
	rrset_fini(&now6);
}
END_TEST

/* The largest sets there are fit, twice as much does not. */
START_TEST(update_that_is_too_large)
{
	struct addr addr = { .family = ADDR_IP6, .bytes = { 0x20, 1 } };
	struct rrset was, now;
	struct dns_change changes[2];
	struct dns_message message;

	rrset_init(&was, ADDR_IP6, 30);
	for (int i = 0; i < RRSET_MAX; i++) {
		addr.bytes[14] = (uint8_t)(i >> 8);
		addr.bytes[15] = (uint8_t)i;
		ck_assert_int_eq(rrset_add(&was, &addr), 0);
	}
	ck_assert_int_eq(rrset_copy(&was, &now), 0);
	for (size_t i = 0; i < 2; i++)
		changes[i] = (struct dns_change){ "www.example.org", &was,
			&now, false };
	ck_assert_int_eq(dns_message_update("example.org", changes, 1,
			     &message), 0);
	ck_assert(wire_is_whole(message.wire, message.len));
	dns_message_fini(&message);
	ck_assert_int_eq(dns_message_update("example.org", changes, 2,
			     &message), ERR_TOOBIG);
	rrset_fini(&was);
	rrset_fini(&now);
}
END_TEST

START_TEST(rcodes_have_names)
{
	ck_assert_str_eq(dns_rcode_text(DNS_NOERROR), "NOERROR");
	ck_assert_str_eq(dns_rcode_text(DNS_NXRRSET), "NXRRSET");
	ck_assert_str_eq(dns_rcode_text(DNS_NOTZONE), "NOTZONE");
	ck_assert_str_eq(dns_rcode_text(11), "RCODE11");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, query_for_an_authoritative_server);
	tcase_add_test(tcase, query_for_a_resolver);
	tcase_add_test(tcase, ids_are_random);
	tcase_add_test(tcase, no_name_no_query);
	tcase_add_test(tcase, update_compares_and_swaps);
	tcase_add_test(tcase, update_fills_an_empty_name);
	tcase_add_test(tcase, update_of_what_a_wildcard_shows);
	tcase_add_test(tcase, update_empties);
	tcase_add_test(tcase, update_of_two_names_and_families);
	tcase_add_test(tcase, update_that_is_too_large);
	tcase_add_test(tcase, rcodes_have_names);
}

int
main(void)
{
	return check_main("message", fill);
}
