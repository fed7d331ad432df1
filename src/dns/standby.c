/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/standby.h"

#include "mutant.h"

bool
standby_remembers(const struct standby_rules *rules)
{
	return (rules->manual || rules->delay_ms > 0) &&
	    !MUTANT(TAKEOVER_FORGOTTEN);
}

/* Whatever is not certainly the same begins anew: a tier that flaps does not
 * get nearer to its return. */
static void
watch_natural(const struct standby_view *view, struct standby_watch *watch,
    int64_t now_ms)
{
	if (!view->natural_certain && !MUTANT(DOUBT_COUNTS)) {
		watch->watching = false;
	} else if (!watch->watching || (watch->tier != view->natural &&
					   !MUTANT(FLAPS_COUNT))) {
		watch->watching = true;
		watch->tier = view->natural;
		watch->since_ms = now_ms;
	}
}

bool
standby_returns_at(const struct standby_rules *rules,
    const struct standby_view *view, const struct standby_watch *watch,
    int64_t *at_ms)
{
	if ((rules->manual && !MUTANT(RETURNS_UNASKED)) || !view->recorded ||
	    !view->certain || view->tier != view->record ||
	    !view->natural_certain || view->natural >= view->record ||
	    !watch->watching)
		return false;
	*at_ms = watch->since_ms + (MUTANT(RETURNS_AT_ONCE) ? 0
							    : rules->delay_ms);
	return true;
}

enum standby_move
standby_step(const struct standby_rules *rules,
    const struct standby_view *view, struct standby_watch *watch,
    int64_t now_ms, unsigned *tier)
{
	int64_t at_ms;

	watch_natural(view, watch, now_ms);
	if (!standby_remembers(rules))
		return view->recorded ? STANDBY_FORGET : STANDBY_STAY;
	if (!view->certain && !MUTANT(FORGETS_UNSURE))
		return STANDBY_STAY;
	*tier = view->tier;
	if (standby_returns_at(rules, view, watch, &at_ms) && now_ms >= at_ms)
		*tier = view->natural;
	if (!view->recorded)
		return *tier <= view->first ? STANDBY_STAY : STANDBY_NOTE;
	/* Not view->first: who failed and is drained for its repair is not to
	 * return by the end of that. */
	if (*tier <= view->lowest)
		return STANDBY_FORGET;
	return *tier == view->record ? STANDBY_STAY : STANDBY_NOTE;
}
