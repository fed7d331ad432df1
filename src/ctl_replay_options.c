/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_replay_options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "ctl_duration.h"
#include "err.h"

#define INTERVAL_MAX 86400000

static const struct {
	const char *name;
	size_t offset; /* of an int */
	int min, max;
} numbers[] = {
	{ "fall", offsetof(struct replay_options, fall), 1,
	    REPLAY_THRESHOLD_MAX },
	{ "rise", offsetof(struct replay_options, rise), 1,
	    REPLAY_THRESHOLD_MAX },
	{ "interval", offsetof(struct replay_options, interval_ms), 1,
	    INTERVAL_MAX },
	{ "fast-interval", offsetof(struct replay_options, fast_interval_ms),
	    1, INTERVAL_MAX },
	{ "min-up", offsetof(struct replay_options, min_up), 0, 100000 },
	{ "fail-open-percent",
	    offsetof(struct replay_options, fail_open_percent), 0, 100 },
	{ "nodes", offsetof(struct replay_options, nodes), 1,
	    CONF_NODES_MAX },
};
#define N_NUMBERS (sizeof numbers / sizeof numbers[0])

static const char *const modes[] = {
	[CONF_FAIL_RESTORE] = "restore",
	[CONF_FAIL_HOLD] = "hold",
	[CONF_FAIL_CLOSED] = "closed",
};

const char *const ctl_replay_option_names[] = { "fall", "rise", "interval",
	"fast-interval", "min-up", "fail-mode", "fail-open-percent", "nodes",
	"fqdn", "since", "until", NULL };

static int *
place_of(struct replay_options *options, size_t i)
{
	return (int *)(void *)((char *)options + numbers[i].offset);
}

void
ctl_replay_options_init(struct replay_options *options)
{
	*options = (struct replay_options){ .fail_mode = REPLAY_AS_RECORDED };
	for (size_t i = 0; i < N_NUMBERS; i++)
		*place_of(options, i) = REPLAY_AS_RECORDED;
}

static int
take_number(struct replay_options *options, size_t i, const char *value,
    char *why, size_t why_size)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != '\0' ||
	    n < numbers[i].min || n > numbers[i].max) {
		snprintf(why, why_size,
		    "--%s takes a whole number from %d to %d%s",
		    numbers[i].name, numbers[i].min, numbers[i].max,
		    strstr(numbers[i].name, "interval") != NULL
			? " of milliseconds"
			: "");
		return ERR_INVALID;
	}
	*place_of(options, i) = (int)n;
	return 0;
}

static int
take_mode(struct replay_options *options, const char *value, char *why,
    size_t why_size)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i], value) == 0) {
			options->fail_mode = (int)i;
			return 0;
		}
	snprintf(why, why_size, "--fail-mode takes restore, hold or closed");
	return ERR_INVALID;
}

static int
take_moment(int64_t *ms, const char *name, const char *value, char *why,
    size_t why_size)
{
	if (ctl_moment_parse(value, ms) == 0)
		return 0;
	snprintf(why, why_size,
	    "--%s takes a moment such as 2026-11-25T03:12:00Z or, by the clock "
	    "here, '2026-11-25 03:12'",
	    name);
	return ERR_INVALID;
}

int
ctl_replay_option_take(struct replay_options *options, const char *name,
    const char *value, char *why, size_t why_size)
{
	for (size_t i = 0; i < N_NUMBERS; i++)
		if (strcmp(numbers[i].name, name) == 0)
			return take_number(options, i, value, why, why_size);
	if (strcmp(name, "fail-mode") == 0)
		return take_mode(options, value, why, why_size);
	if (strcmp(name, "since") == 0)
		return take_moment(&options->since_ms, name, value, why,
		    why_size);
	if (strcmp(name, "until") == 0)
		return take_moment(&options->until_ms, name, value, why,
		    why_size);
	options->fqdn = value;
	return 0;
}

void
ctl_replay_options_format(const struct replay_options *options, char *buf,
    size_t size)
{
	struct replay_options copy = *options;
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < N_NUMBERS && used < size; i++)
		if (*place_of(&copy, i) != REPLAY_AS_RECORDED)
			used += (size_t)snprintf(buf + used, size - used,
			    "%s%s %d", used > 0 ? ", " : "", numbers[i].name,
			    *place_of(&copy, i));
	if (options->fail_mode != REPLAY_AS_RECORDED && used < size)
		snprintf(buf + used, size - used, "%sfail-mode %s",
		    used > 0 ? ", " : "", modes[options->fail_mode]);
}
