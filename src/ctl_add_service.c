/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf_text.h"
#include "ctl.h"
#include "ctl_file.h"
#include "ctl_json.h"
#include "ctl_service_file.h"

static enum ctl_exit
add_one(struct ctl *ctl, const json_t *service)
{
	char *body = json_dumps(service, JSON_COMPACT | JSON_ENCODE_ANY);
	struct ctl_answer answer;
	enum ctl_exit result;
	json_t *json;

	if (body == NULL)
		return CTL_REFUSED;
	result = ctl_ask(ctl, "POST", "/api/v1/services", body, &answer);
	free(body);
	if (result == CTL_DONE && ctl->json) {
		ctl_print_raw(&answer);
	} else if (result == CTL_DONE) {
		json = json_loadb(answer.body ? answer.body : "", answer.len,
		    0, NULL);
		ctl_print_text(ctl, ctl_json_text(json, "text"));
		json_decref(json);
	}
	ctl_answer_fini(&answer);
	return result;
}

enum ctl_exit
ctl_add_service(struct ctl *ctl, const struct ctl_args *args)
{
	enum ctl_exit result = CTL_DONE;
	char why[512];
	size_t len, i;
	char *text = ctl_file_read(args->words[0], CONF_TEXT_MAX, &len);
	json_t *services, *service;

	if (text == NULL)
		return CTL_USAGE;
	services = ctl_service_parse(text, len,
	    ctl_file_name(args->words[0]), why, sizeof why);
	free(text);
	if (services == NULL) {
		ctl_complain(why);
		return CTL_USAGE;
	}
	json_array_foreach(services, i, service)
		if (result == CTL_DONE)
			result = add_one(ctl, service);
	json_decref(services);
	return result;
}
