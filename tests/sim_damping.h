/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_DAMPING_H
#define RRDNSD_TESTS_SIM_DAMPING_H

#include "sim.h"

/* As agent_damping.h; called where the agent calls it. */
void sim_damping_prepare(struct sim_service *service);
bool sim_damping_holds(struct sim_service *service);
void sim_damping_note(struct sim_service *service);
void sim_damping_send(struct sim_service *service, enum addr_family family);
bool sim_damping_see(struct sim_service *service, enum addr_family family);
bool sim_damping_is_due(const struct sim_service *service);
void sim_damping_tick(struct sim_node *node);

#endif
