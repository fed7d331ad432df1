/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_text.h"

#define GAP 2 /* columns between two columns */
#define LAST_MIN 34 /* what the last column has at least, if it needs it */
#define CUT_MIN 8 /* no other column is cut to less than this */

struct cell {
	char *text; /* clean; NULL: empty */
	enum ctl_colour colour;
};

struct ctl_table {
	struct ctl_style style;
	const char *headers[CTL_COLUMNS_MAX];
	size_t n; /* columns */
	struct cell *cells; /* row by row */
	size_t n_cells;
	size_t cap;
	bool failed;
};

static const char *
colour_code(enum ctl_colour colour)
{
	switch (colour) {
	case CTL_PLAIN:
		return "";
	case CTL_GOOD:
		return "\033[32m";
	case CTL_BAD:
		return "\033[1;31m";
	case CTL_DOUBT:
		return "\033[33m";
	case CTL_FAINT:
		return "\033[2m";
	case CTL_STRONG:
		return "\033[1m";
	case CTL_ALARM:
		return "\033[1;37;41m";
	}
	return "";
}

/* A piece of a clean text. */
static void
write_piece(FILE *out, const struct ctl_style *style, enum ctl_colour colour,
    const char *text, size_t len)
{
	bool coloured = style->colour && colour != CTL_PLAIN && len > 0;

	fprintf(out, "%s%.*s%s", coloured ? colour_code(colour) : "", (int)len,
	    text, coloured ? "\033[0m" : "");
}

void
ctl_write(FILE *out, const struct ctl_style *style, enum ctl_colour colour,
    const char *text)
{
	char *clean = ctl_text_clean(text, style->utf8);

	if (clean != NULL)
		write_piece(out, style, colour, clean, strlen(clean));
	free(clean);
}

static void
pad(FILE *out, size_t columns)
{
	fprintf(out, "%*s", (int)columns, "");
}

/* The first line goes on where the cursor is, at column indent. */
static void
write_wrapped(FILE *out, const struct ctl_style *style,
    enum ctl_colour colour, size_t indent, const char *clean)
{
	size_t columns = style->width > indent + CUT_MIN
	    ? style->width - indent
	    : CUT_MIN;

	for (;;) {
		size_t skip, len = ctl_text_wrap(clean, columns, &skip);

		write_piece(out, style, colour, clean, len);
		clean += len + skip;
		if (*clean == '\0')
			break;
		fputc('\n', out);
		pad(out, indent);
	}
	fputc('\n', out);
}

void
ctl_write_wrapped(FILE *out, const struct ctl_style *style,
    enum ctl_colour colour, size_t indent, const char *text)
{
	char *clean = ctl_text_clean(text, style->utf8);

	pad(out, indent);
	if (clean != NULL)
		write_wrapped(out, style, colour, indent, clean);
	free(clean);
}

/* NULL: no memory. */
static char *__attribute__((format(printf, 1, 0)))
format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void
ctl_printf(FILE *out, const struct ctl_style *style, enum ctl_colour colour,
    size_t indent, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text == NULL)
		return;
	ctl_write_wrapped(out, style, colour, indent, text);
	free(text);
}

struct ctl_table *
ctl_table_new(const struct ctl_style *style, const char *const *headers)
{
	struct ctl_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	table->style = *style;
	for (; headers[table->n] != NULL; table->n++) {
		assert(table->n < CTL_COLUMNS_MAX);
		table->headers[table->n] = headers[table->n];
	}
	assert(table->n >= 2);
	return table;
}

void
ctl_table_free(struct ctl_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

/* NULL, and nothing comes after it, when memory runs out. */
static struct cell *
add_cell(struct ctl_table *table)
{
	if (table == NULL || table->failed)
		return NULL;
	if (table->n_cells == table->cap) {
		size_t cap = table->cap ? 2 * table->cap : 64;
		struct cell *cells =
		    realloc(table->cells, cap * sizeof *cells);

		if (cells == NULL) {
			table->failed = true;
			return NULL;
		}
		table->cells = cells;
		table->cap = cap;
	}
	table->cells[table->n_cells] = (struct cell){ 0 };
	return &table->cells[table->n_cells++];
}

void
ctl_table_cell(struct ctl_table *table, enum ctl_colour colour,
    const char *text)
{
	struct cell *cell = add_cell(table);

	if (cell == NULL)
		return;
	cell->text = ctl_text_clean(text, table->style.utf8);
	cell->colour = colour;
}

void
ctl_table_printf(struct ctl_table *table, enum ctl_colour colour,
    const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text == NULL)
		return;
	ctl_table_cell(table, colour, text);
	free(text);
}

void
ctl_table_row(struct ctl_table *table)
{
	while (table != NULL && table->n_cells % table->n != 0)
		if (add_cell(table) == NULL)
			break;
}

static size_t
cell_width(const struct cell *cell)
{
	return cell->text != NULL ? ctl_text_width(cell->text) : 0;
}

static void
measure(const struct ctl_table *table, size_t *widths)
{
	for (size_t i = 0; i < table->n; i++)
		widths[i] = strlen(table->headers[i]);
	for (size_t row = 0; row + table->n <= table->n_cells;
	     row += table->n)
		for (size_t i = 0; i < table->n; i++) {
			size_t width = cell_width(&table->cells[row + i]);

			if (width > widths[i])
				widths[i] = width;
		}
}

/* While it is too wide, the widest column but the last one gets narrower. */
static void
shrink(const struct ctl_table *table, size_t *widths)
{
	size_t last = table->n - 1;

	for (;;) {
		size_t sum = widths[last] < LAST_MIN ? widths[last] : LAST_MIN;
		size_t widest = 0;

		for (size_t i = 0; i < last; i++) {
			sum += widths[i] + GAP;
			if (widths[i] > widths[widest])
				widest = i;
		}
		if (sum <= table->style.width || widths[widest] <= CUT_MIN)
			return;
		widths[widest]--;
	}
}

/* Cut to the column's width, and filled up to it if more comes. */
static void
write_cell(const struct ctl_table *table, FILE *out, const struct cell *cell,
    size_t width, bool fill)
{
	const char *text = cell->text != NULL ? cell->text : "";
	const char *dots = table->style.utf8 ? "\xe2\x80\xa6" : "~";
	size_t taken, len = ctl_text_fit(text, width, &taken);

	if (len < strlen(text)) {
		len = ctl_text_fit(text, width - 1, &taken);
		write_piece(out, &table->style, cell->colour, text, len);
		fputs(dots, out);
		taken++;
	} else {
		write_piece(out, &table->style, cell->colour, text, len);
	}
	if (fill)
		pad(out, width - taken);
}

static bool
rest_is_empty(const struct ctl_table *table, const struct cell *row, size_t i)
{
	while (i < table->n)
		if (cell_width(&row[i++]) > 0)
			return false;
	return true;
}

static void
write_row(const struct ctl_table *table, FILE *out, const struct cell *row,
    const size_t *widths)
{
	size_t column = 0, last = table->n - 1;

	for (size_t i = 0; i < last; i++) {
		bool more = !rest_is_empty(table, row, i + 1);

		write_cell(table, out, &row[i], widths[i], more);
		if (!more)
			break;
		pad(out, GAP);
		column += widths[i] + GAP;
	}
	if (cell_width(&row[last]) > 0)
		write_wrapped(out, &table->style, row[last].colour, column,
		    row[last].text);
	else
		fputc('\n', out);
}

static void
write_headers(const struct ctl_table *table, FILE *out, const size_t *widths)
{
	struct cell row[CTL_COLUMNS_MAX];

	for (size_t i = 0; i < table->n; i++)
		row[i] = (struct cell){ (char *)table->headers[i],
			CTL_FAINT };
	write_row(table, out, row, widths);
}

void
ctl_table_write(const struct ctl_table *table, FILE *out)
{
	size_t widths[CTL_COLUMNS_MAX];

	if (table == NULL)
		return;
	assert(table->n > 0);
	measure(table, widths);
	shrink(table, widths);
	write_headers(table, out, widths);
	for (size_t row = 0; row + table->n <= table->n_cells;
	     row += table->n)
		write_row(table, out, &table->cells[row], widths);
}
