/* SPDX-License-Identifier: ISC */
/* loop.h on a virtual clock: one loop per node, driven by the world. */
#include "config.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "sim.h"

struct deferred {
	loop_defer_cb *cb;
	void *arg;
	STAILQ_ENTRY(deferred) entry;
};

struct loop {
	struct sim_node *node;
	struct timer_heap timers;
	STAILQ_HEAD(, deferred) deferred;
	int64_t turn_us; /* the clock as this turn read it; -1: between turns */
};

static const struct loop *current; /* whose turn it is */

struct loop *
sim_loop_new(struct sim_node *node)
{
	struct loop *loop = calloc(1, sizeof *loop);

	if (loop == NULL)
		abort();
	loop->node = node;
	loop->turn_us = -1;
	STAILQ_INIT(&loop->deferred);
	return loop;
}

struct sim_node *
sim_loop_node(const struct loop *loop)
{
	return loop->node;
}

void
sim_loop_free(struct loop *loop)
{
	sim_loop_end_turn(loop);
	timer_heap_fini(&loop->timers);
	if (current == loop)
		current = NULL;
	free(loop);
}

void
sim_loop_begin_turn(struct loop *loop)
{
	current = loop;
	if (loop->turn_us < 0)
		loop->turn_us = sim_node_now_us(loop->node);
}

int64_t
sim_loop_next_us(const struct loop *loop)
{
	const struct timer *first = timer_heap_first(&loop->timers);

	if (first == NULL)
		return INT64_MAX;
	return first->deadline_ms * SIM_MS - loop->node->boot_offset_us;
}

void
sim_loop_fire(struct loop *loop)
{
	struct timer *timer = timer_heap_first(&loop->timers);

	sim_loop_begin_turn(loop);
	timer_heap_cancel(&loop->timers, timer);
	timer->cb(timer->arg);
}

void
sim_loop_end_turn(struct loop *loop)
{
	struct deferred *first;

	sim_loop_begin_turn(loop);
	while ((first = STAILQ_FIRST(&loop->deferred)) != NULL) {
		STAILQ_REMOVE_HEAD(&loop->deferred, entry);
		first->cb(first->arg);
		free(first);
	}
	loop->turn_us = -1;
}

/* Time goes on, and everybody else's events come late. */
void
sim_loop_stall(struct loop *loop, int64_t us)
{
	sim_loop_begin_turn(loop);
	loop->node->sim->now_us += us;
}

int64_t
loop_now_us(const struct loop *loop)
{
	return loop->turn_us >= 0 ? loop->turn_us
				  : sim_node_now_us(loop->node);
}

int64_t
loop_now_ms(const struct loop *loop)
{
	return loop_now_us(loop) / SIM_MS;
}

int64_t
loop_clock_us(void)
{
	return current != NULL ? sim_node_now_us(current->node) : 0;
}

void
loop_timer_init(struct timer *timer, timer_cb *cb, void *arg)
{
	*timer = (struct timer){ .cb = cb, .arg = arg };
}

void
loop_timer_set(struct loop *loop, struct timer *timer, int64_t deadline_ms)
{
	if (timer_heap_set(&loop->timers, timer, deadline_ms) != 0)
		abort();
}

void
loop_timer_cancel(struct loop *loop, struct timer *timer)
{
	timer_heap_cancel(&loop->timers, timer);
}

bool
loop_timer_is_set(const struct timer *timer)
{
	return timer->slot != 0;
}

void
loop_defer(struct loop *loop, loop_defer_cb *cb, void *arg)
{
	struct deferred *deferred = malloc(sizeof *deferred);

	if (deferred == NULL)
		abort();
	*deferred = (struct deferred){ .cb = cb, .arg = arg };
	STAILQ_INSERT_TAIL(&loop->deferred, deferred, entry);
}

/* In place of the kernel's, so that a seed replays a run: the publisher seeds
 * its jitter by this. Chance of the world is not used up, because OpenSSL asks
 * here, too, once per process. */
ssize_t
getrandom(void *buffer, size_t length, unsigned flags)
{
	unsigned char *bytes = buffer;
	uint64_t x = 88172645463325252;

	(void)flags;
	if (current != NULL)
		x ^= (current->node->sim->seed * SIM_NODES +
			 current->node->index) << 20 |
		    current->node->life;
	for (size_t i = 0; i < length; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes[i] = (unsigned char)(x >> 32);
	}
	return (ssize_t)length;
}
