/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "http/http_reader.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define SPACES_20 "                    "
#define SPACES_101 \
	SPACES_20 SPACES_20 SPACES_20 SPACES_20 SPACES_20 " "

static const struct {
	const char *name;
	const char *response;
	bool head;
	enum http_reading reading; /* without the end of the stream */
	enum http_reading closed; /* and after it, where it was MORE */
	unsigned status;
	const char *body;
} cases[] = {
	{ "a length", OK "Content-Length: 3\r\n\r\nok\n", false,
	    HTTP_READING_DONE, 0, 200, "ok\n" },
	{ "bare line feeds", "HTTP/1.0 204\nX: y\n\n", false,
	    HTTP_READING_DONE, 0, 204, "" },
	{ "no length", OK "\r\nall of it", false, HTTP_READING_MORE,
	    HTTP_READING_DONE, 200, "all of it" },
	{ "length zero", OK "content-length:0\r\n\r\n", false,
	    HTTP_READING_DONE, 0, 200, "" },
	{ "more than the length", OK "Content-Length: 1\r\n\r\nxy", false,
	    HTTP_READING_DONE, 0, 200, "x" },
	{ "less than the length", OK "Content-Length: 9\r\n\r\nxy", false,
	    HTTP_READING_MORE, HTTP_READING_CUT, 200, "xy" },
	{ "HEAD", OK "Content-Length: 9\r\n\r\n", true, HTTP_READING_DONE, 0,
	    200, "" },
	{ "not modified", "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", false,
	    HTTP_READING_DONE, 0, 304, "" },
	{ "chunks", OK "Transfer-Encoding: chunked\r\n\r\n"
		       "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
	    false, HTTP_READING_DONE, 0, 200, "abc0123456789" },
	{ "chunks and a trailer", OK "Transfer-Encoding: gzip, Chunked \r\n\r\n"
				     "1\r\na\r\n0\r\nT: 1\r\n\r\n",
	    false, HTTP_READING_DONE, 0, 200, "a" },
	{ "chunks win against a length", OK "Content-Length: 1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
	    false, HTTP_READING_DONE, 0, 200, "ab" },
	{ "chunks without their end", OK "Transfer-Encoding: chunked\r\n\r\n"
					 "2\r\nab\r\n",
	    false, HTTP_READING_MORE, HTTP_READING_CUT, 200, "ab" },
	{ "a chunk of no size", OK "Transfer-Encoding: chunked\r\n\r\nx\r\n",
	    false, HTTP_READING_MALFORMED, 0, 200, "" },
	{ "a chunk that is longer than it says",
	    OK "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", false,
	    HTTP_READING_MALFORMED, 0, 200, "a" },
	{ "a chunk beyond counting", OK "Transfer-Encoding: chunked\r\n\r\n"
					"10000000000000000\r\n",
	    false, HTTP_READING_MALFORMED, 0, 200, "" },
	{ "continue first", "HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n"
		OK "Content-Length: 1\r\n\r\nz",
	    false, HTTP_READING_DONE, 0, 200, "z" },
	{ "continue and nothing more", "HTTP/1.1 100 Continue\r\n\r\n", false,
	    HTTP_READING_MORE, HTTP_READING_CUT, 0, "" },
	{ "switching", "HTTP/1.1 101 x\r\n\r\n", false, HTTP_READING_DONE, 0,
	    101, "" },
	{ "the same length twice",
	    OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", false,
	    HTTP_READING_DONE, 0, 200, "x" },
	{ "two lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
	    false, HTTP_READING_MALFORMED, 0, 200, "" },
	{ "a negative length", OK "Content-Length: -1\r\n\r\n", false,
	    HTTP_READING_MALFORMED, 0, 200, "" },
	{ "a length beyond counting",
	    OK "Content-Length: 99999999999999999999\r\n\r\n", false,
	    HTTP_READING_MALFORMED, 0, 200, "" },
	{ "no response", "SSH-2.0-OpenSSH_9.2\r\n", false,
	    HTTP_READING_MALFORMED, 0, 0, "" },
	{ "no version 1", "HTTP/2 200\r\n\r\n", false, HTTP_READING_MALFORMED,
	    0, 0, "" },
	{ "a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", false,
	    HTTP_READING_MALFORMED, 0, 0, "" },
	{ "a status of four", "HTTP/1.1 2000\r\n\r\n", false,
	    HTTP_READING_MALFORMED, 0, 0, "" },
	{ "a status below 100", "HTTP/1.1 099 x\r\n\r\n", false,
	    HTTP_READING_MALFORMED, 0, 0, "" },
	{ "nothing", "", false, HTTP_READING_MORE, HTTP_READING_EMPTY, 0, "" },
	{ "half a line", "HTTP/1.1 2", false, HTTP_READING_MORE,
	    HTTP_READING_CUT, 0, "" },
	{ "a carriage return is the last that is kept of a line",
	    OK "Transfer-Encoding:" SPACES_101 "chunked\rx\r\n\r\nab", false,
	    HTTP_READING_MORE, HTTP_READING_DONE, 200, "ab" },
	{ "half a header", OK "Content-Le", false, HTTP_READING_MORE,
	    HTTP_READING_CUT, 200, "" },
};

static char seen[256];

static bool
on_body(void *arg, const char *data, size_t len)
{
	strncat(seen, data, len);
	return arg != NULL && strstr(seen, arg) != NULL;
}

/* However the stream is cut, the same is read. */
static enum http_reading
feed(struct http_reader *reader, const char *text, size_t first, size_t step)
{
	size_t at = 0, len = strlen(text), n;
	enum http_reading reading = HTTP_READING_MORE;

	seen[0] = '\0';
	for (n = first; at < len && reading == HTTP_READING_MORE; n = step) {
		if (n > len - at)
			n = len - at;
		reading = http_reader_feed(reader, text + at, n, on_body, NULL);
		at += n;
	}
	return reading;
}

static void
expect(size_t i, enum http_reading reading, const struct http_reader *reader)
{
	const char *name = cases[i].name;

	ck_assert_msg(reading == cases[i].reading, "%s: %d", name, reading);
	ck_assert_msg(reader->status == cases[i].status, "%s: %u", name,
	    reader->status);
	ck_assert_msg(strcmp(seen, cases[i].body) == 0, "%s: %s", name, seen);
	if (reading == HTTP_READING_MORE)
		ck_assert_msg(http_reader_close(reader) == cases[i].closed,
		    "%s: closed", name);
}

START_TEST(reads)
{
	const char *text = cases[_i].response;
	struct http_reader reader;

	for (size_t cut = 1; cut <= strlen(text) + 1; cut++) {
		http_reader_init(&reader, cases[_i].head);
		expect((size_t)_i, feed(&reader, text, cut, strlen(text)),
		    &reader);
	}
	http_reader_init(&reader, cases[_i].head);
	expect((size_t)_i, feed(&reader, text, 1, 1), &reader);
}
END_TEST

START_TEST(a_long_line_is_skipped)
{
	char text[1024];
	struct http_reader reader;

	snprintf(text, sizeof text, OK "X-Long: %0700d\r\n"
				       "Content-Length: 2\r\n\r\nok", 0);
	http_reader_init(&reader, false);
	ck_assert_int_eq(feed(&reader, text, 1, 7), HTTP_READING_DONE);
	ck_assert_str_eq(seen, "ok");
}
END_TEST

START_TEST(a_header_without_end_is_too_large)
{
	static const char line[] = "X-More: of the same\r\n";
	struct http_reader reader;
	enum http_reading reading;
	size_t fed = 0;

	http_reader_init(&reader, false);
	reading = feed(&reader, OK, 99, 99);
	for (; reading == HTTP_READING_MORE; fed += sizeof line - 1)
		reading = http_reader_feed(&reader, line, sizeof line - 1,
		    on_body, NULL);
	ck_assert_int_eq(reading, HTTP_READING_TOO_LARGE);
	ck_assert_uint_le(fed, HTTP_READER_HEADER_MAX + sizeof line);
}
END_TEST

START_TEST(enough_is_enough)
{
	static const char text[] = OK "\r\none needle two";
	struct http_reader reader;
	char needle[] = "needle";

	seen[0] = '\0';
	http_reader_init(&reader, false);
	ck_assert_int_eq(http_reader_feed(&reader, text, sizeof text - 1,
			     on_body, needle),
	    HTTP_READING_DONE);
}
END_TEST

START_TEST(what_keeps_the_connection)
{
	static const struct {
		const char *response;
		bool keeps;
	} kept[] = {
		{ OK "Content-Length: 1\r\n\r\nx", true },
		{ OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true },
		{ "HTTP/1.1 204 x\r\n\r\n", true },
		{ "HTTP/1.1 100 x\r\n\r\n" OK "Content-Length: 0\r\n\r\n",
		    true },
		{ OK "Content-Length: 1\r\n\r\nxy", false },
		{ OK "connection: close\r\nContent-Length: 0\r\n\r\n", false },
		{ OK "Connection: upgrade ,\tClose\r\nContent-Length: 0\r\n\r\n",
		    false },
		{ OK "Connection: closed\r\nContent-Length: 0\r\n\r\n", true },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false },
		{ "HTTP/1.1 101 x\r\n\r\n", false },
		{ OK "\r\nuntil the end", false },
		{ OK "Content-Length: 9\r\n\r\nxy", false },
	};
	struct http_reader reader;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		http_reader_init(&reader, false);
		feed(&reader, kept[i].response, strlen(kept[i].response), 1);
		ck_assert_msg(http_reader_keeps(&reader) == kept[i].keeps,
		    "%s", kept[i].response);
	}
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, reads, 0, COUNT(cases));
	tcase_add_test(tcase, a_long_line_is_skipped);
	tcase_add_test(tcase, a_header_without_end_is_too_large);
	tcase_add_test(tcase, enough_is_enough);
	tcase_add_test(tcase, what_keeps_the_connection);
}

int
main(void)
{
	return check_main("http_reader", fill);
}
