/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "json_text.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

/* What jansson has allocated since it began to read. */
static struct {
	bool on;
	jmp_buf way_out;
	void **blocks;
	size_t n;
	size_t cap;
} reading;

static bool
make_room(void)
{
	size_t cap = 2 * reading.cap + 64;
	void **blocks;

	if (reading.n < reading.cap)
		return true;
	blocks = realloc(reading.blocks, cap * sizeof *blocks);
	if (blocks == NULL)
		return false;
	reading.blocks = blocks;
	reading.cap = cap;
	return true;
}

static void *
allocate(size_t size)
{
	void *block;

	if (!reading.on)
		return malloc(size);
	block = make_room() ? malloc(size) : NULL;
	if (block == NULL)
		longjmp(reading.way_out, 1);
	reading.blocks[reading.n++] = block;
	return block;
}

/* What is given back while reading is mostly what came last. */
static void
release(void *block)
{
	for (size_t i = reading.n; i > 0; i--) {
		if (reading.blocks[i - 1] == block) {
			reading.blocks[i - 1] = reading.blocks[--reading.n];
			break;
		}
	}
	free(block);
}

/* jansson keeps nothing but memory, so that leaving it midway is enough. */
static int
load(const char *text, size_t len, json_t **out, json_error_t *error)
{
	if (setjmp(reading.way_out) != 0) {
		while (reading.n > 0)
			free(reading.blocks[--reading.n]);
		return ERR_NOMEM;
	}
	*out = json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
	return *out != NULL ? 0 : ERR_SYNTAX;
}

int
json_text_read(const char *text, size_t len, json_t **out,
    json_error_t *error)
{
	json_error_t unwanted;
	int err;

	if (error == NULL)
		error = &unwanted;
	*out = NULL;
	/* What malloc(3) gave jansson before is freed the same way. */
	json_set_alloc_funcs(allocate, release);
	reading.on = true;
	err = load(text, len, out, error);
	reading.on = false;
	free(reading.blocks);
	reading.blocks = NULL;
	reading.n = reading.cap = 0;
	if (err == ERR_NOMEM)
		snprintf(error->text, sizeof error->text, "%s", err_text(err));
	return err;
}

struct written {
	char *text;
	size_t len;
	size_t room; /* the NUL has its own */
	bool failed;
};

static bool
reserve(struct written *to, size_t more)
{
	size_t room = 2 * to->room + more;
	char *text;

	if (to->text != NULL && to->room - to->len >= more)
		return true;
	text = malloc(room + 1);
	if (text == NULL)
		return false;
	if (to->text != NULL) {
		memcpy(text, to->text, to->len);
		explicit_bzero(to->text, to->len); /* it may bear keys */
	}
	free(to->text);
	to->text = text;
	to->room = room;
	return true;
}

/* jansson does not heed all that its callbacks return. */
static int
add(const char *piece, size_t len, void *arg)
{
	struct written *to = arg;

	if (to->failed || !reserve(to, len)) {
		to->failed = true;
		return -1;
	}
	memcpy(to->text + to->len, piece, len);
	to->len += len;
	return 0;
}

char *
json_text_write(const json_t *json, size_t flags, size_t *len)
{
	struct written to = { 0 };

	if (json_dump_callback(json, add, &to, flags) != 0 || to.failed) {
		free(to.text);
		return NULL;
	}
	if (to.text != NULL)
		to.text[to.len] = '\0';
	if (len != NULL)
		*len = to.len;
	return to.text;
}
