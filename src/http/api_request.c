/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/api_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json_text.h"

#define WORD_MAX 24

struct api_body {
	json_t *root;
	char word[WORD_MAX]; /* a number that was given as a word */
};

static const struct api_field *
find(const struct api_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* "intent, reason, by" */
static const char *
list_names(const struct api_field *fields, size_t n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i > 0 ? ", " : "", fields[i].name);
	return buf;
}

static bool
take_text(const struct api_field *field, const json_t *value, void *at,
    char *why, size_t why_size)
{
	if (!json_is_string(value)) {
		snprintf(why, why_size, "%s must be a text in quotes",
		    field->name);
		return false;
	}
	if (json_string_length(value) > (size_t)field->max) {
		snprintf(why, why_size, "%s is longer than %" PRId64 " bytes",
		    field->name, field->max);
		return false;
	}
	*(const char **)at = json_string_value(value);
	return true;
}

static bool
take_number(const struct api_field *field, const json_t *value, void *at,
    char *why, size_t why_size)
{
	int64_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < field->min ||
	    number > field->max) {
		snprintf(why, why_size,
		    "%s must be a whole number from %" PRId64 " to %" PRId64,
		    field->name, field->min, field->max);
		return false;
	}
	*(int64_t *)at = number;
	return true;
}

static bool
take_bool(const struct api_field *field, const json_t *value, void *at,
    char *why, size_t why_size)
{
	if (!json_is_boolean(value)) {
		snprintf(why, why_size, "%s must be true or false",
		    field->name);
		return false;
	}
	*(bool *)at = json_is_true(value);
	return true;
}

static bool
take(struct api_body *body, const struct api_field *field,
    const json_t *value, void *to, char *why, size_t why_size)
{
	void *at = (char *)to + field->offset;

	switch (field->type) {
	case API_FIELD_TEXT:
		return take_text(field, value, at, why, why_size);
	case API_FIELD_NUMBER:
		return take_number(field, value, at, why, why_size);
	case API_FIELD_BOOL:
		return take_bool(field, value, at, why, why_size);
	case API_FIELD_WORD:
		break;
	}
	if (!json_is_integer(value) && !json_is_string(value)) {
		snprintf(why, why_size,
		    "%s must be a whole number or a text in quotes",
		    field->name);
		return false;
	}
	if (json_is_string(value))
		return take_text(field, value, at, why, why_size);
	snprintf(body->word, sizeof body->word, "%" PRId64,
	    (int64_t)json_integer_value(value));
	*(const char **)at = body->word;
	return true;
}

static bool
take_all(struct api_body *body, const struct api_field *fields, size_t n,
    void *to, char *why, size_t why_size)
{
	const char *name;
	json_t *value;
	char names[200];

	json_object_foreach(body->root, name, value) {
		const struct api_field *field = find(fields, n, name);

		if (field == NULL) {
			snprintf(why, why_size,
			    "\"%.100s\" is not known here; known are: %s", name,
			    list_names(fields, n, names, sizeof names));
			return false;
		}
		if (!take(body, field, value, to, why, why_size))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].required &&
		    json_object_get(body->root, fields[i].name) == NULL) {
			snprintf(why, why_size, "%s is missing",
			    fields[i].name);
			return false;
		}
	return true;
}

/* NULL: why says what is wrong. */
static json_t *
load(const char *text, size_t len, char *why, size_t why_size)
{
	json_error_t error;
	json_t *root;

	if (len == 0)
		return json_object();
	if (json_text_read(text, len, &root, &error) == ERR_SYNTAX)
		snprintf(why, why_size, "the body is no JSON: line %d: %s",
		    error.line, error.text);
	if (root != NULL && !json_is_object(root)) {
		snprintf(why, why_size,
		    "the body must be a JSON object, { ... }");
		json_decref(root);
		root = NULL;
	}
	return root;
}

struct api_body *
api_body_parse(const char *text, size_t len, const struct api_field *fields,
    size_t n_fields, void *to, char *why, size_t why_size)
{
	struct api_body *body = calloc(1, sizeof *body);

	snprintf(why, why_size, "out of memory");
	if (body == NULL)
		return NULL;
	body->root = load(text, len, why, why_size);
	if (body->root == NULL ||
	    !take_all(body, fields, n_fields, to, why, why_size)) {
		api_body_free(body);
		return NULL;
	}
	return body;
}

void
api_body_free(struct api_body *body)
{
	if (body == NULL)
		return;
	json_decref(body->root);
	free(body);
}
