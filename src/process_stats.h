/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_PROCESS_STATS_H
#define RRDNSD_PROCESS_STATS_H

#include <stdint.h>

/* What this process uses; what can't be found out is 0. */
struct process_stats {
	double cpu_s; /* user and system */
	uint64_t resident_bytes;
	uint64_t virtual_bytes;
	uint64_t open_fds;
	uint64_t max_fds;
};

void process_stats_read(struct process_stats *out);

#endif
