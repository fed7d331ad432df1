/* SPDX-License-Identifier: ISC */
/* The words for the APIs of DNS services, and what their answers mean. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "dns/providers/pace.h"
#include "dns/providers/provider.h"

static const struct provider_target www = {
	.url = "https://api.test",
	.fqdn = "www.example.org",
	.zone = "example.org",
	.family = ADDR_IP4,
	.domain = 7,
};

static struct provider_target
apex6(void)
{
	struct provider_target target = www;

	target.fqdn = target.zone;
	target.family = ADDR_IP6;
	return target;
}

static struct provider_record
record(const char *ip)
{
	struct provider_record out = { .id = 42, .ttl = 30 };

	ck_assert_int_eq(addr_parse_ip(ip, &out.addr), 0);
	return out;
}

static void
expect(int err, struct provider_request *request, const char *method,
    const char *url, const char *body)
{
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(request->method, method);
	ck_assert_str_eq(request->url, url);
	if (body == NULL)
		ck_assert_ptr_null(request->body);
	else
		ck_assert_str_eq(request->body, body);
	provider_request_fini(request);
}

START_TEST(digitalocean_requests)
{
	const struct provider *ocean = provider_of(CONF_METHOD_DIGITALOCEAN);
	struct provider_target apex = apex6();
	struct provider_record one = record("192.0.2.1");
	struct provider_record six = record("2001:db8::1");
	struct provider_request out;

	ck_assert(!provider_needs_lookup(ocean, &www));
	expect(provider_list(ocean, &www, 3, &out), &out, "GET",
	    "https://api.test/v2/domains/example.org/records"
	    "?name=www.example.org&type=A&per_page=200&page=3",
	    NULL);
	expect(provider_list(ocean, &apex, 1, &out), &out, "GET",
	    "https://api.test/v2/domains/example.org/records"
	    "?name=example.org&type=AAAA&per_page=200&page=1",
	    NULL);
	expect(provider_add(ocean, &www, &one, &out), &out, "POST",
	    "https://api.test/v2/domains/example.org/records",
	    "{\"type\":\"A\",\"name\":\"www\",\"data\":\"192.0.2.1\","
	    "\"ttl\":30}");
	expect(provider_add(ocean, &apex, &six, &out), &out, "POST",
	    "https://api.test/v2/domains/example.org/records",
	    "{\"type\":\"AAAA\",\"name\":\"@\",\"data\":\"2001:db8::1\","
	    "\"ttl\":30}");
	expect(provider_change(ocean, &www, &one, &out), &out, "PATCH",
	    "https://api.test/v2/domains/example.org/records/42",
	    "{\"type\":\"A\",\"data\":\"192.0.2.1\",\"ttl\":30}");
	expect(provider_remove(ocean, &www, UINT64_MAX, &out), &out, "DELETE",
	    "https://api.test/v2/domains/example.org/records/"
	    "18446744073709551615",
	    NULL);
}
END_TEST

START_TEST(dynu_requests)
{
	const struct provider *dynu = provider_of(CONF_METHOD_DYNU);
	struct provider_target apex = apex6(), unknown = www;
	struct provider_record one = record("192.0.2.1");
	struct provider_record six = record("2001:db8::1");
	struct provider_request out;

	unknown.domain = 0;
	ck_assert(provider_needs_lookup(dynu, &unknown));
	ck_assert(!provider_needs_lookup(dynu, &www));
	expect(provider_lookup(dynu, &unknown, &out), &out, "GET",
	    "https://api.test/dns/getroot/www.example.org", NULL);
	expect(provider_list(dynu, &www, 1, &out), &out, "GET",
	    "https://api.test/dns/record/www.example.org?recordType=A", NULL);
	expect(provider_add(dynu, &www, &one, &out), &out, "POST",
	    "https://api.test/dns/7/record",
	    "{\"nodeName\":\"www\",\"recordType\":\"A\",\"ttl\":30,"
	    "\"state\":true,\"ipv4Address\":\"192.0.2.1\"}");
	expect(provider_change(dynu, &apex, &six, &out), &out, "POST",
	    "https://api.test/dns/7/record/42",
	    "{\"nodeName\":\"\",\"recordType\":\"AAAA\",\"ttl\":30,"
	    "\"state\":true,\"ipv6Address\":\"2001:db8::1\"}");
	expect(provider_remove(dynu, &www, 42, &out), &out, "DELETE",
	    "https://api.test/dns/7/record/42", NULL);
}
END_TEST

START_TEST(the_table)
{
	uint8_t text[] = "secret";
	const struct secret token = { text, 6 };
	char *header;

	ck_assert(provider_can_swap(provider_of(CONF_METHOD_RFC2136)));
	ck_assert(!provider_has_api(provider_of(CONF_METHOD_RFC2136)));
	ck_assert(!provider_can_swap(provider_of(CONF_METHOD_NONE)));
	ck_assert(!provider_has_api(provider_of(CONF_METHOD_NONE)));
	ck_assert(!provider_can_swap(provider_of(CONF_METHOD_DYNU)));
	ck_assert(provider_has_api(provider_of(CONF_METHOD_DYNU)));
	ck_assert(!provider_can_swap(provider_of(CONF_METHOD_DIGITALOCEAN)));
	ck_assert(provider_has_api(provider_of(CONF_METHOD_DIGITALOCEAN)));
	header = provider_auth_header(
	    provider_of(CONF_METHOD_DIGITALOCEAN), &token);
	ck_assert_str_eq(header, "Authorization: Bearer secret");
	free(header);
	header = provider_auth_header(provider_of(CONF_METHOD_DYNU), &token);
	ck_assert_str_eq(header, "API-Key: secret");
	free(header);
}
END_TEST

/* What an answer means, when nothing but success is of interest. A body of NULL
 * is one that was not taken; status 0 is no answer at all. */
static const struct {
	enum conf_method method;
	unsigned status;
	const char *body;
	enum provider_result result;
	const char *text;
} answers[] = {
#define OCEAN CONF_METHOD_DIGITALOCEAN
#define DYNU CONF_METHOD_DYNU
	{ OCEAN, 204, "", PROVIDER_OK, "" },
	{ OCEAN, 201, "{\"domain_record\":{\"id\":1}}", PROVIDER_OK, "" },
	{ OCEAN, 0, NULL, PROVIDER_AWAY, "no answer: words" },
	{ OCEAN, 200, NULL, PROVIDER_MALFORMED, "a malformed answer: words" },
	{ OCEAN, 200, "{", PROVIDER_MALFORMED, "a malformed answer: " },
	{ OCEAN, 200, "[]", PROVIDER_MALFORMED, "no JSON object" },
	{ OCEAN, 200, "{\"a\":1,\"a\":2}", PROVIDER_MALFORMED, "duplicate" },
	{ OCEAN, 200, "<html>", PROVIDER_MALFORMED, "a malformed answer" },
	{ OCEAN, 301, "", PROVIDER_DENIED, "HTTP 301" },
	{ OCEAN, 401, "{\"id\":\"unauthorized\",\"message\":\"Unable\"}",
	    PROVIDER_STRANGER, "HTTP 401: unauthorized: Unable" },
	{ OCEAN, 401, "{\"id\":4,\"message\":[]}", PROVIDER_STRANGER,
	    "HTTP 401" },
	{ OCEAN, 404, "{\"id\":\"not_found\"}", PROVIDER_GONE,
	    "HTTP 404: not_found" },
	{ OCEAN, 422, "", PROVIDER_DENIED, "HTTP 422" },
	{ OCEAN, 429, NULL, PROVIDER_LIMITED, "HTTP 429" },
	{ OCEAN, 500, "<html>", PROVIDER_AWAY, "HTTP 500" },
	{ OCEAN, 503, "", PROVIDER_AWAY, "HTTP 503" },
	{ OCEAN, 408, "", PROVIDER_AWAY, "HTTP 408" },
	{ OCEAN, 100, "", PROVIDER_DENIED, "HTTP 100" },
	{ DYNU, 200, "{\"statusCode\":200,\"id\":1}", PROVIDER_OK, "" },
	{ DYNU, 200, "{\"statusCode\":200,\"exception\":null}", PROVIDER_OK,
	    "" },
	{ DYNU, 401, "{\"statusCode\":401,\"type\":\"T\",\"message\":\"M\"}",
	    PROVIDER_STRANGER, "error 401: T: M" },
	{ DYNU, 200, "{\"statusCode\":401,\"type\":\"T\",\"message\":\"M\"}",
	    PROVIDER_STRANGER, "error 401: T: M" },
	{ DYNU, 200,
	    "{\"exception\":{\"statusCode\":501,\"type\":\"Argument "
	    "Exception\",\"message\":\"Invalid.\"}}",
	    PROVIDER_DENIED, "error 501: Argument Exception: Invalid." },
	{ DYNU, 200, "{\"statusCode\":502,\"message\":\"M\"}", PROVIDER_AWAY,
	    "error 502: M" },
	{ DYNU, 200, "{\"exception\":{\"statusCode\":429}}", PROVIDER_LIMITED,
	    "error 429" },
	{ DYNU, 200, "{\"statusCode\":404}", PROVIDER_GONE, "error 404" },
	{ DYNU, 200, "{\"exception\":{\"message\":\"M\"}}", PROVIDER_DENIED,
	    "error 400: M" },
	{ DYNU, 200, "{\"exception\":\"no\"}", PROVIDER_DENIED, "error 400" },
	{ DYNU, 200, "{\"exception\":[]}", PROVIDER_DENIED, "error 400" },
	{ DYNU, 500, "{\"exception\":{\"statusCode\":501}}", PROVIDER_DENIED,
	    "error 501" },
	{ DYNU, 502, "", PROVIDER_AWAY, "HTTP 502" },
};

static struct http_fetch_answer
answer(unsigned status, const char *body)
{
	return (struct http_fetch_answer){ .status = status,
		.body = body,
		.len = body != NULL ? strlen(body) : 0,
		.why = "words" };
}

START_TEST(answers_mean)
{
	struct http_fetch_answer got =
	    answer(answers[_i].status, answers[_i].body);
	char text[PROVIDER_TEXT_MAX] = "";

	ck_assert_int_eq(provider_read_done(provider_of(answers[_i].method),
			     &got, text), answers[_i].result);
	ck_assert_msg(strstr(text, answers[_i].text) != NULL, "%s", text);
}
END_TEST

START_TEST(long_words_are_cut)
{
	char body[4096], text[PROVIDER_TEXT_MAX];
	struct http_fetch_answer got;

	snprintf(body, sizeof body, "{\"id\":\"%01000d\",\"message\":\"%02000d\"}",
	    0, 0);
	got = answer(400, body);
	ck_assert_int_eq(provider_read_done(provider_of(OCEAN), &got, text),
	    PROVIDER_DENIED);
	ck_assert_uint_lt(strlen(text), PROVIDER_TEXT_MAX);
}
END_TEST

#define PAGE(records, links)                                                   \
	"{\"domain_records\":[" records "],\"links\":{" links "}}"
#define REC(id, type, name, data)                                              \
	"{\"id\":" id ",\"type\":\"" type "\",\"name\":\"" name                \
	"\",\"data\":\"" data "\",\"ttl\":30}"
#define NEXT(url) "\"pages\":{\"next\":\"" url "\"}"
#define LIST(records) "{\"statusCode\":200,\"dnsRecords\":[" records "]}"
#define DREC(more)                                                             \
	"{\"id\":5,\"hostname\":\"WWW.example.org\",\"recordType\":\"A\","     \
	"\"ttl\":30," more "}"

/* Lists of www.example.org, asked for page 2: its addresses in the order of ids
 * with them, and the next page. */
static const struct {
	enum conf_method method;
	const char *body;
	const char *found; /* NULL: malformed */
	unsigned next;
} lists[] = {
	{ OCEAN, PAGE("", ""), "", 0 },
	{ OCEAN, "{\"domain_records\":[]}", "", 0 },
	{ OCEAN, PAGE(REC("9", "A", "www", "192.0.2.1"), ""), "9=192.0.2.1 ",
	    0 },
	{ OCEAN,
	    PAGE(REC("9", "A", "www", "192.0.2.1") "," REC("8", "A", "WWW",
		     "192.0.2.1") "," REC("7", "A", "@", "192.0.2.2") "," REC(
		     "6", "AAAA", "www", "2001:db8::1") "," REC("5", "NS", "@",
		     "ns1"),
		""),
	    "8=192.0.2.1 9=192.0.2.1 ", 0 },
	{ OCEAN, PAGE("", NEXT("https://x.test/r?page=3")), "", 3 },
	{ OCEAN, PAGE("", NEXT("r?name=a&page=12&per_page=1")), "", 12 },
	{ OCEAN, PAGE("", NEXT("r?per_page=200&page=3")), "", 3 },
	{ OCEAN, PAGE("", "\"pages\":{\"last\":\"r?page=9\"}"), "", 0 },
	{ OCEAN, PAGE("", NEXT("r?page=2")), NULL, 0 },
	{ OCEAN, PAGE("", NEXT("r?page=-3")), NULL, 0 },
	{ OCEAN, PAGE("", NEXT("r?page=1101")), NULL, 0 },
	{ OCEAN, PAGE("", NEXT("r?per_page=5")), NULL, 0 },
	{ OCEAN, PAGE("", NEXT("")), NULL, 0 },
	{ OCEAN, "{}", NULL, 0 },
	{ OCEAN, "", NULL, 0 },
	{ OCEAN, "{\"domain_records\":{}}", NULL, 0 },
	{ OCEAN, PAGE(REC("0", "A", "www", "192.0.2.1"), ""), NULL, 0 },
	{ OCEAN, PAGE(REC("-1", "A", "www", "192.0.2.1"), ""), NULL, 0 },
	{ OCEAN, PAGE(REC("\"9\"", "A", "www", "192.0.2.1"), ""), NULL, 0 },
	{ OCEAN, PAGE(REC("1.5", "A", "www", "192.0.2.1"), ""), NULL, 0 },
	{ OCEAN, PAGE(REC("9", "A", "www", "2001:db8::1"), ""), NULL, 0 },
	{ OCEAN, PAGE(REC("9", "A", "www", "192.0.2.1.5"), ""), NULL, 0 },
	{ OCEAN, PAGE("7,null,{},\"x\"", ""), "", 0 },
	{ DYNU, LIST(""), "", 0 },
	{ DYNU, LIST(DREC("\"ipv4Address\":\"192.0.2.1\"")), "5=192.0.2.1 ",
	    0 },
	{ DYNU, LIST(DREC("\"content\":\"www. 30 IN A 192.0.2.1\"")),
	    "5=192.0.2.1 ", 0 },
	{ DYNU,
	    LIST(DREC("\"ipv4Address\":\"\",\"content\":\"w. 30 IN A "
		      "192.0.2.1\"")),
	    "5=192.0.2.1 ", 0 },
	{ DYNU, LIST(DREC("\"state\":true,\"ipv4Address\":\"192.0.2.1\"")),
	    "5=192.0.2.1 ", 0 },
	/* Switched off: not in DNS. */
	{ DYNU, LIST(DREC("\"state\":false,\"ipv4Address\":\"192.0.2.1\"")),
	    "", 0 },
	{ DYNU, LIST(DREC("\"content\":\"\"")), NULL, 0 },
	{ DYNU, LIST(DREC("\"content\":\"192.0.2.1\"")), NULL, 0 },
	{ DYNU, LIST(DREC("\"content\":\"www. 30 IN A \"")), NULL, 0 },
	{ DYNU, LIST("{\"hostname\":\"x.example.org\"}"), "", 0 },
	{ DYNU, "{\"statusCode\":200}", NULL, 0 },
	{ DYNU, "{\"statusCode\":200,\"dnsRecords\":null}", NULL, 0 },
};

static void
show(const struct provider_set *set, char *buf, size_t size)
{
	size_t used = 0;
	char ip[ADDR_TEXT_MAX];

	buf[0] = '\0';
	for (size_t i = 0; i < set->len; i++)
		used += (size_t)snprintf(buf + used, size - used, "%llu=%s ",
		    (unsigned long long)set->list[i].id,
		    addr_format(&set->list[i].addr, false, ip));
}

START_TEST(lists_hold)
{
	struct http_fetch_answer got = answer(200, lists[_i].body);
	char text[PROVIDER_TEXT_MAX] = "", found[256];
	struct provider_set set;
	unsigned page = 2;
	enum provider_result result;

	provider_set_init(&set, ADDR_IP4);
	result = provider_read_list(provider_of(lists[_i].method), &www, &got,
	    &set, &page, text);
	if (lists[_i].found == NULL) {
		ck_assert_int_eq(result, PROVIDER_MALFORMED);
		ck_assert_ptr_nonnull(strstr(text, "a malformed answer"));
	} else {
		ck_assert_msg(result == PROVIDER_OK, "%s", text);
		show(&set, found, sizeof found);
		ck_assert_str_eq(found, lists[_i].found);
		ck_assert_uint_eq(page, lists[_i].next);
	}
	provider_set_fini(&set);
}
END_TEST

/* More records than an RRset holds are a fault of their own. */
START_TEST(a_list_may_be_too_long)
{
	char *body = NULL, text[PROVIDER_TEXT_MAX];
	size_t size;
	FILE *out = open_memstream(&body, &size);
	struct http_fetch_answer got;
	struct provider_set set;
	unsigned page = 1;

	ck_assert_ptr_nonnull(out);
	fputs("{\"domain_records\":[", out);
	for (unsigned i = 0; i <= RRSET_MAX; i++)
		fprintf(out, "%s{\"id\":%u,\"type\":\"A\",\"name\":\"www\","
		    "\"data\":\"10.0.%u.%u\",\"ttl\":30}", i > 0 ? "," : "",
		    i + 1, i >> 8, i & 255);
	fputs("]}", out);
	ck_assert_int_eq(fclose(out), 0);
	got = answer(200, body);
	provider_set_init(&set, ADDR_IP4);
	ck_assert_int_eq(provider_read_list(provider_of(OCEAN), &www, &got,
			     &set, &page, text), PROVIDER_DENIED);
	ck_assert_str_eq(text,
	    "the name has more records than rrdnsd can handle");
	provider_set_fini(&set);
	free(body);
}
END_TEST

static const struct {
	const char *body;
	enum provider_result result;
	uint64_t domain;
} lookups[] = {
	{ "{\"id\":17,\"domainName\":\"Example.org\",\"node\":\"www\"}",
	    PROVIDER_OK, 17 },
	{ "{\"id\":17,\"domainName\":\"www.example.org\"}", PROVIDER_DENIED,
	    0 },
	{ "{\"id\":17}", PROVIDER_MALFORMED, 0 },
	{ "{\"id\":0,\"domainName\":\"example.org\"}", PROVIDER_MALFORMED, 0 },
	{ "{\"id\":\"17\",\"domainName\":\"example.org\"}",
	    PROVIDER_MALFORMED, 0 },
	{ "", PROVIDER_MALFORMED, 0 },
	{ "{\"statusCode\":404}", PROVIDER_GONE, 0 },
};

START_TEST(lookups_find)
{
	struct http_fetch_answer got = answer(200, lookups[_i].body);
	struct provider_target target = www;
	char text[PROVIDER_TEXT_MAX] = "";

	target.domain = 0;
	ck_assert_int_eq(provider_read_lookup(provider_of(DYNU), &target,
			     &got, text), lookups[_i].result);
	ck_assert_uint_eq(target.domain, lookups[_i].domain);
	ck_assert((lookups[_i].result == PROVIDER_OK) == (text[0] == '\0'));
}
END_TEST

/* The wall clock stands at 2026-11-25 12:00:00 UTC. */
#define NOW_S 1795608000

static const struct {
	struct pace pace;
	unsigned wait_ms;
} paces[] = {
	{ { 429, "7", NULL, NULL }, 7000 },
	{ { 429, " 7 ", NULL, NULL }, 7000 },
	{ { 503, "7", NULL, NULL }, 7000 },
	{ { 429, "0", NULL, NULL }, 0 },
	{ { 429, "99999999", NULL, NULL }, PACE_MAX_MS },
	{ { 429, "99999999999999999999999", NULL, NULL }, 0 },
	{ { 429, "-7", NULL, NULL }, 0 },
	{ { 429, "7s", NULL, NULL }, 0 },
	{ { 429, "", NULL, NULL }, 0 },
	{ { 429, "Wed, 25 Nov 2026 12:00:30 GMT", NULL, NULL }, 30000 },
	{ { 429, "Wed, 25 Nov 2026 11:00:30 GMT", NULL, NULL }, 0 },
	{ { 429, "Wed, 25 Nov 2099 11:00:30 GMT", NULL, NULL }, PACE_MAX_MS },
	{ { 429, NULL, "5", "1795608009" }, 9000 },
	{ { 429, "7", "0", "1795608009" }, 7000 },
	{ { 429, NULL, NULL, NULL }, 0 },
	{ { 200, "7", NULL, NULL }, 0 },
	{ { 200, NULL, "0", "1795608009" }, 9000 },
	{ { 200, NULL, "1", "1795608009" }, 0 },
	{ { 200, NULL, "0", "1795607000" }, 0 },
	{ { 200, NULL, "0", "1999999999" }, PACE_MAX_MS },
	{ { 200, NULL, "0", "soon" }, 0 },
	{ { 200, NULL, "0", NULL }, 0 },
	{ { 200, NULL, "none", "1795608009" }, 0 },
	{ { 0, NULL, NULL, NULL }, 0 },
};

START_TEST(paces_ask)
{
	ck_assert_uint_eq(pace_wait_ms(&paces[_i].pace,
			      (int64_t)NOW_S * 1000), paces[_i].wait_ms);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, digitalocean_requests);
	tcase_add_test(tcase, dynu_requests);
	tcase_add_test(tcase, the_table);
	tcase_add_loop_test(tcase, answers_mean, 0, COUNT(answers));
	tcase_add_test(tcase, long_words_are_cut);
	tcase_add_loop_test(tcase, lists_hold, 0, COUNT(lists));
	tcase_add_test(tcase, a_list_may_be_too_long);
	tcase_add_loop_test(tcase, lookups_find, 0, COUNT(lookups));
	tcase_add_loop_test(tcase, paces_ask, 0, COUNT(paces));
}

int
main(void)
{
	return check_main("provider", fill);
}
