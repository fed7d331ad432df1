/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_words.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "addr.h"
#include "err.h"
#include "events.h"
#include "healthcheck.h"
#include "regex_cost.h"

static int
fail(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return ERR_SYNTAX;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static bool
has_8_bit(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return true;
	return false;
}

/* RFC 9110 section 5.6.2 */
static size_t
token_len(const char *text)
{
	return strspn(text, "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

int
conf_check_url(const char *text, char *why, size_t why_size)
{
	return healthcheck_check_url(text, why, why_size);
}

/* The host of an "http://HOST:PORT/..." is this machine. */
static bool
is_loopback(const char *url)
{
	const char *host = strstr(url, "://") + strlen("://");
	size_t len = strcspn(host, "/");
	const struct addr ip6 = { .family = ADDR_IP6, .bytes = { [15] = 1 } };
	char text[ADDR_TEXT_MAX];
	struct addr addr;

	if (strncasecmp(host, "localhost", strlen("localhost")) == 0 &&
	    strchr(":/", host[strlen("localhost")]) != NULL)
		return true;
	if (len >= sizeof text)
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	if (addr_parse(text, 80, &addr) != 0)
		return false;
	return addr.family == ADDR_IP4 ? addr.bytes[0] == 127
				       : addr_compare_ip(&addr, &ip6) == 0;
}

/* A token is sent there: to nobody who could be listened to. */
int
conf_check_update_url(const char *text, char *why, size_t why_size)
{
	if (*text == '\0')
		return 0;
	if (conf_check_url(text, why, why_size) != 0)
		return ERR_SYNTAX;
	if (strpbrk(text, "?#@") != NULL)
		return fail(why, why_size, "no query, fragment and user: it "
		    "is what the paths of the API are appended to");
	if (strncasecmp(text, "https://", strlen("https://")) != 0 &&
	    !is_loopback(text))
		return fail(why, why_size, "must begin with https://, because "
		    "the token goes there; http:// is for loopback only");
	return 0;
}

/* StatsD takes ":" and "|" for its own. */
int
conf_check_metric(const char *text, char *why, size_t why_size)
{
	if (has_control(text) || strpbrk(text, ":|@# ") != NULL)
		return fail(why, why_size, "no blanks and none of :|@#");
	return 0;
}

int
conf_check_socket(const char *text, char *why, size_t why_size)
{
	struct sockaddr_un un;

	if (*text == '\0')
		return 0;
	if (strlen(text) >= sizeof un.sun_path)
		return fail(why, why_size,
		    "is too long for a Unix socket (107 characters)");
	return conf_check_path(text, why, why_size);
}

int
conf_check_path(const char *text, char *why, size_t why_size)
{
	if (*text != '/')
		return fail(why, why_size,
		    "must be an absolute path, one that begins with /");
	return 0;
}

int
conf_check_script(const char *text, char *why, size_t why_size)
{
	struct stat st;

	if (conf_check_path(text, why, why_size) != 0)
		return ERR_SYNTAX;
	if (stat(text, &st) != 0)
		return fail(why, why_size, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(why, why_size, "is no regular file");
	if (access(text, X_OK) != 0)
		return fail(why, why_size, "can't be executed: chmod +x");
	return 0;
}

int
conf_check_event(const char *text, char *why, size_t why_size)
{
	size_t best = 0, least = 64;

	for (size_t i = 0; i < EVENT_KIND_COUNT; i++) {
		size_t distance = conf_word_distance(text, event_kind_text(i));

		if (distance < least) {
			least = distance;
			best = i;
		}
	}
	if (least == 0)
		return 0;
	snprintf(why, why_size, "no such event; did you mean \"%s\"?",
	    event_kind_text(best));
	return ERR_SYNTAX;
}

int
conf_check_label(const char *text, char *why, size_t why_size)
{
	if (strlen(text) > 200)
		return fail(why, why_size, "longer than 200 bytes");
	if (has_control(text))
		return fail(why, why_size, "no control characters");
	return 0;
}

int
conf_check_host(const char *text, char *why, size_t why_size)
{
	struct addr addr;
	char name[256];

	if (addr_parse_ip(text, &addr) == 0)
		return 0;
	if (conf_name_parse(text, name, why, why_size) != 0)
		return ERR_SYNTAX;
	if (name[0] == '*')
		return fail(why, why_size,
		    "no server answers to a name with \"*\"");
	return 0;
}

int
conf_check_method(const char *text, char *why, size_t why_size)
{
	if (*text == '\0' || token_len(text) != strlen(text) ||
	    strlen(text) > 32)
		return fail(why, why_size,
		    "is no HTTP method; GET and HEAD are");
	return 0;
}

int
conf_check_header(const char *text, char *why, size_t why_size)
{
	size_t len = token_len(text);

	if (strlen(text) > 4096)
		return fail(why, why_size, "longer than 4096 bytes");
	if (has_control(text))
		return fail(why, why_size,
		    "no line breaks and control characters");
	if (len == 0 || text[len] != ':')
		return fail(why, why_size, "must look like \"Name: value\"");
	return 0;
}

int
conf_check_regex(const char *text, char *why, size_t why_size)
{
	regex_t regex;
	int code;

	if (strlen(text) > 1024)
		return fail(why, why_size, "longer than 1024 bytes");
	if (regex_cost(text) > REGEX_COST_MAX) {
		snprintf(why, why_size,
		    "its repetitions unroll to more than %d characters",
		    REGEX_COST_MAX);
		return ERR_RANGE;
	}
	code = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);
	if (code == 0) {
		regfree(&regex);
		return 0;
	}
	regerror(code, NULL, why, why_size);
	return ERR_SYNTAX;
}

static int
check_label_of_name(const char *label, size_t len, bool first)
{
	if (len == 0 || len > 63 || label[0] == '-' || label[len - 1] == '-')
		return ERR_SYNTAX;
	if (first && len == 1 && label[0] == '*')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)label[i]) && label[i] != '-' &&
		    label[i] != '_')
			return ERR_SYNTAX;
	return 0;
}

int
conf_name_parse(const char *text, char out[256], char *why, size_t why_size)
{
	size_t len = strlen(text), at = 0;
	struct addr addr;

	if (addr_parse_ip(text, &addr) == 0)
		return fail(why, why_size,
		    "is an address where a name is needed");
	if (has_8_bit(text))
		return fail(why, why_size, "write a name beyond ASCII as DNS "
		    "has it, \"xn--...\" (RFC 5891)");
	if (len > 1 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > 253)
		return fail(why, why_size, "a domain name has 1 to 253 "
		    "characters");
	while (at <= len) {
		const char *dot = memchr(text + at, '.', len - at);
		size_t label = dot == NULL ? len - at :
		    (size_t)(dot - text) - at;

		if (check_label_of_name(text + at, label, at == 0) != 0)
			return fail(why, why_size, "is no domain name: labels "
			    "of 1 to 63 letters, digits, \"-\" and \"_\" with "
			    "dots between, and \"*\" alone as the first");
		at += label + 1;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	out[len] = '\0';
	return 0;
}

size_t
conf_word_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[64];

	if (la > 63 || lb > 63)
		return 64;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t cost = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			row[j] = cost;
		}
	}
	return row[lb];
}
