/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/message.h"

#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "err.h"
#include "mutant.h"

/* ldns gives up a list or a record to whoever it is pushed to; until then it
 * is ours. push() settles that in one place. */
static int
push(ldns_rr_list *list, ldns_rr *rr)
{
	if (rr == NULL)
		return ERR_NOMEM;
	if (!ldns_rr_list_push_rr(list, rr)) {
		ldns_rr_free(rr);
		return ERR_NOMEM;
	}
	return 0;
}

static ldns_rr_type
type_of(enum addr_family family)
{
	return family == ADDR_IP4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA;
}

/* A record without rdata, or with the address; ldns_rr_new_frm_str refuses
 * "ANY A" without rdata, so they are built by hand. */
static ldns_rr *
make_rr(const char *name, ldns_rr_class class, uint32_t ttl,
    ldns_rr_type type, const struct addr *addr)
{
	ldns_rr *rr = ldns_rr_new();
	ldns_rdf *owner = ldns_dname_new_frm_str(name), *rdf;

	if (rr == NULL || owner == NULL) {
		ldns_rdf_deep_free(owner);
		ldns_rr_free(rr);
		return NULL;
	}
	ldns_rr_set_owner(rr, owner);
	ldns_rr_set_class(rr, class);
	ldns_rr_set_ttl(rr, ttl);
	ldns_rr_set_type(rr, type);
	if (addr == NULL)
		return rr;
	rdf = ldns_rdf_new_frm_data(addr->family == ADDR_IP4
		? LDNS_RDF_TYPE_A
		: LDNS_RDF_TYPE_AAAA,
	    addr->family == ADDR_IP4 ? 4 : 16, addr->bytes);
	if (rdf == NULL || !ldns_rr_push_rdf(rr, rdf)) {
		ldns_rdf_deep_free(rdf);
		ldns_rr_free(rr);
		return NULL;
	}
	return rr;
}

/* RFC 2136 sections 2.4.2 and 2.4.3: "is exactly what I read", or "does not
 * exist". */
static int
add_prerequisite(ldns_rr_list *list, const struct dns_change *change)
{
	ldns_rr_type type = type_of(change->was->family);
	int err = 0;

	if (MUTANT(NO_PREREQUISITE))
		return 0;
	if (change->was->len == 0 || change->was_synthesized)
		return push(list, make_rr(change->fqdn, LDNS_RR_CLASS_NONE, 0,
				      type, NULL));
	for (size_t i = 0; i < change->was->len && err == 0; i++)
		err = push(list, make_rr(change->fqdn, LDNS_RR_CLASS_IN, 0,
				     type, &change->was->addrs[i]));
	return err;
}

/* Sections 2.5.2 "delete an RRset" and 2.5.1 "add to an RRset". */
static int
add_update(ldns_rr_list *list, const struct dns_change *change)
{
	ldns_rr_type type = type_of(change->now->family);
	int err = push(list, make_rr(change->fqdn, LDNS_RR_CLASS_ANY, 0, type,
				 NULL));

	for (size_t i = 0; i < change->now->len && err == 0; i++)
		err = push(list, make_rr(change->fqdn, LDNS_RR_CLASS_IN,
				     change->now->ttl, type,
				     &change->now->addrs[i]));
	return err;
}

static int
to_wire(ldns_pkt *pkt, struct dns_message *out)
{
	uint8_t *wire = NULL, *grown;
	size_t len = 0;

	ldns_pkt_set_random_id(pkt);
	if (ldns_pkt2wire(&wire, pkt, &len) != LDNS_STATUS_OK)
		return ERR_NOMEM;
	/* ldns happily returns more than a DNS message can be. */
	if (len + DNS_TSIG_ROOM > DNS_MESSAGE_MAX) {
		free(wire);
		return ERR_TOOBIG;
	}
	grown = realloc(wire, len + DNS_TSIG_ROOM);
	if (grown == NULL) {
		free(wire);
		return ERR_NOMEM;
	}
	*out = (struct dns_message){ grown, len, len + DNS_TSIG_ROOM };
	return 0;
}

void
dns_message_fini(struct dns_message *message)
{
	free(message->wire);
	*message = (struct dns_message){ 0 };
}

int
dns_message_query(const char *name, enum dns_qtype qtype, bool rd,
    struct dns_message *out)
{
	ldns_rdf *owner = NULL;
	ldns_status status = ldns_str2rdf_dname(&owner, name);
	ldns_pkt *pkt;
	int err;

	if (status != LDNS_STATUS_OK)
		return status == LDNS_STATUS_MEM_ERR ? ERR_NOMEM : ERR_INVALID;
	if (owner == NULL) /* ldns takes no notice */
		return ERR_NOMEM;
	pkt = ldns_pkt_query_new(owner, (ldns_rr_type)qtype, LDNS_RR_CLASS_IN,
	    rd ? LDNS_RD : 0);
	if (pkt == NULL) {
		ldns_rdf_deep_free(owner);
		return ERR_NOMEM;
	}
	err = to_wire(pkt, out);
	ldns_pkt_free(pkt);
	return err;
}

int
dns_message_update(const char *zone, const struct dns_change *changes,
    size_t n, struct dns_message *out)
{
	ldns_rr_list *prerequisites = ldns_rr_list_new();
	ldns_rr_list *updates = ldns_rr_list_new();
	ldns_rdf *apex = ldns_dname_new_frm_str(zone);
	ldns_pkt *pkt = NULL;
	int err = 0;

	if (prerequisites == NULL || updates == NULL || apex == NULL)
		err = ERR_NOMEM;
	for (size_t i = 0; i < n && err == 0; i++) {
		err = add_prerequisite(prerequisites, &changes[i]);
		if (err == 0)
			err = add_update(updates, &changes[i]);
	}
	if (err == 0) {
		pkt = ldns_update_pkt_new(apex, LDNS_RR_CLASS_IN,
		    prerequisites, updates, NULL);
		if (pkt == NULL)
			err = ERR_NOMEM;
		else
			apex = NULL; /* the packet owns it now */
	}
	if (err == 0) {
		ldns_pkt_set_rd(pkt, false);
		err = to_wire(pkt, out);
	}
	ldns_pkt_free(pkt);
	ldns_rdf_deep_free(apex);
	ldns_rr_list_deep_free(prerequisites);
	ldns_rr_list_deep_free(updates);
	return err;
}
