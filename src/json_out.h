/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_JSON_OUT_H
#define RRDNSD_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes JSON as it goes, without a tree: the status of 10,000 endpoints is
 * made in the time in which a tree of it would be allocated. Commas come by
 * themselves; what is opened has to be closed. Memory that runs out shows in
 * json_out_take alone. Texts are escaped; bytes that are no UTF-8 become
 * U+FFFD.
 */
struct json_out {
	char *data;
	size_t len;
	size_t room;
	bool comma; /* one is due before the next value */
	bool failed;
};

void json_out_init(struct json_out *out);
void json_out_fini(struct json_out *out);

/* The text, which is the caller's then, with a NUL after its len; NULL: out of
 * memory. Ends out. */
char *json_out_take(struct json_out *out, size_t *len);

void json_open(struct json_out *out, char bracket); /* '{' or '[' */
void json_close(struct json_out *out, char bracket); /* '}' or ']' */
void json_key(struct json_out *out, const char *key);

void json_text(struct json_out *out, const char *text); /* NULL: null */
void json_int(struct json_out *out, int64_t number);
void json_thousandths(struct json_out *out, uint32_t n); /* 1500: 1.500 */
void json_bool(struct json_out *out, bool value);
void json_none(struct json_out *out);
void json_raw(struct json_out *out, const char *json); /* made; NULL: null */

/* A moment of the wall clock: "2026-11-25T14:21:15.123Z" (RFC 3339). */
void json_time(struct json_out *out, int64_t wall_ms);

/* The same with their key, for members of an object. */
void json_put_text(struct json_out *out, const char *key, const char *text);
void json_put_int(struct json_out *out, const char *key, int64_t number);
void json_put_bool(struct json_out *out, const char *key, bool value);

/* 0 is null. */
void json_put_time(struct json_out *out, const char *key, int64_t wall_ms);

/* A line feed after the last value: people read this, too. */
void json_end_line(struct json_out *out);

#endif
