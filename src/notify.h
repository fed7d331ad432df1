/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_NOTIFY_H
#define RRDNSD_NOTIFY_H

#include <stdint.h>

/* What systemd is told (sd_notify(3)); nothing happens without it. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void);
int64_t notify_watchdog_ms(void); /* it is to be told that often; 0: never */
void notify_status(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
