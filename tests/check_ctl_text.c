/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "check_main.h"
#include "ctl_text.h"

static const struct {
	const char *text;
	bool utf8;
	const char *clean;
} cleans[] = {
	{ "plain", true, "plain" },
	{ "", true, "" },
	/* What moves the cursor, clears, or ends the line. */
	{ "a\033[2Jb", true, "a\\x1b[2Jb" },
	{ "a\nb\tc\rd\177", true, "a\\x0ab\\x09c\\x0dd\\x7f" },
	{ "\302\233" "31m", true, "\\x9b31m" }, /* CSI as C1 */
	/* What turns the writing round, or is not seen. */
	{ "x\342\200\256y", true, "x\\u202ey" },
	{ "x\342\200\213y\357\273\277", true, "x\\u200by\\ufeff" },
	{ "x\363\240\200\201", true, "x\\U000e0001" },
	/* Letters. */
	{ "Z\303\274rich \346\235\261\344\272\254", true,
	    "Z\303\274rich \346\235\261\344\272\254" },
	{ "Z\303\274rich", false, "Z\\u00fcrich" },
	/* No UTF-8: alone, cut off, overlong, a surrogate, too large. */
	{ "a\374b", true, "a\\xfcb" },
	{ "a\303", true, "a\\xc3" },
	{ "\300\257", true, "\\xc0\\xaf" },
	{ "\355\240\200", true, "\\xed\\xa0\\x80" },
	{ "\364\220\200\200", true, "\\xf4\\x90\\x80\\x80" },
};

START_TEST(makes_harmless)
{
	char *clean = ctl_text_clean(cleans[_i].text, cleans[_i].utf8);

	ck_assert_str_eq(clean, cleans[_i].clean);
	free(clean);
}
END_TEST

static const struct {
	const char *text;
	size_t columns;
	size_t bytes;
	size_t taken;
} fits[] = {
	{ "abc", 5, 3, 3 },
	{ "abc", 2, 2, 2 },
	{ "abc", 0, 0, 0 },
	{ "Z\303\274rich", 2, 3, 2 },
	/* Two columns each: the second one does not fit into the third. */
	{ "\346\235\261\344\272\254", 3, 3, 2 },
	{ "\346\235\261\344\272\254", 4, 6, 4 },
	/* A combining accent takes none, and stays with its letter. */
	{ "e\314\201x", 1, 3, 1 },
};

START_TEST(measures)
{
	size_t taken;

	ck_assert_uint_eq(
	    ctl_text_fit(fits[_i].text, fits[_i].columns, &taken),
	    fits[_i].bytes);
	ck_assert_uint_eq(taken, fits[_i].taken);
}
END_TEST

static const struct {
	const char *text;
	size_t columns;
	size_t bytes;
	size_t skip;
} wraps[] = {
	{ "one two", 10, 7, 0 },
	{ "one two", 7, 7, 0 },
	{ "one two", 6, 3, 1 },
	{ "one two", 3, 3, 1 },
	{ "one  two", 4, 3, 2 },
	{ "longword", 4, 4, 0 },
	{ "a longword", 5, 1, 1 },
	{ "ends ", 10, 4, 1 },
	{ "", 10, 0, 0 },
};

START_TEST(wraps_at_blanks)
{
	size_t skip;

	ck_assert_uint_eq(
	    ctl_text_wrap(wraps[_i].text, wraps[_i].columns, &skip),
	    wraps[_i].bytes);
	ck_assert_uint_eq(skip, wraps[_i].skip);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, makes_harmless, 0, COUNT(cleans));
	tcase_add_loop_test(tcase, measures, 0, COUNT(fits));
	tcase_add_loop_test(tcase, wraps_at_blanks, 0, COUNT(wraps));
}

int
main(void)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return EXIT_FAILURE;
	return check_main("ctl_text", fill);
}
