/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/message.h"
#include "err.h"
#include "wire_text.h"

#define WWW "03 'www' 07 'example' 03 'org' 00 "
#define QUESTION WWW "0001 0001 "
#define A_RR "c00c 0001 0001 0000001e 0004 "
#define SIX "20010db8 00000000 00000000 00000001 "

/* What an answer to "www.example.org A" comes out as. */
static const struct {
	const char *what;
	const char *wire;
	int err;
	unsigned rcode;
	size_t addrs;
	uint32_t ttl;
	bool mixed;
	bool cname;
} cases[] = {
	{ "two addresses", "1234 8400 0001 0002 0000 0000" QUESTION
	  A_RR "c0000202" A_RR "c0000201", 0, 0, 2, 30, false, false },
	{ "one address twice", "1234 8400 0001 0002 0000 0000" QUESTION
	  A_RR "c0000201" A_RR "c0000201", 0, 0, 1, 30, false, false },
	{ "the lowest TTL counts", "1234 8400 0001 0002 0000 0000" QUESTION
	  A_RR "c0000202 c00c 0001 0001 00000005 0004 c0000201",
	  0, 0, 2, 5, true, false },
	{ "none", "1234 8400 0001 0000 0000 0000" QUESTION,
	  0, 0, 0, 0, false, false },
	{ "no such name", "1234 8403 0001 0000 0000 0000" QUESTION,
	  0, DNS_NXDOMAIN, 0, 0, false, false },
	{ "letters in the other case", "1234 8400 0001 0001 0000 0000"
	  "03 'WWW' 07 'eXample' 03 'ORG' 00 0001 0001" A_RR "c0000202",
	  0, 0, 1, 30, false, false },
	{ "header only, refused", "1234 8405 0000 0000 0000 0000",
	  0, DNS_REFUSED, 0, 0, false, false },
	{ "alias", "1234 8400 0001 0002 0000 0000" QUESTION
	  "c00c 0005 0001 0000001e 0004 01 'x' c010"
	  "c02d 0001 0001 0000001e 0004 c0000201",
	  0, 0, 0, 0, false, true },
	{ "records of another name", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c010 0001 0001 0000001e 0004 c0000201",
	  0, 0, 0, 0, false, false },
	{ "records of another type", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 001c 0001 0000001e 0010" SIX, 0, 0, 0, 0, false, false },
	{ "records of another class", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 0001 0003 0000001e 0004 c0000201", 0, 0, 0, 0, false, false },
	{ "addresses in other sections", "1234 8400 0001 0000 0001 0001"
	  QUESTION A_RR "c0000202" A_RR "c0000201",
	  0, 0, 0, 0, false, false },
	{ "a record without its address", "1234 8400 0001 0001 0000 0000"
	  QUESTION "c00c 0001 0001 0000001e 0000",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "a query", "1234 0400 0001 0000 0000 0000" QUESTION,
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "another opcode", "1234 ac00 0001 0000 0000 0000" QUESTION,
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "another question", "1234 8400 0001 0000 0000 0000"
	  "03 'wwx' 07 'example' 03 'org' 00 0001 0001",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "another type", "1234 8400 0001 0000 0000 0000" WWW "001c 0001",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "another class", "1234 8400 0001 0000 0000 0000" WWW "0001 0003",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "two questions", "1234 8400 0002 0000 0000 0000" QUESTION QUESTION,
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "no question", "1234 8400 0000 0000 0000 0000",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "no question, but records", "1234 8405 0000 0001 0000 0000" WWW
	  "0001 0001 0000001e 0004 c0000201",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "bytes behind", "1234 8400 0001 0000 0000 0000" QUESTION "00",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "a record behind", "1234 8400 0001 0000 0000 0000" QUESTION
	  A_RR "c0000201", ERR_SYNTAX, 0, 0, 0, false, false },
	{ "a record missing", "1234 8400 0001 0002 0000 0000" QUESTION
	  A_RR "c0000201", ERR_SYNTAX, 0, 0, 0, false, false },
	{ "an address of none", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 0001 0001 0000001e 0000", ERR_SYNTAX, 0, 0, 0, false, false },
	{ "an address too short", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 0001 0001 0000001e 0003 c00002",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "an address too long", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 0001 0001 0000001e 0005 c000020101",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "rdata beyond the end", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c00c 0001 0001 0000001e ffff c0000201",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "a pointer to itself", "1234 8400 0001 0001 0000 0000" QUESTION
	  "c021 0001 0001 0000001e 0004 c0000201",
	  ERR_SYNTAX, 0, 0, 0, false, false },
	{ "half a header", "1234 8400 0001", ERR_SYNTAX, 0, 0, 0, false,
	  false },
	{ "nothing", "", ERR_SYNTAX, 0, 0, 0, false, false },
};

START_TEST(reads_answers)
{
	uint8_t wire[512];
	size_t len = wire_from_text(cases[_i].wire, wire, sizeof wire);
	struct dns_answer answer;
	int err = dns_answer_parse(wire, len, "www.example.org", DNS_QTYPE_A,
	    &answer);

	ck_assert_msg(err == cases[_i].err, "%s: %d", cases[_i].what, err);
	if (err != 0)
		return;
	ck_assert_uint_eq(answer.id, 0x1234);
	ck_assert_uint_eq(answer.rcode, cases[_i].rcode);
	ck_assert(answer.aa && !answer.tc);
	ck_assert_msg(answer.rrset.len == cases[_i].addrs, "%s: %zu",
	    cases[_i].what, answer.rrset.len);
	ck_assert_uint_eq(answer.rrset.ttl, cases[_i].ttl);
	ck_assert_int_eq(answer.ttl_mixed, cases[_i].mixed);
	ck_assert_int_eq(answer.cname, cases[_i].cname);
	dns_answer_fini(&answer);
}
END_TEST

START_TEST(no_prefix_of_an_answer_is_one)
{
	uint8_t wire[512];
	size_t len = wire_from_text(cases[0].wire, wire, sizeof wire);
	struct dns_answer answer;

	for (size_t cut = 0; cut < len; cut++)
		ck_assert_int_eq(dns_answer_parse(wire, cut,
				     "www.example.org", DNS_QTYPE_A, &answer),
		    ERR_SYNTAX);
}
END_TEST

START_TEST(reads_aaaa)
{
	uint8_t wire[512];
	size_t len = wire_from_text("1234 8200 0001 0001 0000 0000" WWW
	    "001c 0001 c00c 001c 0001 0000001e 0010" SIX, wire, sizeof wire);
	struct dns_answer answer;
	char buf[64];

	ck_assert_int_eq(dns_answer_parse(wire, len, "WWW.example.org.",
			     DNS_QTYPE_AAAA, &answer), 0);
	ck_assert(answer.tc && !answer.aa);
	ck_assert_int_eq(answer.rrset.family, ADDR_IP6);
	ck_assert_str_eq(rrset_format(&answer.rrset, buf, sizeof buf),
	    "2001:db8::1 ttl 30");
	dns_answer_fini(&answer);
}
END_TEST

START_TEST(reads_a_serial)
{
	uint8_t wire[512];
	size_t len = wire_from_text("1234 8400 0001 0001 0000 0000" WWW
	    "0006 0001 c00c 0006 0001 0000001e 001c 01 'a' c010 01 'b' c010"
	    "89abcdef 00000001 00000002 00000003 00000004 ", wire,
	    sizeof wire);
	struct dns_answer answer;

	ck_assert_int_eq(dns_answer_parse(wire, len, "www.example.org",
			     DNS_QTYPE_SOA, &answer), 0);
	ck_assert(answer.has_soa);
	ck_assert_uint_eq(answer.serial, 0x89abcdef);
	dns_answer_fini(&answer);
}
END_TEST

START_TEST(refuses_a_zone_record_without_its_serial)
{
	uint8_t wire[512];
	size_t len = wire_from_text("1234 8400 0001 0001 0000 0000" WWW
	    "0006 0001 c00c 0006 0001 0000001e 0000", wire, sizeof wire);
	struct dns_answer answer;

	ck_assert_int_eq(dns_answer_parse(wire, len, "www.example.org",
			     DNS_QTYPE_SOA, &answer), ERR_SYNTAX);
}
END_TEST

/* More addresses than an RRset holds are a fault of their own. */
START_TEST(more_addresses_than_we_handle)
{
	static uint8_t wire[DNS_MESSAGE_MAX];
	size_t len = wire_from_text("1234 8400 0001 0401 0000 0000" QUESTION,
	    wire, sizeof wire);
	struct dns_answer answer;

	for (unsigned i = 0; i <= RRSET_MAX; i++) {
		len += wire_from_text(A_RR "0a000000", wire + len,
		    sizeof wire - len);
		wire[len - 2] = (uint8_t)(i >> 8);
		wire[len - 1] = (uint8_t)i;
	}
	ck_assert_int_eq(dns_answer_parse(wire, len, "www.example.org",
			     DNS_QTYPE_A, &answer), ERR_TOOBIG);
}
END_TEST

START_TEST(what_is_no_name_has_no_answer)
{
	uint8_t wire[512];
	size_t len = wire_from_text(cases[0].wire, wire, sizeof wire);
	struct dns_answer answer;

	ck_assert_int_eq(dns_answer_parse(wire, len, "www..example.org",
			     DNS_QTYPE_A, &answer), ERR_INVALID);
	ck_assert_uint_eq(answer.rrset.len, 0);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, reads_answers, 0,
	    (int)COUNT(cases));
	tcase_add_test(tcase, no_prefix_of_an_answer_is_one);
	tcase_add_test(tcase, reads_aaaa);
	tcase_add_test(tcase, reads_a_serial);
	tcase_add_test(tcase, refuses_a_zone_record_without_its_serial);
	tcase_add_test(tcase, more_addresses_than_we_handle);
	tcase_add_test(tcase, what_is_no_name_has_no_answer);
}

int
main(void)
{
	return check_main("answer", fill);
}
