/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/damping.h"

#include "mutant.h"

void
damping_begin(struct damping *damping, bool in_dns, int64_t started_ms)
{
	if (damping->place != DAMPING_UNKNOWN)
		return;
	damping->place = in_dns ? DAMPING_IN : DAMPING_OUT;
	damping->changed_at_ms = MUTANT(START_IS_NO_CHANGE) ? 0 : started_ms;
}

enum desired_action
damping_settled(const struct damping *damping, int64_t min_dwell_ms,
    int64_t now_ms)
{
	if (damping->place == DAMPING_UNKNOWN || damping->changed_at_ms == 0 ||
	    now_ms - damping->changed_at_ms >= min_dwell_ms ||
	    MUTANT(NO_DWELL))
		return DESIRED_KEEP;
	return damping->place == DAMPING_IN ? DESIRED_PRESENT : DESIRED_ABSENT;
}

enum desired_action
damping_begun(const struct damping *damping)
{
	switch (damping->place) {
	case DAMPING_IN:
		return DESIRED_PRESENT;
	case DAMPING_SENT:
		return MUTANT(SENT_IS_RECALLED) ? DESIRED_KEEP : DESIRED_ABSENT;
	case DAMPING_UNKNOWN:
	case DAMPING_LEAVING:
	case DAMPING_OUT:
		break;
	}
	return DESIRED_KEEP;
}

static bool
is_by_operator(const struct desired_endpoint *decided)
{
	return decided->intent != DESIRED_AUTO ||
	    decided->why == DESIRED_WHY_FAILOVER;
}

/* Who is down and makes room for another tier leaves because it is down. */
static bool
is_by_verdict(const struct desired_endpoint *decided)
{
	return decided->why == DESIRED_WHY_VERDICT ||
	    (decided->why == DESIRED_WHY_STANDBY &&
		decided->verdict == DESIRED_DOWN) ||
	    MUTANT(ALL_REMOVALS_COUNT);
}

bool
damping_removes(const struct damping *damping,
    const struct desired_endpoint *decided)
{
	return (damping->place == DAMPING_IN ||
		   damping->place == DAMPING_LEAVING) &&
	    decided->action == DESIRED_ABSENT && is_by_verdict(decided);
}

static void
move(struct damping *damping, enum damping_place place,
    const struct desired_endpoint *decided, int64_t now_ms)
{
	damping->place = place;
	damping->changed_at_ms =
	    is_by_operator(decided) && !MUTANT(OPERATORS_DWELL) ? 0 : now_ms;
}

void
damping_note(struct damping *damping, const struct desired_endpoint *decided,
    int64_t now_ms)
{
	if (damping->place == DAMPING_UNKNOWN)
		return;
	if (decided->action != DESIRED_KEEP && is_by_operator(decided))
		damping->changed_at_ms = 0;
	if (decided->action == DESIRED_PRESENT &&
	    damping->place != DAMPING_IN)
		move(damping, DAMPING_IN, decided, now_ms);
	else if (decided->action == DESIRED_ABSENT &&
	    damping->place == DAMPING_IN)
		move(damping, DAMPING_LEAVING, decided, now_ms);
	else if (decided->action == DESIRED_KEEP &&
	    decided->why == DESIRED_WHY_HELD &&
	    damping->place == DAMPING_LEAVING && !MUTANT(HELD_IS_CHANGED))
		*damping = (struct damping){ .place = DAMPING_IN };
}

bool
damping_send(struct damping *damping, const struct desired_endpoint *decided,
    int64_t now_ms)
{
	bool counts = damping_removes(damping, decided);

	if (decided->action == DESIRED_ABSENT &&
	    damping->place == DAMPING_LEAVING && !MUTANT(SENT_COUNTS_AGAIN))
		move(damping, DAMPING_SENT, decided, now_ms);
	return counts;
}

/* The record is gone, and this node neither sent that nor wishes it back. Others
 * know of a majority what this one may not: whether it is undecided here, or
 * came up meanwhile, says nothing about why they removed it. */
static bool
is_removal(const struct damping *damping,
    const struct desired_endpoint *decided)
{
	if ((damping->place != DAMPING_IN &&
		damping->place != DAMPING_LEAVING) ||
	    decided->intent != DESIRED_AUTO)
		return false;
	switch (decided->why) {
	case DESIRED_WHY_INTENT:
	case DESIRED_WHY_FAILOVER:
	case DESIRED_WHY_FROZEN:
	case DESIRED_WHY_MAINTENANCE:
		return false;
	case DESIRED_WHY_STANDBY:
		return is_by_verdict(decided);
	case DESIRED_WHY_VERDICT:
	case DESIRED_WHY_TIER_UNCERTAIN:
	case DESIRED_WHY_FAIL_OPEN:
	case DESIRED_WHY_FAIL_HOLD:
	case DESIRED_WHY_FAIL_UNCERTAIN:
	case DESIRED_WHY_DWELL:
	case DESIRED_WHY_HELD:
	case DESIRED_WHY_FLOOR:
		break;
	}
	return true;
}

/* What another node, or a stranger, added. A removal that was sent may yet be on
 * its way; what was gone and is there came back. */
static bool
is_return(const struct damping *damping,
    const struct desired_endpoint *decided, const struct damping_view *view)
{
	return view->there &&
	    ((damping->place == DAMPING_OUT &&
		 (decided->action == DESIRED_KEEP || !MUTANT(RETURN_UNSEEN))) ||
		(damping->place == DAMPING_SENT &&
		    decided->action == DESIRED_KEEP));
}

bool
damping_see(struct damping *damping, const struct desired_endpoint *decided,
    const struct damping_view *view, int64_t now_ms)
{
	bool counts = false;

	if (damping->place == DAMPING_UNKNOWN ||
	    (view->read_at_ms <= damping->changed_at_ms &&
		!MUTANT(OLD_READING_COUNTS)))
		return false;
	if (view->gone && decided->action == DESIRED_PRESENT &&
	    !MUTANT(DRIFT_IS_CHANGE)) {
		if (damping->place == DAMPING_IN && !MUTANT(REPAIR_IS_NO_CHANGE))
			move(damping, DAMPING_IN, decided, now_ms);
	} else if (view->gone) {
		counts = is_removal(damping, decided);
		if (damping->place == DAMPING_IN)
			move(damping, DAMPING_OUT, decided, now_ms);
		damping->place = DAMPING_OUT;
	} else if (is_return(damping, decided, view)) {
		move(damping, DAMPING_IN, decided, now_ms);
	}
	return counts && !MUTANT(REMOVALS_UNSEEN);
}
