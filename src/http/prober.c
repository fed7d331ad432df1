/* SPDX-License-Identifier: ISC */
/* Who is probed when, and who is told. */
#define LOG_TAG "[prober]"
#include "config.h"

#include "http/prober.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "conf.h"
#include "err.h"
#include "exec.h"
#include "http/prober_impl.h"
#include "log.h"

/* Measured: 64 multi handles for 10,000 endpoints. */
#define TARGETS_PER_SHARD 160

struct prober *
prober_new(struct loop *loop, size_t endpoints, const struct dns_query *dns)
{
	struct prober *prober;
	size_t n = endpoints / TARGETS_PER_SHARD + 1;

	prober = calloc(1, sizeof *prober);
	if (prober == NULL)
		return NULL;
	prober->loop = loop;
	if (getrandom(&prober->random, sizeof prober->random, 0) < 0)
		prober->random = (uint64_t)loop_clock_us();
	prober->random |= 1;
	prober->dns = dns;
	TAILQ_INIT(&prober->waiting);
	prober->exec =
	    exec_new(loop, PROBER_EXEC_MAX, probe_exec_on_free, prober);
	if (prober->exec == NULL) {
		prober_free(prober);
		return NULL;
	}
	prober->n_shards = n < PROBER_SHARDS_MAX ? n : PROBER_SHARDS_MAX;
	prober->shard_size =
	    (long)(endpoints / prober->n_shards) + TARGETS_PER_SHARD;
	return prober;
}

struct curl_shard *
prober_next_shard(struct prober *prober)
{
	struct curl_shard **shard =
	    &prober->shards[prober->next_shard++ % prober->n_shards];

	if (*shard == NULL)
		*shard = curl_shard_new(prober->loop, prober->shard_size,
		    probe_curl_on_done, probe_curl_on_polled);
	return *shard;
}

void
prober_free(struct prober *prober)
{
	if (prober == NULL)
		return;
	for (size_t i = 0; i < prober->n_shards; i++)
		curl_shard_free(prober->shards[i]);
	exec_free(prober->exec);
	/* After the targets, whose end may be deferred already. */
	loop_defer(prober->loop, free, prober);
}

void
prober_reap(struct prober *prober)
{
	exec_reap(prober->exec);
}

/* xorshift64: spreads starts, protects nothing. */
static uint32_t
random_below(struct prober *prober, uint32_t bound)
{
	prober->random ^= prober->random << 13;
	prober->random ^= prober->random >> 7;
	prober->random ^= prober->random << 17;
	return (uint32_t)((prober->random >> 32) * bound >> 32);
}

static unsigned
interval_ms(const struct probe_target *target)
{
	return target->fast ? target->spec.fast_interval_ms
			    : target->spec.interval_ms;
}

static void
schedule(struct probe_target *target)
{
	loop_timer_set(target->prober->loop, &target->timer,
	    probe_grid_slot(&target->grid));
}

static void
on_timer(void *arg)
{
	struct probe_target *target = arg;

	if (!probe_grid_start(&target->grid, loop_now_ms(target->prober->loop),
		interval_ms(target), target->probe != NULL))
		return;
	schedule(target);
	probe_start(target);
}

/* A broken one is made anew: what it lacked may be there now. */
static struct probe_target *
find_target(struct prober *prober, const struct probe_spec *spec)
{
	uint64_t hash = probe_spec_hash(spec);
	struct probe_target *target;

	LIST_FOREACH(target, &prober->targets[hash % PROBER_BUCKETS], entry)
		if (target->hash == hash && !target->broken &&
		    probe_spec_equal(&target->spec, spec))
			return target;
	return NULL;
}

static struct probe_target *
get_target(struct prober *prober, const struct conf_service *service,
    const struct conf_endpoint *endpoint)
{
	struct probe_spec spec;
	struct probe_target *target;

	if (probe_spec_init(&spec, service, endpoint) != 0) {
		probe_spec_fini(&spec);
		return NULL;
	}
	target = find_target(prober, &spec);
	if (target != NULL) {
		probe_spec_fini(&spec);
		return target;
	}
	target = probe_target_new(prober, &spec);
	if (target == NULL)
		return NULL;
	loop_timer_init(&target->timer, on_timer, target);
	probe_grid_plan(&target->grid, loop_now_ms(prober->loop) +
	    random_below(prober, target->spec.interval_ms));
	schedule(target);
	return target;
}

struct prober_sub *
prober_subscribe(struct prober *prober, const struct conf_service *service,
    const struct conf_endpoint *endpoint, prober_result_cb *cb, void *arg)
{
	struct prober_sub *sub = calloc(1, sizeof *sub);

	if (sub == NULL)
		return NULL;
	sub->target = get_target(prober, service, endpoint);
	if (sub->target == NULL) {
		free(sub);
		return NULL;
	}
	sub->cb = cb;
	sub->arg = arg;
	LIST_INSERT_HEAD(&sub->target->subs, sub, entry);
	return sub;
}

bool
prober_same_target(const struct prober_sub *a, const struct prober_sub *b)
{
	return a->target == b->target;
}

static void
update_fast(struct probe_target *target)
{
	const struct prober_sub *sub;
	bool fast = false;

	LIST_FOREACH(sub, &target->subs, entry)
		fast |= sub->fast && !sub->closed;
	if (fast == target->fast)
		return;
	target->fast = fast;
	probe_grid_change(&target->grid, loop_now_ms(target->prober->loop),
	    interval_ms(target));
	schedule(target);
}

static void
remove_sub(struct prober_sub *sub)
{
	struct probe_target *target = sub->target;

	LIST_REMOVE(sub, entry);
	free(sub);
	if (LIST_EMPTY(&target->subs))
		probe_target_free(target);
	else
		update_fast(target);
}

void
prober_unsubscribe(struct prober_sub *sub)
{
	if (sub == NULL)
		return;
	sub->closed = true;
	if (!sub->target->handing_out)
		remove_sub(sub);
}

void
prober_set_fast(struct prober_sub *sub, bool fast)
{
	if (sub->fast == fast)
		return;
	sub->fast = fast;
	update_fast(sub->target);
}

void
prober_probe_now(struct prober_sub *sub)
{
	struct probe_target *target = sub->target;

	if (target->probe != NULL)
		return;
	probe_grid_plan(&target->grid, loop_now_ms(target->prober->loop));
	schedule(target);
}

void
prober_take_result(struct probe_target *target, struct probe_result *result)
{
	struct prober_sub *sub, *next;

	target->prober->stats.finished++;
	if (target->grid.owed)
		loop_timer_set(target->prober->loop, &target->timer,
		    loop_now_ms(target->prober->loop));
	result->certificate_known = target->certificate_known;
	result->certificate_days = target->certificate_days;
	target->handing_out = true;
	LIST_FOREACH(sub, &target->subs, entry)
		if (!sub->closed)
			sub->cb(sub->arg, result);
	target->handing_out = false;
	for (sub = LIST_FIRST(&target->subs); sub != NULL; sub = next) {
		next = LIST_NEXT(sub, entry);
		if (sub->closed)
			remove_sub(sub);
	}
}

struct prober_stats
prober_stats(const struct prober *prober)
{
	return prober->stats;
}
