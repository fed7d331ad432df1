/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_LIBCONFIG_H
#define RRDNSD_CONF_LIBCONFIG_H

struct conf_report;
struct conf_text;
struct conf_value;

/* libconfig's syntax -> values. Names that begin with "_" are left out. What
 * is wrong goes to report; NULL then. */
struct conf_value *conf_libconfig_parse(const struct conf_text *text,
    struct conf_report *report);

#endif
