/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_PROBE_CURL_H
#define RRDNSD_HTTP_PROBE_CURL_H

/* Shared by the files of the libcurl engine; nobody else includes it. */

#include "http/prober_impl.h"

/* What libcurl's callbacks need, and what is measured. */
struct curl_probe {
	struct probe base;
	CURL *easy;
	struct curl_slist *redirect_to; /* CONNECT_TO of a followed redirect */
	size_t header_bytes;
	unsigned redirects;
	bool enough; /* we ended the transfer ourselves: body seen */
	bool header_too_large;
	bool no_descriptor;
	bool waited;
	int fd; /* the last socket that was opened; libcurl's */
	bool full_handshake;
};

/* probe_easy.c: the options of a transfer */
bool probe_curl_set_options(struct curl_probe *probe);

#endif
