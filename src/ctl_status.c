/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl.h"
#include "ctl_json.h"
#include "ctl_view.h"

static enum ctl_exit
print_json(struct ctl *ctl, const char *fqdn)
{
	char *path = fqdn != NULL ? ctl_service_path(fqdn)
				  : strdup("/api/v1/status");
	struct ctl_answer answer;
	enum ctl_exit result;

	if (path == NULL)
		return CTL_REFUSED;
	result = ctl_ask(ctl, "GET", path, NULL, &answer);
	if (result == CTL_DONE)
		ctl_print_raw(&answer);
	ctl_answer_fini(&answer);
	free(path);
	return result;
}

/* As DNS compares names: not by case, and a dot at the end does not matter. */
static bool
same_name(const char *given, const char *fqdn)
{
	size_t len = strlen(given);

	if (len > 1 && given[len - 1] == '.')
		len--;
	return strlen(fqdn) == len && strncasecmp(given, fqdn, len) == 0;
}

static const json_t *
find_service(const json_t *status, const char *fqdn)
{
	const json_t *service;
	size_t i;

	json_array_foreach(json_object_get(status, "services"), i, service)
		if (same_name(fqdn, ctl_json_text(service, "fqdn")))
			return service;
	return NULL;
}

static enum ctl_exit
tell_missing(const char *fqdn)
{
	char text[512];

	snprintf(text, sizeof text, "there is no service %s", fqdn);
	ctl_complain(text);
	return CTL_REFUSED;
}

enum ctl_exit
ctl_status(struct ctl *ctl, const struct ctl_args *args)
{
	const char *fqdn = args->words[0];
	const json_t *service = NULL;
	json_t *status;
	enum ctl_exit result;

	if (ctl->json)
		return print_json(ctl, fqdn);
	result = ctl_get(ctl, "/api/v1/status", &status);
	if (result != CTL_DONE)
		return result;
	if (fqdn != NULL) {
		service = find_service(status, fqdn);
		if (service != NULL) {
			ctl_view_service(stdout, &ctl->style, status, service,
			    ctl_now_ms());
		} else {
			result = tell_missing(fqdn);
		}
	} else {
		ctl_view_status(stdout, &ctl->style, status, ctl_now_ms());
	}
	json_decref(status);
	return result;
}
