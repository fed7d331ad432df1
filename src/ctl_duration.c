/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "err.h"

static const struct {
	char letter;
	const char *text;
	int64_t s;
} units[] = {
	{ 'w', "w", 7 * 86400 },
	{ 'd', "d", 86400 },
	{ 'h', "h", 3600 },
	{ 'm', "min", 60 },
	{ 's', "s", 1 },
};
#define UNITS (sizeof units / sizeof units[0])
#define DAYS 1 /* weeks are read, but not written */

/* Digits, at most so many that nothing overflows; NULL when there are none. */
static const char *
parse_number(const char *text, int64_t *n)
{
	const char *p = text;

	for (*n = 0; *p >= '0' && *p <= '9'; p++)
		if (*n <= CTL_DURATION_MAX_S)
			*n = *n * 10 + (*p - '0');
	return p == text ? NULL : p;
}

int
ctl_duration_parse(const char *text, int64_t *s)
{
	size_t unit = 0;
	int64_t n;

	*s = 0;
	do {
		text = parse_number(text, &n);
		if (text == NULL)
			return ERR_SYNTAX;
		if (*text == '\0' && unit == 0)
			unit = UNITS - 1;
		else
			while (unit < UNITS && units[unit].letter != *text)
				unit++;
		if (unit == UNITS)
			return ERR_SYNTAX;
		*s += n * units[unit++].s;
		if (*s > CTL_DURATION_MAX_S)
			return ERR_RANGE;
		text += *text != '\0';
	} while (*text != '\0');
	return *s > 0 ? 0 : ERR_RANGE;
}

const char *
ctl_duration_format(int64_t s, char buf[CTL_DURATION_TEXT_MAX])
{
	size_t i = DAYS;
	int64_t rest;

	if (s < 0)
		s = 0;
	while (i < UNITS - 1 && s < units[i].s)
		i++;
	rest = i < UNITS - 1 ? s % units[i].s / units[i + 1].s : 0;
	/* Seconds beside minutes are of no interest after the first ten. */
	if (rest == 0 || (i == UNITS - 2 && s >= 600))
		snprintf(buf, CTL_DURATION_TEXT_MAX, "%" PRId64 " %s",
		    s / units[i].s, units[i].text);
	else
		snprintf(buf, CTL_DURATION_TEXT_MAX,
		    "%" PRId64 " %s %" PRId64 " %s", s / units[i].s,
		    units[i].text, rest, units[i + 1].text);
	return buf;
}

int
ctl_time_parse(const char *text, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	unsigned ms = 0;
	int end = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3uZ%n", &tm.tm_year,
		&tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		&ms, &end) != 7 ||
	    text[end] != '\0')
		return ERR_SYNTAX;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*wall_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return 0;
}

int
ctl_moment_parse(const char *text, int64_t *wall_ms)
{
	struct tm tm = { .tm_isdst = -1 };
	char between;
	int end = 0, more = 0;
	time_t s;

	if (ctl_time_parse(text, wall_ms) == 0)
		return 0;
	if (sscanf(text, "%4d-%2d-%2d%c%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
		&tm.tm_mday, &between, &tm.tm_hour, &tm.tm_min, &end) != 6 ||
	    (between != 'T' && between != ' '))
		return ERR_SYNTAX;
	if (sscanf(text + end, ":%2d%n", &tm.tm_sec, &more) == 1)
		end += more;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if (strcmp(text + end, "Z") == 0)
		s = timegm(&tm);
	else if (text[end] == '\0')
		s = mktime(&tm);
	else
		return ERR_SYNTAX;
	*wall_ms = (int64_t)s * 1000;
	return 0;
}
