/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_LINE_READER_H
#define RRDNSD_LINE_READER_H

#include <stddef.h>

/* Lines out of a stream that comes in pieces; pure. What is longer than
 * LINE_READER_MAX bytes is cut there, the rest of the line left out. */
#define LINE_READER_MAX 500

struct line_reader {
	char line[LINE_READER_MAX + 1];
	size_t len;
};

/* Without its line end; a NUL in it ends it. Empty lines are none. */
typedef void line_reader_cb(void *arg, const char *line);

void line_reader_feed(struct line_reader *reader, const char *data, size_t len,
    line_reader_cb *cb, void *arg);

/* The stream ended: what is left is a line, too. */
void line_reader_end(struct line_reader *reader, line_reader_cb *cb,
    void *arg);

#endif
