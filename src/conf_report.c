/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf.h"
#include "conf_value.h"

static void report_line(struct conf_report *report, bool warning,
    const char *file, int line, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));

static void
report_line(struct conf_report *report, bool warning, const char *file,
    int line, const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof text, format, args);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (report->line != NULL)
		report->line(report->arg, warning, file, line, text);
}

void
conf_report_error(struct conf_report *report, const char *file, int line,
    const char *format, ...)
{
	va_list args;

	report->errors++;
	va_start(args, format);
	report_line(report, false, file, line, format, args);
	va_end(args);
}

void
conf_report_warning(struct conf_report *report, const char *file, int line,
    const char *format, ...)
{
	va_list args;

	report->warnings++;
	va_start(args, format);
	report_line(report, true, file, line, format, args);
	va_end(args);
}

void
conf_report_value_error(struct conf_report *report, struct conf_value *value,
    const char *format, ...)
{
	va_list args;

	if (value->told_error && value->type != CONF_GROUP)
		return;
	value->told_error = true;
	report->errors++;
	va_start(args, format);
	report_line(report, false, conf_value_file(value), value->line, format,
	    args);
	va_end(args);
}

void
conf_report_value_warning(struct conf_report *report, struct conf_value *value,
    const char *format, ...)
{
	va_list args;

	if (value->told_warning && value->type != CONF_GROUP)
		return;
	value->told_warning = true;
	report->warnings++;
	va_start(args, format);
	report_line(report, true, conf_value_file(value), value->line, format,
	    args);
	va_end(args);
}
