/* SPDX-License-Identifier: ISC */
/* Datagrams as a real listener on loopback gets them. */
#include "config.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check_main.h"
#include "statsd.h"

#define DATAGRAM_MAX 1432

static int listener;
static struct addr here;

static void
set_up(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sin;

	listener = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&sin, &here), 0);
}

static void
tear_down(void)
{
	close(listener);
}

/* The length of the next datagram; 0: none is there. */
static size_t
receive(char *buf, size_t size)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };
	ssize_t len;

	if (poll(&ready, 1, 100) != 1)
		return 0;
	len = recv(listener, buf, size - 1, 0);
	ck_assert_int_gt(len, 0);
	buf[len] = '\0';
	return (size_t)len;
}

START_TEST(sends_lines_together)
{
	struct statsd *statsd = statsd_new(&here, "rrdnsd");
	char got[2048];

	ck_assert_ptr_nonnull(statsd);
	statsd_count(statsd, "probe.success.cnt", 12);
	statsd_gauge(statsd, "probe.load_factor", 0.25);
	statsd_time(statsd, "probe_time_msec", 1.5);
	statsd_flush(statsd, 0);
	receive(got, sizeof got);
	ck_assert_str_eq(got, "rrdnsd.probe.success.cnt:12|c\n"
			      "rrdnsd.probe.load_factor:0.25|g\n"
			      "rrdnsd.probe_time_msec:1.500|ms");
	statsd_flush(statsd, 0); /* nothing: no empty datagram */
	ck_assert_uint_eq(receive(got, sizeof got), 0);
	statsd_free(statsd);
}
END_TEST

START_TEST(needs_no_prefix)
{
	struct statsd *statsd = statsd_new(&here, "");
	char got[2048];

	ck_assert_ptr_nonnull(statsd);
	statsd_count(statsd, "fetch.cnt", 0);
	statsd_free(statsd); /* sends what is left */
	receive(got, sizeof got);
	ck_assert_str_eq(got, "fetch.cnt:0|c");
}
END_TEST

/* Every line arrives whole and once, in datagrams of a safe size. */
START_TEST(fills_datagrams)
{
	struct statsd *statsd = statsd_new(&here, "p");
	char got[4096];
	unsigned next = 0;

	ck_assert_ptr_nonnull(statsd);
	for (unsigned i = 0; i < 400; i++)
		statsd_time(statsd, "t", i);
	statsd_flush(statsd, 0);
	while (next < 400) {
		ck_assert_uint_gt(receive(got, sizeof got), 0);
		ck_assert_uint_lt(strlen(got), DATAGRAM_MAX);
		ck_assert_int_ne(got[strlen(got) - 1], '\n');
		for (char *line = strtok(got, "\n"); line != NULL;
		     line = strtok(NULL, "\n")) {
			char wanted[32];

			snprintf(wanted, sizeof wanted, "p.t:%u.000|ms",
			    next++);
			ck_assert_str_eq(line, wanted);
		}
	}
	statsd_free(statsd);
}
END_TEST

/* What fits no datagram is left out, and harms nothing else. */
START_TEST(leaves_out_what_is_too_long)
{
	char prefix[2000], got[2048];
	struct statsd *statsd;

	memset(prefix, 'x', sizeof prefix - 1);
	prefix[sizeof prefix - 1] = '\0';
	statsd = statsd_new(&here, prefix);
	ck_assert_ptr_nonnull(statsd);
	statsd_count(statsd, "fetch.cnt", 1);
	statsd_free(statsd);
	ck_assert_uint_eq(receive(got, sizeof got), 0);
}
END_TEST

/* Nobody listens: the sends after the ICMP error fail, and the next ones
 * arrive all the same when somebody does. */
START_TEST(survives_a_missing_listener)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&here, &ss);
	struct statsd *statsd = statsd_new(&here, "p");
	char got[2048] = "";

	ck_assert_ptr_nonnull(statsd);
	close(listener);
	for (int i = 0; i < 3; i++) {
		statsd_count(statsd, "a", 1);
		statsd_flush(statsd, i);
	}
	listener = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&ss, len), 0);
	for (int i = 0; i < 2; i++) {
		statsd_count(statsd, "b", 1);
		statsd_flush(statsd, i);
	}
	receive(got, sizeof got);
	ck_assert_str_eq(got, "p.b:1|c");
	statsd_free(statsd);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, sends_lines_together);
	tcase_add_test(tcase, needs_no_prefix);
	tcase_add_test(tcase, fills_datagrams);
	tcase_add_test(tcase, leaves_out_what_is_too_long);
	tcase_add_test(tcase, survives_a_missing_listener);
}

int
main(void)
{
	return check_main("statsd", fill);
}
