/* SPDX-License-Identifier: ISC */
/* Messages, their signatures, and the requests that they are part of. */
#include "config.h"

#include <string.h>

#include "check_main.h"
#include "dns/exchange.h"
#include "dns/message.h"
#include "dns/probe_query.h"
#include "dns/tsig.h"
#include "err.h"
#include "loop.h"
#include "oom_cases.h"
#include "tsig_forge.h"

#define NOW 1767225600

static struct dns_message message;
static struct dns_answer answer;
static struct tsig_key *key;
static struct tsig_signer *signer;
static struct tsig_mac mac;
static uint8_t wire[DNS_MESSAGE_MAX];
static size_t len;

static void
prepare_nothing(void)
{
	message = (struct dns_message){ 0 };
}

static int
ask(void)
{
	return dns_message_query("www.example.org", DNS_QTYPE_A, false,
	    &message);
}

/* Made again, it is the same: no state is left behind. */
static void
judge_message(int err)
{
	ck_assert_int_eq(message.wire != NULL, err == 0);
	if (err == 0)
		ck_assert(message.len > 12);
	dns_message_fini(&message);
}

static struct rrset was, now;

static void
prepare_sets(void)
{
	struct addr addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 1 } };

	prepare_nothing();
	rrset_init(&was, ADDR_IP4, 0);
	rrset_init(&now, ADDR_IP4, 30);
	for (; addr.bytes[3] < 12; addr.bytes[3]++) {
		ck_assert_int_eq(rrset_add(&was, &addr), 0);
		addr.bytes[2] ^= 1;
		ck_assert_int_eq(rrset_add(&now, &addr), 0);
	}
}

static int
update(void)
{
	struct dns_change changes[] = {
		{ "www.example.org", &was, &now, false },
		{ "ftp.example.org", &was, &now, true },
	};

	return dns_message_update("example.org", changes, COUNT(changes),
	    &message);
}

static void
judge_update(int err)
{
	judge_message(err);
	rrset_fini(&was);
	rrset_fini(&now);
}

static void
prepare_answer(void)
{
	char *text = oom_corpus("dns_answer/a", &len);

	memcpy(wire, text, len);
	free(text);
}

static int
read_answer(void)
{
	return dns_answer_parse(wire, len, "www.example.org", DNS_QTYPE_A,
	    &answer);
}

/* All addresses or none: half of them would be written back as all. */
static void
judge_answer(int err)
{
	struct dns_answer whole;

	ck_assert_int_eq(dns_answer_parse(wire, len, "www.example.org",
	    DNS_QTYPE_A, &whole), 0);
	ck_assert_uint_gt(whole.rrset.len, 0);
	if (err == 0)
		ck_assert(rrset_equal(&answer.rrset, &whole.rrset));
	else
		ck_assert_uint_eq(answer.rrset.len, 0);
	dns_answer_fini(&answer);
	dns_answer_fini(&whole);
}

static enum dns_reply reply;

/* No endpoint is held guilty of our want of memory. */
static int
read_probe(void)
{
	const char *rcode;

	reply = dns_query.read("www.example.org", DNS_QTYPE_A, wire, wire, len,
	    &rcode);
	return reply == DNS_REPLY_ANSWERED ? 0
	    : reply == DNS_REPLY_NOMEM	   ? ERR_NOMEM
					   : ERR_SYNTAX;
}

static void
judge_nothing(int err)
{
	(void)err;
}

static void
prepare_key(void)
{
	key = tsig_forge_key(TSIG_HMAC_SHA256);
	signer = NULL;
	ck_assert_int_eq(ask(), 0);
}

static int
sign(void)
{
	signer = tsig_signer_new(key);
	return signer != NULL ? tsig_sign(&message, signer, NOW, 60, &mac)
			      : ERR_NOMEM;
}

/* A signer that had no memory once is not spoilt for ever. */
static void
judge_signer(int err)
{
	if (signer != NULL && err != 0)
		ck_assert_int_eq(tsig_sign(&message, signer, NOW, 60, &mac), 0);
	tsig_signer_free(signer);
	dns_message_fini(&message);
	tsig_key_fini(key);
	free(key);
}

static void
prepare_signed_answer(void)
{
	struct tsig_forge forge;

	prepare_key();
	ck_assert_int_eq(sign(), 0);
	forge = tsig_forge_for(key, &mac, NOW);
	prepare_answer();
	len = tsig_forge_append(wire, len, sizeof wire, key, &forge);
}

static int
verify_at(void)
{
	struct tsig_report report;

	switch (tsig_verify(wire, &len, signer, &mac, NOW, 60, &report)) {
	case TSIG_OK:
		return 0;
	case TSIG_UNCHECKED:
		return ERR_CRYPTO;
	default:
		return ERR_AUTH;
	}
}

/* It is authentic as soon as somebody looks again. */
static void
judge_verified(int err)
{
	if (err != 0)
		ck_assert_int_eq(verify_at(), 0);
	judge_signer(0);
}

static struct loop *loop;
static struct exchange *exchange;
static unsigned answers;

static void
on_outcome(void *arg, const struct exchange_outcome *outcome)
{
	(void)arg;
	(void)outcome;
	answers++;
}

static void
on_timer(void *arg)
{
	(void)arg;
}

/* The heap of timers has room: it is the one thing that rrdnsd can't be
 * without (loop.h). */
static void
prepare_exchange(void)
{
	struct timer timer;

	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	loop_timer_init(&timer, on_timer, NULL);
	loop_timer_set(loop, &timer, loop_now_ms(loop));
	loop_timer_cancel(loop, &timer);
	exchange = NULL;
	prepare_key();
}

static int
exchange_it(void)
{
	struct exchange_conf conf = { .key = key, .timeout_ms = 60000,
		.transport = EXCHANGE_UDP, .fudge_s = 60 };
	struct dns_message taken = message;

	message = (struct dns_message){ 0 };
	if (addr_parse("127.0.0.1:9", 0, &conf.server) != 0)
		return ERR_SYNTAX;
	exchange = exchange_new(loop, &conf);
	if (exchange == NULL) {
		dns_message_fini(&taken);
		return ERR_NOMEM;
	}
	return exchange_send(exchange, EXCHANGE_QUERY, &taken, NULL,
		   on_outcome, NULL) != NULL
	    ? 0
	    : ERR_NOMEM;
}

/* The next one leaves. */
static void
judge_exchange(int err)
{
	if (exchange != NULL && err != 0) {
		ck_assert_int_eq(ask(), 0);
		ck_assert_ptr_nonnull(exchange_send(exchange, EXCHANGE_QUERY,
		    &message, NULL, on_outcome, NULL));
	}
	ck_assert_uint_eq(answers, 0); /* never before it returns */
	exchange_free(exchange);
	loop_free(loop);
	judge_signer(0);
}

const struct oom_case oom_dns_cases[] = {
	{ "query", prepare_nothing, ask, judge_message },
	{ "UPDATE", prepare_sets, update, judge_update },
	{ "answer", prepare_answer, read_answer, judge_answer },
	{ "answer to a probe", prepare_answer, read_probe, judge_nothing },
	{ "signature", prepare_key, sign, judge_signer },
	{ "signed answer", prepare_signed_answer, verify_at, judge_verified },
	{ "request", prepare_exchange, exchange_it, judge_exchange },
};
const size_t oom_n_dns_cases = COUNT(oom_dns_cases);
