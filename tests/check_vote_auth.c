/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "vote/auth.h"

static struct secret secrets[2] = {
	{ .data = (uint8_t *)"first", .len = 5 },
	{ .data = (uint8_t *)"second", .len = 6 },
};

static const char body[] = "{\"seq\":1}";

static bool
verify(size_t n, enum vote_direction direction, const char *text,
    const char *header)
{
	return vote_auth_verify(secrets, n, direction, text, strlen(text),
	    header) == 0;
}

/* Made with Python's hmac: so that a later version of ours still talks to
 * this one. */
START_TEST(is_what_the_protocol_says)
{
	char header[VOTE_AUTH_MAX];

	ck_assert_int_eq(vote_auth_sign(&secrets[0], VOTE_REQUEST, body,
			     strlen(body), header), 0);
	ck_assert_str_eq(header, "v1 "
	    "d344aa2870342a5f8a1b10ce5a7a4b4c"
	    "713baffc69207683f7100efdcbe49e2b");
	ck_assert_int_eq(vote_auth_sign(&secrets[0], VOTE_ANSWER, body,
			     strlen(body), header), 0);
	ck_assert_str_eq(header, "v1 "
	    "5974dcdaf1b0f86ec6275c9eb74058b3"
	    "fb3e28615ea5935c0afd2f9a582e2f20");
}
END_TEST

START_TEST(believes_what_is_signed_alone)
{
	char header[VOTE_AUTH_MAX];

	vote_auth_sign(&secrets[0], VOTE_REQUEST, body, strlen(body), header);
	ck_assert(verify(1, VOTE_REQUEST, body, header));
	ck_assert(!verify(1, VOTE_ANSWER, body, header));
	ck_assert(!verify(1, VOTE_REQUEST, "{\"seq\":2}", header));
	ck_assert(!verify(1, VOTE_REQUEST, "", header));
	ck_assert(!verify(1, VOTE_REQUEST, body, NULL));
	ck_assert(!verify(1, VOTE_REQUEST, body, ""));
	ck_assert(!verify(1, VOTE_REQUEST, body, "v1 "));
	ck_assert(!verify(1, VOTE_REQUEST, body, header + 3));
	ck_assert(!verify(0, VOTE_REQUEST, body, header));
}
END_TEST

START_TEST(looks_at_each_digit)
{
	char header[VOTE_AUTH_MAX];
	size_t len;

	vote_auth_sign(&secrets[0], VOTE_REQUEST, body, strlen(body), header);
	len = strlen(header);
	for (size_t i = 0; i < len; i++) {
		char was = header[i];

		header[i] = was == '0' ? '1' : '0';
		ck_assert(!verify(1, VOTE_REQUEST, body, header));
		header[i] = was;
	}
	header[len - 1] = '\0';
	ck_assert(!verify(1, VOTE_REQUEST, body, header));
}
END_TEST

/* A new secret is put behind the old one everywhere, then before it, then the
 * old one is taken out. */
START_TEST(secrets_can_be_rotated)
{
	char header[VOTE_AUTH_MAX];

	for (size_t i = 0; i < 2; i++) {
		vote_auth_sign(&secrets[i], VOTE_ANSWER, body, strlen(body),
		    header);
		ck_assert(verify(2, VOTE_ANSWER, body, header));
		ck_assert_int_eq(verify(1, VOTE_ANSWER, body, header), i == 0);
	}
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, is_what_the_protocol_says);
	tcase_add_test(tcase, believes_what_is_signed_alone);
	tcase_add_test(tcase, looks_at_each_digit);
	tcase_add_test(tcase, secrets_can_be_rotated);
}

int
main(void)
{
	return check_main("vote_auth", fill);
}
