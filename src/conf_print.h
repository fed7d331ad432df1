/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_PRINT_H
#define RRDNSD_CONF_PRINT_H

#include <stdint.h>
#include <stdio.h>

struct conf;
struct conf_service;

/* The addends of conf_worst_case_ms, for the slowest endpoint. */
struct conf_worst_case {
	uint64_t interval_ms;
	uint64_t fall;
	uint64_t timeout_ms;
	uint64_t gossip_ms; /* 0 for a node alone */
	uint64_t update_ms;
	uint64_t ttl_ms;
};

struct conf_worst_case conf_worst_case(const struct conf *conf,
    const struct conf_service *service);

/* For each service the arithmetic from failure to clients leaving. */
void conf_print_worst_cases(const struct conf *conf, FILE *out);

#endif
