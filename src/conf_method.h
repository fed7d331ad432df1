/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_METHOD_H
#define RRDNSD_CONF_METHOD_H

#include "conf.h"

/* What a configuration has to respect of an update_method. */
struct conf_method_info {
	const char *vendor; /* for people */
	const char *url; /* where its API is, unless update_url says */
	unsigned ttl_min; /* seconds; less is refused there */
	unsigned hourly; /* requests that a token may make; 0: not known */
};

/* NULL for methods that are no API. */
const struct conf_method_info *conf_method_info(enum conf_method method);

/* "api.dynu.com" of "https://api.dynu.com/v2"; with a port if there is one. Only
 * for an update with a url. */
const char *conf_method_host(const struct conf_update *update, char *buf,
    size_t size);

#endif
