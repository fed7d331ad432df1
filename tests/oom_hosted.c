/* SPDX-License-Identifier: ISC */
/* What is asked of the APIs of DNS services, what they answer, and what to do
 * about it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/providers/provider.h"
#include "dns/publish_plan.h"
#include "dns/publish_step.h"
#include "err.h"
#include "oom_cases.h"

static const struct provider_target www = {
	.url = "https://api.test",
	.fqdn = "www.example.org",
	.zone = "example.org",
	.family = ADDR_IP4,
	.domain = 7,
};
static struct provider_request request;
static struct provider_record record;
static char why[PROVIDER_TEXT_MAX];

static void
prepare_record(void)
{
	record = (struct provider_record){ .id = 42, .ttl = 30 };
	ck_assert_int_eq(addr_parse_ip("192.0.2.1", &record.addr), 0);
}

static int
ask_to_add(void)
{
	return provider_add(provider_of(CONF_METHOD_DIGITALOCEAN), &www,
	    &record, &request);
}

/* Never a part of it: a record without its address, or its name. */
static void
judge_request(int err)
{
	if (err == 0) {
		ck_assert_str_eq(request.url,
		    "https://api.test/v2/domains/example.org/records");
		ck_assert_str_eq(request.body,
		    "{\"type\":\"A\",\"name\":\"www\","
		    "\"data\":\"192.0.2.1\",\"ttl\":30}");
	} else {
		ck_assert_ptr_null(request.url);
		ck_assert_ptr_null(request.body);
	}
	provider_request_fini(&request);
}

static char *header;

static void
prepare_header(void)
{
	header = NULL;
}

static int
make_header(void)
{
	struct secret token = { (uint8_t *)"secret", 6 };

	header = provider_auth_header(provider_of(CONF_METHOD_DYNU), &token);
	return header != NULL ? 0 : ERR_NOMEM;
}

static void
judge_header(int err)
{
	if (err == 0)
		ck_assert_str_eq(header, "API-Key: secret");
	free(header);
}

static struct provider_set set;

static void
prepare_set(void)
{
	provider_set_init(&set, ADDR_IP4);
}

#define RECORD(id, last)                                                       \
	"{\"id\":" #id ",\"type\":\"A\",\"name\":\"www\",\"ttl\":30,"          \
	"\"data\":\"192.0.2." #last "\"}"

/* Again, and soon: nobody has to look at it. */
static int
read_list(void)
{
	static const char body[] = "{\"domain_records\":[" RECORD(1, 1) ","
	    RECORD(2, 2) "],\"links\":{}}";
	struct http_fetch_answer answer = { .status = 200, .body = body,
		.len = sizeof body - 1, .why = "" };
	unsigned page = 1;

	switch (provider_read_list(provider_of(CONF_METHOD_DIGITALOCEAN), &www,
	    &answer, &set, &page, why)) {
	case PROVIDER_OK:
		return 0;
	case PROVIDER_AWAY:
		return ERR_NOMEM;
	default:
		return ERR_SYNTAX;
	}
}

static void
judge_list(int err)
{
	if (err == 0)
		ck_assert_uint_eq(set.len, 2);
	else
		ck_assert_ptr_nonnull(strstr(why, "memory"));
	provider_set_fini(&set);
}

static struct rrset read, target;
static struct publish_endpoint endpoints[2];
static struct publish_wish wish;
static enum publish_plan plan;

static void
prepare_plan(void)
{
	prepare_record();
	rrset_init(&read, ADDR_IP4, 30);
	for (size_t i = 0; i < COUNT(endpoints); i++) {
		endpoints[i].addr = record.addr;
		endpoints[i].addr.bytes[3] = (uint8_t)(i + 1);
	}
	endpoints[0].action = DESIRED_ABSENT;
	endpoints[1].action = DESIRED_PRESENT;
	wish = (struct publish_wish){ .endpoints = endpoints,
		.n = COUNT(endpoints), .may_write = true };
	ck_assert_int_eq(rrset_add(&read, &endpoints[0].addr), 0);
	/* What is no endpoint stays. */
	for (record.addr.bytes[3] = 100; record.addr.bytes[3] < 120;
	     record.addr.bytes[3]++)
		ck_assert_int_eq(rrset_add(&read, &record.addr), 0);
}

static int
make_plan(void)
{
	plan = publish_plan(&read, false, &wish, 30, &target);
	return plan == PLAN_NOMEM ? ERR_NOMEM : 0;
}

/* Half a set is never written. */
static void
judge_plan(int err)
{
	if (err == 0) {
		ck_assert_int_eq(plan, PLAN_CHANGE);
		ck_assert_uint_eq(target.len, 21);
		ck_assert(!rrset_has(&target, &endpoints[0].addr));
		ck_assert(rrset_has(&target, &endpoints[1].addr));
	}
	rrset_fini(&target);
	rrset_fini(&read);
}

static const struct conf_service service = { .ttl = 30 };
static bool untidy;

static void
prepare_view(void)
{
	prepare_record();
	provider_set_init(&set, ADDR_IP4);
	for (; record.id < 62; record.id++, record.addr.bytes[3]++)
		ck_assert_int_eq(provider_set_put(&set, &record), 0);
}

static int
view(void)
{
	return publish_step_view(&set, &service, &read, &untidy);
}

static void
judge_view(int err)
{
	ck_assert_uint_eq(read.len, err == 0 ? 20 : 0);
	rrset_fini(&read);
	provider_set_fini(&set);
}

const struct oom_case oom_hosted_cases[] = {
	{ "request to an API", prepare_record, ask_to_add, judge_request },
	{ "token for an API", prepare_header, make_header, judge_header },
	{ "list of an API", prepare_set, read_list, judge_list },
	{ "plan", prepare_plan, make_plan, judge_plan },
	{ "view of a list", prepare_view, view, judge_view },
};
const size_t oom_n_hosted_cases = COUNT(oom_hosted_cases);
