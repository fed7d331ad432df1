/* SPDX-License-Identifier: ISC */
/* An endpoint as a row: its state, since when, what DNS has, and why. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl_duration.h"
#include "ctl_json.h"
#include "ctl_view.h"

enum ctl_colour
ctl_view_state_colour(const char *state)
{
	static const struct {
		const char *state;
		enum ctl_colour colour;
	} colours[] = {
		{ "ok", CTL_GOOD },
		{ "up", CTL_GOOD },
		{ "down", CTL_BAD },
		{ "failed", CTL_BAD },
		{ "partial", CTL_BAD },
	};

	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
		if (strcmp(colours[i].state, state) == 0)
			return colours[i].colour;
	return CTL_DOUBT;
}

struct ctl_table *
ctl_view_new_table(const struct ctl_style *style, const char *first_header)
{
	const char *const headers[] = { first_header, "STATE", "FOR", "DNS",
		"WHY", NULL };

	return ctl_table_new(style, headers);
}

/* What DNS has, against what it should have. */
struct in_dns {
	const char *text;
	enum ctl_colour colour;
	bool odd;
};

static struct in_dns
in_dns(const json_t *service, const json_t *endpoint)
{
	const json_t *published = json_object_get(endpoint, "published");
	const char *desired = ctl_json_text(endpoint, "desired");
	size_t n_servers = json_array_size(json_object_get(service, "servers"));

	if (n_servers == 0)
		return (struct in_dns){ "-", CTL_FAINT, false };
	if (!json_is_boolean(published))
		return (struct in_dns){ n_servers > 1 ? "differs" : "unread",
			CTL_DOUBT, n_servers > 1 };
	if (json_is_true(published))
		return strcmp(desired, "absent") == 0
		    ? (struct in_dns){ "still in", CTL_BAD, true }
		    : (struct in_dns){ "in", CTL_PLAIN, false };
	return strcmp(desired, "present") == 0
	    ? (struct in_dns){ "missing", CTL_BAD, true }
	    : (struct in_dns){ "out", CTL_DOUBT, false };
}

bool
ctl_view_endpoint_is_odd(const json_t *service, const json_t *endpoint)
{
	return strcmp(ctl_json_text(endpoint, "verdict"), "up") != 0 ||
	    json_is_object(json_object_get(endpoint, "intent")) ||
	    in_dns(service, endpoint).odd;
}

static void
write_for(struct ctl_table *table, int64_t since_ms, int64_t now_ms)
{
	char text[CTL_DURATION_TEXT_MAX];

	ctl_table_cell(table, CTL_PLAIN,
	    since_ms == 0 ? ""
			  : ctl_duration_format((now_ms - since_ms) / 1000,
				text));
}

/* "3 of 3 nodes: connect timeout" of those that vote as was decided. */
static void
write_votes(FILE *out, const json_t *endpoint, const char *verdict)
{
	json_t *votes = json_object_get(endpoint, "votes"), *vote;
	const char *node, *reason = "";
	unsigned n = 0;

	json_object_foreach(votes, node, vote) {
		if (strcmp(ctl_json_text(vote, "vote"), verdict) != 0)
			continue;
		n++;
		if (reason[0] == '\0')
			reason = ctl_json_text(vote, "reason");
	}
	fprintf(out, "%u of %zu node%s", n, json_object_size(votes),
	    json_object_size(votes) == 1 ? "" : "s");
	if (reason[0] != '\0')
		fprintf(out, ": %s", reason);
}

static void
write_moment(FILE *out, const char *before, int64_t ms, int64_t now_ms)
{
	time_t then = (time_t)(ms / 1000), now = (time_t)(now_ms / 1000);
	struct tm a, b;
	char text[32] = "";

	if (ms == 0 || localtime_r(&then, &a) == NULL ||
	    localtime_r(&now, &b) == NULL)
		return;
	strftime(text, sizeof text,
	    a.tm_yday == b.tm_yday && a.tm_year == b.tm_year
		? "%H:%M:%S"
		: "%Y-%m-%d %H:%M:%S",
	    &a);
	fprintf(out, "%s%s", before, text);
}

static void
write_intent(FILE *out, const json_t *endpoint, int64_t now_ms)
{
	const json_t *intent = json_object_get(endpoint, "intent");
	const char *reason = ctl_json_text(intent, "reason");

	if (!json_is_object(intent))
		return;
	fprintf(out, "%s by %s", ctl_json_text(intent, "intent"),
	    ctl_json_text(intent, "by"));
	write_moment(out, " until ", ctl_json_time(intent, "until"), now_ms);
	if (reason[0] != '\0')
		fprintf(out, ": %s", reason);
	write_moment(out, "; safe to stop at ",
	    ctl_json_time(endpoint, "safe_to_stop"), now_ms);
	fputs("; ", out);
}

/* An intent first, then what the nodes say, then the rule that overrides
 * them. */
static char *
explain(const json_t *endpoint, int64_t now_ms)
{
	const char *verdict = ctl_json_text(endpoint, "verdict");
	const char *why = ctl_json_text(endpoint, "why");
	size_t len, verdict_len = strlen(verdict);
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	write_intent(out, endpoint, now_ms);
	if (strcmp(verdict, "undecided") != 0)
		write_votes(out, endpoint, verdict);
	else if (strncmp(why, "undecided: ", 11) == 0)
		fputs(why + 11, out);
	if (!(strncmp(why, verdict, verdict_len) == 0 &&
		why[verdict_len] == ':') &&
	    !json_is_object(json_object_get(endpoint, "intent")))
		fprintf(out, "%s%s", ftell(out) > 0 ? "; " : "", why);
	fclose(out);
	return text;
}

void
ctl_view_endpoint_row(struct ctl_table *table, const json_t *service,
    const json_t *endpoint, const char *indent, int64_t now_ms)
{
	const char *verdict = ctl_json_text(endpoint, "verdict");
	const char *label = ctl_json_text(endpoint, "label");
	struct in_dns dns = in_dns(service, endpoint);
	char *why = explain(endpoint, now_ms);

	ctl_table_printf(table, CTL_PLAIN, "%s%s%s%s%s", indent,
	    ctl_json_text(endpoint, "ipaddr"), label[0] ? " (" : "", label,
	    label[0] ? ")" : "");
	ctl_table_cell(table, ctl_view_state_colour(verdict), verdict);
	write_for(table, ctl_json_time(endpoint, "since"), now_ms);
	ctl_table_cell(table, dns.colour, dns.text);
	ctl_table_cell(table, CTL_PLAIN, why != NULL ? why : "");
	ctl_table_row(table);
	free(why);
}
