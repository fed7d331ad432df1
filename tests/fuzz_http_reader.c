/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stdint.h>

#include "http/http_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
on_body(void *arg, const char *data, size_t len)
{
	size_t *bytes = arg;

	assert(data != NULL && len > 0);
	*bytes += len;
	return false;
}

/* In one piece and byte by byte the same must be read. */
static void
try_answer(const char *text, size_t size, bool head)
{
	struct http_reader whole, bytes;
	enum http_reading one, many = HTTP_READING_MORE;
	size_t n_one = 0, n_many = 0;

	http_reader_init(&whole, head);
	http_reader_init(&bytes, head);
	one = http_reader_feed(&whole, text, size, on_body, &n_one);
	for (size_t i = 0; i < size && many == HTTP_READING_MORE; i++)
		many = http_reader_feed(&bytes, text + i, 1, on_body, &n_many);
	assert(one == many && n_one == n_many);
	assert(whole.status == bytes.status && n_one <= size);
	if (one == HTTP_READING_MORE)
		assert(http_reader_close(&whole) == http_reader_close(&bytes));
	/* Byte by byte nothing of what follows was seen. */
	if (one == HTTP_READING_DONE)
		assert(!http_reader_keeps(&whole) || http_reader_keeps(&bytes));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > HTTP_READER_HEADER_MAX)
		return 0;
	try_answer((const char *)data, size, false);
	try_answer((const char *)data, size, true);
	return 0;
}
