/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_AGENT_RULES_H
#define RRDNSD_AGENT_RULES_H

#include "conf.h"
#include "dns/desired.h"
#include "dns/publish.h"
#include "dns/standby.h"
#include "vote/intents.h"
#include "vote/verdict.h"

/*
 * Between votes and DNS: what protocol.md section 5 needs to know of a service,
 * its configuration, the verdicts and what operators asked for, brought
 * together. Pure; the agent and the simulation (tests/sim_cluster) decide by
 * exactly this.
 */

/* Where an operator's failover of a service is kept: the target behind its
 * name, and the op with the tier. */
#define AGENT_FAILOVER_TARGET "/failover"
#define AGENT_FAILOVER_OP "tier "

/* The tier that a failover pins; false: there is none. */
bool agent_rules_failover(const struct vote_intents *intents,
    const char *fqdn, unsigned *tier);

/* Where it is kept that a standby tier took over by itself (dns/standby.h), with
 * the same op: A and AAAA apart, as they are decided. */
#define AGENT_TAKEOVER_MAX (VOTE_INTENT_TARGET_MAX + 1)
const char *agent_rules_takeover_target(const char *fqdn,
    enum addr_family family, char buf[AGENT_TAKEOVER_MAX]);

/* Whether a target is one of these; of any service. */
bool agent_rules_is_takeover(const char *target);

/* The entry of a takeover; NULL: the first tier is in charge, or nobody has to
 * remember. */
const struct vote_intent *agent_rules_takeover(
    const struct vote_intents *intents, const char *fqdn,
    enum addr_family family, unsigned *tier);

/* Whether a family has more than one tier; *first (NULL: don't care) is its
 * lowest. */
bool agent_rules_has_tiers(const struct conf_service *conf,
    enum addr_family family, unsigned *first);

struct standby_rules agent_rules_standby(const struct conf_service *conf);

/* What dns/standby.h has to know of one family. endpoints and summary as
 * decided. False: it has one tier only, or an operator pins one. */
bool agent_rules_standby_view(const struct conf_service *conf,
    const struct vote_intents *intents,
    const struct desired_endpoint *endpoints,
    const struct desired_summary summary[2], enum addr_family family,
    struct standby_view *out);

enum desired_verdict agent_rules_verdict(enum vote_verdict_kind kind);

/* Decides both families. endpoints are those of conf in their order, each with
 * its verdict and what it is held to; all else is filled in. held: nothing is
 * changed but by an operator. summary: of A, of AAAA. */
void agent_rules_decide(const struct conf_service *conf,
    const struct vote_intents *intents, bool held, struct desired_endpoint *endpoints,
    struct desired_summary summary[2]);

/* How many endpoints of a family that are up are certainly to be in DNS;
 * endpoints as decided. */
size_t agent_rules_left(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, enum addr_family family);

/* protocol.md section 6, start-up: whether a service may be written for the
 * first time, age_ms after it was configured. endpoints as decided. */
bool agent_rules_may_open(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, int64_t age_ms);

/* What one family should hold, as decided; wish has room for all endpoints.
 * Returns how many there are. */
size_t agent_rules_wish(const struct conf_service *conf,
    const struct desired_endpoint *endpoints, enum addr_family family,
    struct publish_endpoint *wish);

#endif
