/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_TABLE_H
#define RRDNSD_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Tables for people: columns as wide as they need to be and the screen
 * allows, the text of strangers made harmless (ctl_text.h). What does not fit
 * is cut with an ellipsis; the last column goes on in the next line instead.
 */

/* How to write for where it goes. */
struct ctl_style {
	size_t width; /* columns of the screen */
	bool colour;
	bool utf8;
};

enum ctl_colour {
	CTL_PLAIN,
	CTL_GOOD,
	CTL_BAD,
	CTL_DOUBT,
	CTL_FAINT,
	CTL_STRONG,
	CTL_ALARM, /* what must not be overlooked */
};

/* Writes a text, made harmless, in a colour. */
void ctl_write(FILE *out, const struct ctl_style *style,
    enum ctl_colour colour, const char *text);

/* A paragraph: clean, wrapped to the width, further lines indented. */
void ctl_write_wrapped(FILE *out, const struct ctl_style *style,
    enum ctl_colour colour, size_t indent, const char *text);
void ctl_printf(FILE *out, const struct ctl_style *style,
    enum ctl_colour colour, size_t indent, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#define CTL_COLUMNS_MAX 34

struct ctl_table;

/* Headers: static texts, NULL ends; they may be "". All texts of cells are
 * copied. NULL: out of memory, which all the others take in silence. */
struct ctl_table *ctl_table_new(const struct ctl_style *style,
    const char *const *headers);
void ctl_table_free(struct ctl_table *table); /* NULL is fine */

/* Cells come from left to right; ctl_table_row ends a row, and fills it up. */
void ctl_table_cell(struct ctl_table *table, enum ctl_colour colour,
    const char *text);
void ctl_table_printf(struct ctl_table *table, enum ctl_colour colour,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void ctl_table_row(struct ctl_table *table);

/* Writes the table, headers first. */
void ctl_table_write(const struct ctl_table *table, FILE *out);

#endif
