/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "dns/message.h"
#include "dns/probe_query.h"
#include "dns/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dns_answer *answer, enum dns_qtype qtype)
{
	const struct rrset *set = &answer->rrset;

	if (set->len > RRSET_MAX || (set->len > 0 && qtype == DNS_QTYPE_SOA))
		abort();
	for (size_t i = 1; i < set->len; i++)
		if (addr_compare(&set->addrs[i - 1], &set->addrs[i]) >= 0)
			abort();
}

/* As an answer to a probe, with the id that it asked with. */
static void
try_probe(const uint8_t *data, size_t size, enum dns_qtype qtype)
{
	uint8_t query[DNS_QUERY_MAX] = { 0 };
	const char *rcode = NULL;

	if (size >= 2) {
		query[0] = data[0];
		query[1] = data[1];
	}
	if (dns_query.read("www.example.org", qtype, query, data, size,
		&rcode) == DNS_REPLY_FOREIGN &&
	    size >= WIRE_HEADER_LEN && (data[2] & 0x80))
		abort();
	if (rcode == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_qtype qtypes[] = { DNS_QTYPE_A, DNS_QTYPE_AAAA,
		DNS_QTYPE_SOA };
	struct dns_answer answer;

	for (int i = 0; i < 3; i++) {
		try_probe(data, size, qtypes[i]);
		if (dns_answer_parse(data, size, "www.example.org", qtypes[i],
			&answer) != 0)
			continue;
		if (!wire_is_whole(data, size))
			abort();
		check(&answer, qtypes[i]);
		dns_answer_fini(&answer);
	}
	return 0;
}
