/* SPDX-License-Identifier: ISC */
/* rrdnsctl _complete WORD...: what could stand in place of the last word. The
 * shells' own files only hand over their words, so that all complete alike. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_json.h"
#include "ctl_replay_options.h"

static void
offer(const char *candidate, const char *begun)
{
	if (strncmp(candidate, begun, strlen(begun)) == 0)
		puts(candidate);
}

static json_t *
get_status(struct ctl *ctl)
{
	struct ctl_answer answer;
	json_t *status = NULL;

	/* In silence: nobody wants an error amid a command line. */
	ctl_api_ask(ctl->api, "GET", "/api/v1/status", NULL, &answer);
	if (answer.status == 200)
		status = json_loadb(answer.body, answer.len, 0, NULL);
	ctl_answer_fini(&answer);
	return status;
}

static void
offer_items(const json_t *list, const char *key, const char *begun)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		offer(ctl_json_text(item, key), begun);
}

static void
offer_endpoints(const json_t *status, const char *fqdn, const char *begun)
{
	const json_t *service;
	size_t i;

	json_array_foreach(json_object_get(status, "services"), i, service)
		if (strcmp(ctl_json_text(service, "fqdn"), fqdn) == 0)
			offer_items(json_object_get(service, "endpoints"),
			    "ipaddr", begun);
}

static void
offer_word(struct ctl *ctl, enum ctl_word word, const char *fqdn,
    const char *begun)
{
	json_t *status = NULL;

	switch (word) {
	case CTL_FQDN:
		status = get_status(ctl);
		offer_items(json_object_get(status, "services"), "fqdn", begun);
		break;
	case CTL_IP:
	case CTL_TIER_OR_IP:
		status = get_status(ctl);
		offer_endpoints(status, fqdn, begun);
		break;
	case CTL_NODE:
		status = get_status(ctl);
		offer_items(json_object_get(status, "nodes"), "node", begun);
		break;
	case CTL_ON_OFF:
		offer("on", begun);
		offer("off", begun);
		break;
	case CTL_NO_WORD:
	case CTL_NEW_IP:
	case CTL_FILE: /* the shell knows its files */
	case CTL_NEW_NODE:
		break;
	}
	json_decref(status);
}

static void
offer_options(const struct ctl_command *command, const char *begun)
{
	static const struct {
		enum ctl_option option;
		const char *text;
	} options[] = {
		{ CTL_REASON, "--reason" },
		{ CTL_FOR, "--for" },
		{ CTL_FORCE, "--force" },
		{ CTL_FOLLOW, "--follow" },
		{ CTL_ALL, "--all" },
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (command->options & options[i].option)
			offer(options[i].text, begun);
	for (size_t i = 0; command->options & CTL_OTHERWISE &&
	     ctl_replay_option_names[i] != NULL;
	     i++) {
		char text[40];

		snprintf(text, sizeof text, "--%s", ctl_replay_option_names[i]);
		offer(text, begun);
	}
	offer("--json", begun);
}

static void
offer_commands(const char *begun)
{
	for (size_t i = 0; i < ctl_n_commands; i++)
		if (ctl_commands[i].help != NULL)
			offer(ctl_commands[i].name, begun);
}

enum ctl_exit
ctl_complete(struct ctl *ctl, const struct ctl_args *args)
{
	char **words = args->rest;
	const struct ctl_command *command = NULL;
	const char *begun;
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	begun = n > 0 ? words[n - 1] : "";
	if (n > 1)
		command = ctl_command_find(words[0]);
	if (n <= 1)
		offer_commands(begun);
	else if (command != NULL && begun[0] == '-')
		offer_options(command, begun);
	else if (command != NULL && n - 2 < CTL_WORDS_MAX)
		offer_word(ctl, command->words[n - 2], words[1], begun);
	return CTL_DONE;
}
