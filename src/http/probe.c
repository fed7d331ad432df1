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

bool
probe_is_stalled(const struct probe *probe)
{
	const struct probe_target *target = probe->target;
	int64_t late_ms = loop_now_ms(loop_of(probe)) -
	    target->started_ms - target->spec.timeout_ms;

	return late_ms > (int64_t)target->spec.timeout_ms / 2 + 10;
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
	const struct probe_target *target = probe->target;
	const struct conf_probe *how = &target->spec.how;
	bool expected = body_pattern_is_set(&target->pattern);

	if (expected &&
	    body_append(&probe->body, data, len, how->max_body) == ERR_NOMEM)
		return PROBE_BODY_NO_MEMORY;
	probe->body_bytes += len;
	if (probe->body_bytes >= how->max_body ||
	    (expected && !how->reuse &&
		body_matches(&probe->body, &target->pattern)))
		return PROBE_BODY_ENOUGH;
	return PROBE_BODY_MORE;
}

void
probe_end_with(struct probe *probe, enum outcome outcome, const char *detail)
{
	struct probe_target *target = probe->target;
	int64_t now_us = loop_clock_us();
	struct probe_result result = {
		.outcome = outcome,
		.at_ms = now_us / 1000,
		.duration_us = (uint32_t)(now_us - probe->started_us),
	};

	snprintf(result.detail, sizeof result.detail, "%s", detail);
	if (outcome != OUTCOME_OK)
		target->full_handshake_at_ms = 0;
	probe_cancel(probe);
	prober_take_result(target, &result);
}

void
probe_end(struct probe *probe, const struct transfer_facts *facts)
{
	char detail[PROBE_DETAIL_MAX];
	enum outcome outcome = judge_transfer(facts,
	    &probe->target->spec.how.expect_status, detail, sizeof detail);

	probe_end_with(probe, outcome, detail);
}

static void
on_deadline(void *arg)
{
	struct probe *probe = arg;

	probe->target->engine->time_out(probe);
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

	target->started_ms = loop_now_ms(prober->loop);
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
	loop_timer_init(&probe->deadline, on_deadline, probe);
	loop_timer_set(prober->loop, &probe->deadline,
	    loop_slot(target->started_ms + target->spec.timeout_ms));
	target->probe = probe;
	prober->stats.in_flight++;
	target->engine->start(probe);
}
