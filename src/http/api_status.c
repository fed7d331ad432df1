/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/api_status.h"

#include "json_out.h"

static void
write_age(struct json_out *json, const char *key, int64_t age_ms)
{
	json_key(json, key);
	if (age_ms < 0)
		json_none(json);
	else
		json_int(json, age_ms);
}

void
api_write_intent(struct json_out *json, const struct api_intent *intent)
{
	if (intent->intent == NULL) {
		json_none(json);
		return;
	}
	json_open(json, '{');
	if (intent->target != NULL)
		json_put_text(json, "target", intent->target);
	json_put_text(json, "intent", intent->intent);
	json_put_text(json, "reason", intent->reason);
	json_put_text(json, "by", intent->by);
	json_put_time(json, "at", intent->at_ms);
	json_put_time(json, "until", intent->until_ms);
	json_close(json, '}');
}

static void
write_votes(struct json_out *json, const struct api_vote *votes, size_t n)
{
	json_open(json, '{');
	for (size_t i = 0; i < n; i++) {
		json_key(json, votes[i].node);
		json_open(json, '{');
		json_put_text(json, "vote", votes[i].vote);
		json_put_text(json, "reason", votes[i].reason);
		write_age(json, "age_ms", votes[i].age_ms);
		json_close(json, '}');
	}
	json_close(json, '}');
}

static void
write_probe(struct json_out *json, const struct api_endpoint *e)
{
	if (e->outcome == NULL) {
		json_none(json);
		return;
	}
	json_open(json, '{');
	json_put_text(json, "outcome", e->outcome);
	json_put_text(json, "detail", e->detail);
	json_key(json, "duration_ms");
	json_thousandths(json, e->duration_us);
	json_put_time(json, "at", e->probed_at_ms);
	json_put_text(json, "history", e->history);
	json_close(json, '}');
}

static void
write_published(struct json_out *json, enum api_published published)
{
	if (published == API_UNKNOWN)
		json_none(json);
	else
		json_bool(json, published == API_PUBLISHED);
}

void
api_write_endpoint(struct json_out *json, const struct api_endpoint *e)
{
	json_open(json, '{');
	json_put_text(json, "ipaddr", e->ipaddr);
	json_put_text(json, "label", e->label);
	json_put_int(json, "tier", e->tier);
	json_put_text(json, "verdict", e->verdict);
	json_put_text(json, "own", e->own);
	json_put_time(json, "since", e->since_ms);
	json_key(json, "votes");
	write_votes(json, e->votes, e->n_votes);
	json_key(json, "intent");
	api_write_intent(json, &e->intent);
	json_put_text(json, "desired", e->desired);
	json_key(json, "published");
	write_published(json, e->published);
	json_put_text(json, "why", e->why);
	json_put_time(json, "safe_to_stop", e->safe_to_stop_ms);
	json_key(json, "probe");
	write_probe(json, e);
	json_close(json, '}');
}

void
api_write_node(struct json_out *json, const struct api_node *node)
{
	json_open(json, '{');
	json_put_text(json, "node", node->node);
	json_put_bool(json, "self", node->self);
	json_put_bool(json, "fresh", node->fresh);
	write_age(json, "age_ms", node->age_ms);
	json_put_int(json, "boot", (int64_t)node->boot);
	json_put_int(json, "version", (int64_t)node->version);
	json_put_bool(json, "same_intents", node->same_intents);
	json_close(json, '}');
}

void
api_write_quorum(struct json_out *json, const struct api_quorum *quorum)
{
	json_open(json, '{');
	json_put_int(json, "nodes", quorum->nodes);
	json_put_int(json, "needed", quorum->needed);
	json_put_int(json, "fresh", quorum->fresh);
	json_put_bool(json, "have", quorum->fresh >= quorum->needed);
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
