/* SPDX-License-Identifier: ISC */
/* verify_resolvers: asks a further server until it shows a change. */
#include "config.h"

#include "conf.h"
#include "dns/publish_impl.h"

#define FIRST_MS 50
#define LONGEST_MS 2000
#define GRACE_MS 60000 /* beyond the TTL that caches may use up */

static void
again(struct publish_watch *watch)
{
	struct loop *loop = watch->service->publisher->loop;

	loop_timer_set(loop, &watch->timer,
	    loop_now_ms(loop) + watch->interval_ms);
	watch->interval_ms += watch->interval_ms / 2;
	if (watch->interval_ms > LONGEST_MS)
		watch->interval_ms = LONGEST_MS;
}

static bool
shows_target(const struct publish_watch *watch,
    const struct exchange_outcome *outcome)
{
	struct dns_answer answer;
	bool same;

	if (outcome->status != EXCHANGE_ANSWERED ||
	    (outcome->rcode != DNS_NOERROR && outcome->rcode != DNS_NXDOMAIN) ||
	    dns_answer_parse(outcome->answer, outcome->answer_len,
		watch->service->conf->fqdn,
		watch->family == ADDR_IP4 ? DNS_QTYPE_A : DNS_QTYPE_AAAA,
		&answer) != 0)
		return false;
	same = rrset_same_addrs(&answer.rrset, &watch->target);
	dns_answer_fini(&answer);
	return same;
}

static void
on_answer(void *arg, const struct exchange_outcome *outcome)
{
	struct publish_watch *watch = arg;
	struct publish_service *service = watch->service;
	int64_t waited_ms =
	    loop_now_ms(service->publisher->loop) - watch->since_ms;
	bool seen = shows_target(watch, outcome);

	watch->request = NULL;
	watch->seen = seen;
	if (!seen && waited_ms < GRACE_MS + (int64_t)service->conf->ttl * 1000) {
		again(watch);
		return;
	}
	service->publisher->hooks.visible(service->arg,
	    watch->resolver->name, watch->family, (unsigned)waited_ms, !seen);
}

static void
send_query(void *arg)
{
	struct publish_watch *watch = arg;
	struct dns_message message;

	if (dns_message_query(watch->service->conf->fqdn,
		watch->family == ADDR_IP4 ? DNS_QTYPE_A : DNS_QTYPE_AAAA, true,
		&message) == 0)
		watch->request = exchange_send(watch->resolver->exchange,
		    EXCHANGE_QUERY, &message, NULL, on_answer, watch);
	if (watch->request == NULL)
		again(watch);
}

void
publish_watch_init(struct publish_watch *watch)
{
	loop_timer_init(&watch->timer, send_query, watch);
	rrset_init(&watch->target, watch->family, 0);
}

void
publish_watch_start(struct publish_watch *watch, const struct rrset *target)
{
	struct loop *loop = watch->service->publisher->loop;
	struct rrset copy;

	if (rrset_copy(target, &copy) != 0)
		return;
	rrset_fini(&watch->target);
	watch->target = copy;
	watch->seen = false;
	if (watch->request != NULL)
		exchange_cancel(watch->request);
	watch->request = NULL;
	watch->since_ms = loop_now_ms(loop);
	watch->interval_ms = FIRST_MS;
	loop_timer_set(loop, &watch->timer, watch->since_ms);
}

static bool
is_asking(const struct publish_watch *watch)
{
	return watch->request != NULL || loop_timer_is_set(&watch->timer);
}

/* What the servers of a family hold; NULL: not known of any. */
static const struct rrset *
what_was_read(const struct publish_service *ps, enum addr_family family)
{
	for (size_t i = 0; i < ps->n_records; i++)
		if (ps->records[i].family == family &&
		    ps->records[i].read_known)
			return &ps->records[i].read;
	return NULL;
}

void
publish_service_verify(struct publish_service *ps, enum addr_family family)
{
	const struct rrset *read = what_was_read(ps, family);

	for (size_t i = 0; read != NULL && i < ps->n_watches; i++) {
		struct publish_watch *watch = &ps->watches[i];
		bool same = rrset_same_addrs(&watch->target, read);

		if (watch->family == family &&
		    !(same && (watch->seen || is_asking(watch))))
			publish_watch_start(watch, read);
	}
}

bool
publish_service_verified(const struct publish_service *ps,
    enum addr_family family)
{
	for (size_t i = 0; i < ps->n_watches; i++)
		if (ps->watches[i].family == family && !ps->watches[i].seen)
			return false;
	return true;
}

void
publish_watch_fini(struct publish_watch *watch)
{
	if (watch->request != NULL)
		exchange_cancel(watch->request);
	watch->request = NULL;
	loop_timer_cancel(watch->service->publisher->loop, &watch->timer);
	rrset_fini(&watch->target);
}
