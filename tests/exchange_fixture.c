/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "exchange_fixture.h"

struct loop *loop;
struct dns_server *server;
struct exchange *exchange;
struct tsig_key *key;

dns_server_cb *behave;
struct dns_server_request *kept[KEPT_MAX];
unsigned n_kept;
unsigned n_udp, n_tcp;
unsigned n_answers;

static void
on_request(void *arg, struct dns_server_request *request)
{
	(void)arg;
	if (request->tcp)
		n_tcp++;
	else
		n_udp++;
	if (behave != NULL) {
		behave(NULL, request);
		return;
	}
	ck_assert_uint_lt(n_kept, KEPT_MAX);
	kept[n_kept++] = dns_server_keep(request);
}

void
answer_well(void *arg, struct dns_server_request *request)
{
	(void)arg;
	dns_server_answer(request, DNS_NOERROR);
}

void
start(const struct tsig_key *with_key, enum exchange_transport transport,
    unsigned timeout_ms)
{
	struct exchange_conf conf = { .key = with_key,
		.transport = transport, .timeout_ms = timeout_ms,
		.fudge_s = 60 };

	server = dns_server_new(loop, with_key, on_request, NULL);
	conf.server = dns_server_addr(server);
	exchange = exchange_new(loop, &conf);
	ck_assert_ptr_nonnull(exchange);
}

static void
setup(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	key = tsig_forge_key(TSIG_HMAC_SHA256);
	behave = NULL;
	exchange = NULL;
	server = NULL;
	n_kept = n_udp = n_tcp = n_answers = 0;
}

static void
teardown(void)
{
	exchange_free(exchange);
	for (unsigned i = 0; i < n_kept; i++)
		dns_server_request_free(kept[i]);
	if (server != NULL)
		dns_server_free(server);
	loop_free(loop);
	tsig_key_fini(key);
	free(key);
}

void
on_outcome(void *arg, const struct exchange_outcome *outcome)
{
	struct ask *ask = arg;

	ask->calls++;
	ask->outcome = *outcome;
	ask->order = n_answers++;
	if (ask->to_free != NULL)
		exchange_free(ask->to_free);
}

void
send_query(struct ask *ask)
{
	struct dns_message message;

	ck_assert_int_eq(dns_message_query("www.example.org", DNS_QTYPE_A,
			     false, &message), 0);
	ask->request = exchange_send(exchange, EXCHANGE_QUERY, &message,
	    ask->wanted, on_outcome, ask);
	ck_assert_ptr_nonnull(ask->request);
	ck_assert_ptr_null(message.wire);
	ck_assert_uint_eq(ask->calls, 0);
}

void
send_update(struct ask *ask, unsigned n)
{
	struct addr addr = { .family = ADDR_IP4, .bytes = { 192, 0, 2, 1 } };
	struct rrset was, now;
	struct dns_change change = { "www.example.org", &was, &now, false };
	struct dns_message message;

	rrset_init(&was, ADDR_IP4, 0);
	rrset_init(&now, ADDR_IP4, 30);
	for (unsigned i = 0; i < n; i++) {
		addr.bytes[2] = (uint8_t)(i >> 8);
		addr.bytes[3] = (uint8_t)i;
		ck_assert_int_eq(rrset_add(&now, &addr), 0);
	}
	ck_assert_int_eq(dns_message_update("example.org", &change, 1,
			     &message), 0);
	rrset_fini(&now);
	ask->request = exchange_send(exchange, EXCHANGE_UPDATE, &message,
	    ask->wanted, on_outcome, ask);
	ck_assert_ptr_nonnull(ask->request);
}

void
wait_outcome(struct ask *ask, enum exchange_status status)
{
	WAIT_FOR(ask->calls > 0);
	ck_assert_msg(ask->outcome.status == status, "%d: %s",
	    (int)ask->outcome.status, ask->outcome.text);
	ck_assert_uint_eq(ask->calls, 1);
}

void
answer_unsigned(const struct dns_server_request *request, unsigned rcode)
{
	uint8_t wire[1024];
	size_t len = dns_server_make(request, 0x8400 | rcode, wire,
	    sizeof wire);

	dns_server_send(request, wire, len, 0);
}

/* What takes long when it is done first, such as finding a key's digest, is done
 * before each test becomes a process of its own: above all under valgrind. */
static void
warm_up(void)
{
	struct ask query = { 0 }, update = { 0 };

	setup();
	behave = answer_well;
	start(key, EXCHANGE_UDP, PATIENCE_MS);
	send_query(&query);
	wait_outcome(&query, EXCHANGE_ANSWERED);
	send_update(&update, 100); /* by TCP, for its size */
	wait_outcome(&update, EXCHANGE_ANSWERED);
	teardown();
}

void
use_exchange(TCase *tcase)
{
	tcase_add_unchecked_fixture(tcase, warm_up, NULL);
	tcase_add_checked_fixture(tcase, setup, teardown);
}
