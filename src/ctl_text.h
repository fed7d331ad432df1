/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_TEXT_H
#define RRDNSD_CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text of strangers on a terminal: made harmless, measured and cut. Pure, but
 * for wcwidth(3), which follows LC_CTYPE.
 */

/* A copy in which nothing can move the cursor or turn the writing round:
 * control characters and bytes that are no UTF-8 are shown as "\x1b", format
 * characters (bidirectional overrides, zero width) as "\u202e"; without utf8,
 * all that is no ASCII is shown in one of these ways. NULL: out of memory. */
char *ctl_text_clean(const char *text, bool utf8);

/* Columns on the screen of a clean text. */
size_t ctl_text_width(const char *text);

/* How many bytes of a clean text fit into so many columns, and in *taken how
 * many columns they take. Never ends inside of a character. */
size_t ctl_text_fit(const char *text, size_t columns, size_t *taken);

/* The same, but ends at a blank where there is one. *skip: blanks between
 * this line and the next one. */
size_t ctl_text_wrap(const char *text, size_t columns, size_t *skip);

#endif
