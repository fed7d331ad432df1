/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_JSON_H
#define RRDNSD_CONF_JSON_H

#include <stddef.h>

struct conf_report;
struct conf_value;

/* JSON (an object, at most CONF_TEXT_MAX bytes) -> values. Names that begin
 * with "_" are kept, null is as good as absent, duplicates are refused.
 * Values bear no lines (0): jansson doesn't tell. What is wrong goes to
 * report; NULL then. */
struct conf_value *conf_json_parse(const char *data, size_t len,
    const char *file, struct conf_report *report);

#endif
