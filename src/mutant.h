/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_MUTANT_H
#define RRDNSD_MUTANT_H

/*
 * The simulation (tests/sim_cluster) is built with RRDNSD_MUTANTS and breaks
 * one rule of protocol.md at a time on purpose, to show that it would notice.
 * In the daemon each MUTANT() is the constant 0. The names stand in
 * tests/sim_mutants.h.
 */
#ifdef RRDNSD_MUTANTS
#include "sim_mutants.h"
#define MUTANT(name) (sim_mutant == SIM_MUTANT_##name)
#else
#define MUTANT(name) 0
#endif

#endif
