/* SPDX-License-Identifier: ISC */
/* The reading half of a record: ask the primary, take its answer. */
#include "config.h"

#include <stdio.h>

#include "conf.h"
#include "dns/publish_impl.h"
#include "err.h"

static enum dns_qtype
qtype(const struct publish_record *record)
{
	return record->family == ADDR_IP4 ? DNS_QTYPE_A : DNS_QTYPE_AAAA;
}

/* Takes over the answer's RRset; false with the reason when it is none that
 * can be compared with. */
static bool
accept_answer(struct publish_record *record, struct dns_answer *answer,
    const char **why)
{
	if (answer->rcode != DNS_NOERROR && answer->rcode != DNS_NXDOMAIN)
		*why = dns_rcode_text(answer->rcode);
	else if (!answer->aa)
		*why = "the server is not authoritative for the name";
	else if (answer->cname)
		*why = "the name is an alias (CNAME)";
	else
		*why = NULL;
	if (*why != NULL)
		return false;
	if (record->conflicts > 0 &&
	    !rrset_equal(&record->read, &answer->rrset))
		record->conflicts = 0;
	rrset_fini(&record->read);
	record->read = answer->rrset;
	record->read_untidy = answer->ttl_mixed;
	record->read_known = true;
	record->read_at_ms = loop_now_ms(record->server->publisher->loop);
	rrset_init(&answer->rrset, record->family, 0);
	return true;
}

static void
take_answer(struct publish_record *record,
    const struct exchange_outcome *outcome)
{
	struct dns_answer answer;
	const char *why = "a malformed answer";
	char text[288];
	int err;
	bool ok;

	if (outcome->rcode != DNS_NOERROR && outcome->rcode != DNS_NXDOMAIN) {
		snprintf(text, sizeof text, "query: %s", outcome->text);
		publish_record_fail(record, text);
		return;
	}
	err = dns_answer_parse(outcome->answer, outcome->answer_len,
	    record->service->conf->fqdn, qtype(record), &answer);
	ok = err == 0;
	if (err == ERR_TOOBIG)
		why = "the RRset has more addresses than rrdnsd can handle";
	else if (err == ERR_NOMEM)
		why = err_text(err);
	if (ok) {
		ok = accept_answer(record, &answer, &why);
		dns_answer_fini(&answer);
	}
	if (ok) {
		publish_record_compare(record);
		return;
	}
	snprintf(text, sizeof text, "query: %s", why);
	publish_record_fail(record, text);
}

static void
on_answer(void *arg, const struct exchange_outcome *outcome)
{
	struct publish_record *record = arg;
	struct publish_server *server = record->server;
	char text[288];

	record->request = NULL;
	record->state = RECORD_IDLE;
	server->reads_in_flight--;
	publish_zone_arrived(record);
	if (record->again) {
		/* The wish changed meanwhile; this reading serves as well,
		 * because the wish is asked for now. */
		record->again = false;
		record->kicked = true;
	}
	switch (outcome->status) {
	case EXCHANGE_ANSWERED:
		record->silences = 0;
		publish_server_answered(server);
		take_answer(record, outcome);
		break;
	case EXCHANGE_NOT_AUTHENTIC:
		record->silences = 0;
		publish_server_answered(server);
		snprintf(text, sizeof text, "query: %s", outcome->text);
		publish_record_fail(record, text);
		break;
	case EXCHANGE_TIMED_OUT:
	case EXCHANGE_UNREACHABLE:
	case EXCHANGE_WITHDRAWN: /* no reading is guarded */
	case EXCHANGE_BROKEN:
		publish_server_unheard(record, "query", outcome->text, 0);
		break;
	}
	publish_server_pump(server);
}

void
publish_record_send_read(struct publish_record *record)
{
	struct publish_server *server = record->server;
	struct dns_message message;

	if (dns_message_query(record->service->conf->fqdn,
		qtype(record),
		false, &message) == 0)
		record->request = exchange_send(server->exchange,
		    EXCHANGE_QUERY, &message, NULL, on_answer, record);
	if (record->request == NULL) {
		server->reads_in_flight--;
		publish_zone_arrived(record);
		publish_record_fail(record, err_text(ERR_NOMEM));
		return;
	}
	server->publisher->stats.reads++;
}
