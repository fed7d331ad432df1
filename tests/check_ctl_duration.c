/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "check_main.h"
#include "ctl_duration.h"
#include "err.h"

static const struct {
	const char *text;
	int err;
	int64_t s;
} durations[] = {
	{ "90", 0, 90 },
	{ "90s", 0, 90 },
	{ "45m", 0, 2700 },
	{ "2h30m", 0, 9000 },
	{ "1d12h", 0, 129600 },
	{ "2w", 0, 1209600 },
	{ "1w1d1h1m1s", 0, 694861 },
	{ "366d", 0, 366 * 86400 },
	{ "", ERR_SYNTAX, 0 },
	{ "h", ERR_SYNTAX, 0 },
	{ "2x", ERR_SYNTAX, 0 },
	{ "2h30", ERR_SYNTAX, 0 },
	{ "30m2h", ERR_SYNTAX, 0 },
	{ "1h1h", ERR_SYNTAX, 0 },
	{ "1.5h", ERR_SYNTAX, 0 },
	{ "-1h", ERR_SYNTAX, 0 },
	{ " 1h", ERR_SYNTAX, 0 },
	{ "1h ", ERR_SYNTAX, 0 },
	{ "0", ERR_RANGE, 0 },
	{ "0h", ERR_RANGE, 0 },
	{ "367d", ERR_RANGE, 0 },
	{ "99999999999999999999999w", ERR_RANGE, 0 },
};

START_TEST(reads_durations)
{
	int64_t s;

	ck_assert_int_eq(ctl_duration_parse(durations[_i].text, &s),
	    durations[_i].err);
	if (durations[_i].err == 0)
		ck_assert_int_eq(s, durations[_i].s);
}
END_TEST

static const struct {
	int64_t s;
	const char *text;
} texts[] = {
	{ -5, "0 s" },
	{ 0, "0 s" },
	{ 59, "59 s" },
	{ 60, "1 min" },
	{ 95, "1 min 35 s" },
	{ 725, "12 min" },
	{ 3600, "1 h" },
	{ 11100, "3 h 5 min" },
	{ 187200, "2 d 4 h" },
	{ 31536000, "365 d" },
};

START_TEST(writes_durations)
{
	char buf[CTL_DURATION_TEXT_MAX];

	ck_assert_str_eq(ctl_duration_format(texts[_i].s, buf),
	    texts[_i].text);
}
END_TEST

START_TEST(reads_moments)
{
	int64_t ms;

	ck_assert_int_eq(ctl_time_parse("2026-11-25T14:21:15.123Z", &ms), 0);
	ck_assert_int_eq(ms, INT64_C(1795616475123));
	ck_assert_int_eq(ctl_time_parse("", &ms), ERR_SYNTAX);
	ck_assert_int_eq(ctl_time_parse("2026-11-25 14:21", &ms), ERR_SYNTAX);
	ck_assert_int_eq(ctl_time_parse("2026-11-25T14:21:15.123Zx", &ms),
	    ERR_SYNTAX);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, reads_durations, 0, COUNT(durations));
	tcase_add_loop_test(tcase, writes_durations, 0, COUNT(texts));
	tcase_add_test(tcase, reads_moments);
}

int
main(void)
{
	return check_main("ctl_duration", fill);
}
