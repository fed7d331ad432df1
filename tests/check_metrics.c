/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "metrics.h"

static struct metrics_text text;

static void
expect(const char *wanted)
{
	size_t len;
	char *got = metrics_text_take(&text, &len);

	ck_assert_ptr_nonnull(got);
	ck_assert_uint_eq(len, strlen(wanted));
	ck_assert_mem_eq(got, wanted, len);
	free(got);
}

static const struct {
	const char *value;
	const char *written;
} escapes[] = {
	{ "www.example.org", "www.example.org" },
	{ "", "" },
	{ "a \"standby\"", "a \\\"standby\\\"" },
	{ "back\\slash", "back\\\\slash" },
	{ "two\nlines", "two\\nlines" },
	{ "\\\"\n", "\\\\\\\"\\n" },
	{ "M\303\274nchen {x=\"1\"} 2", "M\303\274nchen {x=\\\"1\\\"} 2" },
};

START_TEST(escapes_label_values)
{
	struct metrics_label label = { "l", escapes[_i].value };
	char wanted[128];

	metrics_text_init(&text);
	metrics_family(&text, "f", METRICS_GAUGE, "h");
	metrics_count(&text, &label, 1, 7);
	snprintf(wanted, sizeof wanted,
	    "# HELP f h\n# TYPE f gauge\nf{l=\"%s\"} 7\n", escapes[_i].written);
	expect(wanted);
}
END_TEST

/* In help text a quote is a quote. */
START_TEST(escapes_help)
{
	metrics_text_init(&text);
	metrics_family(&text, "f_total", METRICS_COUNTER, "a\\b\n\"c\"");
	expect("# HELP f_total a\\\\b\\n\"c\"\n# TYPE f_total counter\n");
}
END_TEST

static const struct {
	double value;
	const char *written;
} gauges[] = {
	{ 0, "0" },
	{ 1, "1" },
	{ -86400, "-86400" },
	{ 0.5, "0.5" },
	{ 1764082800.123, "1764082800.123" },
	{ NAN, "NaN" },
	{ INFINITY, "+Inf" },
	{ -INFINITY, "-Inf" },
};

START_TEST(writes_gauges)
{
	char wanted[128];

	metrics_text_init(&text);
	metrics_family(&text, "g", METRICS_GAUGE, "h");
	metrics_gauge(&text, NULL, 0, gauges[_i].value);
	snprintf(wanted, sizeof wanted, "# HELP g h\n# TYPE g gauge\ng %s\n",
	    gauges[_i].written);
	expect(wanted);
}
END_TEST

START_TEST(writes_several_labels)
{
	static const struct metrics_label labels[] = { { "a", "1" },
		{ "b", "2" } };

	metrics_text_init(&text);
	metrics_family(&text, "c_total", METRICS_COUNTER, "h");
	metrics_count(&text, labels, 2, UINT64_MAX);
	expect("# HELP c_total h\n# TYPE c_total counter\n"
	       "c_total{a=\"1\",b=\"2\"} 18446744073709551615\n");
}
END_TEST

/* A duration at a bound belongs below it; buckets add up. */
START_TEST(writes_histograms)
{
	static const uint32_t bounds_us[] = { 1000, 2500000 };
	struct metrics_histogram histogram;

	metrics_histogram_init(&histogram, bounds_us, COUNT(bounds_us));
	metrics_observe(&histogram, 0);
	metrics_observe(&histogram, 1000);
	metrics_observe(&histogram, 1001);
	metrics_observe(&histogram, UINT32_MAX);
	metrics_text_init(&text);
	metrics_family(&text, "d_seconds", METRICS_HISTOGRAM, "h");
	metrics_histogram(&text, &histogram);
	expect("# HELP d_seconds h\n# TYPE d_seconds histogram\n"
	       "d_seconds_bucket{le=\"0.001\"} 2\n"
	       "d_seconds_bucket{le=\"2.5\"} 3\n"
	       "d_seconds_bucket{le=\"+Inf\"} 4\n"
	       "d_seconds_sum 4294.969296\n"
	       "d_seconds_count 4\n");
}
END_TEST

/* Longer than the first allocation. */
START_TEST(grows)
{
	static const char line[] = "g{l=\"x\"} 1\n";
	struct metrics_label label = { "l", "x" };
	size_t n = 10000, len, head;
	char *got;

	metrics_text_init(&text);
	metrics_family(&text, "g", METRICS_GAUGE, "h");
	head = text.len;
	for (size_t i = 0; i < n; i++)
		metrics_gauge(&text, &label, 1, 1);
	got = metrics_text_take(&text, &len);
	ck_assert_ptr_nonnull(got);
	ck_assert_uint_eq(len, head + n * strlen(line));
	ck_assert_mem_eq(got + len - strlen(line), line, strlen(line));
	free(got);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, escapes_label_values, 0, COUNT(escapes));
	tcase_add_test(tcase, escapes_help);
	tcase_add_loop_test(tcase, writes_gauges, 0, COUNT(gauges));
	tcase_add_test(tcase, writes_several_labels);
	tcase_add_test(tcase, writes_histograms);
	tcase_add_test(tcase, grows);
}

int
main(void)
{
	return check_main("metrics", fill);
}
