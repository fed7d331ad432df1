/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns_server.h"

#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dns/wire.h"
#include "tsig_forge.h"

#define FRAME_MAX (2 + 65535)
#define MAC_LEN 32 /* of HMAC-SHA256, which all tests here use */

struct connection {
	struct dns_server *server;
	int fd;
	uint8_t in[FRAME_MAX];
	size_t in_len;
	LIST_ENTRY(connection) entry;
};

struct dns_server {
	struct loop *loop;
	const struct tsig_key *key;
	dns_server_cb *cb;
	void *arg;
	struct addr addr;
	int udp;
	int tcp;
	bool read_nothing;
	unsigned connections;
	LIST_HEAD(, connection) list;
};

static void
connection_close(struct connection *connection)
{
	loop_fd_remove(connection->server->loop, connection->fd);
	close(connection->fd);
	LIST_REMOVE(connection, entry);
	loop_defer(connection->server->loop, free, connection);
}

static void
hand_on(struct dns_server *server, int fd, bool tcp, const struct addr *client,
    uint8_t *wire, size_t len)
{
	struct dns_server_request request = { server, tcp, fd, *client, wire,
		len };

	server->cb(server->arg, &request);
}

static void
on_tcp_readable(void *arg, int fd, short revents)
{
	struct connection *connection = arg;
	struct dns_server *server = connection->server;
	struct addr nobody = { 0 };
	size_t at = 0;
	ssize_t n;

	(void)revents;
	n = recv(fd, connection->in + connection->in_len,
	    FRAME_MAX - connection->in_len, MSG_DONTWAIT);
	if (n <= 0) {
		connection_close(connection);
		return;
	}
	connection->in_len += (size_t)n;
	while (connection->in_len - at >= 2) {
		size_t len = wire_get16(connection->in + at);

		if (connection->in_len - at - 2 < len)
			break;
		hand_on(server, fd, true, &nobody, connection->in + at + 2,
		    len);
		at += 2 + len;
	}
	connection->in_len -= at;
	memmove(connection->in, connection->in + at, connection->in_len);
}

static void
on_connection(void *arg, int fd, short revents)
{
	struct dns_server *server = arg;
	struct connection *connection = calloc(1, sizeof *connection);
	int one = 1;

	(void)revents;
	ck_assert_ptr_nonnull(connection);
	connection->server = server;
	connection->fd = accept(fd, NULL, NULL);
	ck_assert_int_ge(connection->fd, 0);
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof one);
	LIST_INSERT_HEAD(&server->list, connection, entry);
	server->connections++;
	if (!server->read_nothing)
		loop_fd_set(server->loop, connection->fd, POLLIN,
		    on_tcp_readable, connection);
}

static void
on_udp_readable(void *arg, int fd, short revents)
{
	struct dns_server *server = arg;
	struct sockaddr_storage ss;
	socklen_t ss_len = sizeof ss;
	static uint8_t wire[65535];
	struct addr client;
	ssize_t n = recvfrom(fd, wire, sizeof wire, MSG_DONTWAIT,
	    (struct sockaddr *)&ss, &ss_len);

	(void)revents;
	if (n < 0)
		return;
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&ss, &client),
	    0);
	hand_on(server, fd, false, &client, wire, (size_t)n);
}

/* The port that TCP gets may be taken for UDP. */
static bool
bind_both(struct dns_server *server)
{
	struct sockaddr_storage ss;
	socklen_t len;

	ck_assert_int_eq(addr_parse("127.0.0.1:1", 0, &server->addr), 0);
	server->addr.port = 0;
	len = addr_to_sockaddr(&server->addr, &ss);
	server->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server->tcp, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(listen(server->tcp, 16), 0);
	len = sizeof ss;
	getsockname(server->tcp, (struct sockaddr *)&ss, &len);
	addr_from_sockaddr((struct sockaddr *)&ss, &server->addr);
	server->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(server->udp, (struct sockaddr *)&ss, len) == 0)
		return true;
	close(server->tcp);
	close(server->udp);
	return false;
}

struct dns_server *
dns_server_new(struct loop *loop, const struct tsig_key *key,
    dns_server_cb *cb, void *arg)
{
	struct dns_server *server = calloc(1, sizeof *server);
	int tries = 0;

	ck_assert_ptr_nonnull(server);
	server->loop = loop;
	server->key = key;
	server->cb = cb;
	server->arg = arg;
	LIST_INIT(&server->list);
	while (!bind_both(server))
		ck_assert_int_lt(++tries, 10);
	loop_fd_set(loop, server->tcp, POLLIN, on_connection, server);
	loop_fd_set(loop, server->udp, POLLIN, on_udp_readable, server);
	return server;
}

static void
close_fd(struct dns_server *server, int *fd)
{
	if (*fd < 0)
		return;
	loop_fd_remove(server->loop, *fd);
	close(*fd);
	*fd = -1;
}

void
dns_server_close_udp(struct dns_server *server)
{
	close_fd(server, &server->udp);
}

void
dns_server_close_tcp(struct dns_server *server)
{
	close_fd(server, &server->tcp);
}

void
dns_server_read_nothing(struct dns_server *server, bool nothing)
{
	int size = nothing ? 4096 : 1 << 20;

	/* Connections inherit it: they are full soon. */
	setsockopt(server->tcp, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	server->read_nothing = nothing;
}

void
dns_server_hang_up(struct dns_server *server)
{
	while (!LIST_EMPTY(&server->list))
		connection_close(LIST_FIRST(&server->list));
}

void
dns_server_free(struct dns_server *server)
{
	dns_server_hang_up(server);
	dns_server_close_udp(server);
	dns_server_close_tcp(server);
	free(server);
}

struct addr
dns_server_addr(const struct dns_server *server)
{
	return server->addr;
}

unsigned
dns_server_connections(const struct dns_server *server)
{
	return server->connections;
}

struct dns_server_request *
dns_server_keep(const struct dns_server_request *request)
{
	struct dns_server_request *copy = malloc(sizeof *copy);

	ck_assert_ptr_nonnull(copy);
	*copy = *request;
	copy->wire = malloc(request->len);
	ck_assert_ptr_nonnull(copy->wire);
	memcpy(copy->wire, request->wire, request->len);
	return copy;
}

void
dns_server_request_free(struct dns_server_request *request)
{
	free(request->wire);
	free(request);
}

size_t
dns_server_make(const struct dns_server_request *request, unsigned flags,
    uint8_t *wire, size_t size)
{
	uint8_t name[WIRE_NAME_MAX];
	size_t name_len;
	size_t end = wire_name_read(request->wire, request->len,
	    WIRE_HEADER_LEN, name, &name_len);

	ck_assert_uint_gt(end, 0);
	ck_assert_uint_le(end + 4, size);
	memcpy(wire, request->wire, end + 4);
	wire_put16(wire + 2, flags | (wire_get16(wire + 2) & 0x7800));
	wire_put16(wire + 6, 0);
	wire_put16(wire + 8, 0);
	wire_put16(wire + 10, 0);
	return end + 4;
}

size_t
dns_server_sign(const struct dns_server_request *request, uint8_t *wire,
    size_t len, size_t size, unsigned error, int64_t clock_offset_s,
    bool unsigned_error)
{
	struct tsig_mac mac = { .len = MAC_LEN };
	uint64_t now_s = (uint64_t)time(NULL);
	uint64_t server_s = (uint64_t)((int64_t)now_s + clock_offset_s);
	struct tsig_forge forge =
	    tsig_forge_for(request->server->key, &mac, now_s);
	uint8_t other[6];

	/* Behind the MAC come original ID, error and an empty other data. */
	memcpy(mac.bytes, request->wire + request->len - 6 - MAC_LEN, MAC_LEN);
	forge.original_id = wire_get16(request->wire);
	forge.error = error;
	if (unsigned_error)
		forge.mac_len = 0;
	if (error == TSIG_BADTIME) {
		for (int i = 5; i >= 0; i--, server_s >>= 8)
			other[i] = (uint8_t)server_s;
		forge.other = other;
		forge.other_len = sizeof other;
	}
	return tsig_forge_append(wire, len, size, request->server->key,
	    &forge);
}

static void
send_all(int fd, const uint8_t *data, size_t len, size_t chunk)
{
	while (len > 0) {
		size_t n = chunk == 0 || chunk > len ? len : chunk;

		ck_assert_int_eq(send(fd, data, n, MSG_NOSIGNAL), (int)n);
		data += n;
		len -= n;
	}
}

void
dns_server_send(const struct dns_server_request *request, const uint8_t *wire,
    size_t len, size_t chunk)
{
	static uint8_t framed[FRAME_MAX];
	struct sockaddr_storage ss;
	socklen_t ss_len;

	if (!request->tcp) {
		ss_len = addr_to_sockaddr(&request->client, &ss);
		sendto(request->fd, wire, len, 0, (struct sockaddr *)&ss,
		    ss_len);
		return;
	}
	wire_put16(framed, (unsigned)len);
	memcpy(framed + 2, wire, len);
	send_all(request->fd, framed, 2 + len, chunk);
}

void
dns_server_answer(const struct dns_server_request *request, unsigned rcode)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8400 | rcode, wire,
	    sizeof wire);

	if (request->server->key != NULL)
		len = dns_server_sign(request, wire, len, sizeof wire, 0, 0,
		    false);
	dns_server_send(request, wire, len, 0);
}
