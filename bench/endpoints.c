/* SPDX-License-Identifier: ISC */
/*
 * Endpoints that are up: answers HTTP on one port of every local address, and
 * keeps the connection unless it is asked not to. For bench/run.
 *
 * usage: endpoints PORT
 *
 * Each byte on stdin is answered by "ACCEPTED ANSWERED\n", connections and
 * requests so far; ends with stdin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512
#define REQUEST_MAX 4096

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			 "Content-Length: 3\r\n\r\nok\n";

static int epoll;
static unsigned long long accepted, answered;

static void
watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		perror("endpoints: epoll_ctl");
		exit(1);
	}
}

static int
listen_on(int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
	    listen(fd, 65535) != 0) {
		perror("endpoints: listen");
		exit(1);
	}
	return fd;
}

static void
accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0 ||
	    errno == ECONNABORTED) {
		if (fd < 0)
			continue;
		accepted++;
		watch(fd);
	}
}

/* Requests are small and come in one piece. */
static void
serve(int fd)
{
	char request[REQUEST_MAX + 1];
	ssize_t n = read(fd, request, REQUEST_MAX);
	bool keep;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	request[n] = '\0';
	keep = strcasestr(request, "\r\nconnection: close") == NULL &&
	    strstr(request, " HTTP/1.0\r\n") == NULL;
	if (write(fd, ok, sizeof ok - 1) == (ssize_t)sizeof ok - 1)
		answered++;
	if (!keep)
		close(fd);
}

static void
tell(void)
{
	char byte;

	if (read(STDIN_FILENO, &byte, 1) <= 0)
		exit(0);
	printf("%llu %llu\n", accepted, answered);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, n;

	if (argc != 2) {
		fputs("usage: endpoints PORT\n", stderr);
		return 2;
	}
	epoll = epoll_create1(0);
	listener = listen_on(atoi(argv[1]));
	watch(listener);
	watch(STDIN_FILENO);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_all(listener);
			else if (events[i].data.fd == STDIN_FILENO)
				tell();
			else
				serve(events[i].data.fd);
		}
	}
}
