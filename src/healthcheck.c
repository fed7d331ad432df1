/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "healthcheck.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"

/* Stands for {} while libcurl looks at the URL; it is a name that no real
 * template can mean (RFC 6761 section 6.4). */
#define PLACEHOLDER "endpoint.invalid"
#define TEXT_MAX 2048
#define EXEC_PREFIX "exec:"

static const struct {
	const char *prefix;
	enum healthcheck_scheme scheme;
	uint16_t port;
} schemes[] = {
	{ "http://", HEALTHCHECK_HTTP, 80 },
	{ "https://", HEALTHCHECK_HTTPS, 443 },
	{ "tcp://", HEALTHCHECK_TCP, 0 },
	{ "tls://", HEALTHCHECK_TLS, 0 },
	{ "dns://", HEALTHCHECK_DNS, 53 },
};

bool
healthcheck_is_http(enum healthcheck_scheme scheme)
{
	return scheme == HEALTHCHECK_HTTP || scheme == HEALTHCHECK_HTTPS;
}

bool
healthcheck_uses_tls(enum healthcheck_scheme scheme)
{
	return scheme == HEALTHCHECK_HTTPS || scheme == HEALTHCHECK_TLS;
}

static int
fail(char *why, size_t why_size, int err, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return err;
}

static const char too_long[] = "longer than 2048 characters";
static const char no_blanks[] = "no blanks and control characters in a URL: "
    "write them as %20 and the like";

static bool
has_blanks(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

/* Finds the scheme and what comes after "scheme://{}". */
static int
split_template(const char *text, struct healthcheck *out, const char **rest,
    char *why, size_t why_size)
{
	size_t i, len;

	if (has_blanks(text))
		return fail(why, why_size, ERR_SYNTAX, no_blanks);
	for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(text, schemes[i].prefix,
		    strlen(schemes[i].prefix)) == 0)
			break;
	if (i == sizeof schemes / sizeof schemes[0])
		return fail(why, why_size, ERR_SYNTAX,
		    "must begin with http://, https://, tcp://, tls://, "
		    "dns:// or exec:/");
	len = strlen(schemes[i].prefix);
	if (strncmp(text + len, "{}", 2) != 0)
		return fail(why, why_size, ERR_SYNTAX,
		    "must have {} where the address goes, as in "
		    "http://{}:80/");
	*rest = text + len + 2;
	if (**rest != '\0' && strchr(":/?#", **rest) == NULL)
		return fail(why, why_size, ERR_SYNTAX,
		    "nothing but :PORT or a path may come after {}");
	out->scheme = schemes[i].scheme;
	out->port = schemes[i].port;
	return 0;
}

static int
check_rest(enum healthcheck_scheme scheme, const char *rest, char *why,
    size_t why_size)
{
	const char *end;

	if (strchr(rest, '#') != NULL)
		return fail(why, why_size, ERR_SYNTAX,
		    "no fragment (#...): it is never sent to a server");
	end = rest + strcspn(rest, "/?");
	if (!healthcheck_is_http(scheme) && *end != '\0' && strcmp(end, "/") != 0)
		return fail(why, why_size, ERR_SYNTAX,
		    "only http and https have a path");
	if (*rest != ':')
		return 0;
	end = rest + 1 + strspn(rest + 1, "0123456789");
	if (end == rest + 1 || (*end != '\0' && strchr("/?", *end) == NULL))
		return fail(why, why_size, ERR_SYNTAX,
		    "the port after {}: must be a number");
	if (end - rest > 6 || strtoul(rest + 1, NULL, 10) == 0 ||
	    strtoul(rest + 1, NULL, 10) > 65535)
		return fail(why, why_size, ERR_RANGE,
		    "the port must be 1 to 65535");
	return 0;
}

/* Path and query as libcurl normalises and would send them. */
static int
parse_target(const char *scheme, const char *rest, char **out)
{
	CURLU *url = curl_url();
	char *full = NULL, *path = NULL, *query = NULL, *target;
	int err = ERR_SYNTAX;
	CURLUcode code;

	if (asprintf(&full, "%s" PLACEHOLDER "%s", scheme, rest) < 0)
		full = NULL;
	if (url == NULL || full == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	code = curl_url_set(url, CURLUPART_URL, full, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(url, CURLUPART_PATH, &path, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(url, CURLUPART_QUERY, &query, 0);
	if (code != CURLUE_OK && code != CURLUE_NO_QUERY) {
		err = code == CURLUE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_SYNTAX;
		goto out;
	}
	err = 0;
	if (asprintf(&target, "%s%s%s", path, query ? "?" : "",
	    query ? query : "") < 0)
		err = ERR_NOMEM;
	else
		*out = target;
out:
	curl_free(query);
	curl_free(path);
	free(full);
	curl_url_cleanup(url);
	return err;
}

/* One blank between words and none behind; in place. */
static void
squeeze(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != ' ' || (text[1] != ' ' && text[1] != '\0'))
			*to++ = *text;
	*to = '\0';
}

/* No shell, so no quotes: what needs more than words is a script. */
static int
parse_exec(const char *text, struct healthcheck *out, char *why,
    size_t why_size)
{
	const char *command = text + strlen(EXEC_PREFIX);
	struct healthcheck check = { .scheme = HEALTHCHECK_EXEC };

	command += strspn(command, " ");
	for (const char *p = command; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return fail(why, why_size, ERR_SYNTAX,
			    "no control characters");
	if (*command != '/')
		return fail(why, why_size, ERR_SYNTAX, "needs the absolute path "
		    "of a program, as in exec:/usr/bin/check {}");
	if (strstr(command, "{}") == NULL)
		return fail(why, why_size, ERR_SYNTAX, "must have {} where the "
		    "address goes, as in exec:/usr/bin/check {}");
	check.text = strdup(text);
	check.target = strdup(command);
	if (check.text == NULL || check.target == NULL) {
		healthcheck_fini(&check);
		return fail(why, why_size, ERR_NOMEM, err_text(ERR_NOMEM));
	}
	squeeze(check.target);
	*out = check;
	return 0;
}

int
healthcheck_parse(const char *text, struct healthcheck *out, char *why,
    size_t why_size)
{
	struct healthcheck check = { 0 };
	const char *rest = text;
	int err;

	if (strlen(text) > TEXT_MAX)
		return fail(why, why_size, ERR_TOOBIG, too_long);
	if (strncasecmp(text, EXEC_PREFIX, strlen(EXEC_PREFIX)) == 0)
		return parse_exec(text, out, why, why_size);
	if ((err = split_template(text, &check, &rest, why, why_size)) != 0 ||
	    (err = check_rest(check.scheme, rest, why, why_size)) != 0)
		return err;
	if (*rest == ':')
		check.port = (uint16_t)strtoul(rest + 1, NULL, 10);
	if (check.port == 0)
		return fail(why, why_size, ERR_SYNTAX,
		    check.scheme == HEALTHCHECK_TLS
			? "needs a port, as in tls://{}:443"
			: "needs a port, as in tcp://{}:25");
	if (!healthcheck_is_http(check.scheme))
		check.target = strdup("");
	else if ((err = parse_target(schemes[check.scheme].prefix, rest,
	    &check.target)) == ERR_SYNTAX)
		return fail(why, why_size, err, "is no valid URL");
	check.text = strdup(text);
	if (err != 0 || check.target == NULL || check.text == NULL) {
		healthcheck_fini(&check);
		return fail(why, why_size, ERR_NOMEM, err_text(ERR_NOMEM));
	}
	*out = check;
	return 0;
}

int
healthcheck_check_url(const char *text, char *why, size_t why_size)
{
	CURLU *url;
	CURLUcode code;

	if (strlen(text) > TEXT_MAX)
		return fail(why, why_size, ERR_TOOBIG, too_long);
	if (has_blanks(text))
		return fail(why, why_size, ERR_SYNTAX, no_blanks);
	if (strncasecmp(text, "http://", 7) != 0 &&
	    strncasecmp(text, "https://", 8) != 0)
		return fail(why, why_size, ERR_SYNTAX,
		    "must begin with http:// or https://");
	url = curl_url();
	if (url == NULL)
		return fail(why, why_size, ERR_NOMEM, err_text(ERR_NOMEM));
	code = curl_url_set(url, CURLUPART_URL, text, 0);
	curl_url_cleanup(url);
	if (code == CURLUE_OUT_OF_MEMORY)
		return fail(why, why_size, ERR_NOMEM, err_text(ERR_NOMEM));
	return code == CURLUE_OK ? 0 :
	    fail(why, why_size, ERR_SYNTAX, "is no valid URL");
}

int
healthcheck_copy(const struct healthcheck *from, struct healthcheck *out)
{
	struct healthcheck check = *from;

	check.text = strdup(from->text);
	check.target = strdup(from->target);
	if (check.text == NULL || check.target == NULL) {
		healthcheck_fini(&check);
		return ERR_NOMEM;
	}
	*out = check;
	return 0;
}

void
healthcheck_fini(struct healthcheck *check)
{
	free(check->text);
	free(check->target);
	*check = (struct healthcheck){ 0 };
}
