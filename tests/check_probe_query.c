/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "check_main.h"
#include "conf.h"
#include "dns/probe_query.h"
#include "dns/rrset.h"
#include "err.h"
#include "wire_text.h"

#define NAME "03 'www' 07 'example' 03 'org' 00 "
#define ASKED NAME "0001 0001 "
#define A_RR "c00c 0001 0001 0000001e 0004 c0000201 "

static const struct {
	const char *what;
	const char *wire;
	enum dns_reply reply;
	const char *rcode;
} cases[] = {
	{ "an address", "1234 8400 0001 0001 0000 0000" ASKED A_RR,
	    DNS_REPLY_ANSWERED, "NOERROR" },
	{ "from a resolver", "1234 8180 0001 0001 0000 0000" ASKED A_RR,
	    DNS_REPLY_ANSWERED, "NOERROR" },
	{ "an alias", "1234 8400 0001 0001 0000 0000" ASKED
	  "c00c 0005 0001 0000001e 0004 01 'x' c010",
	    DNS_REPLY_ANSWERED, "NOERROR" },
	{ "no such record", "1234 8400 0001 0000 0000 0000" ASKED,
	    DNS_REPLY_EMPTY, "NOERROR" },
	{ "no such name", "1234 8403 0001 0000 0000 0000" ASKED,
	    DNS_REPLY_RCODE, "NXDOMAIN" },
	{ "refused", "1234 8005 0001 0000 0000 0000" ASKED,
	    DNS_REPLY_RCODE, "REFUSED" },
	{ "refused, header only", "1234 8005 0000 0000 0000 0000",
	    DNS_REPLY_RCODE, "REFUSED" },
	{ "truncated", "1234 8600 0001 0000 0000 0000" ASKED,
	    DNS_REPLY_TRUNCATED, "" },
	{ "truncated inside a record", "1234 8600 0001 0002 0000 0000" ASKED
	  "c00c 0001 0001", DNS_REPLY_TRUNCATED, "" },
	{ "another id", "1235 8400 0001 0001 0000 0000" ASKED A_RR,
	    DNS_REPLY_FOREIGN, "" },
	{ "a query", "1234 0100 0001 0000 0000 0000" ASKED,
	    DNS_REPLY_FOREIGN, "" },
	{ "half a header", "1234 8400 0001", DNS_REPLY_FOREIGN, "" },
	{ "nothing", "", DNS_REPLY_FOREIGN, "" },
	{ "another question", "1234 8400 0001 0001 0000 0000"
	  "03 'wwx' 07 'example' 03 'org' 00 0001 0001" A_RR,
	    DNS_REPLY_MALFORMED, "" },
	{ "a record cut off", "1234 8400 0001 0001 0000 0000" ASKED
	  "c00c 0001 0001 0000001e 0004 c000", DNS_REPLY_MALFORMED, "" },
};

START_TEST(reads_replies)
{
	static const uint8_t query[] = { 0x12, 0x34 };
	uint8_t wire[512];
	size_t len = wire_from_text(cases[_i].wire, wire, sizeof wire);
	const char *rcode;

	ck_assert_msg(dns_query.read("www.example.org", CONF_DNS_A, query,
			  wire, len, &rcode) == cases[_i].reply,
	    "%s", cases[_i].what);
	ck_assert_str_eq(rcode, cases[_i].rcode);
}
END_TEST

/* More addresses than an RRset of ours may have are an answer all the same. */
START_TEST(too_many_are_an_answer)
{
	static const uint8_t query[] = { 0x12, 0x34 };
	static uint8_t wire[32768];
	size_t len = wire_from_text("1234 8400 0001 0401 0000 0000" ASKED,
	    wire, sizeof wire);
	const char *rcode;

	for (unsigned i = 0; i <= RRSET_MAX; i++) {
		len += wire_from_text(A_RR, wire + len, sizeof wire - len);
		wire[len - 2] = (uint8_t)(i >> 8);
		wire[len - 1] = (uint8_t)i;
	}
	ck_assert_int_eq(dns_query.read("www.example.org", CONF_DNS_A, query,
			     wire, len, &rcode), DNS_REPLY_ANSWERED);
}
END_TEST

START_TEST(makes_a_query)
{
	uint8_t wire[DNS_QUERY_MAX];
	size_t len = 0;

	ck_assert_int_eq(dns_query.make("www.example.org", CONF_DNS_SOA, wire,
			     &len), 0);
	wire[0] = wire[1] = 0; /* random */
	wire_assert_eq(wire, len,
	    "0000 0100 0001 0000 0000 0000" NAME "0006 0001");
	ck_assert_int_ne(dns_query.make("a..b", CONF_DNS_A, wire, &len), 0);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, reads_replies, 0, COUNT(cases));
	tcase_add_test(tcase, too_many_are_an_answer);
	tcase_add_test(tcase, makes_a_query);
}

int
main(void)
{
	return check_main("probe_query", fill);
}
