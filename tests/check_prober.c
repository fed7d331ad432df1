/* SPDX-License-Identifier: ISC */
/*
 * Prober and loop with a small server on the same loop: who is probed when,
 * who is told, and what survives a reload. How endpoints fail in all their
 * ways is tested in integ/.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check_main.h"
#include "conf.h"
#include "dns/probe_query.h"
#include "dns_query.h"
#include "http/prober.h"
#include "loop.h"

#define DEADLINE_MS 5000

static struct loop *loop;
static struct prober *prober;
static struct conf *conf;
static int listener;
static unsigned port, accepted, asked;
static bool mute;
static const char *healthcheck; /* without the port */

/* Answers each connection at once, whatever it asks; the probe's request fits
 * one segment and is read first. */
static void
on_request(void *arg, int fd, short revents)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 3\r\nConnection: close\r\n\r\nok\n";
	char request[4096];

	(void)arg;
	(void)revents;
	asked++;
	if (!mute && recv(fd, request, sizeof request, 0) > 0)
		ck_assert_int_eq(send(fd, answer, sizeof answer - 1,
				     MSG_NOSIGNAL), sizeof answer - 1);
	if (mute && recv(fd, request, sizeof request, 0) > 0)
		return;
	loop_fd_remove(loop, fd);
	close(fd);
}

static void
on_connection(void *arg, int fd, short revents)
{
	int connection = accept(fd, NULL, NULL);

	(void)arg;
	(void)revents;
	ck_assert_int_ge(connection, 0);
	accepted++;
	loop_fd_set(loop, connection, POLLIN, on_request, NULL);
}

static void
report(void *arg, bool warning, const char *file, int line, const char *text)
{
	(void)arg;
	if (!warning)
		ck_abort_msg("%s:%d: %s", file, line, text);
}

/* Two services with the same endpoint and one with another interval. */
static struct conf *
load(unsigned interval_ms)
{
	struct conf_report to = { .line = report };
	char path[] = "/tmp/check_prober.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct conf *loaded;

	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "conf_version = 1; local_node = \"127.0.0.1:1\";"
	    "nodes = ( \"127.0.0.1:1\" ); update_method = \"none\";"
	    "probe_timeout_ms = 60; fast_interval_ms = 10; host = \"h.test\";"
	    "healthcheck = \"%s:%u\"; services = ("
	    "{ fqdn = \"a.test\"; zone = \"test\"; ipaddrs = \"127.0.0.1\";"
	    "  probe_interval_ms = %u; },"
	    "{ fqdn = \"b.test\"; zone = \"test\"; ipaddrs = \"127.0.0.1\";"
	    "  probe_interval_ms = 40; },"
	    "{ fqdn = \"c.test\"; zone = \"test\"; ipaddrs = \"127.0.0.1\";"
	    "  probe_interval_ms = 60000; } );\n",
	    healthcheck, port, interval_ms);
	fclose(file);
	loaded = conf_load(path, &to);
	unlink(path);
	ck_assert_ptr_nonnull(loaded);
	return loaded;
}

static void
setup(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sin;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(listener, 64), 0);
	getsockname(listener, (struct sockaddr *)&sin, &len);
	port = ntohs(sin.sin_port);
	accepted = asked = 0;
	mute = false;
	healthcheck = "http://{}";
	loop = loop_new();
	prober = prober_new(loop, 3, &dns_query);
	loop_fd_set(loop, listener, POLLIN, on_connection, NULL);
	conf = load(40);
}

static void
teardown(void)
{
	prober_free(prober);
	loop_fd_remove(loop, listener);
	close(listener);
	loop_free(loop);
	conf_free(conf);
}

struct seen {
	unsigned n;
	enum outcome last;
	char detail[PROBE_DETAIL_MAX];
	struct prober_sub *sub;
	bool leave; /* unsubscribe in the callback */
};

static void
on_result(void *arg, const struct probe_result *result)
{
	struct seen *seen = arg;

	ck_assert(!seen->leave || seen->n == 0);
	seen->n++;
	seen->last = result->outcome;
	memcpy(seen->detail, result->detail, sizeof seen->detail);
	if (seen->leave)
		prober_unsubscribe(seen->sub);
}

static void
subscribe(struct seen *seen, const struct conf *from, size_t service)
{
	seen->sub = prober_subscribe(prober, &from->services[service],
	    &from->services[service].endpoints[0], on_result, seen);
	ck_assert_ptr_nonnull(seen->sub);
}

static void
run_until(const unsigned *count, unsigned wanted)
{
	int64_t until_ms = loop_now_ms(loop) + DEADLINE_MS;

	while (*count < wanted) {
		ck_assert_int_lt(loop_now_ms(loop), until_ms);
		loop_turn(loop, 100);
	}
}

START_TEST(equal_probes_are_sent_once)
{
	struct seen a = { 0 }, b = { 0 };

	subscribe(&a, conf, 0);
	subscribe(&b, conf, 1);
	ck_assert(prober_same_target(a.sub, b.sub));
	run_until(&a.n, 3);
	ck_assert_uint_eq(a.n, b.n);
	ck_assert_int_eq(a.last, OUTCOME_OK);
	ck_assert_str_eq(a.detail, "status 200");
	ck_assert_uint_le(accepted, 4);
	ck_assert_uint_eq(prober_stats(prober).targets, 1);
	prober_unsubscribe(a.sub);
	prober_unsubscribe(b.sub);
	ck_assert_uint_eq(prober_stats(prober).targets, 0);
}
END_TEST

START_TEST(other_intervals_are_other_probes)
{
	struct seen a = { 0 }, c = { 0 };

	subscribe(&a, conf, 0);
	subscribe(&c, conf, 2);
	ck_assert(!prober_same_target(a.sub, c.sub));
	prober_probe_now(c.sub); /* or it would take up to a minute */
	run_until(&c.n, 1);
	prober_unsubscribe(a.sub);
	prober_unsubscribe(c.sub);
}
END_TEST

START_TEST(a_subscriber_may_leave_in_its_callback)
{
	struct seen a = { .leave = true }, b = { 0 };

	subscribe(&a, conf, 0);
	subscribe(&b, conf, 1);
	run_until(&b.n, 3);
	ck_assert_uint_eq(a.n, 1);
	prober_unsubscribe(b.sub);
	b.n = 0;
	a = (struct seen){ .leave = true };
	subscribe(&a, conf, 0);
	run_until(&a.n, 1);
	ck_assert_uint_eq(prober_stats(prober).targets, 0);
}
END_TEST

START_TEST(a_hanging_endpoint_times_out)
{
	struct seen a = { 0 };

	mute = true;
	subscribe(&a, conf, 0);
	do
		run_until(&a.n, a.n + 1);
	while (a.last == OUTCOME_STALLED); /* it is we who had no time */
	ck_assert_int_eq(a.last, OUTCOME_RESPONSE_TIMEOUT);
	prober_unsubscribe(a.sub); /* with one in flight, maybe */
	ck_assert_uint_eq(prober_stats(prober).in_flight, 0);
}
END_TEST

/* Stands still with a probe in flight that was just sent. */
static void
stand_still(struct seen *seen)
{
	subscribe(seen, conf, 0);
	run_until(&asked, 1);
	usleep(85000);
	run_until(&seen->n, 1);
	prober_unsubscribe(seen->sub);
}

START_TEST(what_our_own_stall_made_late_is_no_failure)
{
	struct seen a = { 0 };

	mute = true;
	stand_still(&a);
	ck_assert_int_eq(a.last, OUTCOME_STALLED);
}
END_TEST

START_TEST(an_answer_that_waited_while_we_stood_still_counts)
{
	struct seen a = { 0 };

	stand_still(&a);
	ck_assert_int_eq(a.last, OUTCOME_OK);
}
END_TEST

START_TEST(a_closed_port_is_refused)
{
	struct seen a = { 0 };

	loop_fd_remove(loop, listener);
	close(listener);
	subscribe(&a, conf, 0);
	run_until(&a.n, 1);
	ck_assert_int_eq(a.last, OUTCOME_REFUSED);
	prober_unsubscribe(a.sub);
	listener = socket(AF_INET, SOCK_STREAM, 0); /* for the teardown */
}
END_TEST

START_TEST(doubt_makes_it_faster)
{
	struct seen c = { 0 };
	int64_t begun_ms;

	subscribe(&c, conf, 2);
	prober_probe_now(c.sub);
	run_until(&c.n, 1);
	prober_set_fast(c.sub, true);
	begun_ms = loop_now_ms(loop);
	run_until(&c.n, 11);
	ck_assert_int_ge(loop_now_ms(loop) - begun_ms, 80);
	prober_unsubscribe(c.sub);
}
END_TEST

START_TEST(a_reload_goes_on_with_the_same_probe)
{
	struct conf *same = load(40), *other = load(50);
	struct seen old = { 0 }, new = { 0 }, changed = { 0 };

	subscribe(&old, conf, 0);
	run_until(&old.n, 1);
	subscribe(&new, same, 0);
	subscribe(&changed, other, 0);
	ck_assert(prober_same_target(old.sub, new.sub));
	ck_assert(!prober_same_target(old.sub, changed.sub));
	prober_unsubscribe(old.sub);
	conf_free(conf); /* nothing of it is needed any more */
	conf = same;
	run_until(&new.n, 2);
	prober_unsubscribe(new.sub);
	prober_unsubscribe(changed.sub);
	conf_free(other);
}
END_TEST

#define FOREIGN 40
static unsigned reads;

static int
make_query(const char *name, unsigned type, uint8_t wire[DNS_QUERY_MAX],
    size_t *len)
{
	(void)name;
	(void)type;
	memset(wire, 0, *len = 12);
	return 0;
}

static enum dns_reply
read_reply(const char *name, unsigned type, const uint8_t *query,
    const uint8_t *wire, size_t len, const char **rcode)
{
	(void)name;
	(void)type;
	(void)query;
	(void)wire;
	(void)len;
	(void)rcode;
	return ++reads <= FOREIGN ? DNS_REPLY_FOREIGN : DNS_REPLY_ANSWERED;
}

/* To the first query; the last one is the answer. */
static void
on_query(void *arg, int fd, short revents)
{
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	char query[DNS_QUERY_MAX];

	(void)arg;
	(void)revents;
	ck_assert_int_gt(recvfrom(fd, query, sizeof query, 0,
			     (struct sockaddr *)&from, &len), 0);
	for (int i = 0; asked == 0 && i <= FOREIGN; i++)
		ck_assert_int_eq(sendto(fd, query, 12, 0,
				     (struct sockaddr *)&from, len), 12);
	asked++;
}

START_TEST(foreign_datagrams_take_no_turn_for_themselves)
{
	static const struct dns_query dns = { .make = make_query,
		.read = read_reply };
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct seen c = { 0 };
	unsigned before, most = 0;

	prober_free(prober);
	prober = prober_new(loop, 3, &dns);
	conf_free(conf);
	healthcheck = "dns://{}";
	conf = load(40);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	loop_fd_set(loop, fd, POLLIN, on_query, NULL);
	reads = 0;
	subscribe(&c, conf, 2);
	prober_probe_now(c.sub);
	while (c.n == 0) {
		before = reads;
		loop_turn(loop, 100);
		if (reads - before > most)
			most = reads - before;
	}
	ck_assert_uint_gt(most, 0);
	ck_assert_uint_le(most, FOREIGN / 2);
	prober_unsubscribe(c.sub);
	loop_fd_remove(loop, fd);
	close(fd);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, equal_probes_are_sent_once);
	tcase_add_test(tcase, other_intervals_are_other_probes);
	tcase_add_test(tcase, a_subscriber_may_leave_in_its_callback);
	tcase_add_test(tcase, a_hanging_endpoint_times_out);
	tcase_add_test(tcase, what_our_own_stall_made_late_is_no_failure);
	tcase_add_test(tcase,
	    an_answer_that_waited_while_we_stood_still_counts);
	tcase_add_test(tcase, a_closed_port_is_refused);
	tcase_add_test(tcase, foreign_datagrams_take_no_turn_for_themselves);
	tcase_add_test(tcase, doubt_makes_it_faster);
	tcase_add_test(tcase, a_reload_goes_on_with_the_same_probe);
}

int
main(void)
{
	return check_main("prober", fill);
}
