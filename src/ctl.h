/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_H
#define RRDNSD_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "ctl_command.h"
#include "ctl_request.h"
#include "ctl_table.h"

/* What the commands of rrdnsctl share. */

enum ctl_exit {
	CTL_DONE = 0,
	CTL_REFUSED = 1, /* the daemon said no */
	CTL_USAGE = 2,
	CTL_ABSENT = 3, /* no daemon there */
};

struct ctl {
	struct ctl_api *api;
	struct ctl_style style; /* of standard output */
	bool json;
};

/* Asks, and says on stderr what went wrong. The answer is to be fini'ed in any
 * case. */
enum ctl_exit ctl_ask(struct ctl *ctl, const char *method, const char *path,
    const char *body, struct ctl_answer *answer);

/* The same for a GET, parsed; *out is the caller's. */
enum ctl_exit ctl_get(struct ctl *ctl, const char *path, json_t **out);

/* The same as of an answer that is here. */
enum ctl_exit ctl_judge(const struct ctl_answer *answer);

/* To stderr, made harmless: a reason may quote what a stranger said. */
void ctl_complain(const char *text);

/* What the API said, as it said it. */
void ctl_print_raw(const struct ctl_answer *answer);

/* The text of an answer, for people. */
void ctl_print_text(const struct ctl *ctl, const char *text);

int64_t ctl_now_ms(void); /* wall clock */

/* ctl_main.c has the way in; each of these is one command. */
enum ctl_exit ctl_status(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_watch(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_events(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_change(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_check(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_add_service(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_replay(struct ctl *ctl, const struct ctl_args *args);
enum ctl_exit ctl_complete(struct ctl *ctl, const struct ctl_args *args);

#endif
