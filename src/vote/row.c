/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/row.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"
#include "vote/verdict.h"

void
vote_row_init(struct vote_row *row, const struct addr *node)
{
	*row = (struct vote_row){ .node = *node };
}

static void
free_ballot(struct vote_ballot *ballot)
{
	if (ballot == NULL)
		return;
	free(ballot->votes);
	free(ballot->causes);
	free(ballot);
}

void
vote_row_fini(struct vote_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		free_ballot(row->ballots[i]);
	free(row->ballots);
	vote_row_init(row, &row->node);
}

void
vote_row_restart(struct vote_row *row, uint64_t boot)
{
	if (!MUTANT(ROW_OUTLIVES_BOOT))
		vote_row_fini(row);
	row->boot = boot;
}

static size_t
locate(const struct vote_row *row, const uint8_t hash[VOTE_HASH_LEN],
    bool *found)
{
	size_t low = 0, high = row->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(hash, row->ballots[mid]->hash,
		    VOTE_HASH_LEN);

		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	*found = false;
	return low;
}

struct vote_ballot *
vote_row_find(const struct vote_row *row, const uint8_t hash[VOTE_HASH_LEN])
{
	bool found;
	size_t i = locate(row, hash, &found);

	return found ? row->ballots[i] : NULL;
}

static struct vote_ballot *
make_ballot(const uint8_t hash[VOTE_HASH_LEN], uint64_t version,
    const char *votes, const char *causes, size_t n)
{
	struct vote_ballot *ballot = calloc(1, sizeof *ballot);

	if (ballot == NULL)
		return NULL;
	memcpy(ballot->hash, hash, VOTE_HASH_LEN);
	ballot->version = version;
	ballot->n = n;
	ballot->votes = calloc(1, n + 1);
	ballot->causes = calloc(1, n + 1);
	if (ballot->votes == NULL || ballot->causes == NULL) {
		free_ballot(ballot);
		return NULL;
	}
	memset(ballot->votes, 'a', n);
	memset(ballot->causes, VOTE_NO_CAUSE, n);
	if (votes != NULL && n > 0)
		memcpy(ballot->votes, votes, n);
	if (causes != NULL && n > 0)
		memcpy(ballot->causes, causes, n);
	return ballot;
}

static bool
grow(struct vote_row *row)
{
	size_t room = row->room == 0 ? 16 : 2 * row->room;
	struct vote_ballot **ballots;

	if (row->n < row->room)
		return true;
	ballots = realloc(row->ballots, room * sizeof *ballots);
	if (ballots == NULL)
		return false;
	row->ballots = ballots;
	row->room = room;
	return true;
}

int
vote_row_put(struct vote_row *row, const uint8_t hash[VOTE_HASH_LEN],
    uint64_t version, const char *votes, const char *causes, size_t n)
{
	bool found;
	size_t i = locate(row, hash, &found);
	struct vote_ballot *ballot =
	    make_ballot(hash, version, votes, causes, n);

	if (ballot == NULL || (!found && !grow(row))) {
		free_ballot(ballot);
		return ERR_NOMEM;
	}
	if (found) {
		free_ballot(row->ballots[i]);
	} else {
		memmove(&row->ballots[i + 1], &row->ballots[i],
		    (row->n - i) * sizeof *row->ballots);
		row->n++;
	}
	row->ballots[i] = ballot;
	return 0;
}

bool
vote_row_drop(struct vote_row *row,
    bool (*keep)(const struct vote_ballot *ballot, const void *arg),
    const void *arg)
{
	size_t kept = 0, before = row->n;

	for (size_t i = 0; i < before; i++) {
		if (keep(row->ballots[i], arg))
			row->ballots[kept++] = row->ballots[i];
		else
			free_ballot(row->ballots[i]);
	}
	row->n = kept;
	return kept < before;
}
