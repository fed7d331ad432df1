/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_DURATION_H
#define RRDNSD_CTL_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* Durations and moments, as people write and read them. Pure. */

#define CTL_DURATION_MAX_S (366 * 86400) /* longest that is taken */

/* "90", "90s", "45m", "2h30m", "1d12h", "2w": whole numbers with the units w,
 * d, h, m, s, each at most once and in falling order; a number alone is
 * seconds. ERR_SYNTAX, or ERR_RANGE: 0, or longer than a year. */
int ctl_duration_parse(const char *text, int64_t *s);

/* "4 s", "12 min", "3 h 5 min", "2 d 4 h": two units at most. Returns buf. */
#define CTL_DURATION_TEXT_MAX 64
const char *ctl_duration_format(int64_t s, char buf[CTL_DURATION_TEXT_MAX]);

/* A moment in the API's form, "2026-11-25T14:21:15.123Z", to milliseconds
 * since 1970. ERR_SYNTAX. */
int ctl_time_parse(const char *text, int64_t *wall_ms);

/* A moment as people write it: "2026-11-25T14:21:15Z", or by the clock here
 * "2026-11-25 14:21:15", with "T" or a blank between, seconds as one likes.
 * ERR_SYNTAX. */
int ctl_moment_parse(const char *text, int64_t *wall_ms);

#endif
