/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent_journal.h"

#include <stdio.h>

#include "agent_rules.h"
#include "json_out.h"

char *
agent_journal_probes(const struct trace_page *page)
{
	int64_t streak = page->streak;
	struct json_out json;
	size_t len;

	json_out_init(&json);
	json_open(&json, '{');
	json_put_time(&json, "from", page->from_ms);
	json_put_text(&json, "health", health_state_text(page->state));
	json_put_int(&json, "streak", page->streak_ok ? streak : -streak);
	json_put_int(&json, "calm", page->calm);
	json_put_text(&json, "outcomes", page->text);
	json_close(&json, '}');
	return json_out_take(&json, &len);
}

static const char *
fail_mode_text(enum conf_fail_mode mode)
{
	switch (mode) {
	case CONF_FAIL_RESTORE:
		return "restore";
	case CONF_FAIL_HOLD:
		return "hold";
	case CONF_FAIL_CLOSED:
		break;
	}
	return "closed";
}

/* What is asked for of a target; NULL: nothing. */
static const char *
op_of(const struct vote_intents *intents, const char *target)
{
	const struct vote_intent *intent = vote_intents_find(intents, target);

	return intent != NULL ? intent->op : NULL;
}

static void
put_endpoint(struct json_out *json, const struct conf_service *conf, size_t i,
    const struct vote_intents *intents,
    const struct agent_journal_endpoint *now)
{
	const struct conf_endpoint *endpoint = &conf->endpoints[i];
	char ip[ADDR_TEXT_MAX], target[VOTE_INTENT_TARGET_MAX + 1];
	char vote[] = { now->vote, '\0' };

	addr_format(&endpoint->addr, false, ip);
	snprintf(target, sizeof target, "%s/%s", conf->fqdn, ip);
	json_open(json, '{');
	json_put_text(json, "ipaddr", ip);
	json_put_int(json, "tier", endpoint->tier);
	json_put_int(json, "interval_ms", endpoint->probe_interval_ms);
	json_put_int(json, "fast_interval_ms",
	    conf_fast_interval_ms(conf, endpoint));
	json_put_text(json, "vote", vote);
	json_put_text(json, "health", health_state_text(now->health));
	json_put_text(json, "intent", op_of(intents, target));
	json_close(json, '}');
}

char *
agent_journal_settings(const struct conf_service *conf, size_t n_nodes,
    int64_t since_ms, const struct vote_intents *intents,
    const struct agent_journal_endpoint *endpoints)
{
	char target[VOTE_INTENT_TARGET_MAX + 1];
	struct json_out json;
	size_t len;

	snprintf(target, sizeof target, "%s" AGENT_FAILOVER_TARGET, conf->fqdn);
	json_out_init(&json);
	json_open(&json, '{');
	json_put_time(&json, "since", since_ms);
	json_put_int(&json, "nodes", (int64_t)n_nodes);
	json_put_int(&json, "rise", conf->rise);
	json_put_int(&json, "fall", conf->fall);
	json_put_text(&json, "fail_mode", fail_mode_text(conf->fail_mode));
	json_put_int(&json, "fail_open_percent", conf->fail_open_percent);
	json_put_int(&json, "min_up", conf->min_up);
	json_put_text(&json, "freeze", op_of(intents, "*"));
	json_put_text(&json, "maintenance", op_of(intents, conf->fqdn));
	json_put_text(&json, "failover", op_of(intents, target));
	json_key(&json, "endpoints");
	json_open(&json, '[');
	for (size_t i = 0; i < conf->n_endpoints; i++)
		put_endpoint(&json, conf, i, intents, &endpoints[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	return json_out_take(&json, &len);
}
