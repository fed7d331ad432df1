/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_OOM_CASES_H
#define RRDNSD_TESTS_OOM_CASES_H

#include <stddef.h>

/* Something that is tried while memory runs out. */
struct oom_case {
	const char *name;
	void (*prepare)(void); /* memory is there */
	int (*attempt)(void); /* it may be not; 0 or an error */
	void (*judge)(int err); /* it is there again; frees what there is */
};

extern const struct oom_case oom_dns_cases[], oom_json_cases[],
    oom_conf_cases[], oom_vote_cases[], oom_event_cases[], oom_hosted_cases[],
    oom_probe_cases[];
extern const size_t oom_n_dns_cases, oom_n_json_cases, oom_n_conf_cases,
    oom_n_vote_cases, oom_n_event_cases, oom_n_hosted_cases, oom_n_probe_cases;

/* A file of tests/corpus, with a NUL behind it that doesn't count. */
char *oom_corpus(const char *name, size_t *len);

#endif
