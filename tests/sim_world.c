/* SPDX-License-Identifier: ISC */
/* True time, chance and memory of a simulated world. */
#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_oracle.h"

struct sim_event {
	int64_t at_us;
	uint64_t order; /* of those at the same time */
	void (*run)(struct sim *sim, void *arg);
	void *arg;
};

/* Everything is given back at once, at the end of a run. */
struct block {
	struct block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

#define BLOCK_SIZE (1u << 18)

void *
sim_alloc(struct sim *sim, size_t size)
{
	struct block *block = sim->arena;
	size_t rounded = (size + 15) & ~(size_t)15;
	char *at;

	if (block == NULL || block->used + rounded > block->size) {
		size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;

		block = malloc(sizeof *block + room);
		if (block == NULL)
			abort();
		block->next = sim->arena;
		block->used = 0;
		block->size = room;
		sim->arena = block;
	}
	at = (char *)block->data + block->used;
	block->used += rounded;
	return memset(at, 0, size);
}

void *
sim_copy(struct sim *sim, const void *data, size_t size)
{
	char *copy = sim_alloc(sim, size + 1);

	return memcpy(copy, data, size);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
next_random(struct sim *sim)
{
	uint64_t z = (sim->random += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t
sim_below(struct sim *sim, uint64_t n)
{
	return next_random(sim) % n;
}

int64_t
sim_between(struct sim *sim, int64_t low, int64_t high)
{
	return low + (int64_t)sim_below(sim, (uint64_t)(high - low) + 1);
}

bool
sim_chance(struct sim *sim, unsigned permille)
{
	return permille > 0 && sim_below(sim, 1000) < permille;
}

static bool
is_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_us < b->at_us ||
	    (a->at_us == b->at_us && a->order < b->order);
}

void
sim_at(struct sim *sim, int64_t at_us, void (*run)(struct sim *, void *),
    void *arg)
{
	struct sim_event *event = sim_alloc(sim, sizeof *event);
	size_t i = sim->n_events++;

	*event = (struct sim_event){ at_us, sim->order++, run, arg };
	if (sim->n_events > sim->room) {
		sim->room = 2 * sim->n_events + 64;
		sim->events = realloc(sim->events,
		    sim->room * sizeof *sim->events);
		if (sim->events == NULL)
			abort();
	}
	while (i > 0 && is_before(event, sim->events[(i - 1) / 2])) {
		sim->events[i] = sim->events[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	sim->events[i] = event;
}

static struct sim_event *
pop(struct sim *sim)
{
	struct sim_event *first = sim->events[0];
	struct sim_event *last = sim->events[--sim->n_events];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < sim->n_events) {
		if (child + 1 < sim->n_events &&
		    is_before(sim->events[child + 1], sim->events[child]))
			child++;
		if (!is_before(sim->events[child], last))
			break;
		sim->events[i] = sim->events[child];
		i = child;
	}
	sim->events[i] = last;
	return first;
}

static struct sim_node *
next_node(struct sim *sim, int64_t *at_us)
{
	struct sim_node *next = NULL;

	*at_us = INT64_MAX;
	for (size_t i = 0; i < sim->n_nodes; i++) {
		struct sim_node *node = &sim->nodes[i];
		int64_t us;

		if (node->power != SIM_UP)
			continue;
		us = sim_loop_next_us(node->loop);
		if (us < *at_us) {
			*at_us = us;
			next = node;
		}
	}
	return next;
}

static void
run_node(struct sim *sim, struct sim_node *node, int64_t at_us)
{
	assert(node != NULL);
	if (at_us > sim->now_us)
		sim->now_us = at_us;
	sim_loop_fire(node->loop);
	sim_node_end_turn(node);
}

void
sim_run_until(struct sim *sim, int64_t until_us)
{
	while (!sim->failed) {
		int64_t node_us, event_us = INT64_MAX;
		struct sim_node *node = next_node(sim, &node_us);

		if (sim->n_events > 0)
			event_us = sim->events[0]->at_us;
		if (node_us > until_us && event_us > until_us)
			break;
		if (node_us < event_us) {
			run_node(sim, node, node_us);
		} else {
			struct sim_event *event = pop(sim);

			if (event->at_us > sim->now_us)
				sim->now_us = event->at_us;
			event->run(sim, event->arg);
		}
	}
	if (!sim->failed && until_us > sim->now_us)
		sim->now_us = until_us;
}

void
sim_say(const struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->verbose)
		return;
	printf("%10.3f  ", (double)sim->now_us / 1e6);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void
sim_fail(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (sim->failed)
		return;
	sim->failed = true;
	va_start(args, format);
	vsnprintf(sim->why, sizeof sim->why, format, args);
	va_end(args);
	sim_say(sim, "FAILED: %s", sim->why);
}

void
sim_init(struct sim *sim, uint64_t seed)
{
	*sim = (struct sim){ .seed = seed, .random = seed * 2 + 1,
		.heartbeat_ms = 1000, .vote_ttl_ms = 5000,
		.takeover_ms = 1500 };
	/* Any time of day but the beginning of time. */
	sim->now_us = 1000 * SIM_S;
}

void
sim_fini(struct sim *sim)
{
	struct block *block = sim->arena, *next;

	for (size_t i = 0; i < sim->n_nodes; i++) {
		sim_node_crash(&sim->nodes[i]);
		free(sim->nodes[i].disk_intents);
	}
	for (; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(sim->events);
	secret_fini(&sim->secret);
}
