/* SPDX-License-Identifier: ISC */
/*
 * Out of memory: each case is tried with its first allocation refused, with its
 * second and so on until it passes; once so that memory is there again
 * afterwards, once so that none comes any more. Nothing may crash, leak or be
 * lost, and nobody else may be blamed: what fails says that it was memory.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "check_main.h"
#include "err.h"
#include "file_read.h"
#include "oom.h"
#include "oom_cases.h"

static void
try_once(const struct oom_case *one, unsigned n, bool endless, bool *passed)
{
	unsigned refused;
	int err;

	one->prepare();
	oom_arm(n, endless);
	err = one->attempt();
	refused = oom_disarm();
	*passed = refused == 0;
	ck_assert_msg(err == 0 || (refused > 0 &&
		(err == ERR_NOMEM || err == ERR_CRYPTO)),
	    "%s: \"%s\" when allocation %u was refused", one->name,
	    err_text(err), n);
	one->judge(err);
	ERR_clear_error(); /* OpenSSL keeps the last 16 with their texts */
}

static void
sweep(const struct oom_case *one, bool endless)
{
	bool passed = false;

	for (unsigned n = 1; !passed; n++)
		try_once(one, n, endless, &passed);
}

/* What libraries keep for themselves they have after the first sweep. */
static void
survive(const struct oom_case *one)
{
	long before = 0;

	for (int round = 0; round < 2; round++) {
		before = oom_blocks();
		sweep(one, false);
		sweep(one, true);
	}
	ck_assert_msg(oom_blocks() <= before, "%s: %ld blocks leaked",
	    one->name, oom_blocks() - before);
}

START_TEST(dns)
{
	survive(&oom_dns_cases[_i]);
}
END_TEST

START_TEST(json)
{
	survive(&oom_json_cases[_i]);
}
END_TEST

START_TEST(configuration)
{
	survive(&oom_conf_cases[_i]);
}
END_TEST

START_TEST(voting)
{
	survive(&oom_vote_cases[_i]);
}
END_TEST

START_TEST(events)
{
	survive(&oom_event_cases[_i]);
}
END_TEST

START_TEST(hosted)
{
	survive(&oom_hosted_cases[_i]);
}
END_TEST

START_TEST(probes)
{
	survive(&oom_probe_cases[_i]);
}
END_TEST

char *
oom_corpus(const char *name, size_t *len)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], why[200], *text = NULL;

	snprintf(path, sizeof path, "%s/tests/corpus/%s",
	    srcdir == NULL ? "." : srcdir, name);
	ck_assert_msg(file_read(path, 1 << 20, &text, len, why, sizeof why) ==
		0, "%s: %s", path, why);
	return text;
}

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, dns, 0, (int)oom_n_dns_cases);
	tcase_add_loop_test(tcase, json, 0, (int)oom_n_json_cases);
	tcase_add_loop_test(tcase, configuration, 0, (int)oom_n_conf_cases);
	tcase_add_loop_test(tcase, voting, 0, (int)oom_n_vote_cases);
	tcase_add_loop_test(tcase, events, 0, (int)oom_n_event_cases);
	tcase_add_loop_test(tcase, hosted, 0, (int)oom_n_hosted_cases);
	tcase_add_loop_test(tcase, probes, 0, (int)oom_n_probe_cases);
}

/* Not under valgrind, whose malloc(3) comes first. */
static bool
can_refuse(void)
{
	void *volatile block;

	oom_arm(1, false);
	block = malloc(1);
	free(block);
	return oom_disarm() == 1;
}

int
main(void)
{
	if (!can_refuse()) {
		puts("allocations can't be refused here");
		return 77; /* skipped */
	}
	return check_main("oom", fill);
}
