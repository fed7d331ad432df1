/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_IMPORT_H
#define RRDNSD_CONF_IMPORT_H

#include <stddef.h>
#include <stdio.h>

struct conf_report;

/* Prints the configuration of the Rust rrdnsd (JSON) as ours. Its comments,
 * strings under names with a leading underscore, become ours. Names that mean
 * nothing here are reported and printed as comments, and what conf_load would
 * refuse is reported. 0 when there was no error. */
int conf_import(const char *json_path, FILE *out, struct conf_report *report);

/* The same from memory; file is what reports call it. */
int conf_import_text(const char *json, size_t len, const char *file, FILE *out,
    struct conf_report *report);

#endif
