/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/gossip.h"

#include <stdlib.h>

#include <jansson.h>

#include "err.h"
#include "vote/intents_json.h"

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* Takes over value; false when it or the place for it could not be made. */
static bool
set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static bool
set_node(json_t *object, const char *key, const struct addr *node)
{
	char text[ADDR_TEXT_MAX];

	return set(object, key, json_string(addr_format(node, true, text)));
}

static json_t *
encode_digest_entry(const struct vote_digest *entry)
{
	char hash[VOTE_HASH_TEXT_MAX];
	json_t *json = json_object();
	bool ok = set(json, "boot", number(entry->boot)) &&
	    set(json, "heartbeat", number(entry->heartbeat)) &&
	    set(json, "version", number(entry->version)) &&
	    set(json, "intents_hash",
		json_string(vote_hash_format(entry->intents_hash, hash)));

	if (ok && entry->age_ms >= 0)
		ok = set(json, "age", json_integer(entry->age_ms));
	if (ok)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *
encode_digest(const struct vote_message *message)
{
	json_t *json = json_object();
	char node[ADDR_TEXT_MAX];

	for (size_t i = 0; i < message->n_digest; i++) {
		const struct vote_digest *entry = &message->digest[i];

		if (!set(json, addr_format(&entry->node, true, node),
			encode_digest_entry(entry))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

static bool
encode_ballot(const struct vote_delta_ballot *ballot, json_t *votes,
    json_t *causes)
{
	char hash[VOTE_HASH_TEXT_MAX];
	json_t *pair = json_array();

	vote_hash_format(ballot->hash, hash);
	if (json_array_append_new(pair, number(ballot->version)) != 0 ||
	    json_array_append_new(pair,
		json_stringn(ballot->votes, ballot->n)) != 0) {
		json_decref(pair);
		return false;
	}
	return set(votes, hash, pair) && (ballot->causes == NULL ||
	    set(causes, hash, json_stringn(ballot->causes, ballot->n)));
}

static json_t *
encode_delta(const struct vote_delta *delta)
{
	json_t *json = json_object(), *votes = json_object();
	json_t *causes = json_object();
	bool ok = set(json, "base", number(delta->base)) &&
	    set(json, "upto", number(delta->upto)) &&
	    json_object_set(json, "votes", votes) == 0;

	for (size_t i = 0; ok && i < delta->n; i++)
		ok = encode_ballot(&delta->ballots[i], votes, causes);
	if (ok && json_object_size(causes) > 0)
		ok = json_object_set(json, "causes", causes) == 0;
	json_decref(votes);
	json_decref(causes);
	if (ok)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *
encode_rows(const struct vote_message *message)
{
	json_t *json = json_object();
	char node[ADDR_TEXT_MAX];

	for (size_t i = 0; i < message->n_deltas; i++) {
		const struct vote_delta *delta = &message->deltas[i];

		if (!set(json, addr_format(&delta->node, true, node),
			encode_delta(delta))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

static bool
encode_head(const struct vote_message *message, json_t *json)
{
	return set_node(json, "from", &message->from) &&
	    set(json, "boot", number(message->boot)) &&
	    set_node(json, "to", &message->to) &&
	    set(json, "to_boot", number(message->to_boot)) &&
	    set(json, "seq", number(message->seq)) &&
	    set(json, "ms", json_integer(message->ms)) &&
	    set(json, "to_ms", json_integer(message->to_ms)) &&
	    set(json, "to_held", json_integer(message->to_held));
}

static bool
encode_tail(const struct vote_message *message, json_t *json)
{
	if (message->refusal)
		return set(json, "known_boot", number(message->known_boot)) &&
		    set(json, "known_seq", number(message->known_seq));
	return set(json, "digest", encode_digest(message)) &&
	    set(json, "rows", encode_rows(message)) &&
	    (message->intents == NULL ||
		set(json, "intents", vote_intents_encode(message->intents)));
}

int
vote_gossip_encode(const struct vote_message *message, char **text,
    size_t *len)
{
	json_t *json = json_object();

	*text = NULL;
	*len = 0;
	if (encode_head(message, json) && encode_tail(message, json)) {
		*len = json_dumpb(json, NULL, 0, JSON_COMPACT);
		*text = malloc(*len + 1);
	}
	if (*text != NULL) {
		json_dumpb(json, *text, *len, JSON_COMPACT);
		(*text)[*len] = '\0';
	}
	json_decref(json);
	return *text != NULL ? 0 : ERR_NOMEM;
}
