/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "ctl_table.h"
#include "ctl_text.h"

static const char *const headers[] = { "NAME", "STATE", "WHY", NULL };

static char *
written(const struct ctl_table *table)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ctl_table_write(table, out);
	fclose(out);
	return text;
}

static void
row(struct ctl_table *table, const char *a, const char *b, const char *c)
{
	ctl_table_cell(table, CTL_PLAIN, a);
	ctl_table_cell(table, CTL_BAD, b);
	ctl_table_cell(table, CTL_PLAIN, c);
	ctl_table_row(table);
}

static void
expect(struct ctl_table *table, const char *wanted)
{
	char *text = written(table);

	ck_assert_str_eq(text, wanted);
	free(text);
	ctl_table_free(table);
}

/* As wide as needed; nothing is left behind the last word of a line. */
START_TEST(aligns_columns)
{
	struct ctl_style style = { .width = 80, .utf8 = true };
	struct ctl_table *table = ctl_table_new(&style, headers);

	row(table, "www", "up", "");
	row(table, "Z\303\274rich", "down", "refused");
	ctl_table_cell(table, CTL_PLAIN, "alone");
	ctl_table_row(table);
	expect(table,
	    "NAME    STATE  WHY\n"
	    "www     up\n"
	    "Z\303\274rich  down   refused\n"
	    "alone\n");
}
END_TEST

/* The last column goes on below; the widest other one is cut. */
START_TEST(fits_the_screen)
{
	struct ctl_style style = { .width = 60, .utf8 = true };
	struct ctl_table *table = ctl_table_new(&style, headers);

	row(table, "a-name-that-is-far-too-long.example.org", "down",
	    "3 of 3 nodes: connection refused; kept: no other endpoint");
	expect(table,
	    "NAME               STATE  WHY\n"
	    "a-name-that-is-f\342\200\246  down   3 of 3 nodes: connection refused;\n"
	    "                          kept: no other endpoint\n");
}
END_TEST

START_TEST(colours_only_where_asked)
{
	struct ctl_style style = { .width = 80, .colour = true };
	struct ctl_table *table = ctl_table_new(&style, headers);
	char *text;

	row(table, "www", "down", "evil \033[2J");
	text = written(table);
	ck_assert_ptr_nonnull(strstr(text, "\033[1;31mdown\033[0m"));
	ck_assert_ptr_nonnull(strstr(text, "evil \\x1b[2J"));
	ck_assert_ptr_null(strstr(text, "\033[2J"));
	free(text);
	ctl_table_free(table);
}
END_TEST

/* Whatever is in it, no line is wider than the screen. */
START_TEST(never_wider_than_the_screen)
{
	static const size_t widths[] = { 40, 60, 80, 81, 200 };
	struct ctl_style style = { .width = widths[_i], .utf8 = true };
	struct ctl_table *table = ctl_table_new(&style, headers);
	char long_text[400], *text, *line;

	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	row(table, long_text, "up", long_text);
	row(table, "\346\235\261\344\272\254\346\235\261\344\272\254",
	    long_text, "\346\235\261\344\272\254 \346\235\261\344\272\254");
	text = written(table);
	for (line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		ck_assert_uint_le(ctl_text_width(line), widths[_i]);
	free(text);
	ctl_table_free(table);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, aligns_columns);
	tcase_add_test(tcase, fits_the_screen);
	tcase_add_test(tcase, colours_only_where_asked);
	tcase_add_loop_test(tcase, never_wider_than_the_screen, 0, 5);
}

int
main(void)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return EXIT_FAILURE;
	return check_main("ctl_table", fill);
}
