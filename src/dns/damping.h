/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_DAMPING_H
#define RRDNSD_DNS_DAMPING_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/desired.h"

/*
 * How soon an endpoint's record may change again, and when its removal counts.
 * Pure; all times are on one clock. Each node remembers by itself what it
 * decided, wrote and read: whoever has just started takes what DNS has, and its
 * start for the last change, so that its own changes come no sooner by a restart.
 *
 *   IN -> LEAVING -> SENT -> OUT -> IN
 *
 * Who writes goes through all of them. Who only watches another node write sees
 * that the record is gone, whatever it made of it itself.
 */
enum damping_place {
	DAMPING_UNKNOWN, /* DNS was not read yet: nothing can be written */
	DAMPING_IN,
	DAMPING_LEAVING, /* decided; not by a word of ours, if it is gone */
	DAMPING_SENT, /* an UPDATE that removes it may have been taken */
	DAMPING_OUT,
};

/* Begins zeroed. */
struct damping {
	enum damping_place place;
	int64_t changed_at_ms; /* 0: long ago, or an operator changed it */
};

/* What all servers that are known showed last. */
struct damping_view {
	bool gone; /* none has the record */
	bool there; /* each has it */
	int64_t read_at_ms; /* the oldest reading */
};

/* DNS was read: what it has. No effect but on what is unknown. */
void damping_begin(struct damping *damping, bool in_dns, int64_t started_ms);

/* For desired_endpoint: what it is held to for now, and what no hold undoes;
 * DESIRED_KEEP: nothing. */
enum desired_action damping_settled(const struct damping *damping,
    int64_t min_dwell_ms, int64_t now_ms);
enum desired_action damping_begun(const struct damping *damping);

/* Whether what was decided takes a record out because of a verdict, and that did
 * not count yet. */
bool damping_removes(const struct damping *damping,
    const struct desired_endpoint *decided);

/* Takes what was decided. What an operator changes may change again at once. */
void damping_note(struct damping *damping,
    const struct desired_endpoint *decided, int64_t now_ms);

/* What was decided is about to be sent. True: a removal that counts. */
bool damping_send(struct damping *damping,
    const struct desired_endpoint *decided, int64_t now_ms);

/* DNS was read, after what was decided. True: a removal that counts, which
 * another node made. What is gone though it is wished is none: it is about to be
 * put back, and dwells from then on; so does what others put back. */
bool damping_see(struct damping *damping,
    const struct desired_endpoint *decided, const struct damping_view *view,
    int64_t now_ms);

#endif
