/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PUBLISH_IMPL_H
#define RRDNSD_DNS_PUBLISH_IMPL_H

/* Shared by the files of the publisher; nobody else includes it. */

#include <sys/queue.h>

#include "dns/exchange.h"
#include "dns/providers/provider.h"
#include "dns/publish.h"
#include "dns/publish_step.h"
#include "http_fetch.h"
#include "log.h"
#include "loop.h"

/* One RRset on one server.
 *
 *   IDLE -> WANT_READ -> READING -> IDLE (as wished, or waiting)
 *                           |
 *                           +-----> WANT_WRITE -> WRITING -> WANT_READ
 */
enum record_state {
	RECORD_IDLE, /* the timer says when it is read next */
	RECORD_WANT_READ, /* in its server's queue */
	RECORD_READING,
	RECORD_WANT_WRITE, /* in its zone's queue; never behind an API */
	RECORD_WRITING,
};

struct publish_record {
	struct publish_service *service;
	struct publish_server *server;
	struct publish_zone *zone; /* NULL behind an API */
	struct publish_hosted *hosted; /* NULL on a name server */
	enum addr_family family;
	enum record_state state;
	TAILQ_ENTRY(publish_record) entry;
	LIST_ENTRY(publish_record) neighbour; /* of the same server */
	struct timer timer;
	struct exchange_request *request; /* of the read in flight */

	struct rrset read; /* what the server showed last */
	bool read_known;
	int64_t read_at_ms;
	unsigned silences; /* readings in a row that nobody answered */
	int64_t silent_since_ms; /* when the first of them ended */
	bool read_untidy; /* TTLs differ, or an address stands there twice */
	bool synthesized; /* the set read comes from a wildcard */
	unsigned conflicts; /* in a row, with the same set read each time */

	struct rrset before; /* what the last UPDATE (or step) replaced */
	struct rrset target; /* by this */
	bool update_pending; /* sent, and not yet seen or known to be refused */
	bool update_answered; /* it was answered with NOERROR */
	int64_t updated_at_ms;
	unsigned verify_step;

	int64_t differs_since_ms; /* 0: as wished */
	int64_t reconcile_at_ms;
	unsigned tries;
	bool kicked; /* since the last compare: a wish changed */
	bool again; /* kicked while a request was in flight */
	bool blocked; /* differs, but must not write now */
	bool solo; /* was refused in company: travels alone */
	bool awaited; /* its reading may bring the zone another change */
	bool failed;
	int64_t failed_since_ms;
	bool dry_told; /* a dry run: before and target were told */
	int64_t last_update_ms;
	char error[288];
};

TAILQ_HEAD(publish_queue, publish_record);

/* What a record behind an API has besides. */
struct publish_hosted {
	struct provider_target at; /* see publish_hosted_target */
	struct http_fetch_call *call; /* of the reading or step in flight */
	struct provider_set set; /* read last, or what came of it so far */
	unsigned page; /* of the list, being read */
	struct publish_step step; /* sent last */
	int64_t sent_us;
	bool answered; /* as done, and not listed since */
};

/* How a server is spoken with. */
struct publish_link {
	/* Begins to read: the record is READING and ends in
	 * publish_record_compare, _retry, _fail or in the queue again. */
	void (*read)(struct publish_record *record);
	/* Brings a record that was just compared, and is IDLE, nearer to what
	 * is wished. Ends in another reading, _retry or _fail. */
	void (*write)(struct publish_record *record);
	/* Gives up what is in flight or waits. */
	void (*cancel)(struct publish_record *record);
};

/* Knot takes 11 ms for an UPDATE that follows another, however small: 1,000
 * names by 100 are 110 ms, by 250 45. PowerDNS carries out some 300 changes a
 * second: more at once would come near to update_timeout_ms. */
#define PUBLISH_BATCH_MAX 250

/* The records of one zone on one server: one UPDATE in flight, and what comes
 * up meanwhile goes into the next one. Changes wait a moment for those whose
 * reading is still under way. */
struct publish_zone {
	struct publish_server *server;
	char *name;
	unsigned refs;
	struct publish_queue queue;
	unsigned n_queued;
	struct publish_record **sent; /* in the UPDATE in flight */
	size_t n_sent;
	struct exchange_request *request;
	unsigned batch; /* most changes in one message, for now */
	unsigned awaited; /* records of it that have this set */
	struct timer gather; /* runs while changes wait for company */
	bool gathered; /* they waited long enough */
	bool scheduled; /* zone_pump is deferred to the end of the turn */
	bool closed;
	LIST_ENTRY(publish_zone) entry;
};

/* Attempts in a row after which a server that does not answer is shown as
 * failed (GET /health, design.md section 6). */
#define SERVER_FAILED_AFTER 3

/* One server under one key, shared by all services that name it. */
struct publish_server {
	struct publisher *publisher;
	const struct publish_link *link;
	char *name; /* for people: "192.0.2.53:53" */
	struct publish_api *api; /* NULL: a name server, by exchange */
	struct exchange *exchange;
	struct exchange_conf conf;
	struct tsig_key *key; /* own copy, NULL: unsigned */
	unsigned refs;
	LIST_HEAD(, publish_record) records;
	struct publish_queue reads;
	unsigned reads_at_once;
	unsigned reads_in_flight; /* steps of an API included */
	LIST_HEAD(, publish_zone) zones;
	struct timer retry;
	unsigned failures; /* in a row */
	int64_t answered_at_ms; /* the last time, whatever was asked */
	unsigned rest_ms; /* that it asked for, until retry; 0: it did not */
	bool told; /* that it is away, by an event */
	bool logged; /* that it does not answer */
	struct log_limit limit; /* of the lines that say so */
	int64_t down_since_ms;
	char error[320];
	LIST_ENTRY(publish_server) entry;
};

/* Waiting for a verify_resolver to show a change. */
struct publish_watch {
	struct publish_service *service;
	struct publish_server *resolver;
	enum addr_family family;
	struct rrset target;
	bool seen; /* it shows the target */
	struct exchange_request *request;
	struct timer timer;
	int64_t since_ms;
	unsigned interval_ms;
};

struct publish_service {
	struct publisher *publisher;
	const struct conf_service *conf;
	void *arg;
	struct publish_record *records;
	size_t n_records;
	struct publish_watch *watches;
	size_t n_watches;
};

struct publisher {
	struct loop *loop;
	struct publish_hooks hooks;
	struct http_fetch fetch;
	void *arg;
	bool dry_run;
	bool stopped;
	LIST_HEAD(, publish_server) servers;
	size_t writes_in_flight;
	uint64_t random;
	struct publish_stats stats;
};

uint32_t publisher_random(struct publisher *publisher);

/* publish_server.c */
struct conf_update;

/* With one reference. NULL: out of memory. */
struct publish_server *publish_server_new(struct publisher *publisher,
    const struct publish_link *link, const char *name, unsigned reads_at_once);
struct publish_server *publish_server_get(struct publisher *publisher,
    const struct addr *addr, const struct conf_update *update, bool verify);
void publish_server_put(struct publish_server *server);
void publish_server_read(struct publish_server *server,
    struct publish_record *record); /* queues it: WANT_READ */
void publish_server_forget(struct publish_record *record); /* out of a queue */

/* A reading of it (what: "query") ended without an answer: the server's trouble,
 * or its own where the server answers others. */
void publish_server_unheard(struct publish_record *record, const char *what,
    const char *why, unsigned rest_ms);
void publish_server_pump(struct publish_server *server);
void publish_server_failed(struct publish_server *server, const char *text,
    unsigned rest_ms); /* that it asked for; 0: it did not */
/* Leaves it alone for so long, as it asked; what is in flight goes on. */
#define PUBLISH_SPENT "no request is left"
void publish_server_rest(struct publish_server *server, const char *text,
    unsigned ms);
bool publish_server_is_away(const struct publish_server *server);
void publish_server_answered(struct publish_server *server);

/* publish_api.c: the API of a DNS service, under one token */
struct publish_server *publish_api_get(struct publisher *publisher,
    const struct conf_update *update);
/* Both lead to the same place, under the same token. */
bool publish_api_same(const struct conf_update *a,
    const struct conf_update *b);
void publish_api_free(struct publish_api *api);
const struct provider *publish_api_provider(
    const struct publish_server *server);
const char *publish_api_url(const struct publish_server *server);
bool publish_api_refuses_twins(const struct publish_server *server);
void publish_api_note_no_twins(struct publish_server *server);

/* Sends and frees the request, of the record; NULL: out of memory. */
struct http_fetch_call *publish_api_send(struct publish_record *record,
    struct provider_request *request, http_fetch_wanted_cb *is_wanted,
    http_fetch_cb *cb);

/* For how many ms the answer asks to be left alone; 0: it does not. */
unsigned publish_api_pace(const struct http_fetch_answer *answer);

/* publish_hosted.c: a record behind an API */
extern const struct publish_link publish_hosted_link;
bool publish_hosted_init(struct publish_record *record);
void publish_hosted_fini(struct publish_record *record);
struct provider_target *publish_hosted_target(struct publish_record *record);

/* A reading or a step ended: the record is IDLE. */
void publish_hosted_end(struct publish_record *record);

/* Sends what was built, err 0, and frees it; or else ends and fails. */
void publish_hosted_send(struct publish_record *record, int err,
    struct provider_request *request, http_fetch_wanted_cb *is_wanted,
    http_fetch_cb *cb);

/* publish_hosted_step.c */
void publish_hosted_write(struct publish_record *record);

/* publish_zone.c */
struct publish_zone *publish_zone_get(struct publish_server *server,
    const char *name);
void publish_zone_put(struct publish_zone *zone);
void publish_zone_write(struct publish_zone *zone,
    struct publish_record *record); /* queues it: WANT_WRITE */
void publish_zone_forget(struct publish_record *record);
void publish_zone_schedule(struct publish_zone *zone);
void publish_zone_await(struct publish_record *record); /* it is to be read */
void publish_zone_arrived(struct publish_record *record); /* it is no more */

/* publish_answer.c */
void publish_zone_answer(void *arg, const struct exchange_outcome *outcome);

/* publish_record.c */
void publish_record_init(struct publish_record *record);
void publish_record_fini(struct publish_record *record);
void publish_record_kick(struct publish_record *record);
void publish_record_look(struct publish_record *record); /* reads; it is IDLE */
void publish_record_compare(struct publish_record *record); /* after a read */
void publish_record_ask(const struct publish_record *record,
    struct publish_wish *wish);
void publish_record_sending(const struct publish_record *record);
bool publish_record_prepare(struct publish_record *record); /* before sending */
/* What was prepared is what would be written now, too. */
bool publish_record_is_wanted(struct publish_record *record);
void publish_record_retry(struct publish_record *record, const char *text);
void publish_record_fail(struct publish_record *record, const char *text);
const char *publish_record_name(const struct publish_record *record,
    char *buf, size_t size);

/* publish_read.c */
void publish_record_send_read(struct publish_record *record);

/* publish_watch.c */
void publish_watch_start(struct publish_watch *watch,
    const struct rrset *target);
void publish_watch_fini(struct publish_watch *watch);
void publish_watch_init(struct publish_watch *watch);

#endif
