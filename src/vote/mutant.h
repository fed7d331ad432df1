/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_MUTANT_H
#define RRDNSD_VOTE_MUTANT_H

/*
 * The simulation (tests/sim_cluster) is built with VOTE_MUTANTS and breaks one
 * rule of the protocol at a time on purpose, to show that it would notice. In
 * the daemon every VOTE_BREAKS() is the constant false.
 */
#ifdef VOTE_MUTANTS
#include "sim_mutants.h"
#define VOTE_BREAKS(name) (sim_mutant == SIM_MUTANT_##name)
#else
#define VOTE_BREAKS(name) 0
#endif

#endif
