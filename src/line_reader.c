/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "line_reader.h"

static void
put(struct line_reader *reader, char c)
{
	if (reader->len < LINE_READER_MAX)
		reader->line[reader->len++] = c;
}

void
line_reader_end(struct line_reader *reader, line_reader_cb *cb, void *arg)
{
	size_t len = reader->len;

	if (len > 0 && reader->line[len - 1] == '\r')
		len--;
	reader->line[len] = '\0';
	reader->len = 0;
	if (len > 0)
		cb(arg, reader->line);
}

void
line_reader_feed(struct line_reader *reader, const char *data, size_t len,
    line_reader_cb *cb, void *arg)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			line_reader_end(reader, cb, arg);
		else
			put(reader, data[i]);
	}
}
