/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "ctl.h"
#include "ctl_json.h"
#include "ctl_service_file.h"

/* All of a stream, with a NUL after len; NULL: errno says why. */
static char *
read_all(FILE *file, size_t *len)
{
	char *text = malloc(CONF_TEXT_MAX + 1);

	if (text == NULL)
		return NULL;
	*len = fread(text, 1, CONF_TEXT_MAX, file);
	text[*len] = '\0';
	if (!ferror(file))
		return text;
	free(text);
	return NULL;
}

static char *
read_file(const char *path, size_t *len)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	char *text = file != NULL ? read_all(file, len) : NULL;

	if (text == NULL)
		fprintf(stderr, "rrdnsctl: %s: %s\n", path, strerror(errno));
	if (file != NULL && !is_stdin)
		fclose(file);
	return text;
}

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
	bool is_stdin = strcmp(args->words[0], "-") == 0;
	enum ctl_exit result = CTL_DONE;
	char why[512];
	size_t len, i;
	char *text = read_file(args->words[0], &len);
	json_t *services, *service;

	if (text == NULL)
		return CTL_USAGE;
	services = ctl_service_parse(text, len,
	    is_stdin ? "standard input" : args->words[0], why, sizeof why);
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
