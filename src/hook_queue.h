/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HOOK_QUEUE_H
#define RRDNSD_HOOK_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/* Ids of events that somebody is still to be told of; pure. When it is full,
 * the oldest one gives way, and is counted. Begins as zeros. */
#define HOOK_QUEUE_MAX 1000

struct hook_queue {
	uint64_t ids[HOOK_QUEUE_MAX];
	size_t first;
	size_t n;
	uint64_t dropped;
};

void hook_queue_push(struct hook_queue *queue, uint64_t id);

/* The oldest one, which leaves the queue; 0: it is empty. */
uint64_t hook_queue_pop(struct hook_queue *queue);

#endif
