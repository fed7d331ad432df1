/* SPDX-License-Identifier: ISC */
/* The configurations of a run: a first one, and what it is changed to. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static char *
name_service(struct sim *sim, size_t s)
{
	char buf[64];
	int len = snprintf(buf, sizeof buf, "s%zu.example.org", s);

	return sim_copy(sim, buf, (size_t)len);
}

size_t
sim_conf_universal(const struct addr *addr)
{
	return addr->bytes[addr->family == ADDR_IP4 ? 3 : 15] % 10 - 1u;
}

/* Endpoint u of service s: 192.0.2.s1 and so on, and the last one by IPv6 in
 * some runs. */
static void
name_endpoint(struct conf_endpoint *endpoint, size_t s, size_t u, bool ip6)
{
	*endpoint = (struct conf_endpoint){ .probe_interval_ms = 1000,
		.probe_timeout_ms = 500 };
	endpoint->addr.family = ip6 ? ADDR_IP6 : ADDR_IP4;
	if (ip6)
		memcpy(endpoint->addr.bytes, "\x20\x01\x0d\xb8", 4);
	else
		memcpy(endpoint->addr.bytes, "\xc0\x00\x02", 3);
	endpoint->addr.bytes[ip6 ? 15 : 3] = (uint8_t)(10 * s + u + 1);
}

static void
make_update(struct sim *sim, struct conf_update *update)
{
	static const enum conf_transport transports[] = {
		CONF_TRANSPORT_AUTO, CONF_TRANSPORT_AUTO, CONF_TRANSPORT_TCP,
		CONF_TRANSPORT_UDP };

	*update = (struct conf_update){ .method = CONF_METHOD_RFC2136,
		.transport = transports[sim_below(sim, 4)],
		.timeout_ms = 5000,
		.tsig_fudge_s = 60,
		.reconcile_interval_ms =
		    (unsigned)sim_between(sim, 4000, 8000) };
	update->servers.list = sim_alloc(sim, sizeof *update->servers.list);
	update->servers.len = 1;
	addr_parse("192.0.2.253:53", 0, update->servers.list);
}

static void
make_service(struct sim *sim, struct sim_conf *conf, size_t s)
{
	struct conf_service *service = &conf->services[s];
	size_t n = 2 + sim_below(sim, SIM_ENDPOINTS - 2 + (s == 0));
	bool tiers = sim_chance(sim, 450);
	size_t ip6 = sim_chance(sim, 250) && n > 2 ? 1 + sim_below(sim, 2) : 0;

	*service = (struct conf_service){
		.fqdn = name_service(sim, s),
		.zone = sim_copy(sim, "example.org", 11),
		.ttl = 30,
		.rise = (unsigned)sim_between(sim, 1, 2),
		.fall = (unsigned)sim_between(sim, 1, 3),
		.fail_mode = sim_chance(sim, 650) ? CONF_FAIL_RESTORE
		    : sim_chance(sim, 500)        ? CONF_FAIL_HOLD
						  : CONF_FAIL_CLOSED,
		.fail_open_percent = sim_chance(sim, 600)
		    ? 50
		    : (unsigned)sim_below(sim, 101),
		.min_up = sim_chance(sim, 800) ? 1 : 2,
		.failback_manual = sim->kind != SIM_SWIFT &&
		    sim_chance(sim, 400),
		.failback_delay_ms = sim->kind != SIM_SWIFT &&
			sim_chance(sim, 400)
		    ? (unsigned)sim_between(sim, 500, 4000)
		    : 0,
		.min_dwell_ms = sim->kind == SIM_DAMPED
		    ? (unsigned)sim_between(sim, 12000, 20000)
		    : 0,
		.endpoints = conf->endpoints[s],
		.n_endpoints = n,
	};
	make_update(sim, &service->update);
	for (size_t u = 0; u < n; u++) {
		name_endpoint(&service->endpoints[u], s, u, u + ip6 >= n);
		if (tiers)
			service->endpoints[u].tier = u >= n / 2;
	}
}

/* Another endpoint, one less, or another rule. */
static void
change_service(struct sim *sim, struct conf_service *service, size_t s)
{
	size_t n = service->n_endpoints;

	switch (sim_below(sim, 3)) {
	case 0:
		if (n < SIM_ENDPOINTS &&
		    service->endpoints[n - 1].addr.family == ADDR_IP4) {
			name_endpoint(&service->endpoints[n], s, n, false);
			service->n_endpoints++;
			return;
		}
		break;
	case 1:
		if (n > 2) {
			service->n_endpoints--;
			return;
		}
		break;
	}
	service->fail_open_percent = (service->fail_open_percent + 17) % 101;
	service->fall++;
}

static void
name_nodes(struct sim_conf *conf, size_t n)
{
	conf->n_nodes = n;
	for (size_t i = 0; i < n; i++) {
		char name[ADDR_TEXT_MAX];

		snprintf(name, sizeof name, "198.51.100.%zu:3333", i + 1);
		addr_parse(name, 0, &conf->nodes[i]);
	}
}

/* Stands for the SHA-256 of conf_hash.c: whether two are the same is all that
 * it tells. */
static void
hash(struct sim_conf *conf, struct conf_service *service)
{
	uint64_t sum = 14695981039346656037u;

#define MIX(x) (sum = (sum ^ (uint64_t)(x)) * 1099511628211u)
	MIX(conf->n_nodes);
	MIX(service->fqdn[1]);
	MIX(service->fail_open_percent);
	MIX(service->fall);
	for (size_t i = 0; i < service->n_endpoints; i++)
		MIX(sim_conf_universal(&service->endpoints[i].addr));
#undef MIX
	memset(service->hash, 0, sizeof service->hash);
	memcpy(service->hash, &sum, sizeof sum);
}

static void
finish(struct sim_conf *conf)
{
	for (size_t s = 0; s < SIM_SERVICES; s++) {
		conf->services[s].endpoints = conf->endpoints[s];
		hash(conf, &conf->services[s]);
	}
}

void
sim_conf_make(struct sim *sim)
{
	static const size_t sizes[] = { 3, 3, 3, 3, 3, 3, 2, 4, 5, 5 };
	size_t n = sizes[sim_below(sim, sizeof sizes / sizeof sizes[0])];
	bool changes = sim->kind == SIM_CHAOS && sim_chance(sim, 600);
	bool grows = changes && n < SIM_NODES && sim_chance(sim, 250);

	secret_from_bytes("0123456789abcdef", 16, &sim->secret);
	if (sim->kind == SIM_DAMPED) {
		sim->max_removals = (unsigned)sim_between(sim, 1, 4);
		sim->window_ms = sim_between(sim, 15000, 40000);
		sim->restarts = sim_chance(sim, 500);
	}
	sim->n_nodes = n + grows;
	sim->n_confs = changes ? SIM_CONFS : 1;
	name_nodes(&sim->confs[0], n);
	for (size_t s = 0; s < SIM_SERVICES; s++)
		make_service(sim, &sim->confs[0], s);
	finish(&sim->confs[0]);
	for (size_t i = 1; i < sim->n_confs; i++) {
		struct sim_conf *conf = &sim->confs[i];
		size_t s = sim_below(sim, SIM_SERVICES);

		*conf = sim->confs[i - 1];
		if (grows)
			name_nodes(conf, n + 1);
		finish(conf);
		change_service(sim, &conf->services[s], s);
		finish(conf);
	}
}
