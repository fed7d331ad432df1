/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "vote/intents_json.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json_text.h"

#define FORM (JSON_COMPACT | JSON_SORT_KEYS)

static const char *const known[] = { "op", "stamp", "by", "until", "reason" };

static bool
is_known(const char *key)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i], key) == 0)
			return true;
	return false;
}

/* NULL: out of memory. */
static json_t *
encode_entry(const struct vote_intent *entry)
{
	json_t *json = json_pack("{s:s, s:I, s:s, s:I, s:s}", "op", entry->op,
	    "stamp", (json_int_t)entry->stamp, "by", entry->by, "until",
	    (json_int_t)entry->until_ms, "reason", entry->reason);
	json_t *more;

	if (json == NULL || entry->more[0] == '\0')
		return json;
	if (json_text_read(entry->more, strlen(entry->more), &more, NULL) != 0 ||
	    json_object_update_missing(json, more) != 0) {
		json_decref(json);
		json = NULL;
	}
	json_decref(more);
	return json;
}

json_t *
vote_intents_encode(const struct vote_intents *intents)
{
	json_t *json = json_object();

	for (size_t i = 0; i < vote_intents_count(intents); i++) {
		const struct vote_intent *entry = vote_intents_at(intents, i);

		if (json_object_set_new(json, entry->target,
			encode_entry(entry)) != 0) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

char *
vote_intents_format(const struct vote_intents *intents)
{
	json_t *json = vote_intents_encode(intents);
	char *text = json != NULL ? json_text_write(json, FORM, NULL) : NULL;

	json_decref(json);
	return text;
}

/* What later versions added travels along as it came. */
static int
collect_unknown(const json_t *json, char **out)
{
	json_t *more = json_object();
	const char *key;
	json_t *value;
	int err = more != NULL ? 0 : ERR_NOMEM;

	*out = NULL;
	json_object_foreach((json_t *)json, key, value)
		if (err == 0 && !is_known(key) &&
		    json_object_set(more, key, value) != 0)
			err = ERR_NOMEM;
	if (err == 0 && json_object_size(more) > 0) {
		*out = json_text_write(more, FORM, NULL);
		err = *out == NULL ? ERR_NOMEM : 0;
	}
	json_decref(more);
	return err;
}

static int
decode_entry(const char *target, const json_t *json,
    struct vote_intents *intents)
{
	const json_t *stamp = json_object_get(json, "stamp");
	const json_t *until = json_object_get(json, "until");
	struct vote_intent entry = {
		.target = target,
		.op = json_string_value(json_object_get(json, "op")),
		.by = json_string_value(json_object_get(json, "by")),
		.reason = json_string_value(json_object_get(json, "reason")),
		.stamp = json_integer_value(stamp),
		.until_ms = json_integer_value(until),
	};
	bool changed = false;
	char *more;
	int err;

	if (entry.op == NULL || entry.by == NULL || !json_is_integer(stamp) ||
	    (until != NULL && !json_is_integer(until)))
		return ERR_SYNTAX;
	if (entry.reason == NULL)
		entry.reason = "";
	err = collect_unknown(json, &more);
	if (err != 0)
		return err;
	entry.more = more != NULL ? more : "";
	err = vote_intents_take(intents, &entry, &changed);
	free(more);
	return err == ERR_INVALID ? ERR_SYNTAX : err;
}

int
vote_intents_decode(const json_t *json, struct vote_intents **out)
{
	struct vote_intents *intents;
	const char *target;
	json_t *value;
	int err = 0;

	*out = NULL;
	if (!json_is_object(json))
		return ERR_SYNTAX;
	if (json_object_size(json) > VOTE_INTENTS_MAX)
		return ERR_TOOBIG;
	intents = vote_intents_new();
	if (intents == NULL)
		return ERR_NOMEM;
	json_object_foreach((json_t *)json, target, value)
		if (err == 0)
			err = decode_entry(target, value, intents);
	if (err != 0) {
		vote_intents_free(intents);
		return err;
	}
	*out = intents;
	return 0;
}

int
vote_intents_parse(const char *text, struct vote_intents **out)
{
	json_t *json;
	int err = json_text_read(text, strlen(text), &json, NULL);

	*out = NULL;
	if (err == 0)
		err = vote_intents_decode(json, out);
	json_decref(json);
	return err;
}
