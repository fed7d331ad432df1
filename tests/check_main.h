/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_CHECK_MAIN_H
#define RRDNSD_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

/* Seconds for one test, on a machine that has much else to do. */
#define CHECK_TIMEOUT_S 60

/* tests/valgrind sets it. */
static inline bool
is_under_valgrind(void)
{
	return getenv("UNDER_VALGRIND") != NULL;
}

/* The frame that each program of tests shares: one suite of one case. */
static inline int
check_main(const char *name, void (*fill)(TCase *tcase))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, CHECK_TIMEOUT_S);
	fill(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define COUNT(array) (sizeof array / sizeof array[0])

#endif
