/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_HTTP_READER_H
#define RRDNSD_HTTP_HTTP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads one HTTP/1.x response (RFC 9112), piece by piece, as far as a probe
 * has to understand it: the status, where the body lies, where it ends. Pure,
 * and of bounded size whatever arrives.
 */
#define HTTP_READER_HEADER_MAX 65536 /* bytes of all header sections */
#define HTTP_READER_LINE_MAX 128 /* of a longer line the rest is skipped */

enum http_reading {
	HTTP_READING_MORE, /* not at the end yet */
	HTTP_READING_DONE, /* at the end, or on_body had enough */
	HTTP_READING_MALFORMED,
	HTTP_READING_TOO_LARGE, /* the header */
	HTTP_READING_EMPTY, /* closed before the first byte */
	HTTP_READING_CUT, /* closed before the end */
};

enum http_reader_state {
	HTTP_READER_STATUS,
	HTTP_READER_HEADER,
	HTTP_READER_BODY, /* of known length */
	HTTP_READER_REST, /* whatever comes until the end of the stream */
	HTTP_READER_CHUNK_SIZE,
	HTTP_READER_CHUNK,
	HTTP_READER_CHUNK_END,
	HTTP_READER_TRAILER,
	HTTP_READER_END,
};

struct http_reader {
	enum http_reader_state state;
	bool head; /* it answers a HEAD: no body follows */
	unsigned status; /* of the final response; 0: not known yet */
	bool persistent; /* the peer keeps the connection open */
	bool surplus; /* more came than the response */
	bool chunked;
	bool has_length;
	uint64_t length; /* of the body */
	uint64_t left; /* of the body or chunk */
	size_t header_bytes;
	size_t line_len;
	bool line_is_cut; /* its end was skipped */
	char line[HTTP_READER_LINE_MAX];
};

/* Is handed the body as it comes; true: that is enough. */
typedef bool http_reader_body_cb(void *arg, const char *data, size_t len);

void http_reader_init(struct http_reader *reader, bool head);

/* Once it returned anything but HTTP_READING_MORE the reader is spent. */
enum http_reading http_reader_feed(struct http_reader *reader,
    const char *data, size_t len, http_reader_body_cb *on_body, void *arg);

/* After HTTP_READING_DONE: the connection is good for another request (RFC 9112
 * section 9.3). */
bool http_reader_keeps(const struct http_reader *reader);

/* The peer closed the connection. */
enum http_reading http_reader_close(const struct http_reader *reader);

#endif
