/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_method.h"

#include <stdio.h>
#include <string.h>

static const struct conf_method_info dynu = {
	.vendor = "Dynu",
	.url = "https://api.dynu.com/v2",
};

static const struct conf_method_info digitalocean = {
	.vendor = "DigitalOcean",
	.url = "https://api.digitalocean.com",
	.ttl_min = 30,
	.hourly = 5000,
};

const struct conf_method_info *
conf_method_info(enum conf_method method)
{
	switch (method) {
	case CONF_METHOD_DYNU:
		return &dynu;
	case CONF_METHOD_DIGITALOCEAN:
		return &digitalocean;
	case CONF_METHOD_RFC2136:
	case CONF_METHOD_NONE:
		break;
	}
	return NULL;
}

const char *
conf_method_host(const struct conf_update *update, char *buf, size_t size)
{
	const char *host = strstr(update->url, "://") + strlen("://");

	snprintf(buf, size, "%.*s", (int)strcspn(host, "/"), host);
	return buf;
}
