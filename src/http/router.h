/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_ROUTER_H
#define RRDNSD_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which of a table of routes a request is for. Pure. A pattern is a path whose
 * segments may be "*", which takes any one segment: "/api/v1/services/" "*".
 */
struct server_response;

#define ROUTE_PARAMS_MAX 2
#define ROUTE_PARAM_MAX 256 /* bytes of one, NUL included */

/* Who may come there (design.md section 6). */
enum route_right {
	ROUTE_OPEN, /* anybody */
	ROUTE_READ, /* anybody, unless api_reads_need_token */
	ROUTE_CHANGE, /* over TCP with the token only */
	ROUTE_PEER, /* another node; the handler itself looks for its MAC */
};

/* The handler's arguments are the business of whoever owns the table. */
struct route_call;
typedef void route_handler(const struct route_call *call,
    struct server_response *out);

struct route {
	const char *method; /* "GET" serves HEAD, too */
	const char *pattern;
	enum route_right right;
	size_t body_max; /* bytes; more is 413 */
	route_handler *handler;
};

struct route_match {
	unsigned status; /* 200, 404, or 405: then allow is filled in */
	const struct route *route;
	char params[ROUTE_PARAMS_MAX][ROUTE_PARAM_MAX]; /* what "*" took */
	char allow[64]; /* "GET, HEAD, POST" */
};

/* The path is already decoded; one slash at its end is not looked at. */
void route_find(const struct route *routes, size_t n, const char *method,
    const char *path, struct route_match *out);

#endif
