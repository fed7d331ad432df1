/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double
cpu_s(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
read_memory(struct process_stats *out)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long pages, resident;

	if (file == NULL)
		return;
	if (fscanf(file, "%llu %llu", &pages, &resident) == 2) {
		out->virtual_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
		out->resident_bytes =
		    resident * (uint64_t)sysconf(_SC_PAGESIZE);
	}
	fclose(file);
}

static uint64_t
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	/* Without ".", ".." and the directory's own. */
	return n >= 3 ? n - 3 : 0;
}

void
process_stats_read(struct process_stats *out)
{
	struct rlimit limit;

	*out = (struct process_stats){ 0 };
	out->cpu_s = cpu_s();
	read_memory(out);
	out->open_fds = count_descriptors();
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		out->max_fds = limit.rlim_cur;
}
