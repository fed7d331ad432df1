/* SPDX-License-Identifier: ISC */
/* What the votes add up to: verdicts, the right to write, status. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "mutant.h"
#include "vote/node_impl.h"

void
vote_node_verdict(const struct vote_node *node, size_t service,
    size_t endpoint, int64_t now_ms, struct vote_verdict *out)
{
	assert(service < node->table.n_services);
	now_ms = vote_clock_from(&node->clock, now_ms);
	vote_verdict_init(out, (unsigned)node->table.n_rows);
	for (size_t i = 0; i < node->table.n_rows; i++) {
		const struct vote_ballot *ballot =
		    vote_table_counting(&node->table, i, service, now_ms);

		if (ballot != NULL && endpoint < ballot->n)
			vote_verdict_count(out, ballot->votes[endpoint]);
	}
	vote_verdict_conclude(out);
}

static bool
note(struct vote_mark *seen, struct vote_mark now)
{
	bool differs = seen->boot != now.boot || seen->version != now.version;

	*seen = now;
	return differs;
}

bool
vote_node_has_news(struct vote_node *node, size_t service, int64_t now_ms)
{
	struct vote_node_service *state = &node->services[service];
	uint64_t intents = vote_node_own(node)->intents_version;
	bool news = state->intents_seen != intents;

	state->intents_seen = intents;
	now_ms = vote_clock_from(&node->clock, now_ms);
	for (size_t i = 0; i < node->table.n_rows; i++) {
		const struct vote_ballot *ballot =
		    vote_table_counting(&node->table, i, service, now_ms);
		struct vote_mark now = { 0 };

		if (ballot != NULL)
			now = (struct vote_mark){ node->table.rows[i].boot,
				MUTANT(NEWS_WITHOUT_VERSION)
				    ? 0 : ballot->version };
		news |= note(&state->seen[i], now);
	}
	return news;
}

static bool
shows_own_intents(const struct vote_node *node, size_t i)
{
	const struct vote_row *rows = node->table.rows;

	return memcmp(rows[i].intents_hash,
		   rows[node->table.self].intents_hash, VOTE_HASH_LEN) == 0;
}

/* Of the fresh rows under our definition; all of them, and those that show our
 * intents. now_ms is on the node's clock. */
static unsigned
count_agreeing(const struct vote_node *node, size_t service, int64_t now_ms,
    unsigned *same_intents)
{
	unsigned n = 0;

	*same_intents = 0;
	for (size_t i = 0; i < node->table.n_rows; i++) {
		if (vote_table_counting(&node->table, i, service, now_ms) ==
		    NULL)
			continue;
		n++;
		*same_intents += shows_own_intents(node, i);
	}
	return n;
}

bool
vote_node_may_write(struct vote_node *node, size_t service, int64_t now_ms)
{
	unsigned same, needed = vote_quorum((unsigned)node->table.n_rows);
	int64_t *waits = &node->services[service].waits_since_ms;
	unsigned agreeing;

	now_ms = vote_clock_from(&node->clock, now_ms);
	agreeing = count_agreeing(node, service, now_ms, &same);
	if (MUTANT(WRITES_ALONE))
		agreeing = needed;
	if (vote_boots_contested(&node->boots) || agreeing < needed ||
	    vote_table_counting(&node->table, node->table.self, service,
		now_ms) == NULL) {
		*waits = VOTE_NEVER;
		return false;
	}
	if (same >= needed || MUTANT(INTENTS_NOT_AWAITED)) {
		*waits = VOTE_NEVER;
		return true;
	}
	if (*waits == VOTE_NEVER)
		*waits = now_ms;
	return now_ms - *waits >= (int64_t)node->vote_ttl_ms;
}

unsigned
vote_node_rank(const struct vote_node *node, size_t service, int64_t now_ms)
{
	const uint8_t *order = node->services[service].order;
	unsigned rank = 0;

	if (MUTANT(ALL_WRITE_AT_ONCE))
		return 0;
	now_ms = vote_clock_from(&node->clock, now_ms);
	for (; *order != node->table.self; order++)
		rank += vote_table_counting(&node->table, *order, service,
			    now_ms) != NULL;
	return rank;
}

bool
vote_node_writer(const struct vote_node *node, size_t service, int64_t now_ms,
    struct addr *out)
{
	const uint8_t *order = node->services[service].order;

	now_ms = vote_clock_from(&node->clock, now_ms);
	for (size_t i = 0; i < node->table.n_rows; i++) {
		if (vote_table_counting(&node->table, order[i], service,
			now_ms) == NULL)
			continue;
		*out = node->table.rows[order[i]].node;
		return true;
	}
	return false;
}

unsigned
vote_node_intents_held(const struct vote_node *node)
{
	unsigned n = 0;

	for (size_t i = 0; i < node->table.n_rows; i++)
		n += shows_own_intents(node, i);
	return n;
}

unsigned
vote_node_agreeing(const struct vote_node *node, size_t service,
    int64_t now_ms)
{
	unsigned same;

	return count_agreeing(node, service,
	    vote_clock_from(&node->clock, now_ms), &same);
}

size_t
vote_node_count(const struct vote_node *node)
{
	return node->table.n_rows;
}

void
vote_node_info(const struct vote_node *node, size_t i, int64_t now_ms,
    struct vote_node_info *out)
{
	const struct vote_row *row = &node->table.rows[i];

	now_ms = vote_clock_from(&node->clock, now_ms);
	*out = (struct vote_node_info){
		.addr = row->node,
		.self = i == node->table.self,
		.heard = row->aged,
		.fresh = vote_table_is_fresh(&node->table, i, now_ms),
		.age_ms = vote_table_age(&node->table, i, now_ms),
		.boot = row->boot,
		.heartbeat = row->heartbeat,
		.version = row->version,
		.same_intents = shows_own_intents(node, i),
	};
}

bool
vote_node_agrees(const struct vote_node *node, size_t i, size_t service)
{
	return node->table.found[i * node->table.n_services + service] != NULL;
}

char
vote_node_vote_of(const struct vote_node *node, size_t i, size_t service,
    size_t endpoint, char *cause)
{
	const struct vote_ballot *ballot =
	    node->table.found[i * node->table.n_services + service];

	if (ballot == NULL || endpoint >= ballot->n)
		return '\0';
	*cause = ballot->causes[endpoint];
	return ballot->votes[endpoint];
}
