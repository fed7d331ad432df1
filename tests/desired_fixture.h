/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_DESIRED_FIXTURE_H
#define RRDNSD_TESTS_DESIRED_FIXTURE_H

#include "dns/desired.h"

/* The endpoints of a family, by letters or one after another. */

/* One letter per endpoint. Verdict: u d ?; intent: . auto U up D down x drain;
 * tier: a digit. Returns how many there are. */
size_t desired_read(const char *verdicts, const char *intents,
    const char *tiers, struct desired_endpoint *endpoints);

/* Counts up n digits of a base; false: all were there. */
bool desired_next_combination(unsigned *digits, unsigned base, size_t n);

/* Verdict x tier (below 6) x intent (below 24). */
void desired_from_digit(unsigned digit, struct desired_endpoint *endpoint);

/* Rule 6, of what was decided. */
void desired_check_floor(const struct desired_rules *rules,
    const struct desired_endpoint *e, size_t n);

#endif
