/* SPDX-License-Identifier: ISC */
/* One probe from its start to its outcome, whatever makes it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "http/prober_impl.h"

static struct loop *
loop_of(const struct probe *probe)
{
	return probe->target->prober->loop;
}

/* A small part must not count: a loop that stalls a little all the time would
 * never see that something is dead. */
bool
probe_is_stalled(const struct probe *probe)
{
	int64_t lost_us = loop_stalled_us(loop_of(probe)) - probe->stalled_us;

	return lost_us > (int64_t)probe->target->spec.timeout_ms * 1000 / 2;
}

void
probe_cancel(struct probe *probe)
{
	struct probe_target *target = probe->target;

	loop_timer_cancel(loop_of(probe), &probe->deadline);
	target->engine->release(probe);
	body_fini(&probe->body);
	target->probe = NULL;
	target->prober->stats.in_flight--;
	free(probe);
}

enum probe_body
probe_take_body(struct probe *probe, const char *data, size_t len)
{
	struct probe_target *target = probe->target;
	const struct conf_probe *how = &target->spec.how;
	bool expected = body_pattern_is_set(&target->pattern);

	if (expected &&
	    body_append(&probe->body, data, len, how->max_body) == ERR_NOMEM)
		return PROBE_BODY_NO_MEMORY;
	probe->body_bytes += len;
	if (probe->body_bytes >= how->max_body ||
	    (expected && !how->reuse &&
		body_matches_yet(&probe->body, &target->pattern)))
		return PROBE_BODY_ENOUGH;
	return PROBE_BODY_MORE;
}

/* The result has its outcome and detail. */
static void
finish(struct probe *probe, struct probe_result *result)
{
	struct probe_target *target = probe->target;
	int64_t now_us = loop_clock_us();

	result->at_ms = now_us / 1000;
	result->duration_us = (uint32_t)(now_us - probe->started_us);
	if (outcome_class(result->outcome) == OUTCOME_CLASS_TARGET)
		target->full_handshake_at_ms = 0;
	probe_cancel(probe);
	prober_take_result(target, result);
}

void
probe_end_with(struct probe *probe, enum outcome outcome, const char *detail)
{
	struct probe_result result = { .outcome = outcome };

	snprintf(result.detail, sizeof result.detail, "%s", detail);
	finish(probe, &result);
}

void
probe_end(struct probe *probe, const struct transfer_facts *facts)
{
	struct probe_result result = { 0 };

	result.outcome = judge_transfer(facts,
	    &probe->target->spec.how.expect_status, result.detail,
	    sizeof result.detail);
	finish(probe, &result);
}

static void
on_deadline(void *arg)
{
	struct probe *probe = arg;

	probe->target->engine->time_out(probe);
}

void
probe_set_deadline(struct probe *probe)
{
	struct probe_target *target = probe->target;
	struct loop *loop = loop_of(probe);

	loop_timer_set(loop, &probe->deadline,
	    probe_grid_deadline(&target->grid, loop_now_ms(loop),
		target->spec.timeout_ms));
}

static void
end_unstarted(struct probe_target *target, enum outcome outcome,
    const char *detail)
{
	struct probe_result result = {
		.outcome = outcome,
		.at_ms = loop_now_ms(target->prober->loop),
	};

	snprintf(result.detail, sizeof result.detail, "%s", detail);
	prober_take_result(target, &result);
}

void
probe_start(struct probe_target *target)
{
	struct prober *prober = target->prober;
	struct probe *probe;

	prober->stats.started++;
	if (target->broken) {
		end_unstarted(target, OUTCOME_SETUP, target->broken_text);
		return;
	}
	probe = calloc(1, target->engine->size);
	if (probe == NULL) {
		end_unstarted(target, OUTCOME_NO_MEMORY,
		    outcome_text(OUTCOME_NO_MEMORY));
		return;
	}
	probe->target = target;
	probe->started_us = loop_clock_us();
	probe->stalled_us = loop_stalled_us(prober->loop);
	loop_timer_init(&probe->deadline, on_deadline, probe);
	probe_set_deadline(probe);
	target->probe = probe;
	prober->stats.in_flight++;
	target->engine->start(probe);
}
