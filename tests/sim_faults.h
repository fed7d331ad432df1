/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_FAULTS_H
#define RRDNSD_TESTS_SIM_FAULTS_H

#include "sim.h"

/* What goes wrong, by chance. */

/* One step of the kind of run; called again and again until all is calm. */
void sim_faults_step(struct sim *sim);

/* Everything works from now on, each node runs the last configuration. */
void sim_faults_heal(struct sim *sim);

#endif
