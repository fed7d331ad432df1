/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_VERDICT_H
#define RRDNSD_VOTE_VERDICT_H

/* What votes add up to (protocol.md section 4). Pure. A vote is one letter,
 * 'u', 'd' or 'a'; its cause another one, or this: */
#define VOTE_NO_CAUSE '-'

enum vote_verdict_kind {
	VOTE_VERDICT_UNDECIDED, /* leave in DNS whatever is there */
	VOTE_VERDICT_UP,
	VOTE_VERDICT_DOWN,
};

struct vote_verdict {
	enum vote_verdict_kind verdict;
	unsigned n_up; /* fresh votes under our definition */
	unsigned n_down;
	unsigned n_abstain;
	unsigned n_fresh; /* all of these together */
	unsigned n_nodes; /* configured */
	unsigned needed; /* Q */
};

/* Q of the configured nodes, never of the reachable ones. */
unsigned vote_quorum(unsigned n_nodes);

void vote_verdict_init(struct vote_verdict *verdict, unsigned n_nodes);
void vote_verdict_count(struct vote_verdict *verdict, char vote);
void vote_verdict_conclude(struct vote_verdict *verdict);

#endif
