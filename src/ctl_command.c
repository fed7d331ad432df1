/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_command.h"

#include <stdarg.h>
#include <string.h>

#include "err.h"

#define OF_INTENT (CTL_REASON | CTL_FOR)

const struct ctl_command ctl_commands[] = {
	{ "status", CTL_STATUS, { CTL_FQDN }, 1, 0,
	    "what is wrong, and why; or all about one service" },
	{ "watch", CTL_WATCH, { CTL_NO_WORD }, 0, 0,
	    "the same, full-screen and live" },
	{ "events", CTL_EVENTS, { CTL_NO_WORD }, 0,
	    CTL_FOLLOW | CTL_ALL,
	    "what happened; -f goes on as it happens" },
	{ "replay", CTL_REPLAY, { CTL_FILE }, 0, CTL_OTHERWISE,
	    "what --fall 5 would have changed in these events" },
	{ "drain", CTL_DRAIN, { CTL_FQDN, CTL_IP }, 0, OF_INTENT | CTL_FORCE,
	    "take an endpoint out, so that it can be stopped" },
	{ "undrain", CTL_REQUEST, { CTL_FQDN, CTL_IP }, 0, CTL_REASON,
	    "end that" },
	{ "up", CTL_REQUEST, { CTL_FQDN, CTL_IP }, 0, OF_INTENT,
	    "publish it whatever the probes say" },
	{ "down", CTL_REQUEST, { CTL_FQDN, CTL_IP }, 0, OF_INTENT | CTL_FORCE,
	    "remove it whatever the probes say" },
	{ "auto", CTL_REQUEST, { CTL_FQDN, CTL_IP }, 1, CTL_REASON,
	    "follow the probes again; or end a service's intent" },
	{ "maintenance", CTL_REQUEST, { CTL_ON_OFF, CTL_FQDN }, 0, OF_INTENT,
	    "leave the records of a service as they are" },
	{ "freeze", CTL_REQUEST, { CTL_ON_OFF }, 0, OF_INTENT,
	    "leave all records as they are" },
	{ "allow-removals", CTL_REQUEST, { CTL_ON_OFF }, 0, OF_INTENT,
	    "let removals pass that max_removals holds" },
	{ "failover", CTL_REQUEST, { CTL_FQDN, CTL_TIER_OR_IP }, 0,
	    OF_INTENT | CTL_FORCE, "put another tier in charge" },
	{ "refresh", CTL_REQUEST, { CTL_FQDN }, 0, CTL_REASON,
	    "publish live endpoints anew, then remove the others" },
	{ "check", CTL_CHECK, { CTL_FQDN, CTL_IP }, 0, 0,
	    "probe an endpoint now" },
	{ "add-service", CTL_ADD_SERVICE, { CTL_FILE }, 0, 0,
	    "libconfig or JSON, - is standard input" },
	{ "remove-service", CTL_REQUEST, { CTL_FQDN }, 0, 0,
	    "stop watching it; its records stay" },
	{ "add-endpoint", CTL_REQUEST, { CTL_FQDN, CTL_NEW_IP }, 0, 0,
	    "one more address of a service" },
	{ "remove-endpoint", CTL_REQUEST, { CTL_FQDN, CTL_IP }, 0, 0,
	    "stop watching it; its record stays" },
	{ "add-node", CTL_REQUEST, { CTL_NEW_NODE }, 0, 0,
	    "one more that votes" },
	{ "remove-node", CTL_REQUEST, { CTL_NODE }, 0, 0,
	    "one less that votes" },
	/* For shell completion: what could stand in place of the last word. */
	{ "_complete", CTL_COMPLETE, { CTL_NO_WORD }, 0, 0, NULL },
};
const size_t ctl_n_commands = sizeof ctl_commands / sizeof ctl_commands[0];

static const char *
word_text(enum ctl_word word)
{
	switch (word) {
	case CTL_NO_WORD:
		break;
	case CTL_FQDN:
		return "FQDN";
	case CTL_IP:
	case CTL_NEW_IP:
		return "IP";
	case CTL_TIER_OR_IP:
		return "TIER|IP";
	case CTL_ON_OFF:
		return "on|off";
	case CTL_FILE:
		return "FILE|-";
	case CTL_NODE:
	case CTL_NEW_NODE:
		return "NODE";
	}
	return "";
}

static const struct {
	enum ctl_option option;
	const char *usage;
} options[] = {
	{ CTL_FOLLOW, "-f" },
	{ CTL_ALL, "--all" },
	{ CTL_OTHERWISE, "--fall N ..." },
	{ CTL_REASON, "--reason TEXT" },
	{ CTL_FOR, "--for DURATION" },
	{ CTL_FORCE, "--force" },
};

static size_t
count_words(const struct ctl_command *command)
{
	size_t n = 0;

	while (n < CTL_WORDS_MAX && command->words[n] != CTL_NO_WORD)
		n++;
	return n;
}

static void __attribute__((format(printf, 3, 4)))
add(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + used, size - used, format, args);
	va_end(args);
}

void
ctl_command_usage(const struct ctl_command *command, char *buf, size_t size)
{
	size_t n = count_words(command);

	snprintf(buf, size, "%s", command->name);
	for (size_t i = 0; i < n; i++)
		add(buf, size,
		    i + command->optional >= n ? " [%s]" : " %s",
		    word_text(command->words[i]));
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (command->options & options[i].option)
			add(buf, size, " [%s]", options[i].usage);
}

const struct ctl_command *
ctl_command_find(const char *name)
{
	for (size_t i = 0; i < ctl_n_commands; i++)
		if (strcmp(ctl_commands[i].name, name) == 0)
			return &ctl_commands[i];
	return NULL;
}

static bool
words_are_right(const struct ctl_args *args, size_t n)
{
	const struct ctl_command *command = args->command;
	size_t most = count_words(command);

	if (n > most || n + command->optional < most ||
	    args->given & ~command->options)
		return false;
	for (size_t i = 0; i < n; i++)
		if (command->words[i] == CTL_ON_OFF &&
		    strcmp(args->words[i], "on") != 0 &&
		    strcmp(args->words[i], "off") != 0)
			return false;
	return true;
}

int
ctl_args_take(struct ctl_args *args, char **words, size_t n, char *why,
    size_t why_size)
{
	char usage[256];

	args->command = ctl_command_find(words[0]);
	if (args->command == NULL) {
		snprintf(why, why_size,
		    "there is no command '%s'; rrdnsctl -h shows all of them",
		    words[0]);
		return ERR_INVALID;
	}
	if (args->command->kind == CTL_COMPLETE) {
		args->rest = words + 1;
		return 0;
	}
	for (size_t i = 0; i < CTL_WORDS_MAX && i + 1 < n; i++)
		args->words[i] = words[i + 1];
	if (words_are_right(args, n - 1))
		return 0;
	ctl_command_usage(args->command, usage, sizeof usage);
	snprintf(why, why_size, "usage: rrdnsctl %s", usage);
	return ERR_INVALID;
}
