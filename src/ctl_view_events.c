/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_view_events.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl_json.h"

#define BURST_SHOWN 5
#define TEXT_COLUMN 17 /* behind "Nov 25 14:21:15  " */

static enum ctl_colour
colour_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum ctl_colour colour;
	} colours[] = {
		{ "endpoint_up", CTL_GOOD },
		{ "endpoint_down", CTL_BAD },
		{ "service_down", CTL_ALARM },
		{ "service_up", CTL_GOOD },
		{ "fail_open_on", CTL_ALARM },
		{ "fail_open_off", CTL_GOOD },
		{ "published", CTL_STRONG },
		{ "publish_failed", CTL_BAD },
		{ "node_lost", CTL_BAD },
		{ "node_joined", CTL_GOOD },
		{ "quorum_lost", CTL_ALARM },
		{ "quorum_back", CTL_GOOD },
		{ "drift_repaired", CTL_DOUBT },
		{ "certificate", CTL_DOUBT },
		{ "failover", CTL_DOUBT },
		{ "failback", CTL_GOOD },
		{ "hold_on", CTL_ALARM },
		{ "hold_off", CTL_GOOD },
		{ "intent", CTL_DOUBT },
	};

	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
		if (strcmp(colours[i].kind, kind) == 0)
			return colours[i].colour;
	return CTL_PLAIN;
}

static void
write_event(FILE *out, const struct ctl_style *style, const json_t *event)
{
	time_t s = (time_t)(ctl_json_time(event, "at") / 1000);
	struct tm tm;
	char at[32] = "";
	size_t len;
	char *text = NULL;
	FILE *line;

	if (localtime_r(&s, &tm) != NULL)
		strftime(at, sizeof at, "%b %d %H:%M:%S", &tm);
	fprintf(out, "%-*s", TEXT_COLUMN, at);
	line = open_memstream(&text, &len);
	if (line == NULL)
		return;
	ctl_write_wrapped(line, style,
	    colour_of(ctl_json_text(event, "kind")), TEXT_COLUMN,
	    ctl_json_text(event, "text"));
	fclose(line);
	/* The indent of the first line is taken by the time. */
	fputs(text + TEXT_COLUMN, out);
	free(text);
}

/* How many of the events from i on belong to the burst of the first. */
static size_t
burst_length(const json_t *events, size_t i)
{
	int64_t group = ctl_json_int(json_array_get(events, i), "group");
	size_t n = 1;

	while (group != 0 && i + n < json_array_size(events) &&
	    ctl_json_int(json_array_get(events, i + n), "group") == group)
		n++;
	return n;
}

void
ctl_view_events(FILE *out, const struct ctl_style *style,
    const json_t *events)
{
	size_t n, shown;

	for (size_t i = 0; i < json_array_size(events); i += n) {
		n = burst_length(events, i);
		shown = n > BURST_SHOWN + 1 ? BURST_SHOWN : n;
		for (size_t j = 0; j < shown; j++)
			write_event(out, style, json_array_get(events, i + j));
		if (shown < n)
			fprintf(out, "%*sand %zu more of the same\n",
			    TEXT_COLUMN, "", n - shown);
	}
}
