/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_TSIG_H
#define RRDNSD_DNS_TSIG_H

#include <stddef.h>
#include <stdint.h>

#include "dns/message.h"
#include "tsig_key.h"

/*
 * Transaction signatures by RFC 8945, on the bytes of a message: pure, the
 * time is an argument. ldns's TSIG is not used (it verifies neither time nor
 * key name nor the end of the message).
 */
#define TSIG_MAC_MAX 64

struct tsig_mac {
	uint8_t bytes[TSIG_MAC_MAX];
	size_t len;
};

/* RFC 8945 section 3, the error field. */
enum tsig_error {
	TSIG_BADSIG = 16,
	TSIG_BADKEY = 17,
	TSIG_BADTIME = 18,
	TSIG_BADTRUNC = 22,
};

/* A key made ready: its names in wire format, its HMAC begun. What that costs
 * is spent once, not for each message. */
struct tsig_signer;

/* The key is borrowed. NULL: out of memory; a key that can't be used is told by
 * tsig_sign. */
struct tsig_signer *tsig_signer_new(const struct tsig_key *key);
void tsig_signer_free(struct tsig_signer *signer); /* NULL is fine */

/* Appends a TSIG to a request. now_s: seconds since 1970, UTC. mac receives
 * what the answer's signature builds on. ERR_TOOBIG, ERR_CRYPTO (OpenSSL
 * has no such digest here), ERR_INVALID (the key's name is none). */
int tsig_sign(struct dns_message *message, struct tsig_signer *signer, uint64_t now_s,
    unsigned fudge_s, struct tsig_mac *mac);

enum tsig_result {
	TSIG_OK, /* authentic */
	TSIG_SERVER_ERROR, /* authentic, and the server reports BADTIME */
	TSIG_UNSIGNED_ERROR, /* an error with an empty MAC: only a hint */
	TSIG_MISSING, /* no TSIG at all */
	TSIG_MALFORMED, /* more than one, not the last, trailing bytes... */
	TSIG_OTHER_KEY, /* key name or algorithm are not ours */
	TSIG_WRONG_MAC,
	TSIG_UNCHECKED, /* OpenSSL failed: nothing is known of it */
	TSIG_WRONG_TIME, /* right MAC, but signed too long ago or ahead */
};

struct tsig_report {
	unsigned error; /* of the error field, 0: none */
	uint64_t time_signed_s;
	uint64_t server_time_s; /* with BADTIME; else 0 */
};

/* Checks the answer to a request that was signed with request_mac: exactly
 * one TSIG as the last record, ending where the message ends, our key and
 * algorithm, the full MAC, time within fudge_s (the request's), or within
 * 300 s where that is more. On TSIG_OK and
 * TSIG_SERVER_ERROR the TSIG is taken off: *len and ARCOUNT shrink. */
enum tsig_result tsig_verify(uint8_t *wire, size_t *len,
    struct tsig_signer *signer, const struct tsig_mac *request_mac,
    uint64_t now_s, unsigned fudge_s, struct tsig_report *report);

#endif
