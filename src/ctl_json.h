/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_JSON_H
#define RRDNSD_CTL_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* What stands in an answer of the API; all take an object or NULL, and what is
 * absent, null or of another type is "", 0, false. */
const char *ctl_json_text(const json_t *object, const char *key);
/* A real is cut to an integer, and to the nearest one there is. */
int64_t ctl_json_int(const json_t *object, const char *key);
bool ctl_json_bool(const json_t *object, const char *key);
int64_t ctl_json_time(const json_t *object, const char *key); /* ms; 0: none */

#endif
