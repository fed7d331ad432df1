/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/gossip.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "err.h"
#include "json_text.h"
#include "vote/intents_json.h"

/* The parser recurses: how deep is known before it is let loose. */
static bool
is_shallow(const char *text, size_t len)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > VOTE_DEPTH_MAX)
			return false;
	}
	return true;
}

static bool
read_number(const json_t *json, uint64_t *out)
{
	json_int_t value = json_integer_value(json);

	if (!json_is_integer(json) || value < 0 ||
	    (uint64_t)value >= VOTE_NUMBER_MAX)
		return false;
	*out = (uint64_t)value;
	return true;
}

static bool
get_number(const json_t *object, const char *key, uint64_t *out)
{
	return read_number(json_object_get(object, key), out);
}

static bool
get_ms(const json_t *object, const char *key, int64_t *out)
{
	uint64_t value;

	if (!get_number(object, key, &value))
		return false;
	*out = (int64_t)value;
	return true;
}

static bool
get_node(const json_t *object, const char *key, struct addr *out)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && addr_parse(text, 0, out) == 0;
}

static bool
get_hash(const json_t *object, const char *key, uint8_t *out)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && vote_hash_parse(text, out) == 0;
}

static bool
decode_digest_entry(const char *node, const json_t *json,
    struct vote_digest *out)
{
	out->age_ms = VOTE_AGE_UNKNOWN;
	return addr_parse(node, 0, &out->node) == 0 &&
	    get_number(json, "boot", &out->boot) &&
	    get_number(json, "heartbeat", &out->heartbeat) &&
	    get_number(json, "version", &out->version) &&
	    get_hash(json, "intents_hash", out->intents_hash) &&
	    (json_object_get(json, "age") == NULL ||
		get_ms(json, "age", &out->age_ms));
}

/* One address can be written in several ways; keys differ all the same. */
static bool
has_nodes_twice(const struct vote_message *message)
{
	for (size_t i = 0; i < message->n_digest; i++)
		if (vote_message_digest_of(message,
			&message->digest[i].node) != &message->digest[i])
			return true;
	for (size_t i = 0; i < message->n_deltas; i++)
		if (vote_message_delta_of(message,
			&message->deltas[i].node) != &message->deltas[i])
			return true;
	return false;
}

static int
decode_digest(const json_t *json, struct vote_message *message)
{
	const char *node;
	json_t *value;
	bool ok = true;

	if (!json_is_object(json))
		return ERR_SYNTAX;
	if (json_object_size(json) > VOTE_NODES_MAX)
		return ERR_TOOBIG;
	message->digest = calloc(json_object_size(json) + 1,
	    sizeof *message->digest);
	if (message->digest == NULL)
		return ERR_NOMEM;
	json_object_foreach((json_t *)json, node, value)
		ok = ok && decode_digest_entry(node, value,
		    &message->digest[message->n_digest++]);
	return ok ? 0 : ERR_SYNTAX;
}

static bool
are_causes(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < '!' || text[i] > '~')
			return false;
	return true;
}

static bool
decode_ballot(const char *hash, const json_t *pair, const json_t *causes,
    struct vote_delta_ballot *out)
{
	const json_t *votes = json_array_get(pair, 1);
	const json_t *cause = json_object_get(causes, hash);

	if (json_array_size(pair) < 2 || !json_is_string(votes) ||
	    !read_number(json_array_get(pair, 0), &out->version) ||
	    vote_hash_parse(hash, out->hash) != 0)
		return false;
	out->votes = json_string_value(votes);
	out->n = json_string_length(votes);
	if (out->n > VOTE_ENDPOINTS_MAX ||
	    strspn(out->votes, "uda") != out->n)
		return false;
	if (cause == NULL)
		return true;
	out->causes = json_string_value(cause);
	return json_string_length(cause) == out->n &&
	    are_causes(out->causes, out->n);
}

static int
decode_delta(const char *node, const json_t *json, struct vote_delta *out)
{
	const json_t *votes = json_object_get(json, "votes");
	const json_t *causes = json_object_get(json, "causes");
	const char *hash;
	json_t *pair;
	bool ok = true;

	if (addr_parse(node, 0, &out->node) != 0 ||
	    !get_number(json, "base", &out->base) ||
	    !get_number(json, "upto", &out->upto) || out->upto < out->base ||
	    !json_is_object(votes) ||
	    (causes != NULL && !json_is_object(causes)))
		return ERR_SYNTAX;
	if (json_object_size(votes) > VOTE_BALLOTS_MAX)
		return ERR_TOOBIG;
	out->ballots = calloc(json_object_size(votes) + 1,
	    sizeof *out->ballots);
	if (out->ballots == NULL)
		return ERR_NOMEM;
	json_object_foreach((json_t *)votes, hash, pair) {
		struct vote_delta_ballot *ballot = &out->ballots[out->n++];

		ok = ok && decode_ballot(hash, pair, causes, ballot) &&
		    ballot->version > out->base && ballot->version <= out->upto;
	}
	qsort(out->ballots, out->n, sizeof *out->ballots, vote_delta_compare);
	return ok ? 0 : ERR_SYNTAX;
}

static int
decode_rows(const json_t *json, struct vote_message *message)
{
	const char *node;
	json_t *value;
	int err = 0;

	if (!json_is_object(json))
		return ERR_SYNTAX;
	if (json_object_size(json) > VOTE_NODES_MAX)
		return ERR_TOOBIG;
	message->deltas = calloc(json_object_size(json) + 1,
	    sizeof *message->deltas);
	if (message->deltas == NULL)
		return ERR_NOMEM;
	json_object_foreach((json_t *)json, node, value)
		if (err == 0)
			err = decode_delta(node, value,
			    &message->deltas[message->n_deltas++]);
	return err;
}

static bool
decode_head(const json_t *json, struct vote_message *message)
{
	return get_node(json, "from", &message->from) &&
	    get_number(json, "boot", &message->boot) &&
	    get_node(json, "to", &message->to) &&
	    get_number(json, "to_boot", &message->to_boot) &&
	    get_number(json, "seq", &message->seq) &&
	    get_ms(json, "ms", &message->ms) &&
	    get_ms(json, "to_ms", &message->to_ms) &&
	    get_ms(json, "to_held", &message->to_held);
}

static int
decode(const json_t *json, struct vote_message *message)
{
	const json_t *intents = json_object_get(json, "intents");
	int err;

	if (!decode_head(json, message))
		return ERR_SYNTAX;
	message->refusal = json_object_get(json, "known_boot") != NULL;
	if (message->refusal)
		return get_number(json, "known_boot", &message->known_boot) &&
			get_number(json, "known_seq", &message->known_seq)
		    ? 0
		    : ERR_SYNTAX;
	err = decode_digest(json_object_get(json, "digest"), message);
	if (err == 0)
		err = decode_rows(json_object_get(json, "rows"), message);
	if (err == 0 && has_nodes_twice(message))
		err = ERR_SYNTAX;
	if (err == 0 && intents != NULL)
		err = vote_intents_decode(intents, &message->intents);
	return err;
}

int
vote_gossip_decode(const char *text, size_t len, struct vote_message *message)
{
	json_t *json;
	int err;

	*message = (struct vote_message){ 0 };
	if (len > VOTE_BODY_MAX || !is_shallow(text, len))
		return ERR_TOOBIG;
	err = json_text_read(text, len, &json, NULL);
	message->backing = json;
	if (err != 0)
		return err;
	return json_is_object(json) ? decode(json, message) : ERR_SYNTAX;
}

void
vote_message_fini(struct vote_message *message)
{
	for (size_t i = 0; i < message->n_deltas; i++)
		free(message->deltas[i].ballots);
	free(message->deltas);
	free(message->digest);
	if (message->backing != NULL)
		vote_intents_free(message->intents);
	json_decref(message->backing);
	*message = (struct vote_message){ 0 };
}
