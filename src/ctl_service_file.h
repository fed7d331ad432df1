/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_SERVICE_FILE_H
#define RRDNSD_CTL_SERVICE_FILE_H

#include <stddef.h>

#include <jansson.h>

/*
 * A service as somebody wrote it, to JSON for the API: JSON, or libconfig's
 * syntax as in rrdnsd.conf, either the group { fqdn = ...; }, or only what
 * stands in it, or a whole list services = ( ... ).
 *
 * NULL, with the reason in why; else a list of objects, the caller's.
 */
json_t *ctl_service_parse(const char *text, size_t len, const char *file,
    char *why, size_t why_size);

#endif
