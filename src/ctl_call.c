/* SPDX-License-Identifier: ISC */
/* From a command to the request that it is (design.md section 6). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ctl_command.h"
#include "err.h"

/* A segment of a path: all but unreserved characters is escaped (RFC 3986
 * section 2.3). NULL: out of memory. */
static char *
escape(const char *word)
{
	char *escaped = malloc(3 * strlen(word) + 1), *to = escaped;

	for (; escaped != NULL && *word != '\0'; word++) {
		unsigned char c = (unsigned char)*word;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL)
			*to++ = (char)c;
		else
			to += snprintf(to, 4, "%%%02X", c);
	}
	if (escaped != NULL)
		*to = '\0';
	return escaped;
}

/* before FIRST between SECOND after. The words may be NULL. */
static char *
make_path(const char *before, const char *first, const char *between,
    const char *second, const char *after)
{
	char *a = escape(first != NULL ? first : "");
	char *b = escape(second != NULL ? second : "");
	char *path = NULL;

	if (a != NULL && b != NULL &&
	    asprintf(&path, "%s%s%s%s%s", before, a, between, b, after) < 0)
		path = NULL;
	free(a);
	free(b);
	return path;
}

/* A path below a service; below one of its endpoints if ip is not NULL. */
static char *
service_path(const char *fqdn, const char *ip, const char *after)
{
	return make_path("/api/v1/services/", fqdn,
	    ip != NULL ? "/endpoints/" : "", ip, after);
}

char *
ctl_service_path(const char *fqdn)
{
	return service_path(fqdn, NULL, "");
}

static void
set_text(json_t *body, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(body, key, json_string(text));
}

/* Who asks, why and for how long. */
static void
add_circumstances(json_t *body, const struct ctl_args *args, const char *by)
{
	set_text(body, "by", by);
	set_text(body, "reason", args->reason);
	if (args->for_s > 0)
		json_object_set_new(body, "for_s", json_integer(args->for_s));
	if (args->force)
		json_object_set_new(body, "force", json_true());
}

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text) &&
	    strlen(text) < 10;
}

static const char *
intent_of(const char *name)
{
	return strcmp(name, "undrain") == 0 ? "auto" : name;
}

static bool
is(const struct ctl_args *args, const char *name)
{
	return strcmp(args->command->name, name) == 0;
}

/* What concerns a service, or one of its endpoints. */
static void
fill_service(const struct ctl_args *args, struct ctl_call *call, json_t *body)
{
	const char *const *w = args->words;

	if (is(args, "maintenance")) {
		call->path = service_path(w[1], NULL, "/intent");
		set_text(body, "intent",
		    strcmp(w[0], "on") == 0 ? "maintenance" : "auto");
	} else if (is(args, "failover")) {
		call->path = service_path(w[0], NULL, "/failover");
		if (is_number(w[1]))
			json_object_set_new(body, "to",
			    json_integer(strtol(w[1], NULL, 10)));
		else
			set_text(body, "to", w[1]);
	} else if (is(args, "refresh")) {
		call->path = service_path(w[0], NULL, "/refresh");
	} else if (is(args, "check")) {
		call->path = service_path(w[0], w[1], "/check");
	} else {
		call->path = service_path(w[0], w[1], "/intent");
		set_text(body, "intent", intent_of(args->command->name));
	}
}

/* What is added and removed; true when it was one of these. */
static bool
fill_definition(const struct ctl_args *args, struct ctl_call *call,
    json_t *body)
{
	const char *const *w = args->words;

	if (is(args, "remove-service")) {
		call->path = service_path(w[0], NULL, "");
	} else if (is(args, "remove-endpoint")) {
		call->path = service_path(w[0], w[1], "");
	} else if (is(args, "remove-node")) {
		call->path = make_path("/api/v1/nodes/", w[0], "", NULL, "");
	} else if (is(args, "add-endpoint")) {
		call->path = service_path(w[0], NULL, "/endpoints");
		set_text(body, "ipaddr", w[1]);
	} else if (is(args, "add-node")) {
		call->path = strdup("/api/v1/nodes");
		set_text(body, "node", w[0]);
	} else {
		return false;
	}
	return true;
}

int
ctl_call_make(const struct ctl_args *args, const char *by,
    struct ctl_call *out)
{
	json_t *body = json_object();
	bool removes = strncmp(args->command->name, "remove-", 7) == 0;

	*out = (struct ctl_call){ .method = removes ? "DELETE" : "POST" };
	if (body == NULL)
		return ERR_NOMEM;
	if (!fill_definition(args, out, body)) {
		if (is(args, "freeze") || is(args, "allow-removals")) {
			out->path = strdup(is(args, "freeze")
				? "/api/v1/freeze"
				: "/api/v1/allow-removals");
			json_object_set_new(body, "on",
			    json_boolean(strcmp(args->words[0], "on") == 0));
		} else {
			fill_service(args, out, body);
		}
		if (!is(args, "check"))
			add_circumstances(body, args, by);
	}
	if (!removes)
		out->body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (out->path != NULL && (removes || out->body != NULL))
		return 0;
	ctl_call_fini(out);
	return ERR_NOMEM;
}

void
ctl_call_fini(struct ctl_call *call)
{
	free(call->path);
	free(call->body);
	*call = (struct ctl_call){ 0 };
}
