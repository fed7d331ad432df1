/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOM_FIRST 512

void
json_out_init(struct json_out *out)
{
	*out = (struct json_out){ 0 };
}

void
json_out_fini(struct json_out *out)
{
	free(out->data);
	json_out_init(out);
}

static bool
reserve(struct json_out *out, size_t len)
{
	size_t room = out->room == 0 ? ROOM_FIRST : out->room;
	char *data;

	if (out->failed)
		return false;
	if (out->room - out->len > len)
		return true;
	while (room - out->len <= len)
		room *= 2;
	data = realloc(out->data, room);
	if (data == NULL) {
		out->failed = true;
		return false;
	}
	out->data = data;
	out->room = room;
	return true;
}

static void
put(struct json_out *out, const char *text, size_t len)
{
	if (!reserve(out, len))
		return;
	memcpy(out->data + out->len, text, len);
	out->len += len;
	out->data[out->len] = '\0';
}

char *
json_out_take(struct json_out *out, size_t *len)
{
	char *data = out->failed ? NULL : out->data;

	*len = data != NULL ? out->len : 0;
	if (data == NULL)
		free(out->data);
	json_out_init(out);
	return data;
}

static void
begin_value(struct json_out *out)
{
	if (out->comma)
		put(out, ",", 1);
	out->comma = true;
}

void
json_open(struct json_out *out, char bracket)
{
	begin_value(out);
	put(out, &bracket, 1);
	out->comma = false;
}

void
json_close(struct json_out *out, char bracket)
{
	put(out, &bracket, 1);
	out->comma = true;
}

/* The length of the well-formed UTF-8 sequence there (RFC 3629 section 4), 0
 * when it is none. */
static size_t
utf8_len(const unsigned char *p)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f; /* no surrogates */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

/* Writes what the character at p becomes and says how long it was. */
static size_t
put_character(struct json_out *out, const unsigned char *p)
{
	char escape[8];
	size_t n;

	if (*p == '"' || *p == '\\') {
		escape[0] = '\\';
		escape[1] = (char)*p;
		put(out, escape, 2);
		return 1;
	}
	if (*p < 0x20 || *p == 0x7f) {
		snprintf(escape, sizeof escape, "\\u%04x", *p);
		put(out, escape, 6);
		return 1;
	}
	n = utf8_len(p);
	if (n == 0)
		put(out, "\xef\xbf\xbd", 3);
	else
		put(out, (const char *)p, n);
	return n == 0 ? 1 : n;
}

static void
put_string(struct json_out *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	put(out, "\"", 1);
	while (*p != '\0') {
		size_t plain = 0;

		while (p[plain] >= 0x20 && p[plain] < 0x7f && p[plain] != '"' &&
		    p[plain] != '\\')
			plain++;
		put(out, (const char *)p, plain);
		p += plain;
		if (*p != '\0')
			p += put_character(out, p);
	}
	put(out, "\"", 1);
}

void
json_key(struct json_out *out, const char *key)
{
	begin_value(out);
	put_string(out, key);
	put(out, ":", 1);
	out->comma = false;
}

void
json_text(struct json_out *out, const char *text)
{
	if (text == NULL) {
		json_none(out);
		return;
	}
	begin_value(out);
	put_string(out, text);
}

void
json_int(struct json_out *out, int64_t number)
{
	char text[24], *end = text + sizeof text, *at = end;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--at = '-';
	begin_value(out);
	put(out, at, (size_t)(end - at));
}

void
json_thousandths(struct json_out *out, uint32_t n)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%u.%03u", n / 1000, n % 1000);

	begin_value(out);
	put(out, text, (size_t)len);
}

void
json_bool(struct json_out *out, bool value)
{
	begin_value(out);
	put(out, value ? "true" : "false", value ? 4 : 5);
}

void
json_none(struct json_out *out)
{
	begin_value(out);
	put(out, "null", 4);
}

void
json_raw(struct json_out *out, const char *json)
{
	if (json == NULL) {
		json_none(out);
		return;
	}
	begin_value(out);
	put(out, json, strlen(json));
}

void
json_time(struct json_out *out, int64_t wall_ms)
{
	time_t s = (time_t)(wall_ms / 1000);
	char text[40] = "", whole[64];
	struct tm tm;

	if (gmtime_r(&s, &tm) != NULL)
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(whole, sizeof whole, "%s.%03dZ", text,
	    (int)(wall_ms % 1000));
	json_text(out, whole);
}

void
json_put_text(struct json_out *out, const char *key, const char *text)
{
	json_key(out, key);
	json_text(out, text);
}

void
json_put_int(struct json_out *out, const char *key, int64_t number)
{
	json_key(out, key);
	json_int(out, number);
}

void
json_put_bool(struct json_out *out, const char *key, bool value)
{
	json_key(out, key);
	json_bool(out, value);
}

void
json_put_time(struct json_out *out, const char *key, int64_t wall_ms)
{
	json_key(out, key);
	if (wall_ms == 0)
		json_none(out);
	else
		json_time(out, wall_ms);
}

void
json_end_line(struct json_out *out)
{
	put(out, "\n", 1);
}
