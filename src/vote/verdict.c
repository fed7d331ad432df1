/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/verdict.h"

#include "mutant.h"

unsigned
vote_quorum(unsigned n_nodes)
{
	return MUTANT(HALF_IS_ENOUGH) ? (n_nodes + 1) / 2 : n_nodes / 2 + 1;
}

void
vote_verdict_init(struct vote_verdict *verdict, unsigned n_nodes)
{
	*verdict = (struct vote_verdict){
		.n_nodes = n_nodes,
		.needed = vote_quorum(n_nodes),
	};
}

void
vote_verdict_count(struct vote_verdict *verdict, char vote)
{
	verdict->n_fresh++;
	if (MUTANT(ABSTENTION_IS_DOWN) && vote == 'a')
		vote = 'd';
	if (vote == 'u')
		verdict->n_up++;
	else if (vote == 'd')
		verdict->n_down++;
	else
		verdict->n_abstain++;
}

void
vote_verdict_conclude(struct vote_verdict *verdict)
{
	unsigned needed = verdict->needed;

	if (MUTANT(QUORUM_OF_FRESH))
		needed = vote_quorum(verdict->n_fresh);
	if (verdict->n_down >= needed)
		verdict->verdict = VOTE_VERDICT_DOWN;
	else if (verdict->n_up >= needed)
		verdict->verdict = VOTE_VERDICT_UP;
	else
		verdict->verdict = VOTE_VERDICT_UNDECIDED;
}
