/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim_mutants.h"

#include <stdlib.h>
#include <string.h>

enum sim_mutant sim_mutant;

const struct sim_mutant_info sim_mutants[SIM_MUTANTS] = {
#define X(name, by, text) { #name, SIM_BY_##by, text },
	SIM_MUTANT_TABLE(X)
#undef X
};

bool
sim_mutant_choose(const char *name)
{
	for (int i = 0; i < SIM_MUTANTS; i++)
		if (strcmp(sim_mutants[i].name, name) == 0) {
			sim_mutant = (enum sim_mutant)i;
			return true;
		}
	return false;
}

__attribute__((constructor)) static void
choose_by_environment(void)
{
	const char *name = getenv("RRDNSD_MUTANT");

	if (name != NULL && !sim_mutant_choose(name))
		abort();
}
