/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_OUTCOME_H
#define RRDNSD_HTTP_OUTCOME_H

/* Whom an outcome is held against. Only OUTCOME_CLASS_TARGET counts against
 * an endpoint (protocol.md section 2). */
enum outcome_class {
	OUTCOME_CLASS_OK,
	OUTCOME_CLASS_TARGET,
	OUTCOME_CLASS_LOCAL,
	OUTCOME_CLASS_CANCELLED,
};

/* X(name, class, text): the text is what logs, status and votes show. */
#define OUTCOME_TABLE(X)                                                       \
	X(OUTCOME_OK, OK, "ok")                                                \
	X(OUTCOME_REFUSED, TARGET, "connection refused")                       \
	X(OUTCOME_UNREACHABLE, TARGET, "host unreachable")                     \
	X(OUTCOME_CONNECT_TIMEOUT, TARGET, "connect timeout")                  \
	X(OUTCOME_TLS_TIMEOUT, TARGET, "TLS handshake timeout")                \
	X(OUTCOME_RESPONSE_TIMEOUT, TARGET, "response timeout")                \
	X(OUTCOME_RESET, TARGET, "connection reset")                           \
	X(OUTCOME_EMPTY, TARGET, "closed without a response")                  \
	X(OUTCOME_PROTOCOL, TARGET, "malformed response")                      \
	X(OUTCOME_TOO_LARGE, TARGET, "response header too large")              \
	X(OUTCOME_TLS_FAILED, TARGET, "TLS handshake failed")                  \
	X(OUTCOME_TLS_NAME, TARGET, "TLS name mismatch")                       \
	X(OUTCOME_TLS_EXPIRED, TARGET, "certificate expired")                  \
	X(OUTCOME_TLS_NOT_YET_VALID, TARGET, "certificate not yet valid")      \
	X(OUTCOME_TLS_UNTRUSTED, TARGET, "certificate from an unknown CA")     \
	X(OUTCOME_STATUS, TARGET, "unexpected status")                         \
	X(OUTCOME_BODY, TARGET, "body did not match")                          \
	X(OUTCOME_BODY_COSTLY, TARGET, "body took the expression too long")    \
	X(OUTCOME_REDIRECT, TARGET, "bad redirect")                            \
	X(OUTCOME_ANSWER, TARGET, "answer did not match")                      \
	X(OUTCOME_RCODE, TARGET, "unexpected rcode")                           \
	X(OUTCOME_NO_RECORD, TARGET, "no record in the answer")                \
	X(OUTCOME_CHECK_FAILED, TARGET, "check failed")                        \
	X(OUTCOME_CHECK_TIMEOUT, TARGET, "check timeout")                      \
	X(OUTCOME_FAILED, TARGET, "failed")                                    \
	X(OUTCOME_NO_ROUTE, LOCAL, "no route from here")                       \
	X(OUTCOME_NO_DESCRIPTORS, LOCAL, "no file descriptor left")            \
	X(OUTCOME_NO_MEMORY, LOCAL, "out of memory")                           \
	X(OUTCOME_STALLED, LOCAL, "own loop stalled")                          \
	X(OUTCOME_SETUP, LOCAL, "probe could not be set up")                   \
	X(OUTCOME_CHECK_BROKEN, LOCAL, "check could not tell")                 \
	X(OUTCOME_BUSY, LOCAL, "too many checks at once")                      \
	X(OUTCOME_CANCELLED, CANCELLED, "cancelled")

enum outcome {
#define X(name, cls, text) name,
	OUTCOME_TABLE(X)
#undef X
};

enum {
#define X(name, cls, text) +1
	OUTCOME_COUNT = OUTCOME_TABLE(X)
#undef X
};

enum outcome_class outcome_class(enum outcome outcome);
const char *outcome_text(enum outcome outcome);

#endif
