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
	int talk_fd; /* watched while something is said or heard; -1: none */
	size_t said; /* bytes of what is to be said */
};

/* probe_curl.c */
void probe_curl_end(struct curl_probe *probe, enum transfer_end end);

/* probe_talk.c: after the connection is made; it ends with probe_curl_end */
void probe_talk_start(struct curl_probe *probe);
void probe_talk_stop(struct curl_probe *probe);

/* probe_easy.c: the options of a transfer */
bool probe_curl_set_options(struct curl_probe *probe);

#endif
