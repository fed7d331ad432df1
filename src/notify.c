/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

static void
send_state(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

void
notify_ready(void)
{
	send_state("READY=1");
}

/* The time is what Type=notify-reload of later versions wants to see. */
void
notify_reloading(void)
{
	struct timespec ts;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	send_state(state);
}

void
notify_stopping(void)
{
	send_state("STOPPING=1");
}

void
notify_watchdog(void)
{
	send_state("WATCHDOG=1");
}

int64_t
notify_watchdog_ms(void)
{
#ifdef HAVE_SYSTEMD
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) > 0)
		return (int64_t)(usec / 1000);
#endif
	return 0;
}

void
notify_status(const char *format, ...)
{
	static char last[200];
	char state[200] = "STATUS=";
	size_t used = strlen(state);
	va_list args;

	va_start(args, format);
	vsnprintf(state + used, sizeof state - used, format, args);
	va_end(args);
	if (strcmp(state, last) == 0)
		return;
	memcpy(last, state, sizeof last);
	send_state(state);
}
