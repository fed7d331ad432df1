/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_report.h"
#include "conf_text.h"
#include "err.h"
#include "file_read.h"

#define INCLUDE_DEPTH_MAX 8
#define INCLUDES_MAX 1000

/* What some editors put before UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct scan {
	struct conf_text *text;
	const char *at;
	const char *end;
	const char *file;
	int line;
	unsigned depth;
	struct conf_report *report;
	int err;
};

static void
fail(struct scan *scan, int err)
{
	if (scan->err == 0)
		scan->err = err;
	if (err == ERR_NOMEM)
		conf_report_error(scan->report, scan->file, scan->line, "%s",
		    err_text(err));
}

static void
put(struct scan *scan, const char *data, size_t len)
{
	struct conf_text *text = scan->text;

	if (text->len + len > CONF_TEXT_MAX) {
		if (scan->err == 0)
			conf_report_error(scan->report, scan->file, scan->line,
			    "with what it includes it is larger than %d MiB",
			    CONF_TEXT_MAX >> 20);
		fail(scan, ERR_TOOBIG);
		return;
	}
	if (text->len + len + 1 > text->cap) {
		size_t cap = text->cap * 2 + len + 1024;
		char *more = realloc(text->data, cap);

		if (more == NULL) {
			fail(scan, ERR_NOMEM);
			return;
		}
		text->data = more;
		text->cap = cap;
	}
	memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
	for (size_t i = 0; i < len; i++)
		text->lines += data[i] == '\n';
}

/* Passes on what was read up to `to`. */
static void
take(struct scan *scan, const char *to)
{
	put(scan, scan->at, (size_t)(to - scan->at));
	for (; scan->at < to; scan->at++)
		scan->line += *scan->at == '\n';
}

/* What is put next begins a line and comes from here. */
static void
open_span(struct scan *scan)
{
	struct conf_text *text = scan->text;
	struct conf_span *more = realloc(text->spans,
	    (text->n_spans + 1) * sizeof *more);
	char *file = strdup(scan->file);

	if (more != NULL)
		text->spans = more;
	if (more == NULL || file == NULL) {
		free(file);
		fail(scan, ERR_NOMEM);
		return;
	}
	more[text->n_spans++] = (struct conf_span){ text->lines + 1, file,
		scan->line };
}

static bool
starts_with(const struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(scan->end - scan->at) >= len &&
	    memcmp(scan->at, word, len) == 0;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static void
scan_line_comment(struct scan *scan)
{
	const char *to = memchr(scan->at, '\n',
	    (size_t)(scan->end - scan->at));

	take(scan, to == NULL ? scan->end : to);
}

static void
scan_comment(struct scan *scan)
{
	const char *to = scan->at + 2;

	while (to < scan->end && !(to[0] == '*' && to + 1 < scan->end &&
	    to[1] == '/'))
		to++;
	if (to == scan->end) {
		conf_report_error(scan->report, scan->file, scan->line,
		    "the comment that begins here with /* never ends");
		fail(scan, ERR_SYNTAX);
	}
	take(scan, to == scan->end ? to : to + 2);
}

/* The end of a quoted string, past its last quote; NULL when it has none. */
static const char *
string_end(const struct scan *scan, const char *at)
{
	for (at++; at < scan->end; at++) {
		if (*at == '\\' && at + 1 < scan->end)
			at++;
		else if (*at == '"')
			return at + 1;
	}
	return NULL;
}

static void
scan_string(struct scan *scan)
{
	const char *to = string_end(scan, scan->at);

	if (to == NULL) {
		conf_report_error(scan->report, scan->file, scan->line,
		    "the string that begins here never ends");
		fail(scan, ERR_SYNTAX);
		to = scan->end;
	}
	take(scan, to);
}

static void
scan_name(struct scan *scan)
{
	const char *to = scan->at;

	if (*to == '*') {
		conf_report_error(scan->report, scan->file, scan->line,
		    "no name begins with \"*\"");
		fail(scan, ERR_SYNTAX);
	} else if (*to == '_') {
		/* The same comment may stand twice in a group, which libconfig
		 * refuses of names. */
		char name[24];

		put(scan, name, (size_t)snprintf(name, sizeof name, "*%zu",
		    scan->text->len));
		scan->at++;
		to++;
	}
	while (to < scan->end && is_name_char(*to))
		to++;
	take(scan, to);
}

static bool
is_hex(const char *from, const char *to)
{
	return to - from > 2 && from[0] == '0' &&
	    (from[1] == 'x' || from[1] == 'X');
}

/* [-+]digits or 0xdigits, and perhaps L or LL; no float, nothing broken. */
static bool
is_whole(const char *from, const char *to)
{
	bool hex = is_hex(from, to);

	if (hex)
		from += 2;
	else if (*from == '+' || *from == '-')
		from++;
	for (int i = 0; i < 2 && to > from && to[-1] == 'L'; i++)
		to--;
	if (from == to)
		return false;
	for (; from < to; from++)
		if (!(hex ? isxdigit((unsigned char)*from) :
		    isdigit((unsigned char)*from)))
			return false;
	return true;
}

/* libconfig reads whole numbers with atoi(), and with an L with atoll(): a
 * large one gets its L, so that the option it is for can say what its range
 * is. */
static void
take_whole(struct scan *scan, const char *to)
{
	char digits[32];
	size_t len = (size_t)(to - scan->at);
	long long value;

	if (len < sizeof digits) {
		memcpy(digits, scan->at, len);
		digits[len] = '\0';
		errno = 0;
		value = strtoll(digits, NULL, is_hex(scan->at, to) ? 16 : 10);
		if (errno == 0) {
			take(scan, to);
			if (to[-1] != 'L' &&
			    (value < INT32_MIN || value > INT32_MAX))
				put(scan, "L", 1);
			return;
		}
	}
	conf_report_error(scan->report, scan->file, scan->line,
	    "the number %.*s%s is out of range for every option",
	    len < 40 ? (int)len : 40, scan->at, len < 40 ? "" : "...");
	fail(scan, ERR_RANGE);
	take(scan, to);
}

static void
scan_number(struct scan *scan)
{
	const char *to = scan->at + 1;

	while (to < scan->end && (isalnum((unsigned char)*to) || *to == '.' ||
	    ((*to == '-' || *to == '+') && (to[-1] == 'e' || to[-1] == 'E') &&
	    !is_hex(scan->at, to))))
		to++;
	if (is_whole(scan->at, to))
		take_whole(scan, to);
	else
		take(scan, to);
}

/* path as written in an @include, relative to the including file. */
static char *
include_path(const struct scan *scan, const char *path, size_t len)
{
	const char *slash = strrchr(scan->file, '/');
	size_t dir = slash == NULL || *path == '/' ? 0 :
	    (size_t)(slash + 1 - scan->file);
	char *joined = malloc(dir + len + 1);

	if (joined != NULL) {
		memcpy(joined, scan->file, dir);
		memcpy(joined + dir, path, len);
		joined[dir + len] = '\0';
	}
	return joined;
}

static void
include_file(struct scan *scan, const char *path)
{
	char why[200], *data;
	size_t len;
	int err;

	if (scan->depth >= INCLUDE_DEPTH_MAX ||
	    scan->text->n_spans > 2 * INCLUDES_MAX) {
		conf_report_error(scan->report, scan->file, scan->line,
		    "@include goes deeper than %d files, or there are more "
		    "than %d: does %s include itself?", INCLUDE_DEPTH_MAX,
		    INCLUDES_MAX, path);
		fail(scan, ERR_INVALID);
		return;
	}
	err = file_read(path, CONF_TEXT_MAX, &data, &len, why, sizeof why);
	if (err != 0) {
		conf_report_error(scan->report, scan->file, scan->line,
		    "@include: %s %s", path, why);
		fail(scan, err);
		return;
	}
	put(scan, "\n", 1);
	err = conf_scan(scan->text, data, len, path, scan->depth + 1,
	    scan->report);
	if (err != 0 && scan->err == 0)
		scan->err = err;
	put(scan, "\n", 1);
	open_span(scan);
	explicit_bzero(data, len);
	free(data);
}

static void
scan_include(struct scan *scan)
{
	const char *from = scan->at + strlen("@include"), *to;
	char *path;

	while (from < scan->end && (*from == ' ' || *from == '\t'))
		from++;
	to = from < scan->end && *from == '"' ? string_end(scan, from) : NULL;
	if (to == NULL || memchr(from, '\n', (size_t)(to - from)) != NULL) {
		conf_report_error(scan->report, scan->file, scan->line,
		    "@include needs a file's name in quotes");
		fail(scan, ERR_SYNTAX);
		scan->at = from;
		return;
	}
	path = include_path(scan, from + 1, (size_t)(to - from - 2));
	if (path == NULL)
		fail(scan, ERR_NOMEM);
	else
		include_file(scan, path);
	free(path);
	scan->at = to;
}

static void
scan_token(struct scan *scan)
{
	char c = *scan->at;

	if (c == '#' || starts_with(scan, "//"))
		scan_line_comment(scan);
	else if (starts_with(scan, "/*"))
		scan_comment(scan);
	else if (c == '"')
		scan_string(scan);
	else if (starts_with(scan, "@include"))
		scan_include(scan);
	else if (isdigit((unsigned char)c) || strchr("+-.", c) != NULL)
		scan_number(scan);
	else if (is_name_char(c))
		scan_name(scan);
	else
		take(scan, scan->at + 1);
}

int
conf_scan(struct conf_text *text, const char *data, size_t len,
    const char *file, unsigned depth, struct conf_report *report)
{
	struct scan scan = { .text = text, .at = data, .end = data + len,
		.file = file, .line = 1, .depth = depth, .report = report };
	const char *nul = memchr(data, '\0', len);

	if (nul != NULL) {
		for (const char *c = data; c < nul; c++)
			scan.line += *c == '\n';
		conf_report_error(report, file, scan.line,
		    "there is a NUL byte: this is no text file");
		return ERR_SYNTAX;
	}
	if (starts_with(&scan, BYTE_ORDER_MARK))
		scan.at += strlen(BYTE_ORDER_MARK);
	open_span(&scan);
	put(&scan, "", 0);
	while (scan.at < scan.end && scan.err != ERR_NOMEM &&
	    scan.err != ERR_TOOBIG)
		scan_token(&scan);
	return scan.err;
}
