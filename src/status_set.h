/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_STATUS_SET_H
#define RRDNSD_STATUS_SET_H

#include <stdbool.h>
#include <stdint.h>

/* The HTTP status codes that count as healthy, a bit for each of 100..599. */
struct status_set {
	uint64_t bits[8];
};

/* "200,204,300-399"; ERR_SYNTAX, or ERR_RANGE outside of 100..599. */
int status_set_parse(const char *text, struct status_set *out);
bool status_set_has(const struct status_set *set, unsigned status);

#endif
