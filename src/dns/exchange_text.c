/* SPDX-License-Identifier: ISC */
/* What a server's answer means, in words for an administrator. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "dns/exchange_impl.h"

void
exchange_describe_rcode(const struct exchange *exchange, unsigned rcode,
    char *buf, size_t size)
{
	const char *text = NULL;

	switch (rcode) {
	case DNS_FORMERR:
		text = "the server could not read the request";
		break;
	case DNS_SERVFAIL:
		text = "the server failed";
		break;
	case DNS_NOTIMP:
		text = "the server does not do dynamic updates";
		break;
	case DNS_REFUSED:
		text = exchange->key == NULL
		    ? "refused: the request was unsigned "
		      "(no update_credentials), or the policy forbids it"
		    : "refused by the server's update policy";
		break;
	case DNS_NOTAUTH:
		text = exchange->key == NULL
		    ? "the zone is not here, or the server wants a "
		      "signed request"
		    : "the zone is not here: the server is not its primary";
		break;
	case DNS_NOTZONE:
		text = "the name is not within the zone";
		break;
	case DNS_NXRRSET:
	case DNS_YXRRSET:
		text = "the RRset was changed meanwhile";
		break;
	}
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
	case TSIG_BADTRUNC:
		snprintf(buf, size,
		    "the server wants a longer MAC (%s, BADTRUNC)",
		    dns_rcode_text(rcode));
		return;
	}
	snprintf(buf, size, "TSIG error %u (%s)", report->error,
	    dns_rcode_text(rcode));
}

static void
describe_clock(int64_t offset_s, char *buf, size_t size)
{
	snprintf(buf, size,
	    "the server's clock differs by %lld s: it is %s ours (BADTIME)",
	    (long long)llabs(offset_s), offset_s < 0 ? "behind" : "ahead of");
}

void
exchange_describe_tsig(const struct exchange *exchange,
    enum tsig_result result, const struct tsig_report *report,
    unsigned rcode, int64_t now_s, struct exchange_outcome *outcome)
{
	char *buf = outcome->text;
	size_t size = sizeof outcome->text;
	const char *why = NULL;

	switch (result) {
	case TSIG_OK:
		return;
	case TSIG_SERVER_ERROR:
		outcome->tsig_error = report->error;
		outcome->clock_offset_s =
		    (int64_t)report->server_time_s - now_s;
		if (report->error == TSIG_BADTIME)
			describe_clock(outcome->clock_offset_s, buf, size);
		else
			describe_server_error(exchange, report, rcode, buf,
			    size);
		return;
	case TSIG_UNSIGNED_ERROR:
		outcome->tsig_error = report->error;
		describe_server_error(exchange, report, rcode, buf, size);
		return;
	case TSIG_MISSING:
		if (rcode == DNS_NOTAUTH)
			why = "the zone is not here, or the key is unknown "
			      "to the server";
		else if (rcode == DNS_REFUSED)
			why = "refused: the key, its algorithm, its secret "
			      "or the clock is not right for the server";
		else
			why = "an unsigned answer";
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
	case TSIG_WRONG_TIME:
		why = "an answer signed more than 300 s ago or ahead";
		break;
	}
	snprintf(buf, size, "%s (%s)", why, dns_rcode_text(rcode));
}
