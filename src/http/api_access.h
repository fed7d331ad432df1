/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_API_ACCESS_H
#define RRDNSD_HTTP_API_ACCESS_H

#include <stdbool.h>

#include "http/router.h"

struct secret;

/*
 * Who may do what (design.md section 6). Pure. Over the Unix socket the file's
 * mode is the lock. Over TCP, changes need the token, and a page of another
 * site gets nothing at all: no header ever allows it to read an answer.
 */
struct access_request {
	enum route_right right;
	bool has_body; /* or may have one: anything but GET, HEAD, DELETE */
	bool local; /* over the Unix socket */
	bool needs_host; /* by its version of HTTP */
	unsigned n_hosts; /* Host headers */
	/* Headers; NULL: not there. */
	const char *host;
	const char *origin;
	const char *authorization;
	const char *content_type;
};

struct access_rules {
	const struct secret *token; /* len 0: none */
	bool reads_need_token;
};

struct access_answer {
	unsigned status; /* 200, 400, 401, 403 or 415 */
	const char *text; /* what is wrong, and what would be right */
};

struct access_answer access_check(const struct access_request *request,
    const struct access_rules *rules);

/* Whether the token, where one is needed for reading, was shown. */
bool access_may_read(const struct access_request *request,
    const struct access_rules *rules);

#endif
