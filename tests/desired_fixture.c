/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "desired_fixture.h"

#include <check.h>
#include <string.h>

size_t
desired_read(const char *verdicts, const char *intents, const char *tiers,
    struct desired_endpoint *endpoints)
{
	size_t n = strlen(verdicts);

	for (size_t i = 0; i < n; i++) {
		endpoints[i] = (struct desired_endpoint){
			.verdict = verdicts[i] == 'u' ? DESIRED_UP
			    : verdicts[i] == 'd'      ? DESIRED_DOWN
							 : DESIRED_UNDECIDED,
			.intent = intents[i] == 'U' ? DESIRED_FORCE_UP
			    : intents[i] == 'D'     ? DESIRED_FORCE_DOWN
			    : intents[i] == 'x'     ? DESIRED_DRAIN
						       : DESIRED_AUTO,
			.tier = (unsigned)(tiers[i] - '0'),
		};
	}
	return n;
}

bool
desired_next_combination(unsigned *digits, unsigned base, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (++digits[i] < base)
			return true;
		digits[i] = 0;
	}
	return false;
}

void
desired_from_digit(unsigned digit, struct desired_endpoint *endpoint)
{
	static const enum desired_intent intents[] = { DESIRED_AUTO,
		DESIRED_FORCE_UP, DESIRED_FORCE_DOWN, DESIRED_DRAIN };

	*endpoint = (struct desired_endpoint){
		.verdict = (enum desired_verdict)(digit % 3),
		.tier = digit / 3 % 2,
		.intent = intents[digit / 6],
	};
}

void
desired_check_floor(const struct desired_rules *rules,
    const struct desired_endpoint *e, size_t n)
{
	bool present = false, removed = false;

	for (size_t i = 0; i < n; i++) {
		present |= e[i].action == DESIRED_PRESENT;
		removed |= e[i].action == DESIRED_ABSENT &&
		    e[i].intent != DESIRED_FORCE_DOWN;
		if (e[i].action == DESIRED_PRESENT &&
		    e[i].verdict == DESIRED_UNDECIDED &&
		    e[i].intent != DESIRED_FORCE_UP)
			ck_abort_msg("an undecided endpoint became present");
	}
	if (rules->fail_mode != DESIRED_CLOSED && removed && !present)
		ck_abort_msg("removed while nothing is certainly present");
}
