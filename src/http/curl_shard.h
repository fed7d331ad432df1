/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_CURL_SHARD_H
#define RRDNSD_HTTP_CURL_SHARD_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

struct loop;

/*
 * One libcurl multi handle on our loop. There are several, because libcurl
 * 7.88 walks lists that grow with the handles attached. Only the files of
 * src/http that speak to libcurl include this.
 */
struct curl_shard;

/* A transfer ended. Called outside of libcurl's own callbacks: easy handles
 * may be added and removed. `private` is CURLOPT_PRIVATE. */
typedef void curl_shard_done_cb(void *private, CURL *easy, CURLcode code);

/* The socket of a transfer is polled for the first time. */
typedef void curl_shard_polled_cb(void *private);

/* connections: how many idle ones to keep. NULL: out of memory. */
struct curl_shard *curl_shard_new(struct loop *loop, long connections,
    curl_shard_done_cb *done, curl_shard_polled_cb *polled);
void curl_shard_free(struct curl_shard *shard);

/* A reset easy handle out of the pool, or a new one; NULL: out of memory. */
CURL *curl_shard_take(struct curl_shard *shard);
void curl_shard_give_back(struct curl_shard *shard, CURL *easy);

/* Starts and abandons a transfer. */
bool curl_shard_start(struct curl_shard *shard, CURL *easy);
void curl_shard_stop(struct curl_shard *shard, CURL *easy);

#endif
