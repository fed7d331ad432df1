/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_HEALTH_H
#define RRDNSD_HTTP_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "http/outcome.h"

/*
 * One endpoint as this node sees it: rise and fall over two counters, pure
 * (protocol.md section 2).
 */
enum health_state {
	HEALTH_UNKNOWN, /* neither rise nor fall was ever reached */
	HEALTH_UP,
	HEALTH_DOWN,
};

struct health {
	enum health_state state;
	unsigned streak; /* outcomes in a row that contradict state */
	bool streak_ok; /* what they were; matters while state is unknown */
	uint64_t history; /* newest in bit 0; 1: ok; only counted outcomes */
	unsigned history_len; /* at most 64 */
	int64_t counted_at_ms; /* when the last counted outcome came; 0: never */
	int64_t failing_since_ms; /* the first failure in a row; 0: ok */
};

/* Takes one outcome; true when state changed. Local faults and cancelled
 * probes neither count nor reset. */
bool health_step(struct health *health, unsigned rise, unsigned fall,
    enum outcome outcome, int64_t at_ms);

/* What was counted until now says nothing of the endpoint: rise or fall has to
 * be reached anew. The history is kept. */
void health_void(struct health *health);

/* True from the first outcome that differs until rise or fall is reached. */
bool health_in_doubt(const struct health *health);

/* True while the last counted probe is too old to vote on: more than
 * 3 x interval + timeout. */
bool health_is_stale(const struct health *health, unsigned interval_ms,
    unsigned timeout_ms, int64_t now_ms);

/* We stood still and so did the clock: what was counted is that much older. */
void health_age(struct health *health, int64_t ms);

/* The history as text, oldest first, '+' and '-', into buf[65]. */
const char *health_history(const struct health *health, char buf[65]);
const char *health_state_text(enum health_state state);

#endif
