/* SPDX-License-Identifier: ISC */
/* One service in full. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_duration.h"
#include "ctl_json.h"
#include "ctl_view.h"

#define HISTORY_SHOWN 24
#define VOTE_COLUMNS_MAX (CTL_COLUMNS_MAX - 2) /* besides IP and reasons */

static const json_t *
endpoints_of(const json_t *service)
{
	return json_object_get(service, "endpoints");
}

/* A tier that is not the first one is in charge. */
static void
write_tier(FILE *out, const struct ctl_style *style, const json_t *tier)
{
	char text[900];

	if (ctl_json_text(tier, "text")[0] == '\0')
		return;
	snprintf(text, sizeof text, "%s: %s%s%s%s%s.",
	    ctl_json_text(tier, "family"), ctl_json_text(tier, "text"),
	    ctl_json_text(tier, "since")[0] != '\0' ? "; since " : "",
	    ctl_json_text(tier, "since"),
	    ctl_json_text(tier, "returns_at")[0] != '\0' ? "; returns at "
							  : "",
	    ctl_json_text(tier, "returns_at"));
	ctl_write_wrapped(out, style, CTL_DOUBT, 0, text);
}

static void
write_title(FILE *out, const struct ctl_style *style, const json_t *service)
{
	const char *state = ctl_json_text(service, "state");
	const json_t *tier;
	char text[128];
	size_t i;

	ctl_write(out, style, CTL_STRONG, ctl_json_text(service, "fqdn"));
	fputs("  ", out);
	ctl_write(out, style, ctl_view_state_colour(state), state);
	fputc('\n', out);
	ctl_write_wrapped(out, style, CTL_PLAIN, 0,
	    ctl_json_text(service, "reason"));
	snprintf(text, sizeof text,
	    "TTL %" PRId64 " s. %" PRId64 " node%s count%s under this "
	    "definition.",
	    ctl_json_int(service, "ttl"),
	    ctl_json_int(service, "nodes_agreeing"),
	    ctl_json_int(service, "nodes_agreeing") == 1 ? "" : "s",
	    ctl_json_int(service, "nodes_agreeing") == 1 ? "s" : "");
	ctl_write_wrapped(out, style, CTL_PLAIN, 0, text);
	json_array_foreach(json_object_get(service, "tiers"), i, tier)
		write_tier(out, style, tier);
	if (ctl_json_bool(service, "maintenance"))
		ctl_write_wrapped(out, style, CTL_ALARM, 0,
		    "IN MAINTENANCE: its records stay as they are.");
	if (json_is_integer(json_object_get(service, "failover_tier"))) {
		snprintf(text, sizeof text,
		    "FAILED OVER: tier %" PRId64 " is preferred, until auto on "
		    "the service.",
		    ctl_json_int(service, "failover_tier"));
		ctl_write_wrapped(out, style, CTL_ALARM, 0, text);
	}
}

static void
write_endpoints(FILE *out, const struct ctl_style *style,
    const json_t *service, int64_t now_ms)
{
	struct ctl_table *table = ctl_view_new_table(style, "ENDPOINT");
	const json_t *endpoint;
	size_t i;

	json_array_foreach(endpoints_of(service), i, endpoint)
		ctl_view_endpoint_row(table, service, endpoint, "", now_ms);
	ctl_table_write(table, out);
	ctl_table_free(table);
}

static void
write_probe_row(struct ctl_table *table, const json_t *endpoint,
    int64_t now_ms)
{
	const json_t *probe = json_object_get(endpoint, "probe");
	const char *history = ctl_json_text(probe, "history");
	const char *detail = ctl_json_text(probe, "detail");
	bool ok = strcmp(ctl_json_text(probe, "outcome"), "ok") == 0;
	size_t len = strlen(history);
	char ago[CTL_DURATION_TEXT_MAX];

	ctl_table_cell(table, CTL_PLAIN, ctl_json_text(endpoint, "ipaddr"));
	if (!json_is_object(probe)) {
		ctl_table_cell(table, CTL_DOUBT, "not yet");
		ctl_table_row(table);
		return;
	}
	ctl_table_cell(table, CTL_PLAIN,
	    len > HISTORY_SHOWN ? history + len - HISTORY_SHOWN : history);
	ctl_table_printf(table, CTL_PLAIN, "%" PRId64 " ms",
	    ctl_json_int(probe, "duration_ms"));
	ctl_table_cell(table, CTL_PLAIN,
	    ctl_duration_format(
		(now_ms - ctl_json_time(probe, "at")) / 1000, ago));
	ctl_table_cell(table, ok ? CTL_GOOD : CTL_BAD, detail);
	ctl_table_row(table);
}

static void
write_probes(FILE *out, const struct ctl_style *style, const json_t *service,
    int64_t now_ms)
{
	static const char *const headers[] = { "PROBED HERE",
		"LAST ON THE RIGHT", "TOOK", "AGO", "RESULT", NULL };
	struct ctl_table *table = ctl_table_new(style, headers);
	const json_t *endpoint;
	size_t i;

	json_array_foreach(endpoints_of(service), i, endpoint)
		write_probe_row(table, endpoint, now_ms);
	ctl_table_write(table, out);
	ctl_table_free(table);
}

/* Nodes are numbered: their names are too long for columns. */
static void
write_legend(FILE *out, const struct ctl_style *style, const json_t *nodes)
{
	const json_t *node;
	size_t i;

	json_array_foreach(nodes, i, node) {
		const char *remark = ctl_json_bool(node, "self") ? "this node"
		    : ctl_json_bool(node, "fresh")
		    ? ""
		    : "lost: its votes do not count";

		ctl_printf(out, style,
		    ctl_json_bool(node, "fresh") ? CTL_FAINT : CTL_BAD, 0,
		    "%zu: %s%s%s%s", i + 1, ctl_json_text(node, "node"),
		    remark[0] ? " (" : "", remark, remark[0] ? ")" : "");
	}
}

static void
write_vote(struct ctl_table *table, const json_t *node, const json_t *vote)
{
	const char *word = ctl_json_text(vote, "vote");
	bool fresh = ctl_json_bool(node, "fresh");

	if (word[0] == '\0')
		word = "-";
	ctl_table_printf(table,
	    !fresh                        ? CTL_FAINT
		: strcmp(word, "-") == 0  ? CTL_DOUBT
					  : ctl_view_state_colour(word),
	    fresh ? "%s" : "(%s)", word);
}

/* "connect timeout: 1, 3" for each reason there is. */
static char *
gather_reasons(const json_t *nodes, const json_t *votes)
{
	json_t *reasons = json_object(), *numbers;
	char *text = NULL;
	const char *reason;
	const json_t *node;
	size_t i, len;
	FILE *out = open_memstream(&text, &len);

	json_array_foreach(nodes, i, node) {
		const json_t *vote = json_object_get(votes,
		    ctl_json_text(node, "node"));
		char number[32];

		reason = ctl_json_text(vote, "reason");
		if (strcmp(ctl_json_text(vote, "vote"), "down") != 0)
			continue;
		snprintf(number, sizeof number, "%zu", i + 1);
		numbers = json_object_get(reasons, reason);
		if (numbers == NULL)
			json_object_set_new(reasons, reason,
			    json_string(number));
		else
			json_object_set_new(reasons, reason,
			    json_sprintf("%s, %s", json_string_value(numbers),
				number));
	}
	if (out != NULL) {
		json_object_foreach(reasons, reason, numbers)
			fprintf(out, "%s%s (%s)", ftell(out) > 0 ? "; " : "",
			    reason, json_string_value(numbers));
		fclose(out);
	}
	json_decref(reasons);
	return text;
}

static void
write_votes(FILE *out, const struct ctl_style *style, const json_t *status,
    const json_t *service)
{
	const char *headers[CTL_COLUMNS_MAX + 1] = { "VOTES" };
	char numbers[VOTE_COLUMNS_MAX][4];
	const json_t *nodes = json_object_get(status, "nodes");
	const json_t *endpoint;
	size_t i, n = json_array_size(nodes);
	struct ctl_table *table;

	if (n > VOTE_COLUMNS_MAX)
		n = VOTE_COLUMNS_MAX;
	for (i = 0; i < n; i++) {
		snprintf(numbers[i], sizeof numbers[i], "%zu", i + 1);
		headers[i + 1] = numbers[i];
	}
	headers[n + 1] = "REASONS FOR DOWN";
	table = ctl_table_new(style, headers);
	json_array_foreach(endpoints_of(service), i, endpoint) {
		const json_t *votes = json_object_get(endpoint, "votes");
		char *reasons = gather_reasons(nodes, votes);

		ctl_table_cell(table, CTL_PLAIN,
		    ctl_json_text(endpoint, "ipaddr"));
		for (size_t j = 0; j < n; j++) {
			const json_t *node = json_array_get(nodes, j);

			write_vote(table, node,
			    json_object_get(votes,
				ctl_json_text(node, "node")));
		}
		ctl_table_cell(table, CTL_PLAIN, reasons ? reasons : "");
		ctl_table_row(table);
		free(reasons);
	}
	ctl_table_write(table, out);
	ctl_table_free(table);
	write_legend(out, style, nodes);
}

static void
join_addresses(FILE *out, const json_t *rrset, const char *type)
{
	const json_t *address;
	size_t i;

	json_array_foreach(json_object_get(rrset, type), i, address)
		fprintf(out, "%s%s", i > 0 || ftell(out) > 0 ? " " : "",
		    json_string_value(address));
}

static char *
what_server_has(const json_t *server)
{
	const json_t *rrset = json_object_get(server, "rrset");
	const char *error = ctl_json_text(server, "last_error");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	join_addresses(out, rrset, "A");
	join_addresses(out, rrset, "AAAA");
	if (error[0] != '\0')
		fprintf(out, "%s%s", ftell(out) > 0 ? "; " : "", error);
	fclose(out);
	return text;
}

static void
write_servers(FILE *out, const struct ctl_style *style, const json_t *service)
{
	static const char *const headers[] = { "SERVER", "STATE", "CHANGED",
		"RECORDS", NULL };
	const json_t *servers = json_object_get(service, "servers"), *server;
	struct ctl_table *table = ctl_table_new(style, headers);
	size_t i;

	json_array_foreach(servers, i, server) {
		const char *state = ctl_json_text(server, "state");
		bool changed =
		    json_is_integer(json_object_get(server, "last_update_ms"));
		char ago[CTL_DURATION_TEXT_MAX], *has = what_server_has(server);

		ctl_table_cell(table, CTL_PLAIN,
		    ctl_json_text(server, "server"));
		ctl_table_cell(table, ctl_view_state_colour(state), state);
		ctl_table_printf(table, CTL_PLAIN, "%s%s",
		    changed ? ctl_duration_format(
				  ctl_json_int(server, "last_update_ms") / 1000,
				  ago)
			    : "not yet",
		    changed ? " ago" : "");
		ctl_table_cell(table, CTL_PLAIN, has != NULL ? has : "");
		ctl_table_row(table);
		free(has);
	}
	if (json_array_size(servers) > 0)
		ctl_table_write(table, out);
	else
		ctl_write_wrapped(out, style, CTL_FAINT, 0,
		    "No records are published (update_method none).");
	ctl_table_free(table);
}

void
ctl_view_service(FILE *out, const struct ctl_style *style,
    const json_t *status, const json_t *service, int64_t now_ms)
{
	ctl_view_alarms(out, style, status);
	write_title(out, style, service);
	fputc('\n', out);
	write_endpoints(out, style, service, now_ms);
	fputc('\n', out);
	write_probes(out, style, service, now_ms);
	fputc('\n', out);
	write_votes(out, style, status, service);
	fputc('\n', out);
	write_servers(out, style, service);
}
