/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "err.h"

/* ::ffff:0:0/96. The macro of netinet/in.h wants an alignment that the bytes
 * of struct addr do not have. */
static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

int
addr_parse_ip(const char *text, struct addr *out)
{
	struct addr addr = { 0 };

	if (inet_pton(AF_INET, text, addr.bytes) == 1)
		addr.family = ADDR_IP4;
	else if (inet_pton(AF_INET6, text, addr.bytes) == 1)
		addr.family = ADDR_IP6;
	else
		return ERR_SYNTAX;
	if (addr.family == ADDR_IP6 &&
	    memcmp(addr.bytes, mapped_prefix, sizeof mapped_prefix) == 0)
		return ERR_INVALID;
	*out = addr;
	return 0;
}

static int
parse_port(const char *text, uint16_t *port)
{
	unsigned value = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 5)
		return ERR_SYNTAX;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return ERR_SYNTAX;
		value = value * 10 + (unsigned)(*text - '0');
	}
	if (value == 0 || value > 65535)
		return ERR_RANGE;
	*port = (uint16_t)value;
	return 0;
}

int
addr_parse(const char *text, uint16_t default_port, struct addr *out)
{
	char ip[INET6_ADDRSTRLEN];
	const char *end, *port = NULL;
	uint16_t number = default_port;
	int err;

	if (*text == '[') {
		text++;
		end = strchr(text, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return ERR_SYNTAX;
		if (end[1] == ':')
			port = end + 2;
	} else {
		end = strchr(text, ':');
		if (end != NULL && strchr(end + 1, ':') != NULL)
			end = NULL; /* a bare IPv6 address */
		if (end != NULL)
			port = end + 1;
		else
			end = text + strlen(text);
	}
	if ((size_t)(end - text) >= sizeof ip)
		return ERR_SYNTAX;
	memcpy(ip, text, (size_t)(end - text));
	ip[end - text] = '\0';
	if (port != NULL && (err = parse_port(port, &number)) != 0)
		return err;
	if (number == 0)
		return ERR_SYNTAX;
	if ((err = addr_parse_ip(ip, out)) != 0)
		return err;
	out->port = number;
	return 0;
}

static char *
put_number(char *at, unsigned number)
{
	if (number >= 10)
		at = put_number(at, number / 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

static char *
put_ip4(char *at, const uint8_t bytes[4])
{
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_number(at, bytes[i]);
	}
	return at;
}

static char *
put_ip6(char *at, const uint8_t bytes[16])
{
	inet_ntop(AF_INET6, bytes, at, INET6_ADDRSTRLEN);
	return at + strlen(at);
}

/* By hand: names of nodes are half of what a node tells its peers. */
const char *
addr_format(const struct addr *addr, bool with_port, char buf[ADDR_TEXT_MAX])
{
	bool bracketed = with_port && addr->family == ADDR_IP6;
	char *at = buf;

	if (bracketed)
		*at++ = '[';
	if (addr->family == ADDR_IP4)
		at = put_ip4(at, addr->bytes);
	else if (addr->family == ADDR_IP6)
		at = put_ip6(at, addr->bytes);
	else
		at = stpcpy(at, "none");
	if (bracketed)
		*at++ = ']';
	if (with_port) {
		*at++ = ':';
		at = put_number(at, addr->port);
	}
	*at = '\0';
	return buf;
}

int
addr_compare_ip(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

int
addr_compare(const struct addr *a, const struct addr *b)
{
	int order = addr_compare_ip(a, b);

	if (order != 0)
		return order;
	return (a->port > b->port) - (a->port < b->port);
}

bool
addr_is_unusable(const struct addr *addr)
{
	static const uint8_t zero[16];

	if (addr->family == ADDR_NONE || memcmp(addr->bytes, zero, 16) == 0)
		return true;
	if (addr->family == ADDR_IP6)
		return addr->bytes[0] == 0xff;
	/* 224.0.0.0/4 is multicast, 240.0.0.0/4 reserved (RFC 1112). */
	return addr->bytes[0] == 0 || addr->bytes[0] >= 224;
}

socklen_t
addr_to_sockaddr(const struct addr *addr, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (addr->family == ADDR_IP4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(addr->port);
		memcpy(&in->sin_addr, addr->bytes, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(addr->port);
	memcpy(&in6->sin6_addr, addr->bytes, 16);
	return sizeof *in6;
}

int
addr_from_sockaddr(const struct sockaddr *sa, struct addr *out)
{
	struct addr addr = { 0 };

	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		addr.family = ADDR_IP4;
		addr.port = ntohs(in->sin_port);
		memcpy(addr.bytes, &in->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		addr.family = ADDR_IP6;
		addr.port = ntohs(in6->sin6_port);
		memcpy(addr.bytes, &in6->sin6_addr, 16);
	} else {
		return ERR_INVALID;
	}
	*out = addr;
	return 0;
}
