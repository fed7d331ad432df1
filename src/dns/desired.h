/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_DESIRED_H
#define RRDNSD_DNS_DESIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * From verdicts and intents to what DNS should hold: protocol.md section 5,
 * pure. One call decides one address family of one service.
 */
enum desired_verdict {
	DESIRED_UNDECIDED,
	DESIRED_UP,
	DESIRED_DOWN,
};

enum desired_intent {
	DESIRED_AUTO,
	DESIRED_FORCE_UP,
	DESIRED_FORCE_DOWN,
	DESIRED_DRAIN,
};

enum desired_fail_mode {
	DESIRED_RESTORE,
	DESIRED_HOLD,
	DESIRED_CLOSED,
};

enum desired_action {
	DESIRED_KEEP, /* leave in DNS whatever is there */
	DESIRED_PRESENT,
	DESIRED_ABSENT,
};

/* Which rule decided; the agent turns it into a sentence. */
enum desired_why {
	DESIRED_WHY_VERDICT,
	DESIRED_WHY_INTENT,
	DESIRED_WHY_FROZEN,
	DESIRED_WHY_MAINTENANCE,
	DESIRED_WHY_STANDBY, /* another tier is in charge */
	DESIRED_WHY_FAILOVER, /* the same, by an operator's failover */
	DESIRED_WHY_TIER_UNCERTAIN,
	DESIRED_WHY_FAIL_OPEN, /* restore: too many are down */
	DESIRED_WHY_FAIL_HOLD,
	DESIRED_WHY_FAIL_UNCERTAIN,
	DESIRED_WHY_DWELL, /* it changed not long ago */
	DESIRED_WHY_HELD, /* too much would be removed at once */
	DESIRED_WHY_FLOOR, /* nothing else would certainly be left */
};

struct desired_endpoint {
	/* in */
	enum desired_verdict verdict;
	enum desired_intent intent;
	unsigned tier;
	/* What it is held to for now, and what is so already or can't be called
	 * back, so that no hold concerns it (dns/damping.h); DESIRED_KEEP:
	 * nothing. */
	enum desired_action settled;
	enum desired_action begun;
	/* out */
	enum desired_action action;
	enum desired_why why;
};

struct desired_rules {
	bool frozen;
	bool maintenance;
	bool held; /* dns/brake.h: nothing is begun but by an operator */
	enum desired_fail_mode fail_mode;
	unsigned fail_open_percent;
	unsigned min_up;
	/* This tier is preferred to all others, and in charge whenever it is
	 * good. When it is not, the rules hold as if nothing was asked for: it
	 * may well be the one that is dead. */
	bool pinned;
	unsigned pinned_tier;
	bool failover; /* pinned by an operator: that waits for nothing */
};

struct desired_summary {
	/* Rule 4, whether or not its outcome is held, frozen or in maintenance:
	 * it certainly acts; whether it does depends on undecided endpoints. */
	bool fail_open;
	bool fail_open_in_doubt;
	bool tiered; /* rule 3 certainly acts */
	unsigned tier; /* in charge, when tiered */
	bool may_empty; /* an empty RRset is allowed (closed, force_down) */
};

/* Fills action and why of all n endpoints of one family. */
struct desired_summary desired_decide(const struct desired_rules *rules,
    struct desired_endpoint *endpoints, size_t n);

/* Which tier is in charge, by rules 3 and 5 alone: changes nothing. Frozen or
 * in maintenance: none. */
struct desired_summary desired_in_charge(const struct desired_rules *rules,
    const struct desired_endpoint *endpoints, size_t n);

const char *desired_why_text(enum desired_why why);

#endif
