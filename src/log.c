/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#include "err.h"

#define LINE_MAX_BYTES 1024

static enum log_level threshold = LOG_LEVEL_INFO;
static bool to_journal;

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "error", LOG_LEVEL_ERROR },
	{ "warning", LOG_LEVEL_WARNING },
	{ "notice", LOG_LEVEL_NOTICE },
	{ "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

int
log_level_parse(const char *text, enum log_level *out)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(levels[i].name, text) == 0) {
			*out = levels[i].level;
			return 0;
		}
	}
	return ERR_INVALID;
}

/* systemd sets JOURNAL_STREAM to "device:inode" of the stream it connected;
 * a redirected stderr must not be mistaken for it. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL &&
	    sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode;
}

void
log_open(enum log_level level)
{
	threshold = level;
#ifdef HAVE_SYSTEMD
	to_journal = stderr_is_journal();
#else
	to_journal = false;
	(void)stderr_is_journal;
#endif
}

void
log_set_level(enum log_level level)
{
	threshold = level;
}

bool
log_wants(enum log_level level)
{
	return level <= threshold;
}

static void
escape(char *out, size_t size, const char *in)
{
	size_t used = 0;

	for (; *in && used + 5 < size; in++) {
		unsigned char c = (unsigned char)*in;

		if (c >= 0x20 && c < 0x7f)
			out[used++] = (char)c;
		else
			used += (size_t)snprintf(out + used, size - used,
			    "\\x%02x", c);
	}
	out[used] = '\0';
}

static void
write_journal(enum log_level level, const struct log_site *site,
    const char *line)
{
#ifdef HAVE_SYSTEMD
	sd_journal_send("MESSAGE=%s %s", site->tag, line, "PRIORITY=%d",
	    (int)level, "SYSLOG_IDENTIFIER=rrdnsd", "RRDNSD_TAG=%s", site->tag,
	    "CODE_FILE=%s", site->file, "CODE_LINE=%d", site->line,
	    "CODE_FUNC=%s", site->func, NULL);
#else
	(void)level;
	(void)site;
	(void)line;
#endif
}

void
log_write(enum log_level level, const struct log_site *site,
    const char *format, ...)
{
	char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	escape(line, sizeof line, text);
	if (to_journal)
		write_journal(level, site, line);
	else if (level == LOG_LEVEL_DEBUG)
		fprintf(stderr, "%s %s (%s:%d)\n", site->tag, line, site->file,
		    site->line);
	else
		fprintf(stderr, "%s %s%s\n", site->tag,
		    level == LOG_LEVEL_ERROR         ? "error: "
			: level == LOG_LEVEL_WARNING ? "warning: "
						     : "",
		    line);
}

bool
log_limit_pass(struct log_limit *limit, int64_t now_ms, unsigned interval_ms,
    unsigned *suppressed)
{
	if (now_ms < limit->next_ms) {
		limit->held++;
		return false;
	}
	*suppressed = limit->held;
	limit->held = 0;
	limit->next_ms = now_ms + interval_ms;
	return true;
}
