/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_RUN_H
#define RRDNSD_TESTS_SIM_RUN_H

#include "sim.h"

/* The whole course of one run; false: an invariant did not hold, sim->why says
 * which. sim_init before, sim_fini after it. */
bool sim_run(struct sim *sim);

/* The kind SIM_SWIFT: how soon and how often DNS is written. */
void sim_swift(struct sim *sim);

/* Until DNS is as it should be; fails after limit_us. */
void sim_settle(struct sim *sim, int64_t limit_us);

#endif
