/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/gossip.h"

#include <stdlib.h>

#include "err.h"
#include "json_out.h"
#include "json_text.h"
#include "vote/intents_json.h"

static void
put_number(struct json_out *out, const char *key, uint64_t value)
{
	json_put_int(out, key, (int64_t)value);
}

static void
put_node(struct json_out *out, const char *key, const struct addr *node)
{
	char text[ADDR_TEXT_MAX];

	json_put_text(out, key, addr_format(node, true, text));
}

/* Opens the object that stands under the node's name. */
static void
open_node(struct json_out *out, const struct addr *node)
{
	char text[ADDR_TEXT_MAX];

	json_key(out, addr_format(node, true, text));
	json_open(out, '{');
}

static void
encode_digest(struct json_out *out, const struct vote_message *message)
{
	char hash[VOTE_HASH_TEXT_MAX];

	json_key(out, "digest");
	json_open(out, '{');
	for (size_t i = 0; i < message->n_digest; i++) {
		const struct vote_digest *entry = &message->digest[i];

		open_node(out, &entry->node);
		put_number(out, "boot", entry->boot);
		put_number(out, "heartbeat", entry->heartbeat);
		put_number(out, "version", entry->version);
		json_put_text(out, "intents_hash",
		    vote_hash_format(entry->intents_hash, hash));
		if (entry->age_ms >= 0)
			json_put_int(out, "age", entry->age_ms);
		json_close(out, '}');
	}
	json_close(out, '}');
}

static void
encode_votes(struct json_out *out, const struct vote_delta *delta)
{
	char hash[VOTE_HASH_TEXT_MAX];

	json_key(out, "votes");
	json_open(out, '{');
	for (size_t i = 0; i < delta->n; i++) {
		const struct vote_delta_ballot *ballot = &delta->ballots[i];

		json_key(out, vote_hash_format(ballot->hash, hash));
		json_open(out, '[');
		json_int(out, (int64_t)ballot->version);
		json_text(out, ballot->votes);
		json_close(out, ']');
	}
	json_close(out, '}');
}

static void
encode_causes(struct json_out *out, const struct vote_delta *delta)
{
	char hash[VOTE_HASH_TEXT_MAX];
	bool any = false;

	for (size_t i = 0; i < delta->n; i++) {
		const struct vote_delta_ballot *ballot = &delta->ballots[i];

		if (ballot->causes == NULL)
			continue;
		if (!any) {
			json_key(out, "causes");
			json_open(out, '{');
			any = true;
		}
		json_put_text(out, vote_hash_format(ballot->hash, hash),
		    ballot->causes);
	}
	if (any)
		json_close(out, '}');
}

static void
encode_rows(struct json_out *out, const struct vote_message *message)
{
	json_key(out, "rows");
	json_open(out, '{');
	for (size_t i = 0; i < message->n_deltas; i++) {
		const struct vote_delta *delta = &message->deltas[i];

		open_node(out, &delta->node);
		put_number(out, "base", delta->base);
		put_number(out, "upto", delta->upto);
		encode_votes(out, delta);
		encode_causes(out, delta);
		json_close(out, '}');
	}
	json_close(out, '}');
}

/* False: out of memory. */
static bool
encode_intents(struct json_out *out, const struct vote_intents *intents)
{
	json_t *json = vote_intents_encode(intents);
	char *text = json != NULL
	    ? json_text_write(json, JSON_COMPACT, NULL)
	    : NULL;

	json_decref(json);
	if (text == NULL)
		return false;
	json_key(out, "intents");
	json_raw(out, text);
	free(text);
	return true;
}

static void
encode_head(struct json_out *out, const struct vote_message *message)
{
	put_node(out, "from", &message->from);
	put_number(out, "boot", message->boot);
	put_node(out, "to", &message->to);
	put_number(out, "to_boot", message->to_boot);
	put_number(out, "seq", message->seq);
	json_put_int(out, "ms", message->ms);
	json_put_int(out, "to_ms", message->to_ms);
	json_put_int(out, "to_held", message->to_held);
}

static bool
encode_tail(struct json_out *out, const struct vote_message *message)
{
	if (message->refusal) {
		put_number(out, "known_boot", message->known_boot);
		put_number(out, "known_seq", message->known_seq);
		return true;
	}
	encode_digest(out, message);
	encode_rows(out, message);
	return message->intents == NULL ||
	    encode_intents(out, message->intents);
}

int
vote_gossip_encode(const struct vote_message *message, char **text,
    size_t *len)
{
	struct json_out out;

	json_out_init(&out);
	json_open(&out, '{');
	encode_head(&out, message);
	if (!encode_tail(&out, message))
		json_out_fini(&out);
	else
		json_close(&out, '}');
	*text = json_out_take(&out, len);
	return *text != NULL ? 0 : ERR_NOMEM;
}
