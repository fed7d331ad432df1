/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_EXCHANGE_IMPL_H
#define RRDNSD_DNS_EXCHANGE_IMPL_H

/* Shared by the files of the exchange; nobody else includes it. */

#include <sys/queue.h>

#include "dns/exchange.h"
#include "dns/tsig.h"
#include "loop.h"

/* Larger requests go by TCP: what passes without fragments everywhere. */
#define EXCHANGE_UDP_MAX 1232

#define EXCHANGE_WITHDRAWN_TEXT "no longer wanted when it could be sent"

struct exchange_request {
	struct exchange *exchange;
	enum exchange_kind kind;
	exchange_cb *cb;
	exchange_wanted_cb *wanted; /* NULL: always */
	void *arg;
	uint8_t *framed; /* length prefix of TCP, then the signed message */
	size_t len; /* of the message */
	uint16_t id;
	struct tsig_mac mac;
	int64_t sent_us;
	int64_t deadline_ms;
	struct timer deadline;
	enum exchange_status late_status; /* when the deadline is reached */
	char late_text[256];

	/* UDP */
	int fd; /* -1: none */
	unsigned sends;
	struct timer resend;

	/* TCP */
	bool tcp; /* went by TCP last */
	bool on_tcp; /* in the stream's list */
	size_t written; /* of 2 + len */
	int64_t written_ms; /* when that was tried last */
	unsigned connections; /* how many it was meant for */

	/* What came, but could not be believed. */
	bool hinted;
	struct exchange_outcome hint;

	TAILQ_ENTRY(exchange_request) entry;
	TAILQ_ENTRY(exchange_request) tcp_entry;
};

TAILQ_HEAD(exchange_list, exchange_request);

enum stream_state {
	STREAM_CLOSED,
	STREAM_CONNECTING,
	STREAM_OPEN,
};

/* The kept TCP connection. */
struct exchange_stream {
	enum stream_state state;
	int fd;
	int error; /* errno of what connecting met */
	struct exchange_list requests; /* to be written, or awaiting answers */
	uint8_t *in; /* 2 + 65535 bytes, once it is needed */
	size_t in_len;
	int64_t heard_ms; /* when something arrived last; 0: nothing has */
	bool has_answered;
	bool single; /* for one request alone */
	struct timer timer; /* connecting: gives up; open: closes when idle */
	bool flushing; /* at the end of this turn all is written */
};

struct exchange {
	struct loop *loop;
	struct exchange_conf conf;
	struct tsig_key *key; /* own copy, NULL: unsigned */
	struct tsig_signer *signer; /* of the key */
	struct exchange_list requests;
	size_t n_requests;
	struct exchange_stream stream;
	int64_t udp_dead_until_ms;
	int64_t tcp_dead_until_ms;
	int64_t single_until_ms; /* one request a connection */
};

/* exchange.c */
void exchange_finish(struct exchange_request *request,
    struct exchange_outcome *outcome);
void exchange_fail(struct exchange_request *request,
    enum exchange_status status, const char *text);
bool exchange_is_wanted(const struct exchange_request *request);
/* What to say at the deadline, and an earlier deadline if there is reason. */
void exchange_fail_later(struct exchange_request *request,
    enum exchange_status status, const char *text, int64_t at_ms);

/* Looks at one message: true when it is the answer to the request and ended
 * it (or moved it to TCP). Then nothing of the request may be touched. */
bool exchange_take(struct exchange_request *request, uint8_t *wire,
    size_t len, bool tcp);

/* exchange_udp.c */
void exchange_udp_start(struct exchange_request *request);
void exchange_udp_stop(struct exchange_request *request);

/* exchange_tcp.c */
void exchange_tcp_start(struct exchange_request *request);
void exchange_tcp_stop(struct exchange_request *request);
/* Whether a stream that has not answered this request in time is good for no
 * other either: it stopped within a message, or says nothing at all. */
bool exchange_tcp_is_hung(const struct exchange_request *request);
void exchange_tcp_give_up(struct exchange *exchange);
void exchange_tcp_init(struct exchange *exchange);
void exchange_tcp_close(struct exchange *exchange);

/* exchange_text.c */
void exchange_describe_rcode(const struct exchange_request *request,
    unsigned rcode, char *buf, size_t size);
void exchange_describe_tsig(const struct exchange_request *request,
    enum tsig_result result, const struct tsig_report *report,
    unsigned rcode, int64_t now_s, struct exchange_outcome *outcome);

#endif
