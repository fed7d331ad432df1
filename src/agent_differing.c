/* SPDX-License-Identifier: ISC */
/* Nodes that are heard, but whose votes count apart, because they define a
 * service otherwise: a line once that lasts, and one when it is over. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent_impl.h"
#include "log.h"

/* What is changed on one node after the other differs for a while. */
#define LASTS_MS 10000

struct agent_difference {
	struct addr node;
	size_t n; /* services that it defines otherwise, or not at all */
	int64_t since_ms; /* loop clock: when that became so many */
	size_t told; /* how many were told */
};

static void
tell(const struct agent *agent, struct agent_difference *d, const char *first)
{
	char name[ADDR_TEXT_MAX];

	d->told = d->n;
	addr_format(&d->node, true, name);
	if (d->n == 0)
		log_notice("node %s: defines all services as we do again",
		    name);
	else
		log_warning("node %s: has not our definition of %zu of %zu "
			    "services (%s%s): its votes on %s do not count "
			    "with ours; compare the files, and nodes in them",
		    name, d->n, agent->n_services, first,
		    d->n > 1 ? ", ..." : "", d->n > 1 ? "these" : "it");
}

static void
look(const struct agent *agent, size_t row, struct agent_difference *d)
{
	int64_t now_ms = loop_now_ms(agent->loop);
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = agent->n_services; i-- > 0;)
		if (!vote_node_agrees(agent->node, row,
			agent->services[i]->index)) {
			first = agent->services[i]->conf->fqdn;
			n++;
		}
	if (n != d->n) {
		d->n = n;
		d->since_ms = now_ms;
	}
	if (n != d->told && (n == 0 || now_ms - d->since_ms >= LASTS_MS))
		tell(agent, d, first);
}

/* Room for all nodes of the table, of which there may be others now. */
static bool
have_room(struct agent *agent, size_t n)
{
	struct agent_difference *list;

	if (n <= agent->n_differences)
		return true;
	list = realloc(agent->differences, n * sizeof *list);
	if (list == NULL)
		return false;
	for (size_t i = agent->n_differences; i < n; i++)
		list[i] = (struct agent_difference){ 0 };
	agent->differences = list;
	agent->n_differences = n;
	return true;
}

void
agent_differing_tick(struct agent *agent)
{
	size_t n = vote_node_count(agent->node);

	if (n == 1 || !have_room(agent, n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct agent_difference *d = &agent->differences[i];
		struct vote_node_info info;

		vote_node_info(agent->node, i, agent_now_ms(), &info);
		if (!info.fresh || addr_compare(&d->node, &info.addr) != 0)
			*d = (struct agent_difference){ .node = info.addr };
		if (info.fresh)
			look(agent, i, d);
	}
}

void
agent_differing_free(struct agent *agent)
{
	free(agent->differences);
	agent->differences = NULL;
	agent->n_differences = 0;
}
