/* SPDX-License-Identifier: ISC */
/* What a server's answer means, in words for an administrator. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "dns/exchange_impl.h"

static const char *
refused_text(bool query, bool is_signed)
{
	if (query)
		return is_signed
		    ? "refused: the server does not serve the zone, or not "
		      "to us"
		    : "refused: the server does not serve the zone, or wants "
		      "signed queries";
	return is_signed
	    ? "refused by the server's update policy"
	    : "refused: the server wants a signed request "
	      "(update_credentials), or its policy forbids it";
}

static const char *
rcode_words(unsigned rcode, bool query, bool is_signed)
{
	switch (rcode) {
	case DNS_FORMERR:
		return "the server could not read the request";
	case DNS_SERVFAIL:
		return "the server failed";
	case DNS_NOTIMP:
		return query ? NULL : "the server does not do dynamic updates";
	case DNS_REFUSED:
		return refused_text(query, is_signed);
	case DNS_NOTAUTH:
		return is_signed
		    ? "the zone is not here: the server is not its primary"
		    : "the zone is not here, or the server wants a signed "
		      "request";
	case DNS_NOTZONE:
		return "the name is not within the zone";
	case DNS_NXDOMAIN:
	case DNS_YXDOMAIN:
	case DNS_NXRRSET:
	case DNS_YXRRSET:
		return query ? NULL : "the RRset was changed meanwhile";
	}
	return NULL;
}

void
exchange_describe_rcode(const struct exchange_request *request,
    unsigned rcode, char *buf, size_t size)
{
	const char *text = rcode_words(rcode, request->kind == EXCHANGE_QUERY,
	    request->exchange->key != NULL);

	if (text == NULL)
		snprintf(buf, size, "%s", dns_rcode_text(rcode));
	else
		snprintf(buf, size, "%s (%s)", text, dns_rcode_text(rcode));
}

static void
describe_server_error(const struct exchange *exchange,
    const struct tsig_report *report, unsigned rcode, char *buf, size_t size)
{
	const char *key = exchange->key->name;
	const char *alg = tsig_alg_name(exchange->key->alg);

	switch (report->error) {
	case TSIG_BADSIG:
		snprintf(buf, size,
		    "wrong secret for the key %.128s (%s, BADSIG)", key,
		    dns_rcode_text(rcode));
		return;
	case TSIG_BADKEY:
		snprintf(buf, size,
		    "the key %.128s with %s is unknown to the server, or not "
		    "allowed for this name (%s, BADKEY)",
		    key, alg, dns_rcode_text(rcode));
		return;
	case TSIG_BADTIME:
		snprintf(buf, size,
		    "the server finds our clock wrong (%s, BADTIME)",
		    dns_rcode_text(rcode));
		return;
	case TSIG_BADTRUNC:
		snprintf(buf, size,
		    "the server wants a longer MAC (%s, BADTRUNC)",
		    dns_rcode_text(rcode));
		return;
	}
	snprintf(buf, size, "TSIG error %u (%s)", report->error,
	    dns_rcode_text(rcode));
}

/* Only from times that are authentic. */
static void
describe_clock(struct exchange_outcome *outcome, uint64_t server_s,
    int64_t now_s, const char *said)
{
	int64_t offset_s = (int64_t)server_s - now_s;

	outcome->clock_offset_s = offset_s;
	snprintf(outcome->text, sizeof outcome->text,
	    "the server's clock differs by %lld s: it is %s ours%s",
	    (long long)llabs(offset_s), offset_s < 0 ? "behind" : "ahead of",
	    said);
}

/* Measured: PowerDNS denies a wrong signature with NOTAUTH to a query and with
 * REFUSED to an update; Knot denies what it does not serve the other way. */
static const char *
unsigned_words(unsigned rcode, bool query)
{
	if (rcode == (query ? DNS_NOTAUTH : DNS_REFUSED))
		return "refused: the key, its algorithm, its secret or the "
		       "clock is not right for the server";
	if (rcode == DNS_REFUSED)
		return refused_text(query, true);
	if (rcode == DNS_NOTAUTH)
		return "the zone is not here, or the key is unknown to the "
		       "server";
	return "an unsigned answer";
}

void
exchange_describe_tsig(const struct exchange_request *request,
    enum tsig_result result, const struct tsig_report *report,
    unsigned rcode, int64_t now_s, struct exchange_outcome *outcome)
{
	const struct exchange *exchange = request->exchange;
	char *buf = outcome->text;
	size_t size = sizeof outcome->text;
	const char *why = NULL;

	switch (result) {
	case TSIG_OK:
		return;
	case TSIG_SERVER_ERROR:
		outcome->tsig_error = report->error;
		if (report->server_time_s != 0)
			describe_clock(outcome, report->server_time_s, now_s,
			    " (BADTIME)");
		else
			describe_server_error(exchange, report, rcode, buf,
			    size);
		return;
	case TSIG_UNSIGNED_ERROR:
		outcome->tsig_error = report->error;
		describe_server_error(exchange, report, rcode, buf, size);
		return;
	case TSIG_MISSING:
		why = unsigned_words(rcode, request->kind == EXCHANGE_QUERY);
		break;
	case TSIG_MALFORMED:
		why = "an answer with a malformed TSIG";
		break;
	case TSIG_OTHER_KEY:
		why = "an answer signed by another key";
		break;
	case TSIG_WRONG_MAC:
		why = "an answer with a wrong signature";
		break;
	case TSIG_UNCHECKED:
		why = "out of memory, the signature could not be checked";
		break;
	case TSIG_WRONG_TIME:
		describe_clock(outcome, report->time_signed_s, now_s, "");
		return;
	}
	snprintf(buf, size, "%s (%s)", why, dns_rcode_text(rcode));
}
