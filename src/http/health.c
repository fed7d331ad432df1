/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/health.h"

#include "mutant.h"

#define HISTORY_MAX 64

static void
remember(struct health *health, bool ok)
{
	health->history = health->history << 1 | (ok ? 1u : 0u);
	if (health->history_len < HISTORY_MAX)
		health->history_len++;
}

bool
health_step(struct health *health, unsigned rise, unsigned fall,
    enum outcome outcome, int64_t at_ms)
{
	enum outcome_class class = outcome_class(outcome);
	bool ok = class == OUTCOME_CLASS_OK;
	enum health_state wanted = ok ? HEALTH_UP : HEALTH_DOWN;

	if (class != OUTCOME_CLASS_OK && class != OUTCOME_CLASS_TARGET)
		return false;
	if (ok)
		health->failing_since_ms = 0;
	else if (health->failing_since_ms == 0)
		health->failing_since_ms = at_ms;
	remember(health, ok);
	health->counted_at_ms = at_ms;
	if (health->state == wanted) {
		health->streak = 0;
		return false;
	}
	if (health->streak > 0 && health->streak_ok != ok)
		health->streak = 0;
	health->streak_ok = ok;
	if (++health->streak < (ok ? rise : fall))
		return false;
	health->state = wanted;
	health->streak = 0;
	return true;
}

void
health_void(struct health *health)
{
	health->state = HEALTH_UNKNOWN;
	health->streak = 0;
	health->failing_since_ms = 0;
}

bool
health_in_doubt(const struct health *health)
{
	return health->streak > 0;
}

bool
health_is_stale(const struct health *health, unsigned interval_ms,
    unsigned timeout_ms, int64_t now_ms)
{
	if (MUTANT(STALE_PROBES_VOTE))
		return false;
	return health->history_len == 0 ||
	    now_ms - health->counted_at_ms >
	    3 * (int64_t)interval_ms + timeout_ms;
}

void
health_age(struct health *health, int64_t ms)
{
	health->counted_at_ms -= ms;
}

const char *
health_history(const struct health *health, char buf[HISTORY_MAX + 1])
{
	unsigned n = health->history_len;

	for (unsigned i = 0; i < n; i++)
		buf[i] = health->history >> (n - 1 - i) & 1 ? '+' : '-';
	buf[n] = '\0';
	return buf;
}

const char *
health_state_text(enum health_state state)
{
	switch (state) {
	case HEALTH_UP:
		return "up";
	case HEALTH_DOWN:
		return "down";
	case HEALTH_UNKNOWN:
		break;
	}
	return "unknown";
}
