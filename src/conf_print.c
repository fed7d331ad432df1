/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_print.h"

#include <limits.h>

#include "conf.h"

/* Own changes are sent after 30 ms, relayed ones after at most 150 ms more;
 * what is lost is repaired by the next heartbeat (protocol.md section 3). */
#define GOSSIP_COLLECT_MS 30
#define GOSSIP_RELAY_MS 150

struct conf_worst_case
conf_worst_case(const struct conf *conf, const struct conf_service *service)
{
	struct conf_worst_case worst = { .fall = service->fall,
		.update_ms = service->update.timeout_ms,
		.ttl_ms = (uint64_t)service->ttl * 1000 };
	uint64_t slowest = 0;

	for (size_t i = 0; i < service->n_endpoints; i++) {
		const struct conf_endpoint *endpoint = &service->endpoints[i];
		/* A hanging probe holds up the next one. */
		uint64_t distance = endpoint->probe_interval_ms >
		    endpoint->probe_timeout_ms ?
		    endpoint->probe_interval_ms : endpoint->probe_timeout_ms;
		uint64_t time = distance * service->fall +
		    endpoint->probe_timeout_ms;

		if (time <= slowest)
			continue;
		slowest = time;
		worst.interval_ms = distance;
		worst.timeout_ms = endpoint->probe_timeout_ms;
	}
	if (conf->nodes.len > 1)
		worst.gossip_ms = (uint64_t)conf->heartbeat_ms +
		    GOSSIP_COLLECT_MS + GOSSIP_RELAY_MS;
	return worst;
}

static uint64_t
sum(const struct conf_worst_case *worst)
{
	return worst->interval_ms * worst->fall + worst->timeout_ms +
	    worst->gossip_ms + worst->update_ms + worst->ttl_ms;
}

unsigned
conf_worst_case_ms(const struct conf *conf, const struct conf_service *service)
{
	struct conf_worst_case worst = conf_worst_case(conf, service);
	uint64_t total = sum(&worst);

	return total > UINT_MAX ? UINT_MAX : (unsigned)total;
}

/* "1", "1.5" or "0.25": seconds without idle zeros. */
static const char *
seconds(uint64_t ms, char buf[24])
{
	int len = snprintf(buf, 24, "%llu.%03llu",
	    (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));

	while (buf[len - 1] == '0')
		buf[--len] = '\0';
	if (buf[len - 1] == '.')
		buf[len - 1] = '\0';
	return buf;
}

void
conf_print_worst_cases(const struct conf *conf, FILE *out)
{
	char interval[24], timeout[24], gossip[24], update[24], ttl[24];
	char total[24];

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];
		struct conf_worst_case worst = conf_worst_case(conf, service);

		fprintf(out, "%s: clients leave a dead endpoint within %s s: "
		    "interval %s x fall %llu + timeout %s + gossip %s + "
		    "update %s + ttl %s\n", service->fqdn,
		    seconds(sum(&worst), total),
		    seconds(worst.interval_ms, interval),
		    (unsigned long long)worst.fall,
		    seconds(worst.timeout_ms, timeout),
		    seconds(worst.gossip_ms, gossip),
		    seconds(worst.update_ms, update),
		    seconds(worst.ttl_ms, ttl));
	}
}
