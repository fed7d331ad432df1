/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_ADDR_H
#define RRDNSD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum addr_family {
	ADDR_NONE = 0,
	ADDR_IP4 = 4,
	ADDR_IP6 = 6,
};

/* An IP address with an optional port (0: none). A plain value: copy it, and
 * compare it with addr_compare. */
struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t bytes[16]; /* network order; 4 used for IPv4, the rest zero */
	uint16_t port; /* host order */
};

/* Longest text of addr_format with its NUL: "[" IPv6 "]:65535". */
#define ADDR_TEXT_MAX 56

/* Parses a plain address, "192.0.2.1" or "2001:db8::1". No zone index, no
 * IPv4-mapped IPv6 address (it would be two names for one host). Port is 0. */
int addr_parse_ip(const char *text, struct addr *out);

/* Parses "192.0.2.1:53" or "[2001:db8::1]:53"; the port may be missing when
 * default_port is not 0. */
int addr_parse(const char *text, uint16_t default_port, struct addr *out);

/* Writes the address into buf and returns buf; with_port as the name says,
 * IPv6 in brackets then. */
const char *addr_format(const struct addr *addr, bool with_port,
    char buf[ADDR_TEXT_MAX]);

/* Total order: family, bytes, port. */
int addr_compare(const struct addr *a, const struct addr *b);

/* The same without the port. */
int addr_compare_ip(const struct addr *a, const struct addr *b);

/* True for 0.0.0.0, ::, multicast and 255.255.255.255: nothing that an
 * endpoint or a server can have. */
bool addr_is_unusable(const struct addr *addr);

socklen_t addr_to_sockaddr(const struct addr *addr,
    struct sockaddr_storage *out);
int addr_from_sockaddr(const struct sockaddr *sa, struct addr *out);

#endif
