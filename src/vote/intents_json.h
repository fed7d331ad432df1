/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_INTENTS_JSON_H
#define RRDNSD_VOTE_INTENTS_JSON_H

#include <jansson.h>

#include "vote/intents.h"

/* Between the map and JSON; for the codecs of this folder only. */

/* A new reference; NULL: out of memory. */
json_t *vote_intents_encode(const struct vote_intents *intents);

/* 0, ERR_SYNTAX, ERR_TOOBIG or ERR_NOMEM. */
int vote_intents_decode(const json_t *json, struct vote_intents **out);

#endif
