/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/dash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "err.h"
#include "http/server.h"

#define SHA256_LEN 32
#define HASH_TEXT_MAX 45 /* in base64, NUL included */

struct dash {
	struct server_page *page;
	char etag[HASH_TEXT_MAX + 2];
};

static int
hash_text(const char *text, size_t len, char buf[HASH_TEXT_MAX])
{
	unsigned char hash[SHA256_LEN];

	if (EVP_Digest(text, len, hash, NULL, EVP_sha256(), NULL) != 1)
		return ERR_CRYPTO;
	EVP_EncodeBlock((unsigned char *)buf, hash, SHA256_LEN);
	return 0;
}

/* Of what stands between the first `open` and the `close` behind it. */
static int
hash_element(const char *page, const char *open, const char *close,
    char buf[HASH_TEXT_MAX])
{
	const char *start = strstr(page, open);
	const char *end;

	if (start == NULL)
		return ERR_SYNTAX;
	start += strlen(open);
	end = strstr(start, close);
	if (end == NULL || strstr(end, open) != NULL)
		return ERR_SYNTAX;
	return hash_text(start, (size_t)(end - start), buf);
}

int
dash_policy(const char *page, char *buf, size_t size)
{
	char style[HASH_TEXT_MAX], script[HASH_TEXT_MAX];
	int err = hash_element(page, "<style>", "</style>", style);
	int len;

	if (err == 0)
		err = hash_element(page, "<script type=\"module\">",
		    "</script>", script);
	if (err != 0)
		return err;
	len = snprintf(buf, size,
	    "default-src 'none'; style-src 'sha256-%s'; "
	    "script-src 'sha256-%s'; connect-src 'self'; "
	    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'",
	    style, script);
	return len < 0 || (size_t)len >= size ? ERR_TOOBIG : 0;
}

static int
add_headers(struct dash *dash, const char *page)
{
	char policy[DASH_POLICY_MAX];
	int err = dash_policy(page, policy, sizeof policy);

	if (err != 0)
		return err;
	server_page_header(dash->page, "Content-Security-Policy", policy);
	server_page_header(dash->page, "Referrer-Policy", "no-referrer");
	server_page_header(dash->page, "Cache-Control", "no-cache");
	server_page_header(dash->page, "ETag", dash->etag);
	return 0;
}

static int
fill(struct dash *dash)
{
	char hash[HASH_TEXT_MAX];
	char *text = malloc(dash_page_len + 1);
	char *body = malloc(dash_page_len);
	int err = text != NULL && body != NULL ? 0 : ERR_NOMEM;

	if (err == 0) {
		memcpy(text, dash_page, dash_page_len);
		text[dash_page_len] = '\0';
		memcpy(body, dash_page, dash_page_len);
		err = hash_text(text, dash_page_len, hash);
	}
	if (err == 0) {
		snprintf(dash->etag, sizeof dash->etag, "\"%s\"", hash);
		dash->page = server_page_new(body, dash_page_len,
		    "text/html; charset=utf-8");
		body = NULL;
		err = dash->page != NULL ? add_headers(dash, text) : ERR_NOMEM;
	}
	free(body);
	free(text);
	return err;
}

struct dash *
dash_new(void)
{
	struct dash *dash = calloc(1, sizeof *dash);

	if (dash != NULL && fill(dash) != 0) {
		dash_free(dash);
		return NULL;
	}
	return dash;
}

void
dash_free(struct dash *dash)
{
	if (dash == NULL)
		return;
	server_page_free(dash->page);
	free(dash);
}

void
dash_answer(const struct dash *dash, const char *if_none_match,
    struct server_response *out)
{
	if (if_none_match == NULL || strstr(if_none_match, dash->etag) == NULL) {
		out->status = 200;
		out->page = dash->page;
		return;
	}
	out->status = 304;
	server_add_header(out, "ETag", dash->etag);
	server_add_header(out, "Cache-Control", "no-cache");
}
