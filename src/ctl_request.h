/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_REQUEST_H
#define RRDNSD_CTL_REQUEST_H

#include <stddef.h>

/* What rrdnsctl asks of the daemon's API, one request after another. */
struct ctl_api;

struct ctl_api_conf {
	const char *socket; /* used when url is NULL */
	const char *url; /* "https://192.0.2.10:3333" */
	const char *token_file; /* NULL: none */
};

struct ctl_answer {
	unsigned status; /* of HTTP; 0: there was no answer, why says so */
	char *body; /* ends with a NUL */
	size_t len;
	char why[512];
};

/* 0; ERR_INVALID, with why filled in, when the token file or the URL is no
 * good; ERR_NOMEM. */
int ctl_api_new(const struct ctl_api_conf *conf, struct ctl_api **out,
    char *why, size_t why_size);
void ctl_api_free(struct ctl_api *api); /* NULL is fine */

/* body NULL: none, else JSON. Always fills in the answer, whose body is the
 * caller's to fini. */
void ctl_api_ask(struct ctl_api *api, const char *method, const char *path,
    const char *body, struct ctl_answer *answer);
void ctl_answer_fini(struct ctl_answer *answer);

#endif
