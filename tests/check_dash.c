/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "check_main.h"
#include "err.h"
#include "http/dash.h"
#include "http/server.h"

#define STYLE "<style>a{}</style>"
#define SCRIPT "<script type=\"module\">b()</script>"

static const struct {
	const char *page;
	size_t size;
	int err;
} pages[] = {
	{ STYLE SCRIPT, DASH_POLICY_MAX, 0 },
	{ "<p>" SCRIPT "</p>" STYLE "<p>", DASH_POLICY_MAX, 0 },
	{ STYLE, DASH_POLICY_MAX, ERR_SYNTAX },
	{ SCRIPT, DASH_POLICY_MAX, ERR_SYNTAX },
	{ STYLE SCRIPT STYLE, DASH_POLICY_MAX, ERR_SYNTAX },
	{ STYLE SCRIPT SCRIPT, DASH_POLICY_MAX, ERR_SYNTAX },
	{ "<style>a{}" SCRIPT, DASH_POLICY_MAX, ERR_SYNTAX },
	{ STYLE "<script type=\"module\">b()", DASH_POLICY_MAX, ERR_SYNTAX },
	{ "", DASH_POLICY_MAX, ERR_SYNTAX },
	{ STYLE SCRIPT, 100, ERR_TOOBIG },
};

START_TEST(policy)
{
	char text[DASH_POLICY_MAX];

	ck_assert_int_eq(dash_policy(pages[_i].page, text, pages[_i].size),
	    pages[_i].err);
}
END_TEST

/* printf %s TEXT | openssl dgst -sha256 -binary | openssl base64 */
START_TEST(policy_names_hashes)
{
	char text[DASH_POLICY_MAX];

	ck_assert_int_eq(dash_policy(STYLE SCRIPT, text, sizeof text), 0);
	ck_assert_ptr_nonnull(strstr(text,
	    "style-src 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk=';"));
	ck_assert_ptr_nonnull(strstr(text,
	    "script-src 'sha256-cf242PFc/kb7xD0Qzhsmd9vvRkc+cWFmbi+k+YvtdKc=';"));
	ck_assert_int_eq(strncmp(text, "default-src 'none';", 19), 0);
}
END_TEST

START_TEST(built_in_page_is_whole)
{
	char *page = calloc(1, dash_page_len + 1);
	char text[DASH_POLICY_MAX];

	ck_assert_ptr_nonnull(page);
	memcpy(page, dash_page, dash_page_len);
	ck_assert_uint_eq(strlen(page), dash_page_len);
	ck_assert_int_eq(strncmp(page, "<!doctype html>\n", 16), 0);
	ck_assert_str_eq(page + dash_page_len - 8, "</html>\n");
	ck_assert_ptr_null(strstr(page, "\n@include"));
	ck_assert_int_eq(dash_policy(page, text, sizeof text), 0);
	free(page);
}
END_TEST

static const struct {
	const char *before; /* of the page's own tag */
	const char *after;
	bool own;
	unsigned status;
} asked[] = {
	{ "", "", true, 304 },
	{ "W/", "", true, 304 },
	{ "\"x\", ", ", \"y\"", true, 304 },
	{ "\"x\"", "", false, 200 },
	{ "", "", false, 200 },
};

START_TEST(page_is_sent_once)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char tag[2 * EVP_MAX_MD_SIZE], text[4 * EVP_MAX_MD_SIZE];
	struct dash *dash = dash_new();
	struct server_response out = { 0 };

	ck_assert_ptr_nonnull(dash);
	EVP_Digest(dash_page, dash_page_len, hash, NULL, EVP_sha256(), NULL);
	EVP_EncodeBlock((unsigned char *)tag, hash, 32);
	snprintf(text, sizeof text, asked[_i].own ? "%s\"%s\"%s" : "%s%.0s%s",
	    asked[_i].before, tag, asked[_i].after);
	dash_answer(dash, text, &out);
	ck_assert_uint_eq(out.status, asked[_i].status);
	ck_assert_int_eq(out.page != NULL, asked[_i].status == 200);
	dash_free(dash);
}
END_TEST

START_TEST(page_is_sent_to_who_has_none)
{
	struct dash *dash = dash_new();
	struct server_response out = { 0 };

	dash_answer(dash, NULL, &out);
	ck_assert_uint_eq(out.status, 200);
	ck_assert_ptr_nonnull(out.page);
	dash_free(dash);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, policy, 0, COUNT(pages));
	tcase_add_test(tcase, policy_names_hashes);
	tcase_add_test(tcase, built_in_page_is_whole);
	tcase_add_loop_test(tcase, page_is_sent_once, 0, COUNT(asked));
	tcase_add_test(tcase, page_is_sent_to_who_has_none);
}

int
main(void)
{
	return check_main("dash", fill);
}
