/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_REACH_H
#define RRDNSD_CONF_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "conf_options.h"

struct conf_value;

/*
 * What a service or an endpoint would reach on this machine: programs that are
 * run as the daemon's user (exec:), files that are read as it (file:, CAs,
 * certificates, keys), and a token of the file's that is sent elsewhere
 * (update_url). Whoever may change services by the API need not be allowed
 * any of that. Pure.
 */

/* False: what it says there (CONF_SERVICE, with its endpoints, or
 * CONF_ENDPOINT) reaches something, by the option that why begins with. What is
 * wrong with it in another way is fine here. */
bool conf_reaches_nothing(const struct conf_value *group,
    enum conf_place place, char *why, size_t why_size);

#endif
