/* SPDX-License-Identifier: ISC */
/* Names and questions, read within their bounds. */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "dns/wire.h"
#include "wire_text.h"

#define L16 "0123456789abcdef"
#define L63 L16 L16 L16 "0123456789abcde"

static const struct {
	const char *text;
	size_t len; /* in a message; 0: it is no name */
} names[] = {
	{ "key.test", 10 },
	{ L63 ".test", 70 },
	{ L63 "x.test", 0 },
	{ "a..b", 0 },
	{ ".", 0 },
	{ ".a", 0 },
	{ L63 "." L63 "." L63 "." L16 L16 L16 "0123456789abc", 255 },
	{ L63 "." L63 "." L63 "." L16 L16 L16 "0123456789abcd", 0 },
};

START_TEST(names_have_bounds)
{
	uint8_t out[WIRE_NAME_MAX];

	ck_assert_uint_eq(wire_name_from_text(names[_i].text, out),
	    names[_i].len);
}
END_TEST

/* `end` 0: it is none. */
static const struct {
	const char *wire;
	size_t at;
	size_t end;
	size_t len;
} reads[] = {
	{ "ffff 03 'KEY' 00 ff", 2, 7, 5 },
	{ "01 'a' 00 c000", 3, 5, 3 },
	{ "01 'a' 00 01 'b' c000", 3, 7, 5 },
	{ "00ff c000", 2, 4, 1 },
	{ "03 'key'", 0, 0, 0 }, /* goes on behind the end */
	{ "03 'ke'", 0, 0, 0 },
	{ "03", 0, 0, 0 },
	{ "", 0, 0, 0 },
	{ "00", 1, 0, 0 },
	{ "00 c0", 1, 0, 0 }, /* half a pointer */
	{ "00 c001", 1, 0, 0 }, /* to itself */
	{ "c002 00", 0, 0, 0 }, /* forwards */
	{ "40 00", 0, 0, 0 }, /* a label of a kind that there is not */
};

START_TEST(names_are_read_within_bounds)
{
	uint8_t wire[64], out[WIRE_NAME_MAX];
	size_t size = wire_from_text(reads[_i].wire, wire, sizeof wire);
	size_t len = 0;

	ck_assert_uint_eq(wire_name_read(wire, size, reads[_i].at, out, &len),
	    reads[_i].end);
	if (reads[_i].end != 0)
		ck_assert_uint_eq(len, reads[_i].len);
}
END_TEST

/* Each leads to the one before: as many as a name could have labels, no more. */
START_TEST(pointers_are_counted)
{
	uint8_t wire[1024] = { 0 }, out[WIRE_NAME_MAX];
	size_t at = 1, len, most = 0;

	wire_put16(wire + at, 0xc000);
	for (size_t n = 1; n < 300; n++, at += 2) {
		if (wire_name_read(wire, at + 2, at, out, &len) != 0)
			most = n;
		wire_put16(wire + at + 2, 0xc000 | (unsigned)at);
	}
	ck_assert_uint_eq(most, 126);
}
END_TEST

#define WWW "03 'www' 07 'example' 00"
#define ONE "1234 0000 0001 0000 0000 0000"

static const struct {
	const char *a;
	const char *b;
	bool same;
} questions[] = {
	{ ONE WWW "0001 0001", ONE WWW "0001 0001", true },
	{ ONE WWW "0001 0001", ONE "03 'WWW' 07 'eXample' 00 0001 0001",
	    true },
	{ ONE WWW "0001 0001", ONE WWW "001c 0001", false },
	{ ONE WWW "0001 0001", ONE WWW "0001 0003", false },
	{ ONE WWW "0001 0001", ONE "03 'wwx' 07 'example' 00 0001 0001",
	    false },
	{ ONE WWW "0001 0001", ONE WWW "0001 00", false },
	{ ONE WWW "0001 0001", ONE "03 'www' 07 'example'", false },
	{ ONE WWW "0001 0001", "1234 0000 0000 0000 0000 0000", false },
	{ ONE WWW "0001 0001", "1234 0000 0002 0000 0000 0000" WWW "0001 0001"
	  WWW "0001 0001", false },
	{ ONE WWW "0001 0001", "1234 0000 0001", false },
	{ "", "", false },
};

START_TEST(questions_are_compared)
{
	uint8_t a[64], b[64];
	size_t a_size = wire_from_text(questions[_i].a, a, sizeof a);
	size_t b_size = wire_from_text(questions[_i].b, b, sizeof b);

	ck_assert_int_eq(wire_same_question(a, a_size, b, b_size),
	    questions[_i].same);
	ck_assert_int_eq(wire_same_question(b, b_size, a, a_size),
	    questions[_i].same);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, names_have_bounds, 0, COUNT(names));
	tcase_add_loop_test(tcase, names_are_read_within_bounds, 0,
	    COUNT(reads));
	tcase_add_test(tcase, pointers_are_counted);
	tcase_add_loop_test(tcase, questions_are_compared, 0,
	    COUNT(questions));
}

int
main(void)
{
	return check_main("wire", fill);
}
