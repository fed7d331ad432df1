/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/api_access.h"

#include <string.h>
#include <strings.h>

#include "secret.h"

#define BEARER "Bearer "
#define JSON "application/json"

/* RFC 9112 section 3.2: exactly one, but for HTTP/1.0. */
static bool
hosts_are_sound(const struct access_request *request)
{
	const char *host = request->host;

	if (request->n_hosts != 1)
		return request->n_hosts == 0 && !request->needs_host;
	return host != NULL && host[0] != '\0' &&
	    strspn(host, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.-_:[]") == strlen(host);
}

/* The origin of a page that we served ourselves is where it asks now. */
static bool
origin_is_ours(const char *origin, const char *host)
{
	const char *rest;

	if (origin == NULL)
		return true;
	rest = strstr(origin, "://");
	return rest != NULL && host != NULL && strcasecmp(rest + 3, host) == 0;
}

static bool
shows_token(const struct access_request *request,
    const struct access_rules *rules)
{
	const char *text = request->authorization;

	if (rules->token->len == 0 || text == NULL ||
	    strncasecmp(text, BEARER, strlen(BEARER)) != 0)
		return false;
	text += strlen(BEARER);
	return secret_equals(rules->token, text + strspn(text, " "));
}

static bool
is_json(const char *content_type)
{
	size_t len = strlen(JSON);

	return content_type != NULL &&
	    strncasecmp(content_type, JSON, len) == 0 &&
	    strchr("; \t", content_type[len]) != NULL;
}

bool
access_may_read(const struct access_request *request,
    const struct access_rules *rules)
{
	return request->local || !rules->reads_need_token ||
	    shows_token(request, rules);
}

static struct access_answer
check_change(const struct access_request *request,
    const struct access_rules *rules)
{
	if (rules->token->len == 0)
		return (struct access_answer){ 403,
			"changes over TCP need api_token in the configuration; "
			"without one, use the Unix socket (api_socket)" };
	if (!shows_token(request, rules))
		return (struct access_answer){ 401,
			"changes need the header Authorization: Bearer TOKEN "
			"with the token of api_token" };
	if (request->has_body && !is_json(request->content_type))
		return (struct access_answer){ 415,
			"the header Content-Type must be application/json" };
	return (struct access_answer){ 200, "" };
}

struct access_answer
access_check(const struct access_request *request,
    const struct access_rules *rules)
{
	if (!hosts_are_sound(request))
		return (struct access_answer){ 400,
			"one Host header is needed, with a name or an address "
			"and nothing else" };
	if (!origin_is_ours(request->origin, request->host))
		return (struct access_answer){ 403,
			"a page of another site gets nothing here" };
	if (request->right == ROUTE_CHANGE && !request->local)
		return check_change(request, rules);
	if (request->right == ROUTE_READ && !access_may_read(request, rules))
		return (struct access_answer){ 401,
			"reading needs the header Authorization: Bearer TOKEN "
			"(api_reads_need_token)" };
	return (struct access_answer){ 200, "" };
}
