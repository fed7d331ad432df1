/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "hook_queue.h"

uint64_t
hook_queue_pop(struct hook_queue *queue)
{
	uint64_t id;

	if (queue->n == 0)
		return 0;
	id = queue->ids[queue->first];
	queue->first = (queue->first + 1) % HOOK_QUEUE_MAX;
	queue->n--;
	return id;
}

void
hook_queue_push(struct hook_queue *queue, uint64_t id)
{
	if (queue->n == HOOK_QUEUE_MAX) {
		hook_queue_pop(queue);
		queue->dropped++;
	}
	queue->ids[(queue->first + queue->n++) % HOOK_QUEUE_MAX] = id;
}
