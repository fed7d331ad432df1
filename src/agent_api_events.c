/* SPDX-License-Identifier: ISC */
/* GET /api/v1/events?since=ID&limit=N */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "event_json.h"

#define LIMIT_DEFAULT 100

/* A whole number behind the "?"; false, answered 400, when it is none. */
static bool
number_argument(const struct route_call *call, const char *name,
    uint64_t *number, bool *given, struct server_response *out)
{
	const char *text = server_argument(call->request, name);
	char *end;

	*given = text != NULL;
	if (text == NULL)
		return true;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	    *number <= INT64_MAX)
		return true;
	agent_api_error(out, 400, "%s must be a whole number", name);
	return false;
}

static void
write_event(struct json_out *json, const struct event *event)
{
	json_open(json, '{');
	event_json_members(json, event);
	event_json_journal(json, event);
	json_close(json, '}');
}

/* Without since, the newest ones: after the one that is limit + 1 back. */
static uint64_t
default_since(const struct events *events, uint64_t limit)
{
	const struct event *event = events_recent(events, (size_t)limit);

	return event != NULL ? event->id : 0;
}

void
agent_api_events(const struct route_call *call, struct server_response *out)
{
	const struct events *events = call->agent->events;
	uint64_t since = 0, limit = LIMIT_DEFAULT;
	const struct event *event;
	struct json_out json;
	bool given;

	if (!number_argument(call, "limit", &limit, &given, out))
		return;
	if (limit == 0 || limit > EVENTS_MAX) {
		agent_api_error(out, 400, "limit must be from 1 to %d",
		    EVENTS_MAX);
		return;
	}
	if (!number_argument(call, "since", &since, &given, out))
		return;
	if (!given)
		since = default_since(events, limit);
	json_out_init(&json);
	json_open(&json, '{');
	json_key(&json, "events");
	json_open(&json, '[');
	while (limit-- > 0 && (event = events_after(events, since)) != NULL) {
		write_event(&json, event);
		since = event->id;
	}
	json_close(&json, ']');
	json_put_int(&json, "next", (int64_t)since);
	json_close(&json, '}');
	agent_api_answer(out, 200, &json);
}
