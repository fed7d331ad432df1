/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/intents.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mutant.h"

#define KEEP_CLEARED_MS (30 * INT64_C(86400000))
#define STAMP_MAX (INT64_C(1) << 62)

/* Every text of an entry is a piece of one allocation, which target begins. */
struct vote_intents {
	struct vote_intent *entries; /* sorted by target */
	size_t n;
	size_t room;
	int64_t highest; /* stamp ever seen */
	bool hashed; /* hash is up to date */
	uint8_t hash[VOTE_HASH_LEN];
};

struct vote_intents *
vote_intents_new(void)
{
	return calloc(1, sizeof(struct vote_intents));
}

static void
free_texts(struct vote_intent *entry)
{
	free((char *)entry->target);
}

void
vote_intents_free(struct vote_intents *intents)
{
	if (intents == NULL)
		return;
	for (size_t i = 0; i < intents->n; i++)
		free_texts(&intents->entries[i]);
	free(intents->entries);
	free(intents);
}

static bool
is_clear(const struct vote_intent *entry)
{
	return strcmp(entry->op, VOTE_INTENT_CLEAR) == 0;
}

static bool
is_valid(const struct vote_intent *entry)
{
	return entry->target[0] != '\0' && entry->op[0] != '\0' &&
	    strlen(entry->target) <= VOTE_INTENT_TARGET_MAX &&
	    strlen(entry->op) <= VOTE_INTENT_OP_MAX &&
	    strlen(entry->by) <= VOTE_INTENT_TEXT_MAX &&
	    strlen(entry->reason) <= VOTE_INTENT_TEXT_MAX &&
	    strlen(entry->more) <= VOTE_INTENT_MORE_MAX &&
	    entry->stamp >= 0 && entry->stamp <= STAMP_MAX &&
	    entry->until_ms >= 0 && entry->until_ms <= STAMP_MAX;
}

/* Index of the target, or of where it belongs. */
static size_t
locate(const struct vote_intents *intents, const char *target, bool *found)
{
	size_t low = 0, high = intents->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(target, intents->entries[mid].target);

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

static char *
append(char *at, const char *text, const char **out)
{
	size_t size = strlen(text) + 1;

	memcpy(at, text, size);
	*out = at;
	return at + size;
}

static int
copy_entry(const struct vote_intent *from, struct vote_intent *to)
{
	char *at = malloc(strlen(from->target) + strlen(from->op) +
	    strlen(from->by) + strlen(from->reason) + strlen(from->more) + 5);

	if (at == NULL)
		return ERR_NOMEM;
	*to = *from;
	at = append(at, from->target, &to->target);
	at = append(at, from->op, &to->op);
	at = append(at, from->by, &to->by);
	at = append(at, from->reason, &to->reason);
	append(at, from->more, &to->more);
	return 0;
}

static int
grow(struct vote_intents *intents)
{
	size_t room = intents->room == 0 ? 8 : 2 * intents->room;
	struct vote_intent *entries;

	if (intents->n < intents->room)
		return 0;
	if (intents->n >= VOTE_INTENTS_MAX)
		return ERR_TOOBIG;
	entries = realloc(intents->entries, room * sizeof *entries);
	if (entries == NULL)
		return ERR_NOMEM;
	intents->entries = entries;
	intents->room = room;
	return 0;
}

static int
put(struct vote_intents *intents, const struct vote_intent *entry)
{
	bool found;
	size_t i = locate(intents, entry->target, &found);
	struct vote_intent copy;
	int err = found ? 0 : grow(intents);

	if (err == 0)
		err = copy_entry(entry, &copy);
	if (err != 0)
		return err;
	if (found) {
		free_texts(&intents->entries[i]);
	} else {
		memmove(&intents->entries[i + 1], &intents->entries[i],
		    (intents->n - i) * sizeof *intents->entries);
		intents->n++;
	}
	intents->entries[i] = copy;
	intents->hashed = false;
	if (copy.stamp > intents->highest)
		intents->highest = copy.stamp;
	return 0;
}

static void
forget(struct vote_intents *intents, size_t i)
{
	free_texts(&intents->entries[i]);
	intents->n--;
	intents->hashed = false;
	memmove(&intents->entries[i], &intents->entries[i + 1],
	    (intents->n - i) * sizeof *intents->entries);
}

static int
sign_of(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* A total order, or two nodes could each prefer the other's for ever. */
static int
compare(const struct vote_intent *a, const struct vote_intent *b)
{
	int order = sign_of(a->stamp, b->stamp);

	if (order == 0)
		order = strcmp(a->by, b->by);
	if (order == 0)
		order = MUTANT(CLEAR_LOSES)
		    ? (int)is_clear(b) - (int)is_clear(a)
		    : (int)is_clear(a) - (int)is_clear(b);
	if (order == 0)
		order = strcmp(a->op, b->op);
	if (order == 0)
		order = sign_of(a->until_ms, b->until_ms);
	if (order == 0)
		order = strcmp(a->reason, b->reason);
	if (order == 0)
		order = strcmp(a->more, b->more);
	return order;
}

int
vote_intents_take(struct vote_intents *intents,
    const struct vote_intent *entry, bool *changed)
{
	bool found;
	size_t i = locate(intents, entry->target, &found);
	int err;

	if (!is_valid(entry))
		return ERR_INVALID;
	if (found && compare(entry, &intents->entries[i]) <= 0)
		return 0;
	err = put(intents, entry);
	if (err == 0)
		*changed = true;
	return err;
}

int
vote_intents_set(struct vote_intents *intents,
    const struct vote_intent *wanted, int64_t wall_ms)
{
	struct vote_intent entry = *wanted;

	entry.stamp = intents->highest + 1;
	if (entry.stamp < wall_ms || MUTANT(STAMP_IS_WALL))
		entry.stamp = wall_ms;
	if (!is_valid(&entry))
		return ERR_INVALID;
	return put(intents, &entry);
}

static bool
is_forgotten(const struct vote_intent *entry, int64_t wall_ms)
{
	int64_t since_ms = entry->stamp > entry->until_ms ? entry->stamp
							  : entry->until_ms;

	if (MUTANT(CLEAR_IS_DROPPED))
		return is_clear(entry);
	return is_clear(entry) && wall_ms - since_ms > KEEP_CLEARED_MS;
}

int
vote_intents_merge(struct vote_intents *intents,
    const struct vote_intents *other, int64_t wall_ms, bool *changed)
{
	int err = 0;

	for (size_t i = 0; i < other->n; i++) {
		const struct vote_intent *entry = &other->entries[i];
		int one = 0;

		if (!is_forgotten(entry, wall_ms))
			one = vote_intents_take(intents, entry, changed);
		if (one != 0)
			err = one;
	}
	return err;
}

bool
vote_intents_expire(struct vote_intents *intents, int64_t wall_ms)
{
	bool changed = false;

	for (size_t i = 0; i < intents->n;) {
		struct vote_intent entry = intents->entries[i];

		if (is_forgotten(&entry, wall_ms)) {
			forget(intents, i);
			changed = true;
			continue;
		}
		if (!is_clear(&entry) && entry.until_ms != 0 &&
		    entry.until_ms <= wall_ms) {
			entry.op = VOTE_INTENT_CLEAR;
			if (MUTANT(EXPIRY_RESTAMPS))
				entry.stamp = wall_ms;
			changed |= put(intents, &entry) == 0;
		}
		i++;
	}
	return changed;
}

const struct vote_intent *
vote_intents_find(const struct vote_intents *intents, const char *target)
{
	bool found;
	size_t i = locate(intents, target, &found);

	if (!found || is_clear(&intents->entries[i]))
		return NULL;
	return &intents->entries[i];
}

size_t
vote_intents_count(const struct vote_intents *intents)
{
	return intents->n;
}

const struct vote_intent *
vote_intents_at(const struct vote_intents *intents, size_t i)
{
	return &intents->entries[i];
}

void
vote_intents_hash(struct vote_intents *intents, uint8_t out[VOTE_HASH_LEN])
{
	char *text = intents->hashed ? NULL : vote_intents_format(intents);

	/* Without memory the hash differs from everybody's: more is sent than
	 * need be, and nothing is missed. */
	if (!intents->hashed)
		memset(intents->hash, 0, VOTE_HASH_LEN);
	if (text != NULL)
		intents->hashed = vote_hash_bytes(text, strlen(text),
		    intents->hash) == 0;
	free(text);
	memcpy(out, intents->hash, VOTE_HASH_LEN);
}
