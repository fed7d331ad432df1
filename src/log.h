/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_LOG_H
#define RRDNSD_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* Severities as in syslog(3), RFC 5424 section 6.2.1. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Where a line comes from: `LOG_TAG` is defined by each file that logs, before
 * anything is included, as "[updater]" and the like. */
struct log_site {
	const char *tag;
	const char *file;
	const char *func;
	int line;
};

/* Opens the journal when stderr is connected to it (JOURNAL_STREAM,
 * systemd.exec(5)) and stays with stderr otherwise. */
void log_open(enum log_level level);
void log_set_level(enum log_level level);
bool log_wants(enum log_level level);

/* "error", "warning", "notice", "info", "debug"; 0 or ERR_INVALID. */
int log_level_parse(const char *text, enum log_level *out);

/* One line: subject first. Control characters and bytes that are no ASCII are
 * escaped, because a line may quote what a stranger sent; at most 1 KiB. */
void log_write(enum log_level level, const struct log_site *site,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#define LOG_AT(level, ...)                                                     \
	do {                                                                   \
		static const struct log_site log_site_ = { LOG_TAG, __FILE__,  \
			__func__, __LINE__ };                                  \
		if (log_wants(level))                                          \
			log_write(level, &log_site_, __VA_ARGS__);             \
	} while (0)

#define log_error(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) LOG_AT(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) LOG_AT(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Rate limit for lines that a broken peer could make endless: true at most
 * once per interval_ms; *suppressed is how many were held back since. */
struct log_limit {
	int64_t next_ms;
	unsigned held;
};
bool log_limit_pass(struct log_limit *limit, int64_t now_ms,
    unsigned interval_ms, unsigned *suppressed);

#endif
