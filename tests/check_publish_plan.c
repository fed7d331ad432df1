/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "dns/publish_plan.h"

/* Addresses are one digit, 192.0.2.N. A wish is "+1-2=3". */
static const struct {
	const char *read;
	uint32_t read_ttl;
	bool mixed;
	const char *wish;
	bool may_empty;
	enum publish_plan plan;
	const char *target;
} cases[] = {
	{ "12", 30, false, "+1+2", false, PLAN_SAME, "12" },
	{ "12", 30, false, "+1-2", false, PLAN_CHANGE, "1" },
	{ "1", 30, false, "+1+2", false, PLAN_CHANGE, "12" },
	{ "", 0, false, "+1+2", false, PLAN_CHANGE, "12" },
	{ "", 0, false, "=1=2", false, PLAN_SAME, "" },
	{ "12", 30, false, "=1=2", false, PLAN_SAME, "12" },
	{ "1", 30, false, "=1=2", false, PLAN_SAME, "1" },
	{ "", 0, false, "-1-2", false, PLAN_SAME, "" },
	/* The last line of defence. */
	{ "12", 30, false, "-1-2", false, PLAN_WOULD_EMPTY, "" },
	{ "12", 30, false, "-1-2", true, PLAN_CHANGE, "" },
	{ "1", 30, false, "-1=2", false, PLAN_WOULD_EMPTY, "" },
	/* Records that are no endpoint stay (S3). */
	{ "129", 30, false, "+1-2", false, PLAN_CHANGE, "19" },
	{ "19", 30, false, "-1", false, PLAN_CHANGE, "9" },
	/* The TTL is kept. */
	{ "12", 60, false, "+1+2", false, PLAN_CHANGE, "12" },
	{ "12", 30, true, "+1+2", false, PLAN_CHANGE, "12" },
	{ "12", 60, false, "=1=2", false, PLAN_CHANGE, "12" },
};

static struct addr
address(char digit)
{
	struct addr addr = { .family = ADDR_IP4,
		.bytes = { 192, 0, 2, (uint8_t)(digit - '0') } };

	return addr;
}

static void
read_set(const char *digits, uint32_t ttl, struct rrset *set)
{
	rrset_init(set, ADDR_IP4, ttl);
	for (; *digits != '\0'; digits++) {
		struct addr addr = address(*digits);

		ck_assert_int_eq(rrset_add(set, &addr), 0);
	}
}

START_TEST(plans)
{
	struct publish_endpoint endpoints[8];
	struct publish_wish wish = { .endpoints = endpoints,
		.may_empty = cases[_i].may_empty };
	struct rrset read, target;
	char digits[16] = "";

	for (const char *p = cases[_i].wish; *p != '\0'; p += 2)
		endpoints[wish.n++] = (struct publish_endpoint){
			.addr = address(p[1]),
			.action = p[0] == '+' ? DESIRED_PRESENT
			    : p[0] == '-'     ? DESIRED_ABSENT
					      : DESIRED_KEEP,
		};
	read_set(cases[_i].read, cases[_i].read_ttl, &read);
	ck_assert_int_eq(publish_plan(&read, cases[_i].mixed, &wish, 30,
			     &target), cases[_i].plan);
	ck_assert_uint_eq(target.ttl, 30);
	for (size_t i = 0; i < target.len; i++)
		digits[i] = (char)('0' + target.addrs[i].bytes[3]);
	ck_assert_str_eq(digits, cases[_i].target);
	rrset_fini(&read);
	rrset_fini(&target);
}
END_TEST

START_TEST(retries_with_growing_distance)
{
	const unsigned expected[] = { 100, 200, 400, 800, 1600, 0, 0 };

	for (unsigned i = 0; i < COUNT(expected); i++)
		ck_assert_uint_eq(publish_retry_ms(i + 1), expected[i]);
}
END_TEST

START_TEST(backs_off_within_bounds)
{
	for (unsigned failures = 0; failures < 40; failures++) {
		for (uint32_t random = 0; random < 100000; random += 997) {
			unsigned ms = publish_backoff_ms(failures, random);

			ck_assert_uint_ge(ms, 187);
			ck_assert_uint_le(ms, 12500);
		}
	}
	ck_assert_uint_le(publish_backoff_ms(0, UINT32_MAX), 313);
}
END_TEST

START_TEST(spreads_the_reconcile_by_a_tenth)
{
	for (uint32_t random = 0; random < 100000; random += 997) {
		unsigned ms = publish_jitter_ms(60000, random);

		ck_assert_uint_ge(ms, 54000);
		ck_assert_uint_le(ms, 66000);
	}
	ck_assert_uint_le(publish_jitter_ms(1, 7), 1);
}
END_TEST

START_TEST(looks_again_three_times)
{
	ck_assert_int_eq(publish_verify_ms(0), 0);
	ck_assert_int_eq(publish_verify_ms(1), 2500);
	ck_assert_int_eq(publish_verify_ms(2), 8000);
	ck_assert_int_eq(publish_verify_ms(3), -1);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, plans, 0, COUNT(cases));
	tcase_add_test(tcase, retries_with_growing_distance);
	tcase_add_test(tcase, backs_off_within_bounds);
	tcase_add_test(tcase, spreads_the_reconcile_by_a_tenth);
	tcase_add_test(tcase, looks_again_three_times);
}

int
main(void)
{
	return check_main("publish_plan", fill);
}
