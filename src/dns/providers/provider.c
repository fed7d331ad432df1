/* SPDX-License-Identifier: ISC */
/* What all providers have in common: the table, and what an answer means. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/providers/provider_impl.h"
#include "err.h"
#include "json_text.h"

static const struct provider rfc2136 = { .name = "rfc2136", .can_swap = true };
static const struct provider none = { .name = "none" };

const struct provider *
provider_of(enum conf_method method)
{
	switch (method) {
	case CONF_METHOD_RFC2136:
		return &rfc2136;
	case CONF_METHOD_DYNU:
		return &provider_dynu;
	case CONF_METHOD_DIGITALOCEAN:
		return &provider_digitalocean;
	case CONF_METHOD_NONE:
		break;
	}
	return &none;
}

bool
provider_has_api(const struct provider *provider)
{
	return provider->list != NULL;
}

bool
provider_can_swap(const struct provider *provider)
{
	return provider->can_swap;
}

char *
provider_auth_header(const struct provider *provider,
    const struct secret *token)
{
	char *header;

	if (asprintf(&header, "%s%.*s", provider->auth, (int)token->len,
		(const char *)token->data) < 0)
		return NULL;
	return header;
}

void
provider_request_fini(struct provider_request *request)
{
	free(request->url);
	free(request->body);
	*request = (struct provider_request){ 0 };
}

const char *
provider_type(const struct provider_target *target)
{
	return target->family == ADDR_IP4 ? "A" : "AAAA";
}

const char *
provider_node(const struct provider_target *target, const char *apex,
    char buf[256])
{
	size_t fqdn = strlen(target->fqdn), zone = strlen(target->zone);

	if (fqdn <= zone)
		return apex;
	snprintf(buf, 256, "%.*s", (int)(fqdn - zone - 1), target->fqdn);
	return buf;
}

int
provider_fill(struct provider_request *out, const char *method, json_t *body,
    bool has_body, const char *format, ...)
{
	va_list args;
	int len;

	*out = (struct provider_request){ .method = method };
	if (body != NULL)
		out->body = json_text_write(body, JSON_COMPACT, NULL);
	json_decref(body);
	va_start(args, format);
	len = vasprintf(&out->url, format, args);
	va_end(args);
	if (len < 0)
		out->url = NULL;
	if (len >= 0 && (out->body != NULL || !has_body))
		return 0;
	provider_request_fini(out);
	return ERR_NOMEM;
}

bool
provider_needs_lookup(const struct provider *provider,
    const struct provider_target *target)
{
	return provider->lookup != NULL && target->domain == 0;
}

int
provider_lookup(const struct provider *provider,
    const struct provider_target *target, struct provider_request *out)
{
	return provider->lookup(target, out);
}

int
provider_list(const struct provider *provider,
    const struct provider_target *target, unsigned page,
    struct provider_request *out)
{
	return provider->list(target, page, out);
}

int
provider_add(const struct provider *provider,
    const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out)
{
	return provider->add(target, record, out);
}

int
provider_change(const struct provider *provider,
    const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out)
{
	return provider->change(target, record, out);
}

int
provider_remove(const struct provider *provider,
    const struct provider_target *target, uint64_t id,
    struct provider_request *out)
{
	return provider->remove(target, id, out);
}

/* Of what is no success. 501 is what Dynu says of an argument that it does not
 * like. */
static enum provider_result
result_of(unsigned status)
{
	if (status == 401 || status == 403)
		return PROVIDER_STRANGER;
	if (status == 404)
		return PROVIDER_GONE;
	if (status == 429)
		return PROVIDER_LIMITED;
	if (status == 408 || (status >= 500 && status != 501))
		return PROVIDER_AWAY;
	return PROVIDER_DENIED;
}

/* "HTTP 401: unauthorized: Unable to authenticate you"; what the vendor says
 * is cut. */
static void
describe(unsigned status, const struct provider_error *error,
    char text[PROVIDER_TEXT_MAX])
{
	snprintf(text, PROVIDER_TEXT_MAX, "%s %u%s%.60s%s%.140s",
	    error->status != 0 ? "error" : "HTTP",
	    error->status != 0 ? error->status : status,
	    error->kind != NULL ? ": " : "", error->kind ? error->kind : "",
	    error->message != NULL ? ": " : "",
	    error->message ? error->message : "");
}

static enum provider_result
malformed(const char *why, char text[PROVIDER_TEXT_MAX])
{
	snprintf(text, PROVIDER_TEXT_MAX, "a malformed answer: %.160s", why);
	return PROVIDER_MALFORMED;
}

/* What the answer says of itself. *root is its JSON, NULL when it has none,
 * the caller's in any case. */
static enum provider_result
judge(const struct provider *provider, const struct http_fetch_answer *answer,
    json_t **root, char text[PROVIDER_TEXT_MAX])
{
	json_error_t why = { .text = "empty" };
	struct provider_error error = { 0 };
	bool good = answer->status >= 200 && answer->status < 300;
	int err = 0;

	*root = NULL;
	if (answer->status == 0) {
		snprintf(text, PROVIDER_TEXT_MAX, "no answer: %.200s",
		    answer->why);
		return PROVIDER_AWAY;
	}
	if (answer->len > 0)
		err = json_text_read(answer->body, answer->len, root, &why);
	if (err == ERR_NOMEM) {
		snprintf(text, PROVIDER_TEXT_MAX, "%s", why.text);
		return PROVIDER_AWAY;
	}
	if (json_is_object(*root))
		error = provider->error(*root);
	if (good && answer->body == NULL)
		return malformed(answer->why, text);
	if (good && answer->len > 0 && !json_is_object(*root))
		return malformed(*root ? "no JSON object" : why.text, text);
	if (good && error.status == 0)
		return PROVIDER_OK;
	describe(answer->status, &error, text);
	return result_of(error.status != 0 ? error.status : answer->status);
}

enum provider_result
provider_read_done(const struct provider *provider,
    const struct http_fetch_answer *answer, char text[PROVIDER_TEXT_MAX])
{
	json_t *root;
	enum provider_result result = judge(provider, answer, &root, text);

	json_decref(root);
	return result;
}

static enum provider_result
result_of_taking(int err, char text[PROVIDER_TEXT_MAX])
{
	switch (err) {
	case 0:
		return PROVIDER_OK;
	case ERR_INVALID: /* said by take_lookup */
		return PROVIDER_DENIED;
	case ERR_TOOBIG:
		snprintf(text, PROVIDER_TEXT_MAX,
		    "the name has more records than rrdnsd can handle");
		return PROVIDER_DENIED;
	case ERR_SYNTAX:
		return malformed("not what was asked for", text);
	}
	snprintf(text, PROVIDER_TEXT_MAX, "%s", err_text(err));
	return PROVIDER_AWAY;
}

enum provider_result
provider_read_lookup(const struct provider *provider,
    struct provider_target *target, const struct http_fetch_answer *answer,
    char text[PROVIDER_TEXT_MAX])
{
	json_t *root;
	enum provider_result result = judge(provider, answer, &root, text);

	if (result == PROVIDER_OK)
		result = result_of_taking(
		    provider->take_lookup(root, target, text), text);
	json_decref(root);
	return result;
}

/* ID and TTL are JSON numbers. 0, ERR_SYNTAX or what provider_set_put says. */
static int
take_record(struct provider_set *set, const json_t *object, const char *addr)
{
	const json_t *id = json_object_get(object, "id");
	const json_t *ttl = json_object_get(object, "ttl");
	struct provider_record record = {
		.id = (uint64_t)json_integer_value(id),
		.ttl = (uint32_t)json_integer_value(ttl),
	};

	if (json_integer_value(id) <= 0 || json_integer_value(ttl) < 0 ||
	    json_integer_value(ttl) > INT32_MAX || addr == NULL ||
	    addr_parse_ip(addr, &record.addr) != 0 ||
	    record.addr.family != set->family)
		return ERR_SYNTAX;
	return provider_set_put(set, &record);
}

static int
take_list(const struct provider *provider, const json_t *root,
    const struct provider_target *target, struct provider_set *set,
    unsigned *page)
{
	const json_t *records = json_object_get(root, provider->records);

	if (!json_is_array(records))
		return ERR_SYNTAX;
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);
		int err;

		if (!provider->is_ours(record, target))
			continue;
		err = take_record(set, record,
		    provider->address_of(record, target));
		if (err != 0)
			return err;
	}
	if (provider->next_page != NULL)
		return provider->next_page(root, page);
	*page = 0;
	return 0;
}

enum provider_result
provider_read_list(const struct provider *provider,
    const struct provider_target *target,
    const struct http_fetch_answer *answer, struct provider_set *set,
    unsigned *page, char text[PROVIDER_TEXT_MAX])
{
	json_t *root;
	enum provider_result result = judge(provider, answer, &root, text);

	if (result == PROVIDER_OK)
		result = result_of_taking(
		    take_list(provider, root, target, set, page), text);
	json_decref(root);
	return result;
}
