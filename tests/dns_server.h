/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_DNS_SERVER_H
#define RRDNSD_TESTS_DNS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "loop.h"
#include "tsig_key.h"

/*
 * A name server that does what a test tells it, on the test's own loop: UDP
 * and TCP on one port of 127.0.0.1. Requests are handed to the test, which
 * answers, late or wrongly or not at all.
 */
struct dns_server;

struct dns_server_request {
	struct dns_server *server;
	bool tcp;
	int fd; /* of the connection, or the datagram socket */
	struct addr client; /* UDP */
	uint8_t *wire;
	size_t len;
};

typedef void dns_server_cb(void *arg, struct dns_server_request *request);

/* key is borrowed; NULL: answers are unsigned. */
struct dns_server *dns_server_new(struct loop *loop,
    const struct tsig_key *key, dns_server_cb *cb, void *arg);
void dns_server_free(struct dns_server *server);
struct addr dns_server_addr(const struct dns_server *server);

void dns_server_close_udp(struct dns_server *server);
void dns_server_close_tcp(struct dns_server *server); /* listens no more */
void dns_server_read_nothing(struct dns_server *server, bool nothing);
void dns_server_hang_up(struct dns_server *server); /* all connections */
unsigned dns_server_connections(const struct dns_server *server);

/* Requests outlive the callback only as copies. */
struct dns_server_request *dns_server_keep(
    const struct dns_server_request *request);
void dns_server_request_free(struct dns_server_request *request);

/* The header with these flags, and the question of the request; the length. */
size_t dns_server_make(const struct dns_server_request *request,
    unsigned flags, uint8_t *wire, size_t size);

/* Signs as the server of that request; error and other data as RFC 8945 4.2.
 * unsigned_error leaves the MAC away. */
size_t dns_server_sign(const struct dns_server_request *request,
    uint8_t *wire, size_t len, size_t size, unsigned error,
    int64_t clock_offset_s, bool unsigned_error);

/* Sends; on TCP with its length, at most `chunk` bytes in one write (0: all
 * at once). */
void dns_server_send(const struct dns_server_request *request,
    const uint8_t *wire, size_t len, size_t chunk);

/* All of it: an answer with that rcode, signed if there is a key. */
void dns_server_answer(const struct dns_server_request *request,
    unsigned rcode);

#endif
