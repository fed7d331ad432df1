/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/rrset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

/* Room for "... ttl 4294967295". */
#define FORMAT_MIN 24

void
rrset_init(struct rrset *set, enum addr_family family, uint32_t ttl)
{
	*set = (struct rrset){ .family = family, .ttl = ttl };
}

void
rrset_fini(struct rrset *set)
{
	free(set->addrs);
	set->addrs = NULL;
	set->len = 0;
}

/* Where addr is, or would have to stand. */
static bool
find(const struct rrset *set, const struct addr *addr, size_t *place)
{
	size_t low = 0, high = set->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = addr_compare_ip(&set->addrs[mid], addr);

		if (order == 0) {
			*place = mid;
			return true;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*place = low;
	return false;
}

int
rrset_add(struct rrset *set, const struct addr *addr)
{
	struct addr *addrs;
	size_t place;

	if (addr->family != set->family)
		return ERR_INVALID;
	if (find(set, addr, &place))
		return 0;
	if (set->len >= RRSET_MAX)
		return ERR_TOOBIG;
	addrs = realloc(set->addrs, (set->len + 1) * sizeof *addrs);
	if (addrs == NULL)
		return ERR_NOMEM;
	memmove(addrs + place + 1, addrs + place,
	    (set->len - place) * sizeof *addrs);
	addrs[place] = *addr;
	addrs[place].port = 0;
	set->addrs = addrs;
	set->len++;
	return 0;
}

bool
rrset_has(const struct rrset *set, const struct addr *addr)
{
	size_t place;

	return find(set, addr, &place);
}

void
rrset_remove(struct rrset *set, const struct addr *addr)
{
	size_t place;

	if (!find(set, addr, &place))
		return;
	set->len--;
	memmove(set->addrs + place, set->addrs + place + 1,
	    (set->len - place) * sizeof *set->addrs);
}

int
rrset_copy(const struct rrset *from, struct rrset *to)
{
	rrset_init(to, from->family, from->ttl);
	if (from->len == 0)
		return 0;
	to->addrs = malloc(from->len * sizeof *to->addrs);
	if (to->addrs == NULL)
		return ERR_NOMEM;
	memcpy(to->addrs, from->addrs, from->len * sizeof *to->addrs);
	to->len = from->len;
	return 0;
}

bool
rrset_same_addrs(const struct rrset *a, const struct rrset *b)
{
	if (a->family != b->family || a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (addr_compare_ip(&a->addrs[i], &b->addrs[i]) != 0)
			return false;
	return true;
}

bool
rrset_equal(const struct rrset *a, const struct rrset *b)
{
	return rrset_same_addrs(a, b) && (a->len == 0 || a->ttl == b->ttl);
}

const char *
rrset_format(const struct rrset *set, char *buf, size_t size)
{
	static const char more[] = "...";
	char ip[ADDR_TEXT_MAX];
	size_t used = 0;

	assert(size >= FORMAT_MIN);
	if (set->len == 0) {
		snprintf(buf, size, "(none)");
		return buf;
	}
	for (size_t i = 0; i < set->len; i++) {
		addr_format(&set->addrs[i], false, ip);
		if (used + strlen(ip) + FORMAT_MIN > size) {
			used += (size_t)snprintf(buf + used, size - used,
			    "%s ", more);
			break;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s ", ip);
	}
	snprintf(buf + used, size - used, "ttl %u", set->ttl);
	return buf;
}
