/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 8192
#define NUMBER_MAX 32

void
metrics_histogram_init(struct metrics_histogram *histogram,
    const uint32_t *bounds_us, size_t n)
{
	assert(n <= METRICS_BUCKETS_MAX);
	*histogram = (struct metrics_histogram){ .bounds_us = bounds_us,
		.n = n };
}

void
metrics_observe(struct metrics_histogram *histogram, uint64_t us)
{
	size_t i = 0;

	while (i < histogram->n && us > histogram->bounds_us[i])
		i++;
	histogram->counts[i]++;
	histogram->count++;
	histogram->sum_us += us;
}

void
metrics_text_init(struct metrics_text *text)
{
	*text = (struct metrics_text){ 0 };
}

char *
metrics_text_take(struct metrics_text *text, size_t *len)
{
	char *data = text->data;

	if (text->failed) {
		free(data);
		data = NULL;
	}
	*len = data != NULL ? text->len : 0;
	metrics_text_init(text);
	return data;
}

/* Room for len more bytes, or NULL. */
static char *
reserve(struct metrics_text *text, size_t len)
{
	size_t cap = text->cap != 0 ? text->cap : CAP_FIRST;
	char *data;

	if (text->failed)
		return NULL;
	while (cap - text->len < len)
		cap *= 2;
	if (cap != text->cap) {
		data = realloc(text->data, cap);
		if (data == NULL) {
			text->failed = true;
			return NULL;
		}
		text->data = data;
		text->cap = cap;
	}
	return text->data + text->len;
}

static void
append(struct metrics_text *text, const char *from, size_t len)
{
	char *to = reserve(text, len);

	if (to == NULL)
		return;
	memcpy(to, from, len);
	text->len += len;
}

static void
append_text(struct metrics_text *text, const char *from)
{
	append(text, from, strlen(from));
}

/* Backslash and line feed are escaped everywhere, a quote in label values. */
static void
append_escaped(struct metrics_text *text, const char *from, bool quoted)
{
	char *to = reserve(text, 2 * strlen(from));
	char *p = to;

	if (to == NULL)
		return;
	for (; *from != '\0'; from++) {
		if (*from == '\\' || *from == '\n' ||
		    (quoted && *from == '"'))
			*p++ = '\\';
		*p++ = *from == '\n' ? 'n' : *from;
	}
	text->len += (size_t)(p - to);
}

static const char *
type_text(enum metrics_type type)
{
	switch (type) {
	case METRICS_COUNTER:
		return "counter";
	case METRICS_GAUGE:
		return "gauge";
	case METRICS_HISTOGRAM:
		break;
	}
	return "histogram";
}

void
metrics_family(struct metrics_text *text, const char *name,
    enum metrics_type type, const char *help)
{
	text->family = name;
	append_text(text, "# HELP ");
	append_text(text, name);
	append_text(text, " ");
	append_escaped(text, help, false);
	append_text(text, "\n# TYPE ");
	append_text(text, name);
	append_text(text, " ");
	append_text(text, type_text(type));
	append_text(text, "\n");
}

static void
append_sample(struct metrics_text *text, const char *suffix,
    const struct metrics_label *labels, size_t n, const char *value)
{
	append_text(text, text->family);
	append_text(text, suffix);
	for (size_t i = 0; i < n; i++) {
		append_text(text, i == 0 ? "{" : ",");
		append_text(text, labels[i].name);
		append_text(text, "=\"");
		append_escaped(text, labels[i].value, true);
		append_text(text, "\"");
	}
	append_text(text, n > 0 ? "} " : " ");
	append_text(text, value);
	append_text(text, "\n");
}

static void
append_count(struct metrics_text *text, const char *suffix,
    const struct metrics_label *labels, size_t n, uint64_t value)
{
	char number[NUMBER_MAX];

	snprintf(number, sizeof number, "%" PRIu64, value);
	append_sample(text, suffix, labels, n, number);
}

void
metrics_count(struct metrics_text *text, const struct metrics_label *labels,
    size_t n, uint64_t value)
{
	append_count(text, "", labels, n, value);
}

void
metrics_gauge(struct metrics_text *text, const struct metrics_label *labels,
    size_t n, double value)
{
	char number[NUMBER_MAX];

	if (isnan(value))
		snprintf(number, sizeof number, "NaN");
	else if (isinf(value))
		snprintf(number, sizeof number, "%cInf", value > 0 ? '+' : '-');
	else
		snprintf(number, sizeof number, "%.15g", value);
	append_sample(text, "", labels, n, number);
}

void
metrics_histogram(struct metrics_text *text,
    const struct metrics_histogram *histogram)
{
	char number[NUMBER_MAX];
	struct metrics_label le = { "le", number };
	uint64_t so_far = 0;

	for (size_t i = 0; i < histogram->n; i++) {
		so_far += histogram->counts[i];
		snprintf(number, sizeof number, "%g",
		    histogram->bounds_us[i] / 1e6);
		append_count(text, "_bucket", &le, 1, so_far);
	}
	le.value = "+Inf";
	append_count(text, "_bucket", &le, 1, histogram->count);
	snprintf(number, sizeof number, "%" PRIu64 ".%06" PRIu64,
	    histogram->sum_us / 1000000, histogram->sum_us % 1000000);
	append_sample(text, "_sum", NULL, 0, number);
	append_count(text, "_count", NULL, 0, histogram->count);
}
