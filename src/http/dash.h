/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_DASH_H
#define RRDNSD_HTTP_DASH_H

#include <stddef.h>

struct server_response;

/*
 * The dashboard: one page that is built in (dash/ has its sources, and
 * dash/embed.sh makes one array of them). It holds no data; it reads the API
 * like anybody else.
 */
extern const unsigned char dash_page[];
extern const size_t dash_page_len;

struct dash;

/* NULL: out of memory. */
struct dash *dash_new(void);
void dash_free(struct dash *dash); /* NULL is fine */

/* Answers GET /dash: the page, or 304 to whoever has it (if_none_match is the
 * value of that header, or NULL). The answer's page is valid as long as dash. */
void dash_answer(const struct dash *dash, const char *if_none_match,
    struct server_response *out);

/* The Content-Security-Policy of a page (a string) with one style and one
 * script, both inline: these two by their hashes, the API of the same origin, and
 * nothing else. ERR_SYNTAX: the page is another; ERR_TOOBIG; ERR_CRYPTO. */
#define DASH_POLICY_MAX 512
int dash_policy(const char *page, char *buf, size_t size);

#endif
