/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_A 1
#define TYPE_AAAA 28
#define CLASS_IN 1
#define CLASS_NONE 254
#define CLASS_ANY 255

bool
sim_set_has(const struct sim_set *set, const struct addr *addr)
{
	for (size_t i = 0; i < set->n; i++)
		if (memcmp(set->addrs[i].bytes, addr->bytes, 16) == 0)
			return true;
	return false;
}

bool
sim_set_equal(const struct sim_set *a, const struct sim_set *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!sim_set_has(b, &a->addrs[i]))
			return false;
	return a->n == b->n;
}

void
sim_set_add(struct sim_set *set, const struct addr *addr)
{
	if (sim_set_has(set, addr))
		return;
	if (set->n == SIM_SET)
		abort();
	set->addrs[set->n++] = *addr;
}

void
sim_set_remove(struct sim_set *set, const struct addr *addr)
{
	for (size_t i = 0; i < set->n; i++)
		if (memcmp(set->addrs[i].bytes, addr->bytes, 16) == 0) {
			set->addrs[i] = set->addrs[--set->n];
			return;
		}
}

const char *
sim_set_text(const struct sim_set *set, char *buf, size_t size)
{
	size_t used = 0;

	snprintf(buf, size, "(none)");
	for (size_t i = 0; i < set->n && used < size; i++) {
		char ip[ADDR_TEXT_MAX];

		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i > 0 ? " " : "", addr_format(&set->addrs[i], false, ip));
	}
	return buf;
}

/* Where reading stands; bad: beyond the end, or nonsense. */
struct reader {
	const uint8_t *wire;
	size_t len;
	size_t at;
	bool bad;
};

static unsigned
get(struct reader *r, size_t bytes)
{
	unsigned value = 0;

	if (r->bad || r->len - r->at < bytes) {
		r->bad = true;
		return 0;
	}
	while (bytes-- > 0)
		value = value << 8 | r->wire[r->at++];
	return value;
}

/* A name in lower case with dots, compressed or not. */
static void
get_name(struct reader *r, char out[256])
{
	size_t used = 0, back = 0, jumps = 0;

	out[0] = '\0';
	for (;;) {
		unsigned len = get(r, 1);

		if (r->bad || len == 0)
			break;
		if (len >= 0xc0) {
			unsigned low = get(r, 1);

			if (back == 0)
				back = r->at;
			r->at = (len & 0x3f) << 8 | low;
			r->bad |= ++jumps > 16 || r->at >= r->len;
			continue;
		}
		for (; len > 0 && used < 250 && !r->bad; len--)
			out[used++] = (char)get(r, 1);
		out[used++] = '.';
		out[used] = '\0';
	}
	if (used > 0)
		out[used - 1] = '\0';
	if (back != 0)
		r->at = back;
}

struct rr {
	char name[256];
	unsigned type;
	unsigned class;
	uint32_t ttl;
	size_t len;
	struct addr addr;
};

static void
get_rr(struct reader *r, struct rr *rr)
{
	*rr = (struct rr){ 0 };
	get_name(r, rr->name);
	rr->type = get(r, 2);
	rr->class = get(r, 2);
	rr->ttl = get(r, 4);
	rr->len = get(r, 2);
	r->bad |= rr->len != 0 && rr->len != (rr->type == TYPE_A ? 4u : 16u);
	rr->addr.family = rr->type == TYPE_A ? ADDR_IP4 : ADDR_IP6;
	for (size_t i = 0; i < rr->len && !r->bad; i++)
		rr->addr.bytes[i] = (uint8_t)get(r, 1);
}

static bool
is_service(const char *name, unsigned type, size_t *service,
    enum addr_family *family)
{
	if (name[0] != 's' || strcmp(name + 2, ".example.org") != 0 ||
	    (type != TYPE_A && type != TYPE_AAAA))
		return false;
	*service = (size_t)(name[1] - '0');
	*family = type == TYPE_A ? ADDR_IP4 : ADDR_IP6;
	return *service < SIM_SERVICES;
}

static struct sim_change *
change_of(struct sim_update *update, const struct rr *rr)
{
	enum addr_family family;
	size_t service;

	if (!is_service(rr->name, rr->type, &service, &family))
		return NULL;
	for (size_t i = 0; i < update->n; i++)
		if (update->changes[i].service == service &&
		    update->changes[i].family == family)
			return &update->changes[i];
	update->changes[update->n] =
	    (struct sim_change){ .service = service, .family = family };
	return &update->changes[update->n++];
}

static bool
take_prerequisite(struct sim_update *update, const struct rr *rr)
{
	struct sim_change *change = change_of(update, rr);

	if (change == NULL)
		return false;
	if (rr->class == CLASS_NONE && rr->len == 0) {
		change->prerequisite = SIM_EXISTS_NOT;
		return true;
	}
	change->prerequisite = SIM_IS_EXACTLY;
	sim_set_add(&change->was, &rr->addr);
	return rr->class == CLASS_IN && rr->len > 0;
}

static bool
take_update(struct sim_update *update, const struct rr *rr)
{
	struct sim_change *change = change_of(update, rr);

	if (change == NULL)
		return false;
	if (rr->class == CLASS_ANY && rr->len == 0) {
		change->deletes = true;
		return true;
	}
	change->now.ttl = rr->ttl;
	sim_set_add(&change->now, &rr->addr);
	return rr->class == CLASS_IN && rr->len > 0;
}

bool
sim_dns_read_update(const uint8_t *wire, size_t len, struct sim_update *out)
{
	struct reader r = { .wire = wire, .len = len, .at = 4 };
	unsigned zones, prerequisites, updates;
	char zone[256];
	struct rr rr;
	bool good;

	out->n = 0;
	zones = get(&r, 2);
	prerequisites = get(&r, 2);
	updates = get(&r, 2);
	get(&r, 2);
	get_name(&r, zone);
	get(&r, 4);
	good = !r.bad && zones == 1 && strcmp(zone, "example.org") == 0;
	for (unsigned i = 0; good && i < prerequisites; i++) {
		get_rr(&r, &rr);
		good = !r.bad && take_prerequisite(out, &rr);
	}
	for (unsigned i = 0; good && i < updates; i++) {
		get_rr(&r, &rr);
		good = !r.bad && take_update(out, &rr);
	}
	return good;
}

bool
sim_dns_read_query(const uint8_t *wire, size_t len, size_t *service,
    enum addr_family *family)
{
	struct reader r = { .wire = wire, .len = len, .at = 12 };
	char name[256];
	unsigned type;

	get_name(&r, name);
	type = get(&r, 2);
	return !r.bad && is_service(name, type, service, family);
}

static size_t
put(uint8_t *out, size_t at, uint32_t value, size_t bytes)
{
	while (bytes-- > 0)
		out[at++] = (uint8_t)(value >> 8 * bytes);
	return at;
}

size_t
sim_dns_write_answer(const uint8_t *request, size_t len,
    const struct sim_set *set, enum addr_family family, uint8_t *out)
{
	size_t size = family == ADDR_IP4 ? 4 : 16, at = 2;

	memcpy(out, request, len);
	at = put(out, at, 0x8400, 2); /* QR, AA, NOERROR */
	at = put(out, at, 1, 2);
	put(out, at, (uint32_t)set->n, 2);
	at = len;
	for (size_t i = 0; i < set->n; i++) {
		at = put(out, at, 0xc00c, 2);
		at = put(out, at, family == ADDR_IP4 ? TYPE_A : TYPE_AAAA, 2);
		at = put(out, at, CLASS_IN, 2);
		at = put(out, at, set->ttl, 4);
		at = put(out, at, (uint32_t)size, 2);
		memcpy(out + at, set->addrs[i].bytes, size);
		at += size;
	}
	return at;
}
