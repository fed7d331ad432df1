/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_REPLAY_OPTIONS_H
#define RRDNSD_CTL_REPLAY_OPTIONS_H

#include <stddef.h>

#include "replay.h"

/* The options of "rrdnsctl replay": what is to be other than recorded. Pure. */

/* Their names, without the dashes; NULL ends. All take a value. */
extern const char *const ctl_replay_option_names[];

void ctl_replay_options_init(struct replay_options *options);

/* ERR_INVALID, with what would be right in why. fqdn is kept as it is. */
int ctl_replay_option_take(struct replay_options *options, const char *name,
    const char *value, char *why, size_t why_size);

/* "fall 5, min_up 2": what is other than recorded, "" when nothing is. */
void ctl_replay_options_format(const struct replay_options *options, char *buf,
    size_t size);

#endif
