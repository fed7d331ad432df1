/* SPDX-License-Identifier: ISC */
/* The table: which rows, deltas and ages it takes, and what it tells. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "err.h"
#include "vote/table.h"
#include "vote/verdict.h"

#define TTL_MS 5000
#define NOW INT64_C(100000)

static struct addr nodes[3] = { { .family = ADDR_IP4, .port = 1 },
	{ .family = ADDR_IP4, .port = 2 }, { .family = ADDR_IP4, .port = 3 } };
static const struct vote_table_service services[2] = {
	{ .hash = { 1 }, .n_endpoints = 3 },
	{ .hash = { 2 }, .n_endpoints = 1 },
};
static struct vote_table table;

static void
setup(void)
{
	ck_assert_int_eq(vote_table_init(&table, nodes, 3, 0, TTL_MS,
			     services, 2), 0);
	table.rows[0].boot = 1;
}

static void
teardown(void)
{
	vote_table_fini(&table);
}

/* What a message says of row 1. */
struct said {
	uint64_t boot;
	uint64_t heartbeat;
	uint64_t version;
	int64_t age_ms;
	int64_t way_ms;
	uint64_t base;
	uint64_t upto; /* 0: no delta */
	const char *votes; /* on service 0, changed at upto */
};

static bool
take_row(size_t row, const struct said *said)
{
	struct vote_digest digest = { .node = nodes[row],
		.boot = said->boot,
		.heartbeat = said->heartbeat,
		.version = said->version,
		.age_ms = said->age_ms };
	struct vote_delta_ballot ballot = { .hash = { 1 },
		.version = said->upto,
		.votes = said->votes,
		.n = said->votes ? strlen(said->votes) : 0 };
	struct vote_delta delta = { .node = nodes[row],
		.base = said->base,
		.upto = said->upto,
		.ballots = &ballot,
		.n = said->votes != NULL };
	struct vote_message message = { .digest = &digest,
		.n_digest = 1,
		.deltas = &delta,
		.n_deltas = said->upto != 0 };
	bool news[3] = { false };

	ck_assert_int_eq(vote_table_take(&table, &message, said->way_ms, NOW,
			     news), 0);
	return news[row];
}

static bool
take(struct said said)
{
	return take_row(1, &said);
}

static const char *
votes(void)
{
	const struct vote_ballot *ballot =
	    vote_table_counting(&table, 1, 0, NOW);

	return ballot != NULL ? ballot->votes : NULL;
}

START_TEST(a_whole_row_counts_at_once)
{
	ck_assert_ptr_null(votes());
	ck_assert(take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" }));
	ck_assert_str_eq(votes(), "uda");
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), 120);
	ck_assert(!take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" }));
}
END_TEST

START_TEST(deltas_need_what_they_build_on)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" });
	/* 4 is missing: neither votes nor heartbeat are taken. */
	ck_assert(!take((struct said){ 5, 8, 5, 10, 20, 4, 5, "ddd" }));
	ck_assert_str_eq(votes(), "uda");
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), 120);
	/* Overlapping is as good. */
	ck_assert(take((struct said){ 5, 8, 5, 10, 20, 2, 5, "ddd" }));
	ck_assert_str_eq(votes(), "ddd");
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), 30);
}
END_TEST

START_TEST(a_delta_up_to_less_brings_no_heartbeat)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" });
	ck_assert(take((struct said){ 5, 8, 6, 10, 20, 3, 5, "ddd" }));
	ck_assert_str_eq(votes(), "ddd");
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), 120);
}
END_TEST

START_TEST(a_way_that_is_not_known_brings_no_heartbeat)
{
	ck_assert(take((struct said){ 5, 7, 3, 100, VOTE_AGE_UNKNOWN, 0, 3,
	    "uda" }));
	ck_assert_ptr_null(votes());
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), VOTE_AGE_UNKNOWN);
	take((struct said){ 5, 7, 3, VOTE_AGE_UNKNOWN, 20, 0, 0, NULL });
	ck_assert_ptr_null(votes());
	take((struct said){ 5, 7, 3, 100, 20, 0, 0, NULL });
	ck_assert_str_eq(votes(), "uda");
}
END_TEST

/* After heartbeat 7 of age 120. */
static const struct {
	uint64_t heartbeat;
	int64_t age_ms;
	int64_t held_ms;
} ages[] = {
	{ 8, 1000, 1000 }, /* higher: whatever its age */
	{ 7, 100, 100 }, /* the same by a shorter way */
	{ 7, 200, 120 },
	{ 6, 1, 120 },
};

START_TEST(ages_are_those_of_the_newest_heartbeat)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" });
	take((struct said){ 5, ages[_i].heartbeat, 3, ages[_i].age_ms, 0, 0,
	    0, NULL });
	ck_assert_int_eq(vote_table_age(&table, 1, NOW), ages[_i].held_ms);
}
END_TEST

START_TEST(who_asks_may_have_read_the_clock_before_the_heartbeat)
{
	vote_table_beat(&table, NOW);
	for (int64_t ms = 0; ms < 3; ms++) {
		ck_assert(vote_table_is_fresh(&table, table.self, NOW - ms));
		ck_assert_int_eq(vote_table_age(&table, table.self, NOW - ms),
		    0);
	}
}
END_TEST

START_TEST(rows_are_fresh_below_their_time_to_live)
{
	take((struct said){ 5, 7, 3, 4000, 0, 0, 3, "uda" });
	ck_assert(vote_table_is_fresh(&table, 1, NOW + 999));
	ck_assert(!vote_table_is_fresh(&table, 1, NOW + 1000));
	ck_assert_ptr_null(vote_table_counting(&table, 1, 0, NOW + 1000));
}
END_TEST

START_TEST(a_newer_boot_starts_the_row_anew)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" });
	ck_assert(!take((struct said){ 4, 9, 9, 0, 0, 0, 9, "ddd" }));
	ck_assert_str_eq(votes(), "uda");
	ck_assert(take((struct said){ 6, 1, 2, 0, 0, 0, 0, NULL }));
	ck_assert_ptr_null(votes());
	ck_assert_uint_eq(table.rows[1].version, 0);
	ck_assert(take((struct said){ 6, 1, 2, 0, 0, 0, 2, "ddd" }));
	ck_assert_str_eq(votes(), "ddd");
}
END_TEST

START_TEST(nobody_changes_the_own_row)
{
	struct said said = { 1, 99, 99, 0, 0, 0, 99, "ddd" };

	ck_assert(!take_row(0, &said));
	ck_assert_uint_eq(table.rows[0].version, 2);
}
END_TEST

START_TEST(a_whole_row_takes_back_what_is_not_in_it)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "uda" });
	ck_assert(take((struct said){ 5, 8, 4, 100, 20, 0, 4, NULL }));
	ck_assert_ptr_null(votes());
}
END_TEST

START_TEST(another_number_of_endpoints_does_not_count)
{
	take((struct said){ 5, 7, 3, 100, 20, 0, 3, "ud" });
	ck_assert_ptr_null(votes());
}
END_TEST

/* Who has so many services has them all the same; one more is not taken. */
START_TEST(a_row_is_bounded)
{
	struct vote_row *row = &table.rows[1];
	uint8_t hash[VOTE_HASH_LEN] = { 0 };
	struct vote_delta_ballot more = { .hash = { 2 }, .version = 4,
		.votes = "u", .n = 1 };
	struct vote_delta delta = { .node = nodes[1], .base = 3, .upto = 4,
		.ballots = &more, .n = 1 };
	struct vote_digest digest = { .node = nodes[1], .boot = 5,
		.heartbeat = 8, .version = 4 };
	struct vote_message message = { .digest = &digest, .n_digest = 1,
		.deltas = &delta, .n_deltas = 1 };
	bool news[3] = { false };

	take((struct said){ 5, 7, 3, 100, 20, 0, 3, NULL });
	for (unsigned i = 0; i < VOTE_BALLOTS_MAX; i++) {
		hash[1] = (uint8_t)(i >> 8);
		hash[2] = (uint8_t)i;
		ck_assert_int_eq(vote_row_put(row, hash, 3, "u", NULL, 1), 0);
	}
	ck_assert_int_eq(vote_table_take(&table, &message, 0, NOW, news),
	    ERR_TOOBIG);
	ck_assert_ptr_null(vote_row_find(row, more.hash));
	ck_assert_uint_eq(row->version, 3);
	ck_assert_uint_eq(row->n, VOTE_BALLOTS_MAX);
}
END_TEST

static struct vote_message
tell(uint64_t boot, uint64_t version, size_t room)
{
	struct vote_message message = { 0 };

	message.deltas = calloc(1, sizeof *message.deltas);
	ck_assert_ptr_nonnull(message.deltas);
	ck_assert_int_eq(vote_table_delta(&table, 0, boot, version, &room,
			     &message), 0);
	return message;
}

/* Who holds (boot, version) of a row at boot 1, version 2 is told this. */
static const struct {
	uint64_t boot;
	uint64_t version;
	size_t room;
	int base; /* -1: nothing */
	uint64_t upto;
	size_t ballots;
} tellings[] = {
	{ 0, 0, 1000, 0, 2, 2 },
	{ 1, 0, 1000, 0, 2, 2 },
	{ 1, 1, 1000, 1, 2, 1 },
	{ 1, 2, 1000, -1, 0, 0 },
	{ 1, 3, 1000, -1, 0, 0 },
	{ 2, 0, 1000, -1, 0, 0 },
	{ 0, 0, 300, 0, 1, 1 }, /* one fits: cut between versions */
	{ 0, 0, 200, -1, 0, 0 },
	{ 0, 0, 10, -1, 0, 0 },
};

START_TEST(tells_what_is_missing)
{
	struct vote_message message = tell(tellings[_i].boot,
	    tellings[_i].version, tellings[_i].room);

	ck_assert_uint_eq(message.n_deltas, tellings[_i].base >= 0);
	if (tellings[_i].base >= 0) {
		ck_assert_uint_eq(message.deltas[0].base,
		    (uint64_t)tellings[_i].base);
		ck_assert_uint_eq(message.deltas[0].upto, tellings[_i].upto);
		ck_assert_uint_eq(message.deltas[0].n, tellings[_i].ballots);
	}
	vote_message_fini(&message);
}
END_TEST

START_TEST(a_changed_vote_is_told_as_a_change)
{
	struct vote_message message;

	ck_assert(vote_table_set(&table, 0, 1, 'd', 'C'));
	ck_assert(!vote_table_set(&table, 0, 1, 'd', 'C'));
	message = tell(1, 2, 1000);
	ck_assert_uint_eq(message.deltas[0].base, 2);
	ck_assert_uint_eq(message.deltas[0].upto, 3);
	ck_assert_uint_eq(message.deltas[0].n, 1);
	ck_assert_str_eq(message.deltas[0].ballots[0].votes, "ada");
	ck_assert_str_eq(message.deltas[0].ballots[0].causes, "-C-");
	vote_message_fini(&message);
}
END_TEST

/* A third service, which was the last one to change, is gone by a reload: two
 * ballots of versions 1 and 2 are left in a row that is whole since 4. */
static void
withdraw_one(void)
{
	const struct vote_table_service three[3] = { services[0], services[1],
		{ .hash = { 3 }, .n_endpoints = 1 } };
	struct vote_table before;

	ck_assert_int_eq(vote_table_init(&before, nodes, 3, 0, TTL_MS, three,
			     3), 0);
	before.rows[0].boot = 1;
	vote_table_inherit(&table, &before);
	ck_assert_uint_eq(table.rows[0].whole_since, 4);
}

/* Who holds (boot, version) is told this where room is for one ballot. */
static void
check_told(uint64_t boot, uint64_t version, uint64_t base, uint64_t upto,
    size_t ballots)
{
	struct vote_message message = tell(boot, version, 300);

	ck_assert_uint_eq(message.n_deltas, 1);
	ck_assert_uint_eq(message.deltas[0].base, base);
	ck_assert_uint_eq(message.deltas[0].upto, upto);
	ck_assert_uint_eq(message.deltas[0].n, ballots);
	vote_message_fini(&message);
}

START_TEST(a_row_is_not_cut_where_it_could_not_be_continued)
{
	withdraw_one();
	check_told(1, 3, 0, 4, 2); /* who held all of it before the reload */
	check_told(0, 0, 0, 4, 2); /* who knows nothing yet */
	ck_assert(vote_table_set(&table, 0, 0, 'u', '-'));
	check_told(1, 4, 4, 5, 1);
	check_told(0, 0, 0, 5, 2);
	ck_assert(vote_table_set(&table, 1, 0, 'u', '-'));
	check_told(0, 0, 0, 5, 1);
	check_told(1, 5, 5, 6, 1);
}
END_TEST

/* What does not fit is no debt of the rows that follow. */
START_TEST(a_row_that_takes_more_than_the_room_leaves_none)
{
	struct vote_message message = { 0 };
	size_t room = 300;

	withdraw_one();
	message.deltas = calloc(1, sizeof *message.deltas);
	ck_assert_ptr_nonnull(message.deltas);
	ck_assert_int_eq(vote_table_delta(&table, 0, 0, 0, &room, &message), 0);
	ck_assert_uint_eq(room, 0);
	vote_message_fini(&message);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_whole_row_counts_at_once);
	tcase_add_test(tcase, deltas_need_what_they_build_on);
	tcase_add_test(tcase, a_delta_up_to_less_brings_no_heartbeat);
	tcase_add_test(tcase, a_way_that_is_not_known_brings_no_heartbeat);
	tcase_add_loop_test(tcase, ages_are_those_of_the_newest_heartbeat, 0,
	    COUNT(ages));
	tcase_add_test(tcase,
	    who_asks_may_have_read_the_clock_before_the_heartbeat);
	tcase_add_test(tcase, rows_are_fresh_below_their_time_to_live);
	tcase_add_test(tcase, a_newer_boot_starts_the_row_anew);
	tcase_add_test(tcase, nobody_changes_the_own_row);
	tcase_add_test(tcase, a_whole_row_takes_back_what_is_not_in_it);
	tcase_add_test(tcase, another_number_of_endpoints_does_not_count);
	tcase_add_test(tcase, a_row_is_bounded);
	tcase_add_loop_test(tcase, tells_what_is_missing, 0, COUNT(tellings));
	tcase_add_test(tcase, a_changed_vote_is_told_as_a_change);
	tcase_add_test(tcase,
	    a_row_is_not_cut_where_it_could_not_be_continued);
	tcase_add_test(tcase, a_row_that_takes_more_than_the_room_leaves_none);
}

int
main(void)
{
	return check_main("vote_table", fill);
}
