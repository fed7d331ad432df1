/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_SAME_TEXT_H
#define RRDNSD_SAME_TEXT_H

#include <stdbool.h>
#include <string.h>

/* strcmp(3) of texts that may be missing: NULL is the same as NULL alone. */
static inline bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

#endif
