/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/desired.h"

#include "mutant.h"

/* How many of a group of endpoints are up, down and undecided. */
struct tally {
	unsigned up;
	unsigned down;
	unsigned undecided;
};

enum certainty {
	CERTAINLY_NOT,
	PERHAPS,
	CERTAINLY,
};

/* What an endpoint gets if one particular tier turns out to be in charge. */
struct decision {
	enum desired_action action;
	enum desired_why why;
};

static struct tally
count(const struct desired_endpoint *endpoints, size_t n, const unsigned *tier)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct desired_endpoint *e = &endpoints[i];

		if ((e->intent != DESIRED_AUTO &&
			!MUTANT(INTENTS_ARE_COUNTED)) ||
		    (tier != NULL && e->tier != *tier))
			continue;
		if (e->verdict == DESIRED_UP)
			tally.up++;
		else if (e->verdict == DESIRED_DOWN)
			tally.down++;
		else
			tally.undecided++;
	}
	return tally;
}

static struct tally
sum(struct tally a, struct tally b)
{
	return (struct tally){ a.up + b.up, a.down + b.down,
		a.undecided + b.undecided };
}

/* Rule 3: can this tier be in charge, going by its own endpoints? */
static enum certainty
tier_is_good(struct tally tally, unsigned min_up)
{
	if (tally.up >= min_up)
		return CERTAINLY;
	if (tally.up + tally.undecided < min_up)
		return CERTAINLY_NOT;
	return MUTANT(TIER_UNCERTAIN) ? CERTAINLY_NOT : PERHAPS;
}

/* What is known of a tier's endpoints once it is known to be in charge: of the
 * undecided ones at least so many are up as that takes. */
static struct tally
given_good(struct tally tally, unsigned min_up)
{
	unsigned lacking = tally.up < min_up ? min_up - tally.up : 0;

	tally.up += lacking;
	tally.undecided -= lacking;
	return tally;
}

/* And once it is known not to be: so many are down that min_up can't be. */
static struct tally
given_bad(struct tally tally, unsigned min_up)
{
	unsigned most = tally.up + tally.undecided;
	unsigned excess = most < min_up ? 0 : most - min_up + 1;

	tally.down += excess;
	tally.undecided -= excess;
	return tally;
}

/* Rule 4: are more than fail_open_percent of the group down? */
static enum certainty
too_many_down(struct tally tally, const struct desired_rules *rules)
{
	uint64_t limit = (uint64_t)rules->fail_open_percent *
	    (tally.up + tally.down + tally.undecided);

	if (rules->fail_mode == DESIRED_CLOSED)
		return CERTAINLY_NOT;
	if ((uint64_t)tally.down * 100 > limit)
		return CERTAINLY;
	if ((uint64_t)(tally.down + tally.undecided) * 100 <= limit)
		return CERTAINLY_NOT;
	return MUTANT(FAILING_UNCERTAIN) ? CERTAINLY_NOT : PERHAPS;
}

/* Rules 2, 4 and 5 for one free endpoint of the group in charge. */
static struct decision
decide_in_charge(const struct desired_endpoint *endpoint,
    enum certainty failing, enum desired_fail_mode mode)
{
	if (endpoint->verdict == DESIRED_UNDECIDED)
		return (struct decision){ MUTANT(UNDECIDED_COMES)
				? DESIRED_PRESENT
				: DESIRED_KEEP,
			DESIRED_WHY_VERDICT };
	if (endpoint->verdict == DESIRED_UP)
		return (struct decision){ DESIRED_PRESENT,
			DESIRED_WHY_VERDICT };
	if (failing == CERTAINLY_NOT)
		return (struct decision){ DESIRED_ABSENT, DESIRED_WHY_VERDICT };
	if (failing == PERHAPS)
		return (struct decision){ DESIRED_KEEP,
			DESIRED_WHY_FAIL_UNCERTAIN };
	if (mode == DESIRED_RESTORE)
		return (struct decision){ DESIRED_PRESENT,
			DESIRED_WHY_FAIL_OPEN };
	return (struct decision){ DESIRED_KEEP, DESIRED_WHY_FAIL_HOLD };
}

/* The place of a tier among all that may be in charge: a pinned one is before
 * the lowest. */
static uint64_t
order_of(const struct desired_rules *rules, unsigned tier)
{
	return rules->pinned && tier == rules->pinned_tier ? 0
							   : UINT64_C(1) + tier;
}

/* The one that comes after *tier, or with first, of all. */
static bool
next_tier(const struct desired_rules *rules,
    const struct desired_endpoint *endpoints, size_t n, bool first,
    unsigned *tier)
{
	uint64_t after = first ? 0 : order_of(rules, *tier) + 1;
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		uint64_t order = order_of(rules, endpoints[i].tier);

		if (endpoints[i].intent != DESIRED_AUTO || order < after ||
		    order >= best)
			continue;
		best = order;
		*tier = endpoints[i].tier;
	}
	return best != UINT64_MAX;
}

/* Adds what one possible course of events decides to what the courses seen so
 * far decide: rule 5, where they differ the record is kept. */
static void
merge(struct desired_endpoint *endpoint, bool first, struct decision decision)
{
	if (first) {
		endpoint->action = decision.action;
		endpoint->why = decision.why;
	} else if (endpoint->action != decision.action) {
		endpoint->action = DESIRED_KEEP;
		endpoint->why = DESIRED_WHY_TIER_UNCERTAIN;
	}
}

/* One course of events: `tier` is in charge (NULL: rule 3 is off), and of the
 * group that it counts so much is known. */
static enum certainty
decide_course(const struct desired_rules *rules,
    struct desired_endpoint *endpoints, size_t n, const unsigned *tier,
    struct tally group, bool first)
{
	enum certainty failing = too_many_down(MUTANT(ALL_TIERS_COUNTED)
		? count(endpoints, n, NULL)
		: group, rules);

	for (size_t i = 0; i < n; i++) {
		struct desired_endpoint *e = &endpoints[i];
		struct decision decision = { DESIRED_ABSENT,
			DESIRED_WHY_STANDBY };

		if (e->intent != DESIRED_AUTO)
			continue;
		if (tier == NULL || e->tier == *tier)
			decision = decide_in_charge(e, failing,
			    rules->fail_mode);
		merge(e, first, decision);
	}
	return failing;
}

/* The courses seen so far, and one more. */
static enum certainty
merge_failing(bool first, enum certainty before, enum certainty failing)
{
	return first || before == failing ? failing : PERHAPS;
}

/* Rules 2 to 5: walks through every tier that may be in charge. */
static void
decide_free(const struct desired_rules *rules,
    struct desired_endpoint *endpoints, size_t n,
    struct desired_summary *summary)
{
	bool more;
	unsigned tier = 0, courses = 0;
	enum certainty good = CERTAINLY_NOT, failing = CERTAINLY_NOT;
	struct tally all = { 0 }; /* when no tier is good */

	for (more = next_tier(rules, endpoints, n, true, &tier); more;
	     more = next_tier(rules, endpoints, n, false, &tier)) {
		struct tally tally = count(endpoints, n, &tier);

		good = tier_is_good(tally, rules->min_up);
		all = sum(all, given_bad(tally, rules->min_up));
		if (good == CERTAINLY_NOT)
			continue;
		failing = merge_failing(courses == 0, failing,
		    decide_course(rules, endpoints, n, &tier,
			given_good(tally, rules->min_up), courses == 0));
		courses++;
		if (good == CERTAINLY)
			break;
	}
	if (good != CERTAINLY) { /* all tiers may be bad */
		failing = merge_failing(courses == 0, failing,
		    decide_course(rules, endpoints, n, NULL, all,
			courses == 0));
		courses++;
	}
	summary->fail_open = failing == CERTAINLY;
	summary->fail_open_in_doubt = failing == PERHAPS;
	summary->tiered = courses == 1 && good == CERTAINLY;
	summary->tier = summary->tiered ? tier : 0;
}

struct desired_summary
desired_in_charge(const struct desired_rules *rules,
    const struct desired_endpoint *endpoints, size_t n)
{
	struct desired_summary summary = { 0 };
	unsigned tier = 0;
	bool more = next_tier(rules, endpoints, n, true, &tier);

	if (rules->frozen || rules->maintenance || rules->held)
		return summary;
	for (; more; more = next_tier(rules, endpoints, n, false, &tier)) {
		enum certainty good = tier_is_good(
		    count(endpoints, n, &tier), rules->min_up);

		if (good == CERTAINLY_NOT)
			continue;
		summary.tiered = good == CERTAINLY;
		summary.tier = summary.tiered ? tier : 0;
		break;
	}
	return summary;
}

static void
decide_intent(struct desired_endpoint *endpoint)
{
	endpoint->why = DESIRED_WHY_INTENT;
	endpoint->action = endpoint->intent == DESIRED_FORCE_UP
	    ? DESIRED_PRESENT
	    : DESIRED_ABSENT;
}

/* The tier that an operator wants is in charge. */
static bool
is_failed_over(const struct desired_rules *rules,
    const struct desired_summary *summary)
{
	return rules->failover && summary->tiered &&
	    summary->tier == rules->pinned_tier;
}

static void
name_failover(struct desired_endpoint *endpoints, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (endpoints[i].why == DESIRED_WHY_STANDBY)
			endpoints[i].why = DESIRED_WHY_FAILOVER;
}

/* What an operator asks for waits for nothing; but who is down in the tier that
 * was asked for leaves by verdict. */
static bool
is_asked_for(const struct desired_endpoint *endpoint, bool failed_over)
{
	return endpoint->intent != DESIRED_AUTO ||
	    (failed_over && (endpoint->action == DESIRED_PRESENT ||
				endpoint->why == DESIRED_WHY_FAILOVER));
}

/* Damping. An endpoint that is up and has to wait would be no floor to others,
 * nor is anybody served by its waiting where nothing else that is up is there. */
static void
apply_dwell(struct desired_endpoint *endpoints, size_t n, bool failed_over)
{
	bool served = false;

	for (size_t i = 0; i < n; i++)
		served |= endpoints[i].action == DESIRED_PRESENT &&
		    endpoints[i].verdict == DESIRED_UP &&
		    endpoints[i].settled != DESIRED_ABSENT;
	for (size_t i = 0; i < n; i++) {
		struct desired_endpoint *e = &endpoints[i];

		if (is_asked_for(e, failed_over) ||
		    e->action == DESIRED_KEEP || e->settled == DESIRED_KEEP ||
		    e->action == e->settled ||
		    (e->verdict == DESIRED_UP &&
			e->action == DESIRED_PRESENT && !served))
			continue;
		e->action = DESIRED_KEEP;
		e->why = DESIRED_WHY_DWELL;
	}
}

static void
hold_free(struct desired_endpoint *endpoints, size_t n, bool failed_over)
{
	for (size_t i = 0; i < n; i++) {
		struct desired_endpoint *e = &endpoints[i];

		if (is_asked_for(e, failed_over) ||
		    e->action == DESIRED_KEEP || e->action == e->begun)
			continue;
		e->action = DESIRED_KEEP;
		e->why = DESIRED_WHY_HELD;
	}
}

/* Rule 6. What is kept may not be in DNS at all, so only a present endpoint
 * makes removing another one safe. */
static void
apply_floor(const struct desired_rules *rules,
    struct desired_endpoint *endpoints, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (endpoints[i].action == DESIRED_PRESENT ||
		    MUTANT(NO_FLOOR))
			return;
	for (size_t i = 0; i < n; i++) {
		struct desired_endpoint *e = &endpoints[i];

		if (e->action != DESIRED_ABSENT ||
		    e->intent == DESIRED_FORCE_DOWN ||
		    (e->intent == DESIRED_AUTO &&
			rules->fail_mode == DESIRED_CLOSED))
			continue;
		e->action = DESIRED_KEEP;
		e->why = DESIRED_WHY_FLOOR;
	}
}

static void
keep_all(struct desired_endpoint *endpoints, size_t n, enum desired_why why)
{
	for (size_t i = 0; i < n; i++) {
		endpoints[i].action = DESIRED_KEEP;
		endpoints[i].why = why;
	}
}

/* Rules 1 to 6 but for freeze and maintenance. */
static struct desired_summary
decide(const struct desired_rules *rules, struct desired_endpoint *endpoints,
    size_t n)
{
	struct desired_summary summary = { 0 };
	bool failed_over;

	summary.may_empty = rules->fail_mode == DESIRED_CLOSED;
	decide_free(rules, endpoints, n, &summary);
	failed_over = is_failed_over(rules, &summary);
	if (failed_over)
		name_failover(endpoints, n);
	for (size_t i = 0; i < n; i++) {
		if (endpoints[i].intent != DESIRED_AUTO)
			decide_intent(&endpoints[i]);
		if (endpoints[i].intent == DESIRED_FORCE_DOWN)
			summary.may_empty = true;
	}
	apply_dwell(endpoints, n, failed_over);
	if (rules->held) {
		hold_free(endpoints, n, failed_over);
		summary.tiered = failed_over;
	}
	apply_floor(rules, endpoints, n);
	return summary;
}

struct desired_summary
desired_decide(const struct desired_rules *rules,
    struct desired_endpoint *endpoints, size_t n)
{
	struct desired_summary summary = decide(rules, endpoints, n);
	bool frozen = rules->frozen && !MUTANT(FREEZE_IGNORED);

	if (!frozen && !rules->maintenance)
		return summary;
	keep_all(endpoints, n,
	    frozen ? DESIRED_WHY_FROZEN : DESIRED_WHY_MAINTENANCE);
	return (struct desired_summary){ .fail_open = summary.fail_open,
		.fail_open_in_doubt = summary.fail_open_in_doubt };
}

const char *
desired_why_text(enum desired_why why)
{
	switch (why) {
	case DESIRED_WHY_VERDICT:
		return "by verdict";
	case DESIRED_WHY_INTENT:
		return "asked for by an operator";
	case DESIRED_WHY_FROZEN:
		return "frozen";
	case DESIRED_WHY_MAINTENANCE:
		return "in maintenance";
	case DESIRED_WHY_STANDBY:
		return "standby: another tier is in charge";
	case DESIRED_WHY_FAILOVER:
		return "standby: an operator put another tier in charge";
	case DESIRED_WHY_TIER_UNCERTAIN:
		return "kept: which tier is in charge depends on undecided endpoints";
	case DESIRED_WHY_FAIL_OPEN:
		return "fail open: too many endpoints are down";
	case DESIRED_WHY_FAIL_HOLD:
		return "held: too many endpoints are down";
	case DESIRED_WHY_FAIL_UNCERTAIN:
		return "kept: whether too many are down depends on undecided endpoints";
	case DESIRED_WHY_DWELL:
		return "held: it changed less than min_dwell_ms ago";
	case DESIRED_WHY_HELD:
		return "held: more would be removed at once than max_removals allows";
	case DESIRED_WHY_FLOOR:
		return "kept: no other endpoint would certainly be left";
	}
	return "";
}
