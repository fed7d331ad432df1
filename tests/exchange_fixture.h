/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_EXCHANGE_FIXTURE_H
#define RRDNSD_TESTS_EXCHANGE_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/exchange.h"
#include "dns/tsig.h"
#include "dns/wire.h"
#include "dns_server.h"
#include "tsig_forge.h"

/* An exchange and the server that it talks to, on one loop. */
#define KEPT_MAX 128
#define PATIENCE_MS 10000 /* only a broken test takes that long */

/* One request of ours, and what became of it. */
struct ask {
	unsigned calls;
	struct exchange_outcome outcome;
	exchange_wanted_cb *wanted;
	struct exchange_request *request;
	struct exchange *to_free; /* inside the callback */
	unsigned order;
};

extern struct loop *loop;
extern struct dns_server *server;
extern struct exchange *exchange;
extern struct tsig_key *key;

/* What the server does with requests: this; or it keeps them for now. */
extern dns_server_cb *behave;
extern struct dns_server_request *kept[KEPT_MAX];
extern unsigned n_kept;
extern unsigned n_udp, n_tcp; /* requests that came */
extern unsigned n_answers; /* outcomes there were */

void answer_well(void *arg, struct dns_server_request *request);
void answer_unsigned(const struct dns_server_request *request,
    unsigned rcode);

/* Adds fixture and time limit to a case. */
void use_exchange(TCase *tcase);
void start(const struct tsig_key *with_key, enum exchange_transport transport,
    unsigned timeout_ms);
void on_outcome(void *arg, const struct exchange_outcome *outcome);
void send_query(struct ask *ask);
void send_update(struct ask *ask, unsigned n); /* that writes n addresses */
void wait_outcome(struct ask *ask, enum exchange_status status);

#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		int64_t until_ = loop_clock_us() / 1000 + PATIENCE_MS;         \
		while (!(condition)) {                                         \
			ck_assert_msg(loop_clock_us() / 1000 < until_,         \
			    "waited in vain for %s", #condition);              \
			loop_turn(loop, 100);             \
		}                                                              \
	} while (0)

#endif
