/* SPDX-License-Identifier: ISC */
/* When probes start and time out, on a virtual clock. */
#include "config.h"

#include "check_main.h"
#include "http/probe_grid.h"
#include "loop.h"

#define T0 1700000000000003 /* between two slots */

static struct probe_grid grid;
static unsigned interval_ms, timeout_ms;
static int64_t now_ms;
static unsigned seed;

static void
setup(void)
{
	interval_ms = timeout_ms = 1000;
	now_ms = T0;
	seed = 42;
	grid = (struct probe_grid){ 0 };
	probe_grid_plan(&grid, T0);
}

/* The loop wakes up for a slot, up to most_ms late. */
static void
wake(int64_t slot_ms, unsigned most_ms)
{
	seed = seed * 1103515245 + 12345;
	ck_assert_int_eq(slot_ms % LOOP_SLOT_MS, 0);
	if (now_ms < slot_ms)
		now_ms = slot_ms;
	now_ms += (seed >> 16) % (most_ms + 1);
}

static void
start(unsigned late_ms)
{
	wake(probe_grid_slot(&grid), late_ms);
	ck_assert(probe_grid_start(&grid, now_ms, interval_ms, false));
}

/* The probe hears nothing until its time is over. The next start may come
 * first. Returns how long it had. */
static int64_t
time_out(unsigned late_ms)
{
	int64_t begun_ms = now_ms;
	int64_t end_ms = probe_grid_deadline(&grid, now_ms, timeout_ms);

	if (probe_grid_slot(&grid) <= end_ms) {
		wake(probe_grid_slot(&grid), 0);
		ck_assert(!probe_grid_start(&grid, now_ms, interval_ms, true));
	}
	wake(end_ms, late_ms);
	return end_ms - begun_ms;
}

START_TEST(starts_stay_on_the_grid)
{
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(grid.next_ms, T0 + i * 1000);
		start(9);
	}
}
END_TEST

START_TEST(a_silent_target_is_probed_at_its_interval)
{
	for (int i = 0; i < 1000; i++) {
		start(9);
		ck_assert_int_eq(grid.next_ms, T0 + (i + 1) * 1000);
		ck_assert_int_ge(time_out(3), 980);
		ck_assert(grid.owed);
	}
}
END_TEST

START_TEST(a_late_start_costs_no_further_ones)
{
	start(0);
	time_out(0);
	now_ms += 135;
	for (int i = 1; i < 100; i++) {
		start(3);
		ck_assert_int_ge(time_out(3), 980);
		ck_assert_int_eq(grid.next_ms, T0 + (i + 1) * 1000);
	}
	ck_assert_int_le(now_ms, probe_grid_slot(&grid) + 3);
}
END_TEST

START_TEST(a_time_out_that_nobody_waits_for_is_whole)
{
	timeout_ms = 500;
	for (int i = 0; i < 100; i++) {
		start(9);
		ck_assert_int_ge(time_out(0), 500);
		ck_assert(!grid.owed);
	}
}
END_TEST

START_TEST(a_short_time_out_is_not_cut)
{
	interval_ms = timeout_ms = 10;
	for (int i = 0; i < 100; i++) {
		start(9);
		ck_assert_int_ge(time_out(0), 10);
	}
}
END_TEST

START_TEST(a_start_is_owed_until_the_last_probe_is_over)
{
	timeout_ms = 1500;
	start(0);
	ck_assert_int_ge(time_out(0), 1500);
	ck_assert(grid.owed);
	start(0);
	ck_assert(!grid.owed);
	ck_assert_int_eq(now_ms, loop_slot(loop_slot(T0) + 1500));
	ck_assert_int_eq(grid.next_ms, T0 + 2000);
}
END_TEST

START_TEST(starts_that_were_missed_are_left_out)
{
	start(0);
	now_ms += 4321;
	start(0);
	ck_assert_int_eq(grid.next_ms, T0 + 5000);
}
END_TEST

START_TEST(another_interval_counts_from_the_last_start)
{
	start(0);
	now_ms += 100;
	probe_grid_change(&grid, now_ms, 250);
	ck_assert_int_eq(grid.next_ms, loop_slot(T0) + 250);
	now_ms += 300;
	probe_grid_change(&grid, now_ms, 250);
	ck_assert_int_eq(grid.next_ms, now_ms);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, starts_stay_on_the_grid);
	tcase_add_test(tcase, a_silent_target_is_probed_at_its_interval);
	tcase_add_test(tcase, a_late_start_costs_no_further_ones);
	tcase_add_test(tcase, a_time_out_that_nobody_waits_for_is_whole);
	tcase_add_test(tcase, a_short_time_out_is_not_cut);
	tcase_add_test(tcase, a_start_is_owed_until_the_last_probe_is_over);
	tcase_add_test(tcase, starts_that_were_missed_are_left_out);
	tcase_add_test(tcase, another_interval_counts_from_the_last_start);
}

int
main(void)
{
	return check_main("probe_grid", fill);
}
