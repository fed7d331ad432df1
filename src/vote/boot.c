/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/boot.h"

uint64_t
vote_boot_choose(int64_t wall_ms, uint64_t random, uint64_t saved)
{
	uint64_t boot = random & 4095;

	if (wall_ms > 0)
		boot += (uint64_t)wall_ms * 4096;
	return boot > saved ? boot : saved + 1;
}

uint64_t
vote_boot_above(uint64_t seen, uint64_t random)
{
	return seen + 1 + (random & 0xfffff);
}

bool
vote_boots_adopt(struct vote_boots *boots, int64_t now_ms)
{
	int64_t *oldest = &boots->at_ms[boots->n % VOTE_BOOT_ADOPTIONS];
	bool many = boots->n >= VOTE_BOOT_ADOPTIONS &&
	    now_ms - *oldest < VOTE_BOOT_WINDOW_MS;

	*oldest = now_ms;
	boots->n++;
	if (many)
		boots->contested_until_ms = now_ms + VOTE_BOOT_WINDOW_MS;
	return many;
}

bool
vote_boots_contested(const struct vote_boots *boots)
{
	return boots->contested_until_ms != 0;
}

bool
vote_boots_calm(struct vote_boots *boots, int64_t now_ms)
{
	if (boots->contested_until_ms == 0 ||
	    now_ms < boots->contested_until_ms)
		return false;
	boots->contested_until_ms = 0;
	return true;
}
