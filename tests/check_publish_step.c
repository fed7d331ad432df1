/* SPDX-License-Identifier: ISC */
/* The steps where nothing can compare and swap: one by one by table, and many
 * of them, by several writers, in any order. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "conf.h"
#include "dns/publish_plan.h"
#include "dns/publish_step.h"

#define TTL 30

static uint32_t seed, begun_with;

/* ck_assert writes to a pipe each time: too slow for millions. */
#define MUST(what)                                                             \
	do {                                                                   \
		if (!(what))                                                   \
			ck_abort_msg("seed %u: %s", begun_with, #what);        \
	} while (0)

/* Records are "a1 b2'": the id a, the address 192.0.2.1; a "'" marks a TTL that
 * is wrong. A wish is "+1-2=3", as in check_publish_plan.c. */
static const struct {
	const char *records;
	const char *wish;
	const char *step;
	bool may_empty;
	bool no_twins;
} cases[] = {
	{ "", "", "none", 0, 0 },
	{ "", "=1=2", "none", 0, 0 },
	{ "", "-1-2", "none", 0, 0 },
	{ "a1 b2", "+1+2", "none", 0, 0 },
	{ "a1 b2", "=1=2", "none", 0, 0 },
	/* What is missing is added first. */
	{ "", "+1+2", "add 1", 0, 0 },
	{ "a1", "+1+2", "add 2", 0, 0 },
	{ "a1 b2", "+1=2+3", "add 3", 0, 0 },
	/* Or takes over what has to go, the one with the lowest id. */
	{ "a1", "-1+2", "a:=2", 0, 0 },
	{ "a1 b2", "-1-2+3+4", "a:=3", 0, 0 },
	{ "a1 b2 c3", "+1-2-3+4", "b:=4", 0, 0 },
	/* Then what has to go goes, the one with the highest id first. */
	{ "a1 b2", "+1-2", "-b", 0, 0 },
	{ "a1 b2 c3", "+1-2-3", "-c", 0, 0 },
	{ "a1 b2 c3", "-1+2-3", "-c", 0, 0 },
	/* But the lowest id stays, under another address. */
	{ "a1 b2", "-1+2", "a:=2 twin", 0, 0 },
	{ "a2 b2", "-1+2", "-b", 0, 0 },
	{ "a1 b3 c2", "-1=3+2", "a:=2 twin", 0, 0 },
	/* Unless nothing is there to be given, or nothing may be. */
	{ "a1 b2", "-1=2", "-a", 0, 0 },
	{ "a1 b9", "-1", "-a", 0, 0 },
	{ "a1 b2", "-1+2", "-a", 0, 1 },
	{ "a1 b2 c2", "-1+2", "-c", 0, 1 },
	/* Never the last one (S2). */
	{ "a1", "-1", "empty", 0, 0 },
	{ "a1 b2", "-1-2", "empty", 0, 0 },
	{ "a1 b1", "-1", "empty", 0, 0 },
	{ "a1", "-1", "-a", 1, 0 },
	{ "a1 b2", "-1-2", "-b", 1, 0 },
	/* Twice the same address: the younger record goes. */
	{ "a1 b1", "+1", "-b", 0, 0 },
	{ "a1 b1", "=1", "-b", 0, 0 },
	{ "a1 b2 c1 d2", "+1+2", "-d", 0, 0 },
	/* Records that are no endpoint stay as they are (S3). */
	{ "a9 b9 c1", "+1", "none", 0, 0 },
	{ "a9' b1", "+1", "none", 0, 0 },
	{ "a9 b1", "-1+2", "b:=2", 0, 0 },
	{ "a9 b1 c2", "-1+2", "-b", 0, 0 },
	{ "a9", "+1", "add 1", 0, 0 },
	/* TTLs at last. */
	{ "a1' b2", "+1+2", "a:=1", 0, 0 },
	{ "a1 b2'", "+1=2", "b:=2", 0, 0 },
	{ "a1' b2", "+1-2", "-b", 0, 0 },
};

static struct addr
address(unsigned digit)
{
	struct addr addr = { .family = ADDR_IP4,
		.bytes = { 192, 0, 2, (uint8_t)digit } };

	return addr;
}

static void
read_records(const char *text, struct provider_set *set)
{
	provider_set_init(set, ADDR_IP4);
	while (*text != '\0') {
		struct provider_record record = {
			.id = (uint64_t)text[0],
			.addr = address((unsigned)(text[1] - '0')),
			.ttl = text[2] == '\'' ? 900 : TTL,
		};

		ck_assert_int_eq(provider_set_put(set, &record), 0);
		text += 2 + strspn(text + 2, "' ");
	}
}

static void
read_wish(const char *text, struct publish_endpoint *endpoints,
    struct publish_wish *wish)
{
	wish->endpoints = endpoints;
	wish->n = 0;
	for (; *text != '\0'; text += 2)
		endpoints[wish->n++] = (struct publish_endpoint){
			.addr = address((unsigned)(text[1] - '0')),
			.action = text[0] == '+' ? DESIRED_PRESENT
			    : text[0] == '-'	 ? DESIRED_ABSENT
						 : DESIRED_KEEP,
		};
}

static void
write_step(const struct publish_step *step, char buf[32])
{
	unsigned digit = step->record.addr.bytes[3];
	char id = (char)step->record.id;

	switch (step->kind) {
	case STEP_NONE:
		snprintf(buf, 32, "none");
		break;
	case STEP_WOULD_EMPTY:
		snprintf(buf, 32, "empty");
		break;
	case STEP_ADD:
		snprintf(buf, 32, "add %u", digit);
		break;
	case STEP_CHANGE:
		snprintf(buf, 32, "%c:=%u%s", id, digit,
		    step->twin ? " twin" : "");
		break;
	case STEP_REMOVE:
		snprintf(buf, 32, "-%c", id);
		break;
	}
	if (step->kind == STEP_ADD || step->kind == STEP_CHANGE)
		ck_assert_uint_eq(step->record.ttl, TTL);
}

/* A service with the endpoints of the wish. */
static void
configure(const struct publish_wish *wish, struct conf_endpoint *endpoints,
    struct conf_service *service)
{
	*service = (struct conf_service){ .ttl = TTL,
		.endpoints = endpoints,
		.n_endpoints = wish->n };
	for (size_t i = 0; i < wish->n; i++)
		endpoints[i] = (struct conf_endpoint){
			.addr = wish->endpoints[i].addr
		};
}

/* publish_plan, which the record asks, and the steps have to agree, or a
 * record would never come to rest. */
static void
check_agreement(const struct provider_set *set,
    const struct publish_wish *wish, const struct publish_step *step)
{
	struct conf_endpoint endpoints[10];
	struct conf_service service;
	struct rrset view, target;
	enum publish_plan plan;
	bool untidy;

	configure(wish, endpoints, &service);
	MUST(publish_step_view(set, &service, &view, &untidy) == 0);
	plan = publish_plan(&view, untidy, wish, TTL, &target);
	MUST((plan == PLAN_SAME) == (step->kind == STEP_NONE));
	MUST((plan == PLAN_WOULD_EMPTY) == (step->kind == STEP_WOULD_EMPTY));
	rrset_fini(&view);
	rrset_fini(&target);
}

START_TEST(steps)
{
	struct publish_endpoint endpoints[10];
	struct publish_wish wish = { .may_empty = cases[_i].may_empty };
	struct publish_step step;
	struct provider_set set;
	char text[32];

	read_records(cases[_i].records, &set);
	read_wish(cases[_i].wish, endpoints, &wish);
	step = publish_step_next(&set, &wish, TTL, cases[_i].no_twins);
	write_step(&step, text);
	ck_assert_str_eq(text, cases[_i].step);
	check_agreement(&set, &wish, &step);
	provider_set_fini(&set);
}
END_TEST

/*
 * Several writers at an API that does what it is told, but not when.
 */
#define WRITERS 3
#define ENDPOINTS 4
#define FOREIGN 9
#define IDS 400 /* more than any run uses */
#define LATE_MAX 8 /* requests under way that their writer gave up */

static unsigned
random_below(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static bool
chance(unsigned percent)
{
	return random_below(100) < percent;
}

struct writer {
	struct publish_endpoint endpoints[ENDPOINTS];
	struct publish_wish wish;
	struct provider_set list; /* may be old */
	bool listed;
	struct publish_step late[LATE_MAX];
	size_t n_late;
};

struct world {
	struct provider_set records;
	bool used[IDS + 1]; /* no id is used twice */
	unsigned n_used;
	bool ids_rise;
	bool was_filled;
	bool may_empty;
	struct writer writers[WRITERS];
};

/* Like desired_decide: something is absent only where something is certainly
 * present. */
static void
wish_anything(struct writer *writer)
{
	bool present = false;

	writer->wish = (struct publish_wish){ .endpoints = writer->endpoints,
		.n = ENDPOINTS };
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		static const enum desired_action actions[] = { DESIRED_KEEP,
			DESIRED_PRESENT, DESIRED_ABSENT };

		writer->endpoints[i].addr = address(i + 1);
		writer->endpoints[i].action = actions[random_below(3)];
		present |= writer->endpoints[i].action == DESIRED_PRESENT;
	}
	if (!present)
		writer->endpoints[random_below(ENDPOINTS)].action =
		    DESIRED_PRESENT;
}

static void
copy_list(const struct provider_set *from, struct provider_set *to)
{
	provider_set_fini(to);
	provider_set_init(to, from->family);
	for (size_t i = 0; i < from->len; i++)
		MUST(provider_set_put(to, &from->list[i]) == 0);
}

static uint64_t
fresh_id(struct world *world)
{
	uint64_t id;

	do {
		id = world->ids_rise ? world->n_used + 1
				     : 1 + random_below(IDS);
	} while (world->used[id]);
	world->used[id] = true;
	world->n_used++;
	return id;
}

static void
carry_out(struct world *world, const struct publish_step *step)
{
	struct provider_set next;
	struct provider_record record = step->record;

	provider_set_init(&next, ADDR_IP4);
	for (size_t i = 0; i < world->records.len; i++) {
		struct provider_record old = world->records.list[i];

		if (old.id == record.id && step->kind == STEP_REMOVE) {
			MUST(old.addr.bytes[3] != FOREIGN);
			continue;
		}
		if (old.id == record.id && step->kind == STEP_CHANGE) {
			MUST(old.addr.bytes[3] != FOREIGN);
			old = record;
		}
		MUST(provider_set_put(&next, &old) == 0);
	}
	if (step->kind == STEP_ADD) {
		record.id = fresh_id(world);
		MUST(provider_set_put(&next, &record) == 0);
	}
	copy_list(&next, &world->records);
	provider_set_fini(&next);
	world->was_filled |= world->records.len > 0;
	MUST(world->records.len > 0 || !world->was_filled || world->may_empty);
}

static void
send_step(struct world *world, struct writer *writer, unsigned faults)
{
	struct publish_step step = publish_step_next(&writer->list,
	    &writer->wish, TTL, false);

	writer->listed = false;
	MUST(step.kind != STEP_WOULD_EMPTY);
	check_agreement(&writer->list, &writer->wish, &step);
	if (step.kind == STEP_NONE)
		return;
	if (chance(faults) && writer->n_late < LATE_MAX)
		writer->late[writer->n_late++] = step; /* or never */
	else
		carry_out(world, &step);
	if (chance(faults / 4))
		carry_out(world, &step); /* a copy */
}

static void
turn(struct world *world, struct writer *writer, unsigned faults)
{
	if (chance(faults) && writer->n_late > 0) {
		struct publish_step step =
		    writer->late[random_below((unsigned)writer->n_late)];

		carry_out(world, &step);
	} else if (writer->listed) {
		send_step(world, writer, faults);
	} else {
		copy_list(&world->records, &writer->list);
		writer->listed = true;
	}
}

static void
begin(struct world *world)
{
	memset(world, 0, sizeof *world);
	begun_with = seed;
	provider_set_init(&world->records, ADDR_IP4);
	world->ids_rise = chance(50);
	for (unsigned n = random_below(5); n > 0; n--) {
		struct publish_step step = { .kind = STEP_ADD,
			.record = { .addr = address(chance(20) ? FOREIGN
				: 1 + random_below(ENDPOINTS)),
			    .ttl = chance(20) ? 900 : TTL } };

		carry_out(world, &step);
	}
	for (size_t i = 0; i < WRITERS; i++) {
		provider_set_init(&world->writers[i].list, ADDR_IP4);
		wish_anything(&world->writers[i]);
	}
}

static void
end(struct world *world)
{
	for (size_t i = 0; i < WRITERS; i++)
		provider_set_fini(&world->writers[i].list);
	provider_set_fini(&world->records);
}

/* Writers that contradict each other, old lists, late steps, copies. */
START_TEST(never_empty)
{
	for (unsigned run = 0; run < 2000; run++) {
		struct world world;

		seed = (unsigned)_i * 1000003u + run;
		begin(&world);
		for (unsigned i = 0; i < 150; i++) {
			struct writer *writer =
			    &world.writers[random_below(WRITERS)];

			if (chance(5))
				wish_anything(writer);
			if (chance(3)) { /* it is restarted */
				writer->listed = false;
				writer->n_late = 0;
			}
			turn(&world, writer, 30);
		}
		end(&world);
	}
}
END_TEST

/* Once they agree, and nothing is late, DNS is as wished, each address once. */
START_TEST(comes_to_rest)
{
	for (unsigned run = 0; run < 2000; run++) {
		struct world world;

		seed = (unsigned)_i * 7000003u + run;
		begin(&world);
		for (unsigned i = 0; i < 40; i++)
			turn(&world, &world.writers[random_below(WRITERS)], 30);
		for (size_t i = 0; i < WRITERS; i++) {
			struct writer *writer = &world.writers[i];

			memcpy(writer->endpoints, world.writers[0].endpoints,
			    sizeof writer->endpoints);
			writer->listed = false;
			writer->n_late = 0;
		}
		for (unsigned i = 0; i < 300; i++)
			turn(&world, &world.writers[random_below(WRITERS)], 0);
		for (size_t i = 0; i < WRITERS; i++) {
			struct publish_step step = publish_step_next(
			    &world.records, &world.writers[i].wish, TTL, false);

			MUST(step.kind == STEP_NONE);
		}
		end(&world);
	}
}
END_TEST

/* From any set there is a short way, whatever is wished. */
START_TEST(ends_after_few_steps)
{
	for (unsigned run = 0; run < 20000; run++) {
		struct world world;
		struct writer *writer = &world.writers[0];
		bool no_twins;
		unsigned n = 0;

		seed = run;
		begin(&world);
		no_twins = chance(50);
		writer->wish.may_empty = world.may_empty = chance(20);
		for (; n < 20; n++) {
			struct publish_step step =
			    publish_step_next(&world.records, &writer->wish,
				TTL, no_twins);

			if (step.kind == STEP_NONE)
				break;
			MUST(!step.twin || !no_twins);
			carry_out(&world, &step);
		}
		MUST(n <= 12);
		end(&world);
	}
}
END_TEST

START_TEST(a_set_holds_each_id_once_in_order)
{
	struct provider_set set;
	struct provider_record record = { .ttl = TTL };

	provider_set_init(&set, ADDR_IP4);
	for (unsigned i = 0; i < 3 * RRSET_MAX; i++) {
		record.id = 1 + i * 7 % RRSET_MAX;
		record.addr = address(i % 251);
		ck_assert_int_eq(provider_set_put(&set, &record), 0);
	}
	ck_assert_uint_eq(set.len, RRSET_MAX);
	for (size_t i = 0; i < set.len; i++)
		ck_assert_uint_eq(set.list[i].id, i + 1);
	record.id = RRSET_MAX + 1;
	ck_assert_int_ne(provider_set_put(&set, &record), 0);
	provider_set_fini(&set);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, steps, 0, COUNT(cases));
	tcase_add_loop_test(tcase, never_empty, 0, 4);
	tcase_add_loop_test(tcase, comes_to_rest, 0, 4);
	tcase_add_test(tcase, ends_after_few_steps);
	tcase_add_test(tcase, a_set_holds_each_id_once_in_order);
}

int
main(void)
{
	return check_main("publish_step", fill);
}
