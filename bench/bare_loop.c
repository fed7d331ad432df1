/* SPDX-License-Identifier: ISC */
/*
 * The least that checking can cost: sockets, one poll(2) over those in flight,
 * starts in slots of 10 ms, and nothing done with the result. For bench/run.
 *
 * usage: bare_loop http|tcp PORT INTERVAL_MS TIMEOUT_MS <ADDRESSES
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLOT_MS 10
#define FLIGHT_MAX 30000

static const char request[] = "GET / HTTP/1.1\r\nHost: www.bench.test\r\n"
			      "User-Agent: bare_loop\r\nAccept: */*\r\n"
			      "Connection: close\r\n\r\n";

static bool http;
static int64_t timeout_ms;

/* What is in flight; flight[i] polls for probe i. */
static struct pollfd flight[FLIGHT_MAX];
static int64_t deadline_ms[FLIGHT_MAX];
static nfds_t in_flight;

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
end_probe(nfds_t i)
{
	struct linger reset = { .l_onoff = 1 };

	if (!http)
		setsockopt(flight[i].fd, SOL_SOCKET, SO_LINGER, &reset,
		    sizeof reset);
	close(flight[i].fd);
	in_flight--;
	flight[i] = flight[in_flight];
	deadline_ms[i] = deadline_ms[in_flight];
}

static void
start_probe(const struct sockaddr_in *to, int64_t at_ms)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || in_flight == FLIGHT_MAX) {
		perror("bare_loop: socket");
		exit(1);
	}
	flight[in_flight] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	deadline_ms[in_flight++] = at_ms + timeout_ms;
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 &&
	    errno != EINPROGRESS)
		end_probe(in_flight - 1);
}

static void
on_ready(nfds_t i)
{
	char answer[1024];
	int error = 0;
	socklen_t len = sizeof error;

	if (flight[i].events == POLLIN) {
		if (read(flight[i].fd, answer, sizeof answer) >= 0 ||
		    errno != EAGAIN)
			end_probe(i);
		return;
	}
	getsockopt(flight[i].fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0 || !http) {
		end_probe(i);
		return;
	}
	if (write(flight[i].fd, request, sizeof request - 1) < 0)
		end_probe(i);
	else
		flight[i].events = POLLIN;
}

/* From the last to the first: end_probe() fills gaps from the end. */
static void
serve_flight(int64_t until_ms)
{
	int64_t left_ms = until_ms - now_ms();

	if (poll(flight, in_flight, left_ms > 0 ? (int)left_ms : 0) <= 0)
		return;
	for (nfds_t i = in_flight; i-- > 0;)
		if (flight[i].revents != 0)
			on_ready(i);
}

static void
end_late(int64_t at_ms)
{
	for (nfds_t i = in_flight; i-- > 0;)
		if (deadline_ms[i] <= at_ms)
			end_probe(i);
}

static size_t
read_addresses(uint16_t port, struct sockaddr_in **out)
{
	struct sockaddr_in *all = NULL;
	char line[64];
	size_t n = 0;

	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		all = realloc(all, (n + 1) * sizeof *all);
		if (all == NULL)
			abort();
		all[n] = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = htons(port) };
		if (inet_pton(AF_INET, line, &all[n++].sin_addr) != 1) {
			fprintf(stderr, "bare_loop: %s: no address\n", line);
			exit(2);
		}
	}
	*out = all;
	return n;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in *all;
	size_t n, slots;
	int64_t next_ms = now_ms();

	if (argc != 5) {
		fputs("usage: bare_loop http|tcp PORT INTERVAL_MS TIMEOUT_MS\n",
		    stderr);
		return 2;
	}
	http = strcmp(argv[1], "http") == 0;
	n = read_addresses((uint16_t)atoi(argv[2]), &all);
	slots = (size_t)atoi(argv[3]) / SLOT_MS;
	timeout_ms = atoi(argv[4]);
	for (size_t slot = 0;; slot = (slot + 1) % slots) {
		while (now_ms() < next_ms)
			serve_flight(next_ms);
		end_late(next_ms);
		for (size_t i = slot; i < n; i += slots)
			start_probe(&all[i], next_ms);
		next_ms += SLOT_MS;
	}
}
