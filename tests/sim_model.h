/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_MODEL_H
#define RRDNSD_TESTS_SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Section 5 of protocol.md once more, by brute force: what to do when all is
 * known is a handful of plain rules, and what to do when something is not known
 * is what all completions agree on. The measure for dns/desired.c.
 */
#define MODEL_MAX 5 /* endpoints of one family */

struct model_rules {
	bool keep_all; /* freeze, maintenance */
	char fail_mode; /* 'r' restore, 'h' hold, 'c' closed */
	unsigned fail_open_percent;
	unsigned min_up;
	int pinned; /* the tier that goes before all others; -1: none */
};

struct model_endpoint {
	char verdict; /* 'u', 'd' or '?' */
	char intent; /* '.', 'U' up, 'D' down, 'x' drain */
	unsigned tier;
	char action; /* out: '+' present, '-' absent, '=' keep */
};

void model_decide(const struct model_rules *rules,
    struct model_endpoint *endpoints, size_t n);

/* Whether some verdicts, each out of those that could be held, '?' always
 * among them, lead to all the wanted actions ('=': whatever). can_be_up[i]:
 * enough votes for up were held; likewise down. */
bool model_allows(const struct model_rules *rules,
    const struct model_endpoint *endpoints, size_t n, const bool *can_be_up,
    const bool *can_be_down, const char *wanted);

#endif
