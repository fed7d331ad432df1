/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/providers/pace.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIGITS "0123456789"

static bool
number(const char *text, int64_t *out)
{
	size_t len;

	if (text == NULL)
		return false;
	text += strspn(text, " \t");
	len = strspn(text, DIGITS);
	if (len == 0 || text[len + strspn(text + len, " \t")] != '\0')
		return false;
	errno = 0;
	*out = strtoll(text, NULL, 10);
	return errno == 0 && *out < INT64_MAX / 1000;
}

/* IMF-fixdate, the one form of a date that is sent (RFC 9110 section 5.6.7). */
static bool
date(const char *text, int64_t *out)
{
	struct tm tm = { 0 };

	if (text == NULL ||
	    strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL)
		return false;
	*out = timegm(&tm);
	return true;
}

static unsigned
bounded(int64_t ms)
{
	if (ms < 0)
		return 0;
	return ms > PACE_MAX_MS ? PACE_MAX_MS : (unsigned)ms;
}

unsigned
pace_wait_ms(const struct pace *pace, int64_t wall_ms)
{
	bool good = pace->status >= 200 && pace->status < 300;
	int64_t value;

	if (!good && number(pace->retry_after, &value))
		return bounded(value * 1000);
	if (!good && date(pace->retry_after, &value))
		return bounded(value * 1000 - wall_ms);
	if (pace->status != 429 &&
	    !(number(pace->remaining, &value) && value == 0))
		return 0;
	return number(pace->reset, &value) ? bounded(value * 1000 - wall_ms)
					   : 0;
}
