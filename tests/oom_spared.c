/* SPDX-License-Identifier: ISC */
/*
 * Libraries that end the process when there is no memory (docs/reliability.md):
 * libconfig 1.5 calls exit(3) or uses what it did not get, ldns 1.8.3 does so
 * with packets. While they are at work memory is there. What ldns says it may
 * fail with for want of it, it is made to, as if all of its work were a single
 * allocation. The linker puts these in their place (--wrap, see the makefile).
 */
#include "config.h"

#include <libconfig.h>
#include <ldns/ldns.h>

#include "oom.h"

int __real_config_read_string(config_t *config, const char *text);
int __wrap_config_read_string(config_t *config, const char *text);

int
__wrap_config_read_string(config_t *config, const char *text)
{
	int good;

	oom_pause();
	good = __real_config_read_string(config, text);
	oom_resume();
	return good;
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

#define SPARE(type, name, failure, parameters, arguments)                      \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		type result;                                                   \
                                                                               \
		if (oom_refuses())                                             \
			return failure;                                        \
		oom_pause();                                                   \
		result = __real_##name arguments;                              \
		oom_resume();                                                  \
		return result;                                                 \
	}

SPARE(ldns_pkt *, ldns_pkt_query_new, NULL,
    (ldns_rdf *name, ldns_rr_type type, ldns_rr_class class, uint16_t flags),
    (name, type, class, flags))
SPARE(ldns_pkt *, ldns_update_pkt_new, NULL,
    (ldns_rdf *zone, ldns_rr_class class, ldns_rr_list *prerequisites,
	ldns_rr_list *updates, ldns_rr_list *additional),
    (zone, class, prerequisites, updates, additional))
SPARE(ldns_status, ldns_pkt2wire, LDNS_STATUS_MEM_ERR,
    (uint8_t **wire, const ldns_pkt *pkt, size_t *len), (wire, pkt, len))
SPARE(ldns_status, ldns_wire2pkt, LDNS_STATUS_MEM_ERR,
    (ldns_pkt **pkt, const uint8_t *wire, size_t len), (pkt, wire, len))
SPARE(ldns_rdf *, ldns_dname_new_frm_str, NULL, (const char *name), (name))
