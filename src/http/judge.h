/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_JUDGE_H
#define RRDNSD_HTTP_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/outcome.h"
#include "status_set.h"

/*
 * From how a transfer ended to whom it is held against: pure. The words of
 * the library that made the transfer are translated before.
 */
enum transfer_end {
	TRANSFER_DONE, /* complete, or ended by us because we know enough */
	TRANSFER_TIMED_OUT, /* our own deadline */
	TRANSFER_NO_CONNECTION,
	TRANSFER_TLS_FAILED,
	TRANSFER_NOT_TRUSTED, /* the certificate; see verify_result */
	TRANSFER_LOST, /* the connection, while sending or receiving */
	TRANSFER_EMPTY, /* closed before the first byte of an answer */
	TRANSFER_MALFORMED,
	TRANSFER_HEADER_TOO_LARGE,
	TRANSFER_BAD_REDIRECT,
	TRANSFER_NO_MEMORY,
	TRANSFER_NOT_SET_UP,
};

struct transfer_facts {
	enum transfer_end end;
	int os_errno; /* of connecting, receiving or sending; 0: unknown */
	bool no_descriptor; /* socket(2) said EMFILE, ENFILE or the like */
	bool waited; /* the socket was polled: connect(2) had not failed at
			once */
	bool connected;
	bool tls; /* the transfer uses TLS */
	bool tls_done; /* and its handshake was over */
	bool stalled; /* our own loop missed a good part of it */
	long verify_result; /* X509_V_ERR_* of OpenSSL; 0: ok */
	unsigned status; /* HTTP; 0: none, or not HTTP */
	bool is_http;
	bool body_expected; /* or, without HTTP, an answer to what was sent */
	bool body_matched;
	bool body_costly; /* the expression was not tried to its end */
	bool answered; /* without HTTP: something came */
};

/* Writes the reason ("status 503") to detail. */
enum outcome judge_transfer(const struct transfer_facts *facts,
    const struct status_set *expected, char *detail, size_t size);

#endif
