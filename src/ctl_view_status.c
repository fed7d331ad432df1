/* SPDX-License-Identifier: ISC */
/* The whole cluster on one screen: what is wrong comes first. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_duration.h"
#include "ctl_json.h"
#include "ctl_view.h"

/* Of one service; the others are counted. */
#define ENDPOINTS_SHOWN 8

static bool
say_lost_nodes(FILE *out, const struct ctl_style *style, const json_t *status)
{
	const json_t *node;
	bool lost = false;
	size_t i;
	char text[CTL_DURATION_TEXT_MAX];

	json_array_foreach(json_object_get(status, "nodes"), i, node) {
		if (ctl_json_bool(node, "fresh"))
			continue;
		lost = true;
		if (json_is_integer(json_object_get(node, "age_ms")))
			ctl_printf(out, style, CTL_BAD, 0,
			    "Node %s is lost, heard last %s ago.",
			    ctl_json_text(node, "node"),
			    ctl_duration_format(
				ctl_json_int(node, "age_ms") / 1000, text));
		else
			ctl_printf(out, style, CTL_BAD, 0,
			    "Node %s was not heard of yet.",
			    ctl_json_text(node, "node"));
	}
	return lost;
}

/* Who froze it, when the answer tells. */
static void
say_frozen(FILE *out, const struct ctl_style *style, const json_t *status)
{
	const json_t *intent;
	const char *reason;
	size_t i;

	json_array_foreach(json_object_get(status, "intents"), i, intent) {
		if (strcmp(ctl_json_text(intent, "target"), "*") != 0)
			continue;
		reason = ctl_json_text(intent, "reason");
		ctl_printf(out, style, CTL_ALARM, 0,
		    "FROZEN by %s%s%s: all records stay as they are.",
		    ctl_json_text(intent, "by"), reason[0] ? ": " : "", reason);
		return;
	}
	ctl_printf(out, style, CTL_ALARM, 0, "FROZEN: all records stay as they are.");
}

static bool
say_state_error(FILE *out, const struct ctl_style *style, const json_t *status)
{
	const char *error = ctl_json_text(status, "state_error");

	if (error[0] == '\0')
		return false;
	ctl_printf(out, style, CTL_BAD, 0,
	    "State not kept, a restart would lose it: %s.", error);
	return true;
}

bool
ctl_view_alarms(FILE *out, const struct ctl_style *style, const json_t *status)
{
	const json_t *quorum = json_object_get(status, "quorum");
	const json_t *removals = json_object_get(status, "removals");
	bool no_quorum =
	    json_is_object(quorum) && !ctl_json_bool(quorum, "have");
	bool frozen = ctl_json_bool(status, "frozen");
	bool held = ctl_json_bool(removals, "held");
	bool dry = ctl_json_bool(status, "dry_run");
	bool lost, not_kept;

	if (no_quorum)
		ctl_printf(out, style, CTL_ALARM, 0,
		    "NO QUORUM: %" PRId64 " of %" PRId64 " nodes, %" PRId64
		    " are needed. All records stay as they are.",
		    ctl_json_int(quorum, "fresh"),
		    ctl_json_int(quorum, "nodes"),
		    ctl_json_int(quorum, "needed"));
	if (frozen)
		say_frozen(out, style, status);
	if (held)
		ctl_printf(out, style, CTL_ALARM, 0,
		    "HELD since %s: %" PRId64 " records would be removed at "
		    "once, %" PRId64 " were in the last %" PRId64 " s, "
		    "max_removals is %" PRId64 ". All records stay as they "
		    "are; rrdnsctl allow-removals on lets them pass.",
		    ctl_json_text(removals, "since"),
		    ctl_json_int(removals, "pending"),
		    ctl_json_int(removals, "removed"),
		    ctl_json_int(removals, "window_ms") / 1000,
		    ctl_json_int(removals, "max"));
	if (dry)
		ctl_printf(out, style, CTL_DOUBT, 0,
		    "Dry run: records are compared, but not changed.");
	lost = say_lost_nodes(out, style, status);
	not_kept = say_state_error(out, style, status);
	return no_quorum || frozen || held || dry || lost || not_kept;
}

/* What there is to see of a service. */
struct tally {
	size_t endpoints;
	size_t up;
	size_t down;
	size_t odd;
	size_t bad_servers;
};

static struct tally
count(const json_t *service)
{
	struct tally tally = { 0 };
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(service, "endpoints"), i, item) {
		const char *verdict = ctl_json_text(item, "verdict");

		tally.endpoints++;
		tally.up += strcmp(verdict, "up") == 0;
		tally.down += strcmp(verdict, "down") == 0;
		tally.odd += ctl_view_endpoint_is_odd(service, item);
	}
	json_array_foreach(json_object_get(service, "servers"), i, item)
		tally.bad_servers +=
		    strcmp(ctl_json_text(item, "state"), "failed") == 0;
	return tally;
}

static bool
is_well(const json_t *service, const struct tally *tally)
{
	return tally->odd == 0 && tally->bad_servers == 0 &&
	    !ctl_json_bool(service, "fail_open") &&
	    !ctl_json_bool(service, "maintenance") &&
	    !json_is_integer(json_object_get(service, "failover_tier")) &&
	    json_array_size(json_object_get(service, "nodes_differing")) == 0;
}

/* What is to be said of the service as a whole; "" when there is nothing. */
static char *
remark(const json_t *service)
{
	const json_t *differing = json_object_get(service, "nodes_differing");
	const json_t *node, *tier;
	char *text = NULL;
	size_t i, len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	if (ctl_json_bool(service, "maintenance"))
		fputs("in maintenance: its records stay as they are. ", out);
	if (json_is_integer(json_object_get(service, "failover_tier")))
		fprintf(out, "failed over: tier %" PRId64 " is preferred. ",
		    ctl_json_int(service, "failover_tier"));
	if (ctl_json_bool(service, "fail_open"))
		fputs("TOO MANY DOWN to be believed (fail_mode): records "
		      "stay. ",
		    out);
	json_array_foreach(json_object_get(service, "tiers"), i, tier)
		if (ctl_json_text(tier, "text")[0] != '\0')
			fprintf(out, "%s %s. ", ctl_json_text(tier, "family"),
			    ctl_json_text(tier, "text"));
	json_array_foreach(differing, i, node)
		fprintf(out, "%s%s", i == 0 ? "Another definition at " : ", ",
		    json_string_value(node));
	fclose(out);
	return text;
}

static void
write_service(struct ctl_table *table, const json_t *service,
    const struct tally *tally)
{
	const char *state = ctl_json_text(service, "state");
	char *text = remark(service);

	ctl_table_cell(table, CTL_STRONG, ctl_json_text(service, "fqdn"));
	ctl_table_cell(table, ctl_view_state_colour(state), state);
	ctl_table_printf(table, CTL_PLAIN, "%zu/%zu up", tally->up,
	    tally->endpoints);
	ctl_table_cell(table, CTL_PLAIN, "");
	ctl_table_cell(table, CTL_DOUBT, text != NULL ? text : "");
	ctl_table_row(table);
	free(text);
}

static void
write_servers(struct ctl_table *table, const json_t *service)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(service, "servers"), i, server) {
		if (strcmp(ctl_json_text(server, "state"), "failed") != 0)
			continue;
		ctl_table_printf(table, CTL_PLAIN, "  at %s",
		    ctl_json_text(server, "server"));
		ctl_table_cell(table, CTL_BAD, "failed");
		ctl_table_cell(table, CTL_PLAIN, "");
		ctl_table_cell(table, CTL_PLAIN, "");
		ctl_table_cell(table, CTL_PLAIN,
		    ctl_json_text(server, "last_error"));
		ctl_table_row(table);
	}
}

static void
write_odd_endpoints(struct ctl_table *table, const json_t *service,
    const struct tally *tally, int64_t now_ms)
{
	const json_t *endpoint;
	size_t i, shown = 0;

	json_array_foreach(json_object_get(service, "endpoints"), i,
	    endpoint) {
		if (!ctl_view_endpoint_is_odd(service, endpoint))
			continue;
		if (shown++ == ENDPOINTS_SHOWN)
			break;
		ctl_view_endpoint_row(table, service, endpoint, "  ", now_ms);
	}
	if (tally->odd <= ENDPOINTS_SHOWN)
		return;
	ctl_table_printf(table, CTL_FAINT, "  and %zu more",
	    tally->odd - ENDPOINTS_SHOWN);
	for (size_t column = 1; column < 4; column++)
		ctl_table_cell(table, CTL_PLAIN, "");
	ctl_table_printf(table, CTL_FAINT, "rrdnsctl status %s",
	    ctl_json_text(service, "fqdn"));
	ctl_table_row(table);
}

static void
write_title(FILE *out, const struct ctl_style *style, const json_t *status)
{
	const json_t *quorum = json_object_get(status, "quorum");
	char up[CTL_DURATION_TEXT_MAX];

	ctl_printf(out, style, CTL_STRONG, 0,
	    "rrdnsd %s on %s, up %s, %" PRId64 " of %" PRId64 " nodes",
	    ctl_json_text(status, "version"), ctl_json_text(status, "node"),
	    ctl_duration_format(ctl_json_int(status, "uptime_s"), up),
	    ctl_json_int(quorum, "fresh"), ctl_json_int(quorum, "nodes"));
}

static void
write_summary(FILE *out, const struct ctl_style *style,
    const struct tally *all, size_t services, size_t unwell, bool alarmed)
{
	if (services == 0)
		ctl_printf(out, style, CTL_DOUBT, 0, "There are no services.");
	else if (unwell == 0)
		ctl_printf(out, style, CTL_GOOD, 0,
		    "%s: %zu service%s, %zu endpoint%s up.",
		    alarmed ? "All else is well" : "All is well", services,
		    services == 1 ? "" : "s", all->up,
		    all->up == 1 ? "" : "s");
	else
		ctl_printf(out, style, CTL_BAD, 0,
		    "%zu of %zu service%s a look: of %zu endpoint%s %zu down, "
		    "%zu undecided.",
		    unwell, services, services == 1 ? " needs" : "s need",
		    all->endpoints, all->endpoints == 1 ? "" : "s", all->down,
		    all->endpoints - all->up - all->down);
}

void
ctl_view_status(FILE *out, const struct ctl_style *style,
    const json_t *status, int64_t now_ms)
{
	const json_t *services = json_object_get(status, "services"), *service;
	struct ctl_table *table = ctl_view_new_table(style, "SERVICE");
	struct tally tally, all = { 0 };
	size_t i, unwell = 0;
	bool alarmed;

	json_array_foreach(services, i, service) {
		tally = count(service);
		all.endpoints += tally.endpoints;
		all.up += tally.up;
		all.down += tally.down;
		if (is_well(service, &tally))
			continue;
		unwell++;
		write_service(table, service, &tally);
		write_servers(table, service);
		write_odd_endpoints(table, service, &tally, now_ms);
	}
	json_array_foreach(services, i, service) {
		tally = count(service);
		if (is_well(service, &tally))
			write_service(table, service, &tally);
	}
	write_title(out, style, status);
	alarmed = ctl_view_alarms(out, style, status);
	write_summary(out, style, &all, json_array_size(services), unwell,
	    alarmed);
	if (json_array_size(services) > 0) {
		fputc('\n', out);
		ctl_table_write(table, out);
	}
	ctl_table_free(table);
}
