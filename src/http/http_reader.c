/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/http_reader.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define CHUNK_DIGITS_MAX 15 /* hexadecimal, of a chunk's size */
#define LENGTH_DIGITS_MAX 18 /* decimal, of Content-Length */

void
http_reader_init(struct http_reader *reader, bool head)
{
	memset(reader, 0, offsetof(struct http_reader, line));
	reader->head = head;
}

/* Keeps the beginning of a line; true when it is complete. */
static bool
take_line(struct http_reader *reader, const char **data, const char *end)
{
	const char *stop = memchr(*data, '\n', (size_t)(end - *data));
	size_t len = (size_t)((stop != NULL ? stop : end) - *data);
	size_t room = sizeof reader->line - 1 - reader->line_len;
	size_t kept = len < room ? len : room;

	memcpy(reader->line + reader->line_len, *data, kept);
	reader->line_len += kept;
	reader->line_is_cut |= kept < len;
	*data += len + (stop != NULL);
	reader->header_bytes += len + (stop != NULL);
	if (stop == NULL)
		return false;
	if (!reader->line_is_cut && reader->line_len > 0 &&
	    reader->line[reader->line_len - 1] == '\r')
		reader->line_len--;
	reader->line[reader->line_len] = '\0';
	reader->line_len = 0;
	reader->line_is_cut = false;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* status-line = HTTP-version SP 3DIGIT [ SP reason ] (RFC 9112 section 4) */
static bool
read_status(struct http_reader *reader)
{
	const char *line = reader->line;

	if (strncmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) ||
	    line[8] != ' ' || line[9] < '1' || line[9] > '9' ||
	    !is_digit(line[10]) || !is_digit(line[11]) ||
	    (line[12] != '\0' && line[12] != ' '))
		return false;
	reader->status = (unsigned)((line[9] - '0') * 100 +
	    (line[10] - '0') * 10 + (line[11] - '0'));
	reader->persistent = line[7] != '0';
	reader->chunked = false;
	reader->has_length = false;
	return true;
}

static const char *
value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

/* RFC 9112 section 6.3: what is no number, or two of them, can't be framed. */
static bool
read_length(struct http_reader *reader, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t length = 0;

	if (digits == 0 || digits > LENGTH_DIGITS_MAX ||
	    value[digits + strspn(value + digits, " \t")] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		length = length * 10 + (unsigned)(value[i] - '0');
	if (reader->has_length && reader->length != length)
		return false;
	reader->has_length = true;
	reader->length = length;
	return true;
}

/* The last coding counts; the others are inside of it. */
static bool
ends_with_chunked(const char *value)
{
	static const char coding[] = "chunked";
	size_t len = strlen(value), n = sizeof coding - 1;

	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return len >= n && strncasecmp(value + len - n, coding, n) == 0;
}

/* Of a list such as "Upgrade, close" (RFC 9110 section 7.6.1). */
static bool
has_option(const char *value, const char *option)
{
	size_t len = strlen(option);

	while (*value != '\0') {
		size_t n = strcspn(value, ", \t");

		if (n == len && strncasecmp(value, option, n) == 0)
			return true;
		value += n;
		value += strspn(value, ", \t");
	}
	return false;
}

static bool
read_header(struct http_reader *reader)
{
	const char *value = value_of(reader->line, "Content-Length");

	if (value != NULL)
		return read_length(reader, value);
	value = value_of(reader->line, "Transfer-Encoding");
	if (value != NULL && ends_with_chunked(value))
		reader->chunked = true;
	value = value_of(reader->line, "Connection");
	if (value != NULL && has_option(value, "close"))
		reader->persistent = false;
	return true;
}

/* An empty line: what follows it? (RFC 9112 section 6.3) */
static void
end_header(struct http_reader *reader)
{
	if (reader->status < 200 && reader->status != 101) {
		reader->status = 0;
		reader->state = HTTP_READER_STATUS;
	} else if (reader->head || reader->status == 101 ||
	    reader->status == 204 || reader->status == 304) {
		reader->state = HTTP_READER_END;
	} else if (reader->chunked) {
		reader->state = HTTP_READER_CHUNK_SIZE;
	} else if (!reader->has_length) {
		reader->state = HTTP_READER_REST;
	} else {
		reader->left = reader->length;
		reader->state = reader->length > 0 ? HTTP_READER_BODY
						   : HTTP_READER_END;
	}
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return at == NULL ? -1 : (int)(at - digits);
}

/* chunk-size [ chunk-ext ] (RFC 9112 section 7.1) */
static bool
read_chunk_size(struct http_reader *reader)
{
	const char *at = reader->line;
	uint64_t size = 0;

	while (hex_value(*at) >= 0)
		size = size * 16 + (unsigned)hex_value(*at++);
	if (at == reader->line || at - reader->line > CHUNK_DIGITS_MAX ||
	    (*at != '\0' && strchr("; \t", *at) == NULL))
		return false;
	reader->left = size;
	reader->state = size > 0 ? HTTP_READER_CHUNK : HTTP_READER_TRAILER;
	return true;
}

static bool
read_line(struct http_reader *reader)
{
	switch (reader->state) {
	case HTTP_READER_STATUS:
		reader->state = HTTP_READER_HEADER;
		return read_status(reader);
	case HTTP_READER_HEADER:
		if (reader->line[0] != '\0')
			return read_header(reader);
		end_header(reader);
		return true;
	case HTTP_READER_CHUNK_SIZE:
		return read_chunk_size(reader);
	case HTTP_READER_CHUNK_END:
		reader->state = HTTP_READER_CHUNK_SIZE;
		return reader->line[0] == '\0';
	case HTTP_READER_TRAILER:
	case HTTP_READER_BODY: /* these have no lines */
	case HTTP_READER_REST:
	case HTTP_READER_CHUNK:
	case HTTP_READER_END:
		break;
	}
	assert(reader->state == HTTP_READER_TRAILER);
	if (reader->line[0] == '\0')
		reader->state = HTTP_READER_END;
	return true;
}

static bool
has_body(const struct http_reader *reader)
{
	return reader->state == HTTP_READER_BODY ||
	    reader->state == HTTP_READER_REST ||
	    reader->state == HTTP_READER_CHUNK;
}

/* Hands on what of this is body; true when that is enough. */
static bool
take_body(struct http_reader *reader, const char **data, const char *end,
    http_reader_body_cb *on_body, void *arg)
{
	size_t len = (size_t)(end - *data);
	const char *piece = *data;

	if (reader->state != HTTP_READER_REST) {
		if (len > reader->left)
			len = (size_t)reader->left;
		reader->left -= len;
		if (reader->left == 0)
			reader->state = reader->state == HTTP_READER_BODY
			    ? HTTP_READER_END
			    : HTTP_READER_CHUNK_END;
	}
	*data += len;
	return on_body(arg, piece, len);
}

/* What does not begin like a response is told before its line ends. */
static bool
begins_wrongly(const struct http_reader *reader)
{
	static const char begin[] = "HTTP/";
	size_t n = reader->line_len < sizeof begin - 1 ? reader->line_len
						       : sizeof begin - 1;

	return reader->state == HTTP_READER_STATUS &&
	    memcmp(reader->line, begin, n) != 0;
}

enum http_reading
http_reader_feed(struct http_reader *reader, const char *data, size_t len,
    http_reader_body_cb *on_body, void *arg)
{
	const char *end = data + len;

	while (data < end && reader->state != HTTP_READER_END) {
		if (has_body(reader)) {
			if (take_body(reader, &data, end, on_body, arg))
				return HTTP_READING_DONE;
		} else if (take_line(reader, &data, end)) {
			if (!read_line(reader))
				return HTTP_READING_MALFORMED;
		} else if (begins_wrongly(reader)) {
			return HTTP_READING_MALFORMED;
		}
		if (reader->header_bytes > HTTP_READER_HEADER_MAX)
			return HTTP_READING_TOO_LARGE;
	}
	reader->surplus = data < end;
	return reader->state == HTTP_READER_END ? HTTP_READING_DONE
						: HTTP_READING_MORE;
}

bool
http_reader_keeps(const struct http_reader *reader)
{
	return reader->state == HTTP_READER_END && reader->persistent &&
	    !reader->surplus && reader->status != 101;
}

enum http_reading
http_reader_close(const struct http_reader *reader)
{
	if (reader->state == HTTP_READER_REST)
		return HTTP_READING_DONE;
	if (reader->header_bytes == 0)
		return HTTP_READING_EMPTY;
	return HTTP_READING_CUT;
}
