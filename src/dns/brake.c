/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/brake.h"

#include <string.h>

#include "mutant.h"

size_t
brake_removed(const struct brake *brake, const struct brake_rules *rules,
    int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < brake->n; i++)
		n += now_ms - brake->removed_at_ms[i] < rules->window_ms ||
		    MUTANT(REMOVALS_COUNT_ON);
	return MUTANT(REMOVALS_FORGOTTEN) ? 0 : n;
}

bool
brake_recall(struct brake *brake, const struct brake_rules *rules,
    bool all_read, size_t gone, int64_t started_ms, int64_t now_ms)
{
	if (brake->recalled)
		return true;
	if (!all_read && now_ms - started_ms < rules->window_ms)
		return false;
	brake->recalled = true;
	brake_note(brake, gone, started_ms);
	return true;
}

bool
brake_step(struct brake *brake, const struct brake_rules *rules,
    size_t pending, int64_t now_ms)
{
	bool held = rules->max_removals > 0 &&
	    (!rules->released || MUTANT(RELEASE_IGNORED)) &&
	    pending > 0 &&
	    brake_removed(brake, rules, now_ms) + pending >
		rules->max_removals &&
	    !MUTANT(NO_BRAKE);

	if (held == brake->held)
		return false;
	brake->held = held;
	brake->changed_at_ms = now_ms;
	return true;
}

/* More than BRAKE_MAX are more than any limit: the oldest are forgotten. */
void
brake_note(struct brake *brake, size_t n, int64_t at_ms)
{
	for (; n > 0; n--) {
		if (brake->n == BRAKE_MAX) {
			brake->n--;
			memmove(&brake->removed_at_ms[0],
			    &brake->removed_at_ms[1],
			    brake->n * sizeof brake->removed_at_ms[0]);
		}
		brake->removed_at_ms[brake->n++] = at_ms;
	}
}
