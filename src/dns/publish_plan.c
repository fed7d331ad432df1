/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/publish_plan.h"

#include "mutant.h"

#define RETRIES 5
#define RETRY_MS 100
#define BACKOFF_MS 250
#define BACKOFF_MAX_MS 10000

enum publish_plan
publish_plan(const struct rrset *read, bool untidy,
    const struct publish_wish *wish, uint32_t ttl, struct rrset *target)
{
	if (rrset_copy(read, target) != 0) {
		rrset_init(target, read->family, ttl);
		return PLAN_NOMEM;
	}
	if (MUTANT(STRANGERS_REMOVED)) {
		rrset_fini(target);
		rrset_init(target, read->family, ttl);
	}
	target->ttl = ttl;
	for (size_t i = 0; i < wish->n; i++) {
		const struct publish_endpoint *endpoint = &wish->endpoints[i];

		if (endpoint->action == DESIRED_ABSENT)
			rrset_remove(target, &endpoint->addr);
		else if (endpoint->action == DESIRED_PRESENT &&
		    rrset_add(target, &endpoint->addr) != 0)
			return PLAN_NOMEM;
	}
	if (rrset_same_addrs(read, target) &&
	    (read->len == 0 || (read->ttl == ttl && !untidy)))
		return PLAN_SAME;
	if (target->len == 0 && !wish->may_empty)
		return PLAN_WOULD_EMPTY;
	return PLAN_CHANGE;
}

unsigned
publish_retry_ms(unsigned tries)
{
	return tries > RETRIES ? 0 : RETRY_MS << (tries - 1);
}

unsigned
publish_backoff_ms(unsigned failures, uint32_t random)
{
	unsigned ms = BACKOFF_MAX_MS;

	if (failures < 6)
		ms = BACKOFF_MS << failures;
	return ms - ms / 4 + random % (ms / 2 + 1);
}

unsigned
publish_jitter_ms(unsigned interval_ms, uint32_t random)
{
	return interval_ms - interval_ms / 10 + random % (interval_ms / 5 + 1);
}

int
publish_verify_ms(unsigned step)
{
	static const int steps[] = { 0, 2500, 8000 };

	return step < sizeof steps / sizeof steps[0] ? steps[step] : -1;
}
