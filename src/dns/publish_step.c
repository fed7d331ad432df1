/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/publish_step.h"

#include <stdio.h>

#include "conf.h"
#include "err.h"

#define NOWHERE ((size_t)-1)

static const struct publish_endpoint *
endpoint_of(const struct publish_wish *wish, const struct provider_record *record)
{
	for (size_t i = 0; i < wish->n; i++)
		if (addr_compare_ip(&wish->endpoints[i].addr,
			&record->addr) == 0)
			return &wish->endpoints[i];
	return NULL;
}

static bool
is_wished(const struct publish_wish *wish,
    const struct provider_record *record, enum desired_action action)
{
	const struct publish_endpoint *endpoint = endpoint_of(wish, record);

	return endpoint != NULL && endpoint->action == action;
}

/* Where the address stands first; NOWHERE. */
static size_t
place_of(const struct provider_set *set, const struct addr *addr)
{
	for (size_t i = 0; i < set->len; i++)
		if (addr_compare_ip(&set->list[i].addr, addr) == 0)
			return i;
	return NOWHERE;
}

static const struct addr *
first_missing(const struct provider_set *set, const struct publish_wish *wish)
{
	for (size_t i = 0; i < wish->n; i++)
		if (wish->endpoints[i].action == DESIRED_PRESENT &&
		    place_of(set, &wish->endpoints[i].addr) == NOWHERE)
			return &wish->endpoints[i].addr;
	return NULL;
}

static size_t
first_with(const struct provider_set *set, const struct publish_wish *wish,
    enum desired_action action)
{
	for (size_t i = 0; i < set->len; i++)
		if (is_wished(wish, &set->list[i], action))
			return i;
	return NOWHERE;
}

/* The last record that has to go: absent, or a copy of an endpoint's record
 * with a lower id. */
static size_t
last_spare(const struct provider_set *set, const struct publish_wish *wish)
{
	for (size_t i = set->len; i-- > 0;) {
		const struct provider_record *record = &set->list[i];
		const struct publish_endpoint *endpoint =
		    endpoint_of(wish, record);

		if (endpoint != NULL &&
		    (endpoint->action == DESIRED_ABSENT ||
			place_of(set, &record->addr) < i))
			return i;
	}
	return NOWHERE;
}

static bool
anything_stays(const struct provider_set *set, const struct publish_wish *wish)
{
	for (size_t i = 0; i < set->len; i++)
		if (!is_wished(wish, &set->list[i], DESIRED_ABSENT))
			return true;
	return false;
}

static struct publish_step
give(const struct provider_record *record, const struct addr *addr,
    uint32_t ttl)
{
	return (struct publish_step){ .kind = STEP_CHANGE,
		.record = { record->id, *addr, ttl } };
}

static struct publish_step
drop(const struct provider_set *set, size_t i, const struct publish_wish *wish,
    uint32_t ttl, bool no_twins)
{
	size_t keeper = first_with(set, wish, DESIRED_PRESENT);
	struct publish_step step = { STEP_REMOVE, set->list[i], false };

	if (!anything_stays(set, wish) && !wish->may_empty)
		step.kind = STEP_WOULD_EMPTY;
	else if (i == 0 && keeper != NOWHERE && !no_twins) {
		step = give(&set->list[0], &set->list[keeper].addr, ttl);
		step.twin = true;
	}
	return step;
}

struct publish_step
publish_step_next(const struct provider_set *set,
    const struct publish_wish *wish, uint32_t ttl, bool no_twins)
{
	const struct addr *missing = first_missing(set, wish);
	size_t absent = first_with(set, wish, DESIRED_ABSENT);
	size_t spare = last_spare(set, wish);

	if (missing != NULL && absent != NOWHERE)
		return give(&set->list[absent], missing, ttl);
	if (missing != NULL)
		return (struct publish_step){ .kind = STEP_ADD,
			.record = { 0, *missing, ttl } };
	if (spare != NOWHERE)
		return drop(set, spare, wish, ttl, no_twins);
	for (size_t i = 0; i < set->len; i++)
		if (set->list[i].ttl != ttl &&
		    endpoint_of(wish, &set->list[i]) != NULL)
			return give(&set->list[i], &set->list[i].addr, ttl);
	return (struct publish_step){ .kind = STEP_NONE };
}

int
publish_step_view(const struct provider_set *set,
    const struct conf_service *service, struct rrset *out, bool *untidy)
{
	rrset_init(out, set->family, service->ttl);
	*untidy = false;
	for (size_t i = 0; i < set->len; i++) {
		const struct provider_record *record = &set->list[i];

		if (conf_find_endpoint(service, &record->addr) != NULL) {
			*untidy |= rrset_has(out, &record->addr);
			if (record->ttl != service->ttl)
				out->ttl = record->ttl;
		}
		if (rrset_add(out, &record->addr) != 0) {
			rrset_fini(out);
			return ERR_NOMEM;
		}
	}
	return 0;
}

const char *
publish_step_text(const struct publish_step *step, char *buf, size_t size)
{
	static const char *const verbs[] = {
		[STEP_NONE] = "nothing",
		[STEP_ADD] = "add",
		[STEP_CHANGE] = "change to",
		[STEP_REMOVE] = "remove",
		[STEP_WOULD_EMPTY] = "refuse to remove",
	};
	char ip[ADDR_TEXT_MAX];

	snprintf(buf, size, "%s %s", verbs[step->kind],
	    addr_format(&step->record.addr, false, ip));
	return buf;
}
