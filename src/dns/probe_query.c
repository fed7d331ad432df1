/* SPDX-License-Identifier: ISC */
/* The question that dns:// endpoints are asked. */
#include "config.h"

#include "dns/probe_query.h"

#include <assert.h>
#include <string.h>

#include "dns/message.h"
#include "dns/wire.h"
#include "err.h"

#define FLAGS_AT 2
#define FLAG_QR 0x8000
#define FLAG_TC 0x0200

static int
make(const char *name, unsigned type, uint8_t wire[DNS_QUERY_MAX], size_t *len)
{
	struct dns_message message;
	int err = dns_message_query(name, (enum dns_qtype)type, true, &message);

	if (err != 0)
		return err;
	assert(message.len <= DNS_QUERY_MAX); /* a name has 255 bytes */
	memcpy(wire, message.wire, message.len);
	*len = message.len;
	dns_message_fini(&message);
	return 0;
}

static enum dns_reply
judge(const struct dns_answer *answer)
{
	if (answer->rcode != DNS_NOERROR)
		return DNS_REPLY_RCODE;
	if (answer->rrset.len > 0 || answer->has_soa || answer->cname)
		return DNS_REPLY_ANSWERED;
	return DNS_REPLY_EMPTY;
}

/* A truncated message may be cut anywhere: it is not read at all. */
static enum dns_reply
read_reply(const char *name, unsigned type, const uint8_t *query,
    const uint8_t *wire, size_t len, const char **rcode)
{
	struct dns_answer answer;
	enum dns_reply reply;
	unsigned flags;
	int err;

	*rcode = "";
	if (len < WIRE_HEADER_LEN || wire_get16(wire) != wire_get16(query))
		return DNS_REPLY_FOREIGN;
	flags = wire_get16(wire + FLAGS_AT);
	if (!(flags & FLAG_QR))
		return DNS_REPLY_FOREIGN;
	if (flags & FLAG_TC)
		return DNS_REPLY_TRUNCATED;
	err = dns_answer_parse(wire, len, name, (enum dns_qtype)type, &answer);
	if (err == ERR_TOOBIG)
		return DNS_REPLY_ANSWERED;
	if (err != 0)
		return err == ERR_NOMEM ? DNS_REPLY_NOMEM
					: DNS_REPLY_MALFORMED;
	reply = judge(&answer);
	*rcode = dns_rcode_text(answer.rcode);
	dns_answer_fini(&answer);
	return reply;
}

const struct dns_query dns_query = { .make = make, .read = read_reply };
