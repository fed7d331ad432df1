/* SPDX-License-Identifier: ISC */
/* What operators ask for: kept before it takes effect, told when it changes,
 * wherever it came from. */
#define LOG_TAG "[intent]"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_damping.h"
#include "agent_impl.h"
#include "agent_intents.h"
#include "agent_rules.h"
#include "err.h"

struct vote_intents *
agent_intents_copy(const struct agent *agent)
{
	char *text = vote_intents_format(vote_node_intents(agent->node));
	struct vote_intents *copy = NULL;

	if (text != NULL && vote_intents_parse(text, &copy) != 0)
		copy = NULL;
	free(text);
	return copy;
}

/* Saved with what is wanted in it, before the node itself has it (protocol.md
 * section 3): what can't be saved never happened. */
static int
save_with(struct agent *agent, const struct vote_intent *wanted, size_t n,
    int64_t wall_ms)
{
	struct vote_intents *copy = agent_intents_copy(agent);
	char *text = NULL;
	int err = copy != NULL ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < n && err == 0; i++)
		err = vote_intents_set(copy, &wanted[i], wall_ms);
	if (err == 0) {
		text = vote_intents_format(copy);
		err = text != NULL ? agent_save(agent, text) : ERR_NOMEM;
	}
	free(text);
	vote_intents_free(copy);
	return err;
}

int
agent_intents_set(struct agent *agent, const struct vote_intent *wanted,
    size_t n)
{
	int64_t wall_ms = agent_wall_ms();
	int err = save_with(agent, wanted, n, wall_ms);

	for (size_t i = 0; i < n && err == 0; i++)
		err = vote_node_set_intent(agent->node, &wanted[i],
		    loop_now_ms(agent->loop), wall_ms);
	agent_intents_changed(agent);
	return err;
}

/* "until 14:05:00", with the day when that is another one. */
static const char *
until_text(int64_t until_ms, char *buf, size_t size)
{
	time_t until_s = (time_t)(until_ms / 1000), now_s = time(NULL);
	struct tm until, now;

	buf[0] = '\0';
	if (until_ms != 0 && localtime_r(&until_s, &until) != NULL &&
	    localtime_r(&now_s, &now) != NULL)
		strftime(buf, size,
		    until.tm_yday == now.tm_yday && until.tm_year == now.tm_year
			? " until %H:%M:%S"
			: " until %Y-%m-%d %H:%M:%S",
		    &until);
	return buf;
}

/* "www.example.org 192.0.2.1", "www.example.org failover", "everything" */
static const char *
subject_text(const char *target, char *buf, size_t size)
{
	char *slash;

	snprintf(buf, size, "%s",
	    target[0] == '*' ? "everything" : target);
	slash = strchr(buf, '/');
	if (slash != NULL)
		*slash = ' ';
	return buf;
}

/* What an entry became, seen from what it was (NULL: not there). */
static void
tell(struct agent *agent, const struct vote_intent *now,
    const struct vote_intent *was)
{
	bool cleared = strcmp(now->op, VOTE_INTENT_CLEAR) == 0;
	bool ended = cleared && was != NULL && was->stamp == now->stamp;
	char subject[VOTE_INTENT_TARGET_MAX + 1], until[64];
	char cause[2 * VOTE_INTENT_TEXT_MAX + 64];
	char text[VOTE_INTENT_TARGET_MAX + sizeof cause + 128];
	char fqdn[VOTE_INTENT_TARGET_MAX + 1];
	char *slash;
	struct event event = {
		.kind = EVENT_INTENT,
		.fqdn = now->target[0] == '*' ? NULL : fqdn,
		.state = cleared ? "auto" : now->op,
		.cause = cause,
		.text = text,
	};

	snprintf(fqdn, sizeof fqdn, "%s", now->target);
	slash = strchr(fqdn, '/');
	if (strcmp(now->target, AGENT_REMOVALS_TARGET) == 0) {
		event.state = cleared ? "limit removals" : "allow removals";
	} else if (slash != NULL) {
		*slash = '\0';
		if (strcmp(slash + 1, &AGENT_FAILOVER_TARGET[1]) != 0)
			event.ipaddr = slash + 1;
	}
	if (ended)
		snprintf(cause, sizeof cause, "%s ended: its time is over",
		    was->op);
	else
		snprintf(cause, sizeof cause, "by %s%s%s",
		    now->by[0] != '\0' ? now->by : "somebody",
		    now->reason[0] != '\0' ? ": " : "", now->reason);
	snprintf(text, sizeof text, "%s: %s%s (%s)",
	    subject_text(now->target, subject, sizeof subject), event.state,
	    cleared ? "" : until_text(now->until_ms, until, sizeof until),
	    cause);
	log_notice("%s", text);
	agent_event(agent, &event);
}

static bool
same_entry(const struct vote_intent *a, const struct vote_intent *b)
{
	return a->stamp == b->stamp && strcmp(a->op, b->op) == 0 &&
	    strcmp(a->by, b->by) == 0;
}

/* Both maps are sorted by target. */
static void
tell_differences(struct agent *agent, const struct vote_intents *now,
    const struct vote_intents *was)
{
	size_t j = 0, n_was = vote_intents_count(was);

	for (size_t i = 0; i < vote_intents_count(now); i++) {
		const struct vote_intent *entry = vote_intents_at(now, i);
		const struct vote_intent *before = NULL;

		while (j < n_was &&
		    strcmp(vote_intents_at(was, j)->target, entry->target) < 0)
			j++;
		if (j < n_was &&
		    strcmp(vote_intents_at(was, j)->target, entry->target) == 0)
			before = vote_intents_at(was, j);
		if (before == NULL &&
		    strcmp(entry->op, VOTE_INTENT_CLEAR) == 0)
			continue; /* of something that we never had */
		if (agent_rules_is_takeover(entry->target))
			continue; /* agent_standby.c tells what came of it */
		if (before == NULL || !same_entry(entry, before))
			tell(agent, entry, before);
	}
}

bool
agent_is_frozen(const struct agent *agent)
{
	return vote_intents_find(vote_node_intents(agent->node), "*") != NULL;
}

bool
agent_intents_notice(struct agent *agent)
{
	const uint8_t *hash = vote_node_intents_hash(agent->node);
	struct vote_intents *now;

	if (agent->intents_told != NULL &&
	    memcmp(agent->intents_told_hash, hash, VOTE_HASH_LEN) == 0)
		return false;
	now = agent_intents_copy(agent);
	if (now == NULL)
		return false; /* told next time */
	if (agent->intents_told != NULL)
		tell_differences(agent, now, agent->intents_told);
	vote_intents_free(agent->intents_told);
	agent->intents_told = now;
	memcpy(agent->intents_told_hash, hash, VOTE_HASH_LEN);
	return true;
}

void
agent_intents_changed(struct agent *agent)
{
	if (agent_intents_notice(agent))
		agent_status_changed(agent);
	for (size_t i = 0; i < agent->n_services; i++)
		agent_decide_news(agent->services[i]);
	agent_gossip_rearm(agent);
}
