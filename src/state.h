/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_STATE_H
#define RRDNSD_STATE_H

#include <stdint.h>

/*
 * What must survive a restart, in state_dir/state.json: the boot number, the
 * numbers of events that may have been given, and the intents. Written to
 * another file, synced, and renamed over the old one.
 */
struct state {
	uint64_t boot; /* 0: none */
	uint64_t events; /* ids below this one may have been given */
	char *intents; /* JSON, malloc'ed; NULL: none */
};

/* A missing file is an empty state; a broken one is set aside as
 * state.json.broken and logged. Always leaves a usable state. */
void state_load(const char *dir, struct state *out);

/* For whoever finds out later: what was loaded makes no sense. */
void state_set_aside(const char *dir, const char *why);
void state_fini(struct state *state);

/* 0, or ERR_IO or ERR_NOMEM, logged. */
int state_save(const char *dir, const struct state *state);

#endif
