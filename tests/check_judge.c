/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>

#include "check_main.h"
#include "http/judge.h"

#define HTTP .is_http = true
#define CONNECTED .connected = true, .waited = true
#define TLS .tls = true, .is_http = true, CONNECTED

static const struct {
	struct transfer_facts facts;
	enum outcome outcome;
	const char *detail;
} cases[] = {
	{ { .end = TRANSFER_DONE, HTTP, .status = 200 }, OUTCOME_OK,
	    "status 200" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 399 }, OUTCOME_OK,
	    "status 399" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 503 }, OUTCOME_STATUS,
	    "status 503" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 199 }, OUTCOME_STATUS,
	    "status 199" },
	{ { .end = TRANSFER_DONE, HTTP }, OUTCOME_PROTOCOL,
	    "malformed response" },
	{ { .end = TRANSFER_DONE }, OUTCOME_OK, "ok" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 200, .body_expected = true },
	    OUTCOME_BODY, "body did not match" },
	{ { .end = TRANSFER_DONE, HTTP, CONNECTED, .status = 200,
	      .body_expected = true, .body_costly = true },
	    OUTCOME_BODY_COSTLY, "body took the expression too long" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 200, .body_expected = true,
	      .body_matched = true },
	    OUTCOME_OK, "status 200" },
	/* The status is looked at first: it says more. */
	{ { .end = TRANSFER_DONE, HTTP, .status = 500, .body_expected = true },
	    OUTCOME_STATUS, "status 500" },

	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ECONNREFUSED },
	    OUTCOME_REFUSED, "connection refused" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = EHOSTUNREACH },
	    OUTCOME_UNREACHABLE, "host unreachable" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = EHOSTUNREACH,
	      .waited = true },
	    OUTCOME_UNREACHABLE, "host unreachable" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ETIMEDOUT,
	      .waited = true },
	    OUTCOME_CONNECT_TIMEOUT, "connect timeout" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ECONNRESET,
	      .waited = true },
	    OUTCOME_RESET, "connection reset" },
	/* Whatever else connect(2) may say, it is no connection. */
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = EACCES,
	      .waited = true },
	    OUTCOME_REFUSED, "connection refused" },
	/* At once: we can't get out. Later: the network says so. */
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ENETUNREACH },
	    OUTCOME_NO_ROUTE, "no route from here" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = EADDRNOTAVAIL },
	    OUTCOME_NO_ROUTE, "no route from here" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ENOBUFS },
	    OUTCOME_NO_MEMORY, "out of memory" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ENOMEM },
	    OUTCOME_NO_MEMORY, "out of memory" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ENOBUFS,
	      .waited = true },
	    OUTCOME_REFUSED, "connection refused" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ENETUNREACH,
	      .waited = true },
	    OUTCOME_UNREACHABLE, "host unreachable" },
	{ { .end = TRANSFER_NO_CONNECTION, .no_descriptor = true },
	    OUTCOME_NO_DESCRIPTORS, "no file descriptor left" },

	{ { .end = TRANSFER_TIMED_OUT }, OUTCOME_CONNECT_TIMEOUT,
	    "connect timeout" },
	{ { .end = TRANSFER_TIMED_OUT, TLS }, OUTCOME_TLS_TIMEOUT,
	    "TLS handshake timeout" },
	{ { .end = TRANSFER_TIMED_OUT, TLS, .tls_done = true },
	    OUTCOME_RESPONSE_TIMEOUT, "response timeout" },
	{ { .end = TRANSFER_TIMED_OUT, HTTP, CONNECTED },
	    OUTCOME_RESPONSE_TIMEOUT, "response timeout" },
	/* What was expected had come; whatever follows it is not awaited. */
	{ { .end = TRANSFER_TIMED_OUT, HTTP, CONNECTED, .status = 200,
	      .body_expected = true, .body_matched = true },
	    OUTCOME_OK, "status 200" },
	{ { .end = TRANSFER_TIMED_OUT, HTTP, CONNECTED, .status = 200,
	      .body_expected = true },
	    OUTCOME_RESPONSE_TIMEOUT, "response timeout" },
	{ { .end = TRANSFER_TIMED_OUT, HTTP, CONNECTED, .stalled = true },
	    OUTCOME_STALLED, "own loop stalled" },

	/* It gave us up, because we let it wait; what it said, it said. */
	{ { .end = TRANSFER_LOST, HTTP, CONNECTED, .stalled = true },
	    OUTCOME_STALLED, "own loop stalled" },
	{ { .end = TRANSFER_EMPTY, HTTP, CONNECTED, .stalled = true },
	    OUTCOME_STALLED, "own loop stalled" },
	{ { .end = TRANSFER_TLS_FAILED, TLS, .stalled = true },
	    OUTCOME_STALLED, "own loop stalled" },
	{ { .end = TRANSFER_DONE, HTTP, .status = 503, .stalled = true },
	    OUTCOME_STATUS, "status 503" },
	{ { .end = TRANSFER_NO_CONNECTION, .os_errno = ECONNREFUSED,
	      .stalled = true }, OUTCOME_REFUSED, "connection refused" },

	/* tcp and tls, where an answer is expected. */
	{ { .end = TRANSFER_DONE, CONNECTED, .body_expected = true,
	      .body_matched = true, .answered = true }, OUTCOME_OK, "ok" },
	{ { .end = TRANSFER_DONE, CONNECTED, .body_expected = true,
	      .answered = true }, OUTCOME_ANSWER, "answer did not match" },
	{ { .end = TRANSFER_EMPTY, CONNECTED, .body_expected = true },
	    OUTCOME_EMPTY, "closed without a response" },
	{ { .end = TRANSFER_TIMED_OUT, CONNECTED, .body_expected = true },
	    OUTCOME_RESPONSE_TIMEOUT, "response timeout" },
	{ { .end = TRANSFER_TIMED_OUT, CONNECTED, .body_expected = true,
	      .answered = true }, OUTCOME_ANSWER, "answer did not match" },
	{ { .end = TRANSFER_TIMED_OUT, CONNECTED, .body_expected = true,
	      .answered = true, .stalled = true }, OUTCOME_STALLED,
	    "own loop stalled" },

	{ { .end = TRANSFER_NOT_TRUSTED, TLS }, OUTCOME_TLS_NAME,
	    "TLS name mismatch" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 62 },
	    OUTCOME_TLS_NAME, "TLS name mismatch" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 10 },
	    OUTCOME_TLS_EXPIRED, "certificate expired" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 9 },
	    OUTCOME_TLS_NOT_YET_VALID, "certificate not yet valid" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 20 },
	    OUTCOME_TLS_UNTRUSTED, "certificate from an unknown CA" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 19 },
	    OUTCOME_TLS_UNTRUSTED, "certificate from an unknown CA" },
	{ { .end = TRANSFER_NOT_TRUSTED, TLS, .verify_result = 24 },
	    OUTCOME_TLS_FAILED, "TLS handshake failed" },
	{ { .end = TRANSFER_TLS_FAILED, TLS }, OUTCOME_TLS_FAILED,
	    "TLS handshake failed" },

	{ { .end = TRANSFER_LOST, HTTP, CONNECTED }, OUTCOME_RESET,
	    "connection reset" },
	{ { .end = TRANSFER_LOST, TLS }, OUTCOME_TLS_FAILED,
	    "TLS handshake failed" },
	{ { .end = TRANSFER_EMPTY, HTTP }, OUTCOME_EMPTY,
	    "closed without a response" },
	{ { .end = TRANSFER_MALFORMED, HTTP }, OUTCOME_PROTOCOL,
	    "malformed response" },
	{ { .end = TRANSFER_HEADER_TOO_LARGE, HTTP }, OUTCOME_TOO_LARGE,
	    "response header too large" },
	{ { .end = TRANSFER_BAD_REDIRECT, HTTP, .status = 302 },
	    OUTCOME_REDIRECT, "bad redirect" },
	{ { .end = TRANSFER_NO_MEMORY }, OUTCOME_NO_MEMORY, "out of memory" },
	{ { .end = TRANSFER_NOT_SET_UP }, OUTCOME_SETUP,
	    "probe could not be set up" },
};

START_TEST(says_whom_it_is_held_against)
{
	struct status_set expected;
	char detail[64];

	ck_assert_int_eq(status_set_parse("200-399", &expected), 0);
	ck_assert_int_eq(judge_transfer(&cases[_i].facts, &expected, detail,
			     sizeof detail), cases[_i].outcome);
	ck_assert_str_eq(detail, cases[_i].detail);
}
END_TEST

START_TEST(outcomes_have_words)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		ck_assert_str_ne(outcome_text((enum outcome)i), "unknown");
	ck_assert_str_eq(outcome_text((enum outcome)OUTCOME_COUNT), "unknown");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, says_whom_it_is_held_against, 0,
	    COUNT(cases));
	tcase_add_test(tcase, outcomes_have_words);
}

int
main(void)
{
	return check_main("judge", fill);
}
