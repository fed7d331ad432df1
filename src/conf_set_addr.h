/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_SET_ADDR_H
#define RRDNSD_CONF_SET_ADDR_H

#include "conf_set.h"

/* One field on its way from value to struct. */
struct conf_field {
	const struct conf_option *option;
	struct conf_value *value; /* NULL: the default */
	void *to;
	struct conf_report *report;
};

/* An address, and a list of them: what is wrong goes to the field's report and
 * is left out. */
void conf_set_addr(const struct conf_field *field);
int conf_set_addrs(const struct conf_field *field); /* 0 or ERR_NOMEM */

#endif
