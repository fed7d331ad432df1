/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_METHOD_H
#define RRDNSD_CONF_METHOD_H

#include "conf.h"

/* What a configuration has to respect of an update_method. */
struct conf_method_info {
	const char *vendor; /* for people */
	const char *url; /* where its API is, unless update_url says */
	unsigned ttl_min; /* seconds; less is refused there */
};

/* NULL for methods that are no API. */
const struct conf_method_info *conf_method_info(enum conf_method method);

#endif
