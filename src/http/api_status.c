/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/api_status.h"

#include "json_out.h"

static void
write_text(struct json_out *json, const char *key, const char *text)
{
	json_key(json, key);
	json_text(json, text);
}

static void
write_int(struct json_out *json, const char *key, int64_t number)
{
	json_key(json, key);
	json_int(json, number);
}

static void
write_bool(struct json_out *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

static void
write_time(struct json_out *json, const char *key, int64_t wall_ms)
{
	json_key(json, key);
	if (wall_ms == 0)
		json_null(json);
	else
		json_time(json, wall_ms);
}

static void
write_age(struct json_out *json, const char *key, int64_t age_ms)
{
	json_key(json, key);
	if (age_ms < 0)
		json_null(json);
	else
		json_int(json, age_ms);
}

void
api_write_intent(struct json_out *json, const struct api_intent *intent)
{
	if (intent->intent == NULL) {
		json_null(json);
		return;
	}
	json_open(json, '{');
	if (intent->target != NULL)
		write_text(json, "target", intent->target);
	write_text(json, "intent", intent->intent);
	write_text(json, "reason", intent->reason);
	write_text(json, "by", intent->by);
	write_time(json, "at", intent->at_ms);
	write_time(json, "until", intent->until_ms);
	json_close(json, '}');
}

static void
write_votes(struct json_out *json, const struct api_vote *votes, size_t n)
{
	json_open(json, '{');
	for (size_t i = 0; i < n; i++) {
		json_key(json, votes[i].node);
		json_open(json, '{');
		write_text(json, "vote", votes[i].vote);
		write_text(json, "reason", votes[i].reason);
		write_age(json, "age_ms", votes[i].age_ms);
		json_close(json, '}');
	}
	json_close(json, '}');
}

static void
write_probe(struct json_out *json, const struct api_endpoint *e)
{
	if (e->outcome == NULL) {
		json_null(json);
		return;
	}
	json_open(json, '{');
	write_text(json, "outcome", e->outcome);
	write_text(json, "detail", e->detail);
	json_key(json, "duration_ms");
	json_thousandths(json, e->duration_us);
	write_time(json, "at", e->probed_at_ms);
	write_text(json, "history", e->history);
	json_close(json, '}');
}

static void
write_published(struct json_out *json, enum api_published published)
{
	if (published == API_UNKNOWN)
		json_null(json);
	else
		json_bool(json, published == API_PUBLISHED);
}

void
api_write_endpoint(struct json_out *json, const struct api_endpoint *e)
{
	json_open(json, '{');
	write_text(json, "ipaddr", e->ipaddr);
	write_text(json, "label", e->label);
	write_int(json, "tier", e->tier);
	write_text(json, "verdict", e->verdict);
	write_text(json, "own", e->own);
	write_time(json, "since", e->since_ms);
	json_key(json, "votes");
	write_votes(json, e->votes, e->n_votes);
	json_key(json, "intent");
	api_write_intent(json, &e->intent);
	write_text(json, "desired", e->desired);
	json_key(json, "published");
	write_published(json, e->published);
	write_text(json, "why", e->why);
	write_time(json, "safe_to_stop", e->safe_to_stop_ms);
	json_key(json, "probe");
	write_probe(json, e);
	json_close(json, '}');
}

void
api_write_node(struct json_out *json, const struct api_node *node)
{
	json_open(json, '{');
	write_text(json, "node", node->node);
	write_bool(json, "self", node->self);
	write_bool(json, "fresh", node->fresh);
	write_age(json, "age_ms", node->age_ms);
	write_int(json, "boot", (int64_t)node->boot);
	write_int(json, "version", (int64_t)node->version);
	write_bool(json, "same_intents", node->same_intents);
	json_close(json, '}');
}

void
api_write_quorum(struct json_out *json, const struct api_quorum *quorum)
{
	json_open(json, '{');
	write_int(json, "nodes", quorum->nodes);
	write_int(json, "needed", quorum->needed);
	write_int(json, "fresh", quorum->fresh);
	write_bool(json, "have", quorum->fresh >= quorum->needed);
	json_close(json, '}');
}

const char *
api_service_state(size_t up, size_t down, size_t undecided)
{
	if (down == 0 && undecided == 0)
		return "ok";
	if (up > 0)
		return "partial";
	return undecided == 0 ? "down" : "undecided";
}
