/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_METRICS_H
#define RRDNSD_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Histograms of durations, and the text that Prometheus reads: its exposition
 * format, version 0.0.4. Pure.
 */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* How long things took, in microseconds. The bounds (rising, upper, included)
 * are the caller's and stay. */
#define METRICS_BUCKETS_MAX 16
struct metrics_histogram {
	const uint32_t *bounds_us;
	size_t n; /* bounds; one more bucket is for what is beyond them */
	uint64_t counts[METRICS_BUCKETS_MAX + 1];
	uint64_t count;
	uint64_t sum_us;
};

void metrics_histogram_init(struct metrics_histogram *histogram,
    const uint32_t *bounds_us, size_t n);
void metrics_observe(struct metrics_histogram *histogram, uint64_t us);

enum metrics_type {
	METRICS_COUNTER,
	METRICS_GAUGE,
	METRICS_HISTOGRAM,
};

/* The value is any text; it is escaped. */
struct metrics_label {
	const char *name;
	const char *value;
};

/* A text that grows. When memory runs out, nothing more is written and
 * metrics_text_take returns NULL. */
struct metrics_text {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
	const char *family;
};

void metrics_text_init(struct metrics_text *text);

/* The finished text, malloc'ed, with its length; NULL: out of memory. */
char *metrics_text_take(struct metrics_text *text, size_t *len);

/* Begins a family of samples: all that is written until the next one belongs
 * to it. The name is static text. */
void metrics_family(struct metrics_text *text, const char *name,
    enum metrics_type type, const char *help);

/* One sample of the family; labels NULL with n 0. */
void metrics_count(struct metrics_text *text,
    const struct metrics_label *labels, size_t n, uint64_t value);
void metrics_gauge(struct metrics_text *text,
    const struct metrics_label *labels, size_t n, double value);

/* Buckets, sum (in seconds) and count of the family. */
void metrics_histogram(struct metrics_text *text,
    const struct metrics_histogram *histogram);

#endif
