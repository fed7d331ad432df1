/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_set_addr.h"

#include <stdio.h>
#include <stdlib.h>

#include "addr.h"
#include "conf.h"
#include "conf_report.h"
#include "err.h"

/* "192.0.2.1:53" and what else would be right. */
static const char *
like(const struct conf_option *option, char *buf, size_t size)
{
	if (option->type == OPTION_IP)
		return "192.0.2.1 or 2001:db8::1";
	if (option->min == 0)
		return "192.0.2.1:3333 or [2001:db8::1]:3333";
	snprintf(buf, size, "192.0.2.1, 192.0.2.1:%u or [2001:db8::1]:%u",
	    (unsigned)option->min, (unsigned)option->min);
	return buf;
}

static bool
parse_addr(const struct conf_field *field, struct conf_value *value,
    struct addr *out)
{
	const struct conf_option *option = field->option;
	bool ip = option->type == OPTION_IP;
	char buf[64];
	const char *text;
	int err;

	if (!conf_expect_type(option->name, value, CONF_STRING, field->report))
		return false;
	text = value->u.string;
	err = ip ? addr_parse_ip(text, out) :
	    addr_parse(text, (uint16_t)option->min, out);
	if (err == 0)
		return true;
	if (err == ERR_INVALID)
		conf_report_value_error(field->report, value,
		    "%s: \"%.60s\" is an IPv4 address in IPv6 clothes: write "
		    "it as IPv4", option->name, text);
	else
		conf_report_value_error(field->report, value,
		    "%s: \"%.60s\" is not an address like %s", option->name,
		    text, like(option, buf, sizeof buf));
	return false;
}

static bool
is_usable(const struct conf_field *field, struct conf_value *value,
    const struct addr *addr)
{
	if (!addr_is_unusable(addr))
		return true;
	conf_report_value_error(field->report, value,
	    "%s: nothing can be reached at %.60s", field->option->name,
	    value->u.string);
	return false;
}

/* "" switches an address off. */
void
conf_set_addr(const struct conf_field *field)
{
	struct addr addr;

	if (field->value == NULL || (field->value->type == CONF_STRING &&
	    *field->value->u.string == '\0' && !field->option->required))
		return;
	if (!parse_addr(field, field->value, &addr))
		return;
	/* A server may listen on the wildcard address. */
	if (field->option->offset != offsetof(struct conf, listen) &&
	    !is_usable(field, field->value, &addr))
		return;
	*(struct addr *)field->to = addr;
}

int
conf_set_addrs(const struct conf_field *field)
{
	struct conf_addrs *to = field->to;
	struct conf_value *value = field->value, **list;
	size_t n;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	to->list = calloc(n + 1, sizeof *to->list);
	if (to->list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct addr addr;
		bool twice = false;

		if (!parse_addr(field, list[i], &addr) ||
		    !is_usable(field, list[i], &addr))
			continue;
		for (size_t j = 0; j < to->len; j++)
			twice = twice ||
			    addr_compare(&addr, &to->list[j]) == 0;
		if (twice)
			conf_report_value_error(field->report, list[i],
			    "%s: %.60s stands here twice",
			    field->option->name, list[i]->u.string);
		else
			to->list[to->len++] = addr;
	}
	return 0;
}
