/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_model.h"

#include <string.h>

static unsigned
count(const struct model_endpoint *endpoints, size_t n, const char *verdicts,
    int tier, char verdict)
{
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		found += endpoints[i].intent == '.' &&
		    (tier < 0 || endpoints[i].tier == (unsigned)tier) &&
		    verdicts[i] == verdict;
	return found;
}

/* Rule 3: -1 when all tiers are bad. */
static int
tier_in_charge(const struct model_rules *rules,
    const struct model_endpoint *endpoints, size_t n, const char *verdicts)
{
	if (rules->pinned >= 0 &&
	    count(endpoints, n, verdicts, rules->pinned, 'u') >= rules->min_up)
		return rules->pinned;
	for (int tier = 0; tier < (int)MODEL_MAX; tier++)
		if (count(endpoints, n, verdicts, tier, 'u') >= rules->min_up)
			return tier;
	return -1;
}

/* Rules 1 to 4, all verdicts known. */
static void
decide_known(const struct model_rules *rules,
    const struct model_endpoint *endpoints, size_t n, const char *verdicts,
    char *actions)
{
	int tier = tier_in_charge(rules, endpoints, n, verdicts);
	unsigned up = count(endpoints, n, verdicts, tier, 'u');
	unsigned down = count(endpoints, n, verdicts, tier, 'd');
	bool too_many = rules->fail_mode != 'c' &&
	    100 * down > rules->fail_open_percent * (up + down);

	for (size_t i = 0; i < n; i++) {
		if (endpoints[i].intent != '.')
			actions[i] = endpoints[i].intent == 'U' ? '+' : '-';
		else if (tier >= 0 && endpoints[i].tier != (unsigned)tier)
			actions[i] = '-';
		else if (verdicts[i] == 'u')
			actions[i] = '+';
		else if (!too_many)
			actions[i] = '-';
		else
			actions[i] = rules->fail_mode == 'r' ? '+' : '=';
	}
}

/* Rule 6. */
static void
apply_floor(const struct model_rules *rules, struct model_endpoint *endpoints,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (endpoints[i].action == '+')
			return;
	for (size_t i = 0; i < n; i++)
		if (endpoints[i].action == '-' &&
		    (endpoints[i].intent == 'x' ||
			(endpoints[i].intent == '.' &&
			    rules->fail_mode != 'c')))
			endpoints[i].action = '=';
}

void
model_decide(const struct model_rules *rules,
    struct model_endpoint *endpoints, size_t n)
{
	char verdicts[MODEL_MAX], actions[MODEL_MAX];

	for (unsigned bits = 0; bits < 1u << n; bits++) {
		bool repeated = false;

		for (size_t i = 0; i < n; i++) {
			verdicts[i] = endpoints[i].verdict;
			if (verdicts[i] == '?')
				verdicts[i] = bits >> i & 1 ? 'u' : 'd';
			else
				repeated |= bits >> i & 1;
		}
		if (repeated)
			continue;
		decide_known(rules, endpoints, n, verdicts, actions);
		for (size_t i = 0; i < n; i++)
			if (bits == 0)
				endpoints[i].action = actions[i];
			else if (endpoints[i].action != actions[i])
				endpoints[i].action = '=';
	}
	for (size_t i = 0; i < n; i++) /* rule 5 */
		if (endpoints[i].intent == '.' && endpoints[i].verdict == '?' &&
		    endpoints[i].action == '+')
			endpoints[i].action = '=';
	apply_floor(rules, endpoints, n);
	for (size_t i = 0; i < n && rules->keep_all; i++)
		endpoints[i].action = '=';
}

static bool
leads_to(const struct model_endpoint *endpoints, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (wanted[i] != '=' && endpoints[i].action != wanted[i])
			return false;
	return true;
}

bool
model_allows(const struct model_rules *rules,
    const struct model_endpoint *endpoints, size_t n, const bool *can_be_up,
    const bool *can_be_down, const char *wanted)
{
	struct model_endpoint tried[MODEL_MAX];
	unsigned combinations = 1;

	for (size_t i = 0; i < n; i++)
		combinations *= 3;
	for (unsigned c = 0; c < combinations; c++) {
		unsigned rest = c;
		bool possible = true;

		memcpy(tried, endpoints, n * sizeof *tried);
		for (size_t i = 0; i < n; i++, rest /= 3) {
			tried[i].verdict = "?ud"[rest % 3];
			possible &= (rest % 3 != 1 || can_be_up[i]) &&
			    (rest % 3 != 2 || can_be_down[i]);
		}
		if (!possible)
			continue;
		model_decide(rules, tried, n);
		if (leads_to(tried, n, wanted))
			return true;
	}
	return false;
}
