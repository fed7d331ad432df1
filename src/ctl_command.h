/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_COMMAND_H
#define RRDNSD_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "replay.h"

/* The commands of rrdnsctl: their words, their options, and which request each
 * one is. Pure. */

enum ctl_option {
	CTL_REASON = 1, /* --reason TEXT */
	CTL_FOR = 2, /* --for DURATION */
	CTL_FORCE = 4, /* --force */
	CTL_FOLLOW = 8, /* -f */
	CTL_ALL = 16, /* --all */
	CTL_OTHERWISE = 32, /* those of ctl_replay_options.h */
};

/* What a word of a command is: completion and usage need to know. */
enum ctl_word {
	CTL_NO_WORD,
	CTL_FQDN,
	CTL_IP, /* an endpoint of the FQDN before it */
	CTL_NEW_IP,
	CTL_TIER_OR_IP,
	CTL_ON_OFF,
	CTL_FILE,
	CTL_NODE,
	CTL_NEW_NODE,
};

#define CTL_WORDS_MAX 2

/* How a command is carried out; those that are no view are one request. */
enum ctl_kind {
	CTL_REQUEST,
	CTL_DRAIN, /* a request, and waits for what it leads to */
	CTL_CHECK,
	CTL_ADD_SERVICE,
	CTL_STATUS,
	CTL_WATCH,
	CTL_EVENTS,
	CTL_REPLAY,
	CTL_COMPLETE,
};

struct ctl_command {
	const char *name;
	enum ctl_kind kind;
	enum ctl_word words[CTL_WORDS_MAX];
	unsigned optional; /* so many of the last words may be missing */
	unsigned options; /* enum ctl_option */
	const char *help; /* NULL: not shown */
};

struct ctl_args {
	const struct ctl_command *command;
	const char *words[CTL_WORDS_MAX]; /* NULL: not given */
	const char *reason; /* NULL: none */
	int64_t for_s; /* 0: without end */
	bool force;
	bool follow;
	bool all;
	struct replay_options replay;
	unsigned given; /* enum ctl_option */
	char **rest; /* of CTL_COMPLETE: all words, NULL ends */
};

extern const struct ctl_command ctl_commands[];
extern const size_t ctl_n_commands;

/* NULL: there is none of that name. */
const struct ctl_command *ctl_command_find(const char *name);

/* Takes a command and its words; options are in args already. ERR_INVALID,
 * with what would have been right in why. */
int ctl_args_take(struct ctl_args *args, char **words, size_t n, char *why,
    size_t why_size);

/* "drain FQDN IP [--reason TEXT] [--for DURATION] [--force]" */
void ctl_command_usage(const struct ctl_command *command, char *buf,
    size_t size);

/* What the API is asked for; method is static, the others the caller's. */
struct ctl_call {
	const char *method;
	char *path;
	char *body; /* JSON; NULL: none */
};

/* Of all kinds but the views, CTL_ADD_SERVICE (whose body the caller makes) and
 * CTL_COMPLETE. by: who asks. ERR_NOMEM. */
int ctl_call_make(const struct ctl_args *args, const char *by,
    struct ctl_call *out);
void ctl_call_fini(struct ctl_call *call);

/* The path of a service, malloc'ed; NULL: out of memory. */
char *ctl_service_path(const char *fqdn);

#endif
