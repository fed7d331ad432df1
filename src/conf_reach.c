/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_reach.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf_value.h"

#define PROGRAM "exec:"
#define FILE_PREFIX "file:"

static bool
begins_with(const struct conf_value *value, const char *prefix)
{
	return value->type == CONF_STRING &&
	    strncasecmp(value->u.string, prefix, strlen(prefix)) == 0;
}

static bool
is_set(const struct conf_value *value)
{
	return value->type == CONF_STRING && value->u.string[0] != '\0';
}

static bool
is_secret(const struct conf_option *option)
{
	return option->type == OPTION_SECRET ||
	    strcmp(option->name, "update_credentials") == 0;
}

/* What the option does on this machine with that value; NULL: nothing. */
static const char *
reach_of(const struct conf_option *option, const struct conf_value *value)
{
	switch (option->type) {
	case OPTION_HEALTHCHECK:
		return begins_with(value, PROGRAM) ? "runs a program" : NULL;
	case OPTION_FILE:
	case OPTION_KEY_FILE:
		return is_set(value) ? "reads a file" : NULL;
	default:
		return is_secret(option) && begins_with(value, FILE_PREFIX)
		    ? "reads a file"
		    : NULL;
	}
}

static bool
endpoints_reach_nothing(const struct conf_value *list, char *why,
    size_t why_size)
{
	if (list->type != CONF_LIST)
		return conf_reaches_nothing(list, CONF_ENDPOINT, why,
		    why_size);
	for (size_t i = 0; i < list->u.children.len; i++)
		if (!conf_reaches_nothing(list->u.children.list[i],
			CONF_ENDPOINT, why, why_size))
			return false;
	return true;
}

/* The token of the file would go to whoever is named. */
static bool
sends_token_elsewhere(const struct conf_value *service)
{
	const struct conf_value *url = conf_value_find(service, "update_url");

	return url != NULL && is_set(url) &&
	    conf_value_find(service, "update_credentials") == NULL;
}

static bool
option_reaches_nothing(const struct conf_value *value, enum conf_place place,
    char *why, size_t why_size)
{
	const struct conf_option *option =
	    conf_option_find(value->name, place);
	const char *reach;

	if (option == NULL)
		return true;
	if (strcmp(option->name, "ipaddrs") == 0)
		return endpoints_reach_nothing(value, why, why_size);
	reach = reach_of(option, value);
	if (reach != NULL)
		snprintf(why, why_size, "%s: it %s", option->name, reach);
	return reach == NULL;
}

bool
conf_reaches_nothing(const struct conf_value *group, enum conf_place place,
    char *why, size_t why_size)
{
	if (group->type != CONF_GROUP)
		return true;
	for (size_t i = 0; i < group->u.children.len; i++)
		if (!option_reaches_nothing(group->u.children.list[i], place,
			why, why_size))
			return false;
	if (place != CONF_SERVICE || !sends_token_elsewhere(group))
		return true;
	snprintf(why, why_size, "update_url: it sends update_credentials of "
	    "the configuration elsewhere; give it some of its own");
	return false;
}
