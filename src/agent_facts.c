/* SPDX-License-Identifier: ISC */
/* What the node notices about itself and its peers, in words: a line when it
 * begins, and a reminder while it lasts. */
#define LOG_TAG "[quorum]"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent_impl.h"
#include "log.h"

/* What goes on is told again after this time. That a peer can't be reached is
 * told ever more seldom, and at once again when it was heard meanwhile. */
#define REPEAT_MS 10000
#define SILENCE_MAX_MS 3600000

/* What was told of one configured node; the first one stands for all that are
 * not configured. */
struct agent_voice {
	struct addr node;
	struct log_limit limits[VOTE_FACT_COUNT];
	unsigned silence_ms; /* between the lines that say it can't be reached */
};

static const char *
fact_text(enum vote_fact_kind kind)
{
	switch (kind) {
	case VOTE_FACT_BAD_MAC:
		return "sent a message that is not signed by nodes_secret: "
		       "refused";
	case VOTE_FACT_MALFORMED:
		return "sent a malformed message: refused";
	case VOTE_FACT_NOT_FOR_US:
		return "sent a message meant for another node: refused";
	case VOTE_FACT_UNKNOWN_NODE:
		return "is not among our nodes: refused";
	case VOTE_FACT_REPLAY:
		return "sent an old message once more: refused";
	case VOTE_FACT_WRONG_BOOT:
		return "does not know yet that we were restarted";
	case VOTE_FACT_DROPPED:
		return "answered what was not asked";
	case VOTE_FACT_NO_ANSWER:
		return "does not answer";
	case VOTE_FACT_REFUSED:
		return "refuses our messages";
	case VOTE_FACT_BOOT_ADOPTED:
		return "peers know a later boot of ours: a new number is taken";
	case VOTE_FACT_CONTESTED:
		return "another process bears our name: abstaining, and "
		       "writing nothing";
	case VOTE_FACT_UNCONTESTED:
		return "our name is ours alone again";
	case VOTE_FACT_SUSPENDED:
		return "this machine stood still: what is known of others is "
		       "stale";
	case VOTE_FACT_NODE_FRESH:
		return "its votes count from now on";
	case VOTE_FACT_NODE_STALE:
		return "is lost: its votes no longer count";
	case VOTE_FACT_INTENTS:
		return "brought new intents";
	case VOTE_FACT_COUNT:
		break;
	}
	return "";
}

static void
tell_freshness(struct agent *agent, const struct vote_fact *fact)
{
	char name[ADDR_TEXT_MAX];
	bool fresh = fact->kind == VOTE_FACT_NODE_FRESH;
	char text[128];
	struct event event = {
		.kind = fresh ? EVENT_NODE_JOINED : EVENT_NODE_LOST,
		.node = name,
		.cause = fact_text(fact->kind),
		.text = text,
	};

	addr_format(&fact->node, true, name);
	snprintf(text, sizeof text, "node %s: %s", name, event.cause);
	if (fresh)
		log_notice("%s", text);
	else
		log_warning("%s", text);
	agent_event(agent, &event);
}

static bool
is_configured(const struct agent *agent, const struct addr *node)
{
	for (size_t i = 0; i < agent->conf->nodes.len; i++)
		if (addr_compare(&agent->conf->nodes.list[i], node) == 0)
			return true;
	return false;
}

/* NULL: out of memory. */
static struct agent_voice *
voice_of(struct agent *agent, const struct addr *node)
{
	struct agent_voice *voices;
	struct addr strangers = { 0 };

	if (!is_configured(agent, node))
		node = &strangers;
	for (size_t i = 0; i < agent->n_voices; i++)
		if (addr_compare(&agent->voices[i].node, node) == 0)
			return &agent->voices[i];
	voices = realloc(agent->voices,
	    (agent->n_voices + 1) * sizeof *voices);
	if (voices == NULL)
		return NULL;
	agent->voices = voices;
	voices[agent->n_voices] = (struct agent_voice){ .node = *node,
		.silence_ms = REPEAT_MS };
	return &voices[agent->n_voices++];
}

void
agent_facts_forget(struct agent *agent)
{
	free(agent->voices);
	agent->voices = NULL;
	agent->n_voices = 0;
}

static void
explain(const struct vote_fact *fact, const char *why, char *buf, size_t size)
{
	buf[0] = '\0';
	if (fact->kind == VOTE_FACT_REFUSED && fact->value == 401)
		snprintf(buf, size, " (its nodes_secret is another one)");
	else if (fact->kind == VOTE_FACT_REFUSED)
		snprintf(buf, size, " (status %" PRIu64 ")", fact->value);
	else if (why[0] != '\0' && (fact->kind == VOTE_FACT_NO_ANSWER ||
		fact->kind == VOTE_FACT_BAD_MAC ||
		fact->kind == VOTE_FACT_MALFORMED))
		snprintf(buf, size, " (%s)", why);
}

/* Who it is about: a peer, a sender that is not known, or ourselves. */
static const char *
subject(const struct agent *agent, const struct vote_fact *fact, char *buf,
    size_t size)
{
	char name[ADDR_TEXT_MAX];

	if (fact->node.family != ADDR_NONE)
		snprintf(buf, size, "node %s",
		    addr_format(&fact->node, true, name));
	else if (fact->kind == VOTE_FACT_BAD_MAC ||
	    fact->kind == VOTE_FACT_MALFORMED)
		snprintf(buf, size, "somebody");
	else
		snprintf(buf, size, "this node, %s",
		    addr_format(&agent->conf->local_node, true, name));
	return buf;
}

/* Whether it is to be told now, and how many were not. */
static bool
is_news(struct agent *agent, const struct vote_fact *fact, unsigned *held)
{
	struct agent_voice *voice = voice_of(agent, &fact->node);
	bool silence = fact->kind == VOTE_FACT_NO_ANSWER ||
	    fact->kind == VOTE_FACT_REFUSED;

	*held = 0;
	if (voice == NULL ||
	    !log_limit_pass(&voice->limits[fact->kind],
		loop_now_ms(agent->loop),
		silence ? voice->silence_ms : REPEAT_MS, held))
		return false;
	if (silence && voice->silence_ms < SILENCE_MAX_MS)
		voice->silence_ms *= 2;
	return true;
}

static void
forget_silence(struct agent *agent, const struct addr *node)
{
	struct agent_voice *voice = voice_of(agent, node);

	if (voice == NULL)
		return;
	voice->silence_ms = REPEAT_MS;
	voice->limits[VOTE_FACT_NO_ANSWER] = (struct log_limit){ 0 };
	voice->limits[VOTE_FACT_REFUSED] = (struct log_limit){ 0 };
}

void
agent_fact_tell(struct agent *agent, const struct vote_fact *fact,
    const char *why)
{
	char who[ADDR_TEXT_MAX + 16], more[32] = "", words[112];
	unsigned held;

	if (fact->kind == VOTE_FACT_NODE_FRESH ||
	    fact->kind == VOTE_FACT_NODE_STALE) {
		forget_silence(agent, &fact->node);
		tell_freshness(agent, fact);
		return;
	}
	if (!is_news(agent, fact, &held))
		return;
	explain(fact, why, words, sizeof words);
	if (held > 0)
		snprintf(more, sizeof more, " (and %u more)", held);
	log_warning("%s: %s%s%s", subject(agent, fact, who, sizeof who),
	    fact_text(fact->kind), words, more);
}

void
agent_facts_log(const struct agent *agent)
{
	static const enum vote_fact_kind refused[] = { VOTE_FACT_BAD_MAC,
		VOTE_FACT_MALFORMED, VOTE_FACT_NOT_FOR_US,
		VOTE_FACT_UNKNOWN_NODE, VOTE_FACT_REPLAY };

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (agent->metrics.facts[refused[i]] > 0)
			log_notice("nodes: %" PRIu64 " times somebody %s",
			    agent->metrics.facts[refused[i]],
			    fact_text(refused[i]));
}
