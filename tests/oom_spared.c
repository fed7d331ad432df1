/* SPDX-License-Identifier: ISC */
/*
 * Libraries that end the process when there is no memory (docs/reliability.md):
 * libconfig 1.5 calls exit(3) or uses what it did not get, ldns 1.8.3 does so
 * with packets. While they are at work memory is there. The linker puts these
 * in their place (--wrap, see the makefile).
 */
#include "config.h"

#include <libconfig.h>
#include <ldns/ldns.h>

#include "oom.h"

#define SPARE(type, name, parameters, arguments)                               \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		type result;                                                   \
                                                                               \
		oom_pause();                                                   \
		result = __real_##name arguments;                              \
		oom_resume();                                                  \
		return result;                                                 \
	}

void __real_config_init(config_t *config);
void __wrap_config_init(config_t *config);

void
__wrap_config_init(config_t *config)
{
	oom_pause();
	__real_config_init(config);
	oom_resume();
}

SPARE(int, config_read_string, (config_t *config, const char *text),
    (config, text))
SPARE(ldns_pkt *, ldns_pkt_query_new,
    (ldns_rdf *name, ldns_rr_type type, ldns_rr_class class, uint16_t flags),
    (name, type, class, flags))
SPARE(ldns_pkt *, ldns_update_pkt_new,
    (ldns_rdf *zone, ldns_rr_class class, ldns_rr_list *prerequisites,
	ldns_rr_list *updates, ldns_rr_list *additional),
    (zone, class, prerequisites, updates, additional))
SPARE(ldns_status, ldns_pkt2wire,
    (uint8_t **wire, const ldns_pkt *pkt, size_t *len), (wire, pkt, len))
SPARE(ldns_status, ldns_wire2pkt,
    (ldns_pkt **pkt, const uint8_t *wire, size_t len), (pkt, wire, len))
SPARE(ldns_rdf *, ldns_dname_new_frm_str, (const char *name), (name))
