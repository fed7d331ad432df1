/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_TEXT_H
#define RRDNSD_CONF_TEXT_H

#include <stddef.h>

struct conf_report;

/* More than any sensible configuration: 10,000 endpoints take about 1 MB. */
#define CONF_TEXT_MAX (8 * 1024 * 1024)

/*
 * A configuration in libconfig's syntax, made ready for libconfig 1.5:
 * - @include is done here, relative to the including file, because libconfig
 *   ends the process when it is pointed at a directory;
 * - whole numbers of more than 32 bits get an "L", or are refused beyond 64
 *   bits, because libconfig cuts them without a word;
 * - names that begin with "_", which its grammar doesn't know, begin with "*"
 *   and a number that is theirs alone;
 * - a byte order mark is skipped.
 */
struct conf_text {
	char *data; /* ends with a NUL */
	size_t len;
	size_t cap;
	int lines; /* newlines in data */
	/* From data's line `first` on, lines are those of file from `line`. */
	struct conf_span {
		int first;
		char *file;
		int line;
	} *spans;
	size_t n_spans;
};

/* What is wrong goes to report. 0 or negative; fini in any case. */
int conf_text_read(struct conf_text *text, const char *path,
    struct conf_report *report);
int conf_text_from_memory(struct conf_text *text, const char *data, size_t len,
    const char *file, struct conf_report *report);
void conf_text_fini(struct conf_text *text);

/* Where a line of data came from. */
const char *conf_text_place(const struct conf_text *text, int line,
    int *file_line);

#endif
