/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[statsd]"
#include "config.h"

#include "statsd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

/* 1500 bytes of Ethernet, less 40 of IPv6, 8 of UDP and 20 for a tunnel. */
#define DATAGRAM_MAX 1432
#define ERROR_LOG_MS 60000

struct statsd {
	int fd;
	struct addr to;
	char *prefix; /* with the dot; "" without a prefix */
	char buf[DATAGRAM_MAX];
	size_t len;
	int error; /* errno of the last send that failed since the flush */
	struct log_limit limit;
};

static void
log_errno(const struct statsd *statsd, int error, unsigned held)
{
	char name[ADDR_TEXT_MAX], more[32] = "";

	if (held > 0)
		snprintf(more, sizeof more, " (and %u more)", held);
	log_warning("statsd %s: metrics are lost: %s%s",
	    addr_format(&statsd->to, true, name), strerror(error), more);
}

/* Connected, so that an ICMP "port unreachable" is heard of. */
static int
open_socket(const struct addr *to)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);
	int fd = socket(ss.ss_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&ss, len) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

struct statsd *
statsd_new(const struct addr *to, const char *prefix)
{
	struct statsd *statsd = calloc(1, sizeof *statsd);

	if (statsd == NULL)
		return NULL;
	statsd->to = *to;
	statsd->fd = open_socket(to);
	if (statsd->fd < 0)
		log_errno(statsd, errno, 0);
	if (statsd->fd < 0 ||
	    asprintf(&statsd->prefix, "%s%s", prefix,
		prefix[0] != '\0' ? "." : "") < 0) {
		statsd->prefix = NULL;
		statsd_free(statsd);
		return NULL;
	}
	return statsd;
}

static void
send_datagram(struct statsd *statsd)
{
	if (statsd->len > 0 &&
	    send(statsd->fd, statsd->buf, statsd->len, MSG_DONTWAIT) < 0)
		statsd->error = errno;
	statsd->len = 0;
}

void
statsd_free(struct statsd *statsd)
{
	if (statsd == NULL)
		return;
	if (statsd->fd >= 0) {
		send_datagram(statsd);
		close(statsd->fd);
	}
	free(statsd->prefix);
	free(statsd);
}

/* One line, in the next datagram if this one is full. A line that fits none is
 * left out: then the prefix is longer than any sensible one. */
static void __attribute__((format(printf, 2, 3)))
add_line(struct statsd *statsd, const char *format, ...)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		size_t lf = statsd->len > 0;
		size_t left = DATAGRAM_MAX - statsd->len - lf;
		va_list args;
		int len;

		va_start(args, format);
		len = vsnprintf(statsd->buf + statsd->len + lf, left, format,
		    args);
		va_end(args);
		if (len >= 0 && (size_t)len < left) {
			if (lf)
				statsd->buf[statsd->len] = '\n';
			statsd->len += lf + (size_t)len;
			return;
		}
		send_datagram(statsd);
	}
}

void
statsd_count(struct statsd *statsd, const char *name, uint64_t n)
{
	add_line(statsd, "%s%s:%" PRIu64 "|c", statsd->prefix, name, n);
}

void
statsd_gauge(struct statsd *statsd, const char *name, double value)
{
	add_line(statsd, "%s%s:%.6g|g", statsd->prefix, name, value);
}

void
statsd_time(struct statsd *statsd, const char *name, double ms)
{
	add_line(statsd, "%s%s:%.3f|ms", statsd->prefix, name, ms);
}

void
statsd_flush(struct statsd *statsd, int64_t now_ms)
{
	unsigned held;

	send_datagram(statsd);
	if (statsd->error != 0 &&
	    log_limit_pass(&statsd->limit, now_ms, ERROR_LOG_MS, &held))
		log_errno(statsd, statsd->error, held);
	statsd->error = 0;
}
