/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_OOM_H
#define RRDNSD_TESTS_OOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory that runs out. malloc(3), calloc(3) and realloc(3) of the whole
 * process are ours, so that what libraries ask for is refused, too.
 */

/* The n-th allocation from now on is refused (1: the next one), and all that
 * follow, if so said. */
void oom_arm(unsigned n, bool all_after);

/* Whether an allocation would be refused now; asking counts as one. */
bool oom_refuses(void);

/* How many were refused. */
unsigned oom_disarm(void);

/* Memory is there again until oom_resume: for a library that ends the process
 * when it has none. */
void oom_pause(void);
void oom_resume(void);

/* Blocks that were allocated and not freed. */
long oom_blocks(void);

#endif
