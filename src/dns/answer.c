/* SPDX-License-Identifier: ISC */
/* Reading answers. ldns parses; what it lets pass is checked here. */
#include "config.h"

#include <stdbool.h> /* else ldns has a bool of its own, a char */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "dns/message.h"
#include "dns/wire.h"
#include "err.h"

static bool
is_question(const ldns_pkt *pkt, const ldns_rdf *owner, enum dns_qtype qtype)
{
	ldns_rr_list *list = ldns_pkt_question(pkt);
	const ldns_rr *rr;

	if (ldns_rr_list_rr_count(list) != 1)
		return false;
	rr = ldns_rr_list_rr(list, 0);
	return ldns_rr_get_type(rr) == (ldns_rr_type)qtype &&
	    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	    ldns_dname_compare(ldns_rr_owner(rr), owner) == 0;
}

static size_t
addr_len(const struct dns_answer *out)
{
	return out->rrset.family == ADDR_IP4 ? 4 : 16;
}

/* The message has it, or it is not whole (dns/wire.h); but an A record without
 * rdata passes ldns, too. */
static bool
has_address(const ldns_rr *rr, size_t len)
{
	const ldns_rdf *rdf = ldns_rr_rdf(rr, 0);

	return ldns_rr_rd_count(rr) == 1 && rdf != NULL &&
	    ldns_rdf_size(rdf) == len;
}

static int
take_address(const ldns_rr *rr, struct dns_answer *out)
{
	struct addr addr = { .family = out->rrset.family };
	uint32_t ttl = ldns_rr_ttl(rr);

	memcpy(addr.bytes, ldns_rdf_data(ldns_rr_rdf(rr, 0)), addr_len(out));
	if (out->rrset.len > 0 && ttl != out->rrset.ttl)
		out->ttl_mixed = true;
	if (out->rrset.len == 0 || ttl < out->rrset.ttl)
		out->rrset.ttl = ttl;
	return rrset_add(&out->rrset, &addr);
}

static int
take_soa(const ldns_rr *rr, struct dns_answer *out)
{
	const ldns_rdf *serial = ldns_rr_rdf(rr, 2);

	if (ldns_rr_rd_count(rr) != 7 || serial == NULL ||
	    ldns_rdf_size(serial) != 4)
		return ERR_SYNTAX;
	out->has_soa = true;
	out->serial = ldns_rdf2native_int32(serial);
	return 0;
}

static int
take_records(const ldns_pkt *pkt, const ldns_rdf *owner,
    enum dns_qtype qtype, struct dns_answer *out)
{
	ldns_rr_list *list = ldns_pkt_answer(pkt);
	int err = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list) && err == 0; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);

		if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN ||
		    ldns_dname_compare(ldns_rr_owner(rr), owner) != 0)
			continue;
		if (type == LDNS_RR_TYPE_CNAME)
			out->cname = true;
		else if (type != (ldns_rr_type)qtype)
			continue;
		else if (qtype == DNS_QTYPE_SOA)
			err = take_soa(rr, out);
		else
			err = has_address(rr, addr_len(out))
			    ? take_address(rr, out)
			    : ERR_SYNTAX;
	}
	return err;
}

static int
take_packet(const ldns_pkt *pkt, const char *name, enum dns_qtype qtype,
    struct dns_answer *out)
{
	ldns_rdf *owner = NULL;
	ldns_status status = ldns_str2rdf_dname(&owner, name);
	bool bare;
	int err;

	if (status != LDNS_STATUS_OK)
		return status == LDNS_STATUS_MEM_ERR ? ERR_NOMEM : ERR_INVALID;
	if (owner == NULL) /* ldns takes no notice */
		return ERR_NOMEM;
	out->id = ldns_pkt_id(pkt);
	out->rcode = ldns_pkt_get_rcode(pkt);
	out->aa = ldns_pkt_aa(pkt);
	out->tc = ldns_pkt_tc(pkt);
	bare = ldns_pkt_qdcount(pkt) == 0 && ldns_pkt_ancount(pkt) == 0 &&
	    out->rcode != DNS_NOERROR;
	if (!ldns_pkt_qr(pkt) ||
	    ldns_pkt_get_opcode(pkt) != LDNS_PACKET_QUERY ||
	    (!bare && !is_question(pkt, owner, qtype)))
		err = ERR_SYNTAX;
	else
		err = take_records(pkt, owner, qtype, out);
	ldns_rdf_deep_free(owner);
	return err;
}

int
dns_answer_parse(const uint8_t *wire, size_t len, const char *name,
    enum dns_qtype qtype, struct dns_answer *out)
{
	ldns_pkt *pkt = NULL;
	ldns_status status;
	int err;

	*out = (struct dns_answer){ 0 };
	rrset_init(&out->rrset,
	    qtype == DNS_QTYPE_AAAA ? ADDR_IP6 : ADDR_IP4, 0);
	/* ldns skips bytes behind the message, and records behind a TSIG. */
	if (len > DNS_MESSAGE_MAX || !wire_is_whole(wire, len))
		return ERR_SYNTAX;
	status = ldns_wire2pkt(&pkt, wire, len);
	if (status != LDNS_STATUS_OK)
		return status == LDNS_STATUS_MEM_ERR ? ERR_NOMEM : ERR_SYNTAX;
	err = take_packet(pkt, name, qtype, out);
	ldns_pkt_free(pkt);
	if (err != 0)
		dns_answer_fini(out);
	return err;
}

void
dns_answer_fini(struct dns_answer *answer)
{
	rrset_fini(&answer->rrset);
}

const char *
dns_rcode_text(unsigned rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE" };
	static char other[16];

	if (rcode < sizeof names / sizeof names[0])
		return names[rcode];
	snprintf(other, sizeof other, "RCODE%u", rcode & 0xfff);
	return other;
}
