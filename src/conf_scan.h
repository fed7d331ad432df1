/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_SCAN_H
#define RRDNSD_CONF_SCAN_H

#include <stddef.h>

struct conf_report;
struct conf_text;

/* Appends one file's contents to text the way conf_text.h says; depth counts
 * the files that include it. */
int conf_scan(struct conf_text *text, const char *data, size_t len,
    const char *file, unsigned depth, struct conf_report *report);

#endif
