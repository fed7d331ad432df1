/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_STATE_H
#define RRDNSD_STATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * What must survive a restart, in state_dir/state.json: the boot number, the
 * numbers of events that may have been given, and the intents. Written to
 * another file, synced, and renamed over the old one.
 */
struct state {
	uint64_t boot; /* 0: none */
	uint64_t events; /* ids below this one may have been given */
	char *intents; /* JSON of any kind, malloc'ed; NULL: none */
};

/* What such a file holds. Pure. ERR_SYNTAX, with the reason in why, or
 * ERR_NOMEM; out is empty then. Whether the intents are some is the business of
 * vote/intents_json.h. */
int state_decode(const char *text, size_t len, struct state *out, char *why,
    size_t why_size);

/* A missing file is an empty state; a broken one is set aside as
 * state.json.broken and logged. ERR_NOMEM, logged: it could not be read, and
 * must not be replaced. */
int state_load(const char *dir, struct state *out);

/* For whoever finds out later: what was loaded makes no sense. */
void state_set_aside(const char *dir, const char *why);
void state_fini(struct state *state);

/* 0, or ERR_NOMEM, or an error of file_replace, logged. */
int state_save(const char *dir, const struct state *state);

#endif
