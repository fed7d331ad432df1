/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_REPORT_H
#define RRDNSD_CONF_REPORT_H

struct conf_report;
struct conf_value;

/* Counts and passes on one finding about file and line (0: the file as a
 * whole). Control characters in the text become "?". */
void conf_report_error(struct conf_report *report, const char *file, int line,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void conf_report_warning(struct conf_report *report, const char *file,
    int line, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* About a value; only the first time, unless it is a group. */
void conf_report_value_error(struct conf_report *report,
    struct conf_value *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void conf_report_value_warning(struct conf_report *report,
    struct conf_value *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
