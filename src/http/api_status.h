/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_API_STATUS_H
#define RRDNSD_HTTP_API_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out;

/*
 * The pieces of GET /api/v1/status (design.md section 6), pure: values in,
 * JSON out. Words ("up", "present") come in as they are to be shown; a text
 * that is NULL, and a moment that is 0, is null. All moments are of the wall
 * clock.
 */
struct api_vote {
	const char *node;
	const char *vote; /* NULL: not known, or under another definition */
	const char *reason;
	int64_t age_ms; /* upper bound; negative: never heard of */
};

struct api_intent {
	const char *target; /* only in the list of all */
	const char *intent; /* NULL: there is none */
	const char *reason;
	const char *by;
	int64_t at_ms;
	int64_t until_ms;
};

enum api_published { /* by the servers, as they were last read */
	API_UNKNOWN, /* not all were read, or they differ: null */
	API_PUBLISHED,
	API_NOT_PUBLISHED,
};

struct api_endpoint {
	const char *ipaddr;
	const char *label;
	unsigned tier;
	const char *verdict;
	const char *own;
	int64_t since_ms; /* when the verdict became this one */
	const struct api_vote *votes;
	size_t n_votes;
	struct api_intent intent;
	const char *desired;
	enum api_published published;
	const char *why;
	int64_t safe_to_stop_ms; /* after a drain: no client can still come */
	const char *outcome; /* of the last probe; NULL: there was none */
	const char *detail;
	uint32_t duration_us;
	int64_t probed_at_ms;
	const char *history;
};

struct api_node {
	const char *node;
	bool self;
	bool fresh;
	int64_t age_ms; /* negative: never heard of */
	uint64_t boot;
	uint64_t version;
	bool same_intents;
};

struct api_quorum {
	unsigned nodes;
	unsigned needed;
	unsigned fresh;
};

void api_write_endpoint(struct json_out *json, const struct api_endpoint *e);
void api_write_node(struct json_out *json, const struct api_node *node);
void api_write_quorum(struct json_out *json, const struct api_quorum *quorum);

/* An object, or null; with its target where that is not NULL. */
void api_write_intent(struct json_out *json, const struct api_intent *intent);

/* "ok", "partial", "down" or "undecided": how a service of so many endpoints
 * stands. */
const char *api_service_state(size_t up, size_t down, size_t undecided);

#endif
