/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/judge.h"

#include <errno.h>
#include <stdio.h>

#include "http/local_errno.h"

/* Of <openssl/x509_vfy.h>, which only the TLS wrapper includes; they are part
 * of OpenSSL's stable interface. */
enum verify_error {
	VERIFY_NO_ISSUER = 2,
	VERIFY_NOT_YET_VALID = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_SELF_SIGNED = 18,
	VERIFY_SELF_SIGNED_IN_CHAIN = 19,
	VERIFY_NO_ISSUER_LOCALLY = 20,
	VERIFY_NO_LEAF_SIGNATURE = 21,
	VERIFY_HOSTNAME = 62,
	VERIFY_IP = 64,
};

/* Errors that connect(2) itself returns when it is we who can't get out; the
 * same ones arriving later come from the network: the target's. */
static bool
is_local_errno(int error)
{
	return error == ENETUNREACH || error == EADDRNOTAVAIL;
}

static enum outcome
judge_connect(const struct transfer_facts *facts)
{
	if (!facts->waited && is_local_errno(facts->os_errno))
		return OUTCOME_NO_ROUTE;
	if (!facts->waited && local_errno_is_memory(facts->os_errno))
		return OUTCOME_NO_MEMORY;
	switch (facts->os_errno) {
	case ECONNREFUSED:
		return OUTCOME_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return OUTCOME_UNREACHABLE;
	case ETIMEDOUT:
		return OUTCOME_CONNECT_TIMEOUT;
	case ECONNRESET:
		return OUTCOME_RESET;
	}
	return OUTCOME_REFUSED;
}

static enum outcome
judge_certificate(long verify_result)
{
	switch (verify_result) {
	case 0: /* the chain was fine, so it was the name */
	case VERIFY_HOSTNAME:
	case VERIFY_IP:
		return OUTCOME_TLS_NAME;
	case VERIFY_EXPIRED:
		return OUTCOME_TLS_EXPIRED;
	case VERIFY_NOT_YET_VALID:
		return OUTCOME_TLS_NOT_YET_VALID;
	case VERIFY_NO_ISSUER:
	case VERIFY_SELF_SIGNED:
	case VERIFY_SELF_SIGNED_IN_CHAIN:
	case VERIFY_NO_ISSUER_LOCALLY:
	case VERIFY_NO_LEAF_SIGNATURE:
		return OUTCOME_TLS_UNTRUSTED;
	}
	return OUTCOME_TLS_FAILED;
}

static enum outcome
judge_timeout(const struct transfer_facts *facts)
{
	if (!facts->connected)
		return OUTCOME_CONNECT_TIMEOUT;
	if (facts->answered)
		return OUTCOME_ANSWER;
	if (facts->tls && !facts->tls_done)
		return OUTCOME_TLS_TIMEOUT;
	return OUTCOME_RESPONSE_TIMEOUT;
}

static enum outcome
judge_answer(const struct transfer_facts *facts,
    const struct status_set *expected)
{
	if (!facts->is_http)
		return facts->body_expected && !facts->body_matched ?
		    OUTCOME_ANSWER : OUTCOME_OK;
	if (facts->status == 0)
		return OUTCOME_PROTOCOL;
	if (!status_set_has(expected, facts->status))
		return OUTCOME_STATUS;
	if (facts->body_expected && !facts->body_matched)
		return facts->body_costly ? OUTCOME_BODY_COSTLY : OUTCOME_BODY;
	return OUTCOME_OK;
}

static enum outcome
judge_lost(const struct transfer_facts *facts)
{
	if (facts->tls && !facts->tls_done)
		return OUTCOME_TLS_FAILED;
	return OUTCOME_RESET;
}

/* We let it wait: it may have answered in time, or given us up. */
static bool
is_our_own_delay(const struct transfer_facts *facts)
{
	return facts->stalled &&
	    (facts->end == TRANSFER_TIMED_OUT ||
		facts->end == TRANSFER_TLS_FAILED ||
		facts->end == TRANSFER_LOST || facts->end == TRANSFER_EMPTY);
}

static enum outcome
judge(const struct transfer_facts *facts, const struct status_set *expected)
{
	if (facts->no_descriptor)
		return OUTCOME_NO_DESCRIPTORS;
	if (is_our_own_delay(facts))
		return OUTCOME_STALLED;
	switch (facts->end) {
	case TRANSFER_DONE:
		return judge_answer(facts, expected);
	case TRANSFER_TIMED_OUT:
		if (facts->body_expected && facts->body_matched)
			return judge_answer(facts, expected);
		return judge_timeout(facts);
	case TRANSFER_NO_CONNECTION:
		return judge_connect(facts);
	case TRANSFER_TLS_FAILED:
		return OUTCOME_TLS_FAILED;
	case TRANSFER_NOT_TRUSTED:
		return judge_certificate(facts->verify_result);
	case TRANSFER_LOST:
		return judge_lost(facts);
	case TRANSFER_EMPTY:
		return OUTCOME_EMPTY;
	case TRANSFER_MALFORMED:
		return OUTCOME_PROTOCOL;
	case TRANSFER_HEADER_TOO_LARGE:
		return OUTCOME_TOO_LARGE;
	case TRANSFER_BAD_REDIRECT:
		return OUTCOME_REDIRECT;
	case TRANSFER_NO_MEMORY:
		return OUTCOME_NO_MEMORY;
	case TRANSFER_NOT_SET_UP:
		break;
	}
	return OUTCOME_SETUP;
}

enum outcome
judge_transfer(const struct transfer_facts *facts,
    const struct status_set *expected, char *detail, size_t size)
{
	enum outcome outcome = judge(facts, expected);

	if (outcome == OUTCOME_STATUS)
		snprintf(detail, size, "status %u", facts->status);
	else if (outcome == OUTCOME_OK && facts->is_http)
		snprintf(detail, size, "status %u", facts->status);
	else
		snprintf(detail, size, "%s", outcome_text(outcome));
	return outcome;
}
