/* SPDX-License-Identifier: ISC */
/* What each server has of a service, as it was last read. */
#include "config.h"

#include <string.h>

#include "agent_api.h"
#include "agent_impl.h"

/* What was read of one family on one server. */
struct family_view {
	bool unread; /* it was not read yet */
	const struct rrset *rrset; /* NULL: not published */
};

/* null: unknown, which is not the same as none. */
static void
write_addresses(struct json_out *json, const char *key,
    const struct family_view *view)
{
	const struct rrset *rrset = view->rrset;

	json_key(json, key);
	if (view->unread) {
		json_none(json);
		return;
	}
	json_open(json, '[');
	for (size_t i = 0; rrset != NULL && i < rrset->len; i++) {
		char ip[ADDR_TEXT_MAX];

		json_text(json, addr_format(&rrset->addrs[i], false, ip));
	}
	json_close(json, ']');
}

/* One server of a service: its A and its AAAA records together. */
struct server_view {
	enum publish_state state; /* the worse of the two */
	struct family_view ip4, ip6;
	const char *error;
	int64_t failed_since_ms; /* loop clock; 0: it works */
	int64_t updated_ms; /* loop clock; 0: never */
};

static void
look_at_server(const struct publish_service *publish, const char *server,
    struct server_view *view)
{
	size_t n = publish_service_count(publish);

	*view = (struct server_view){ .state = PUBLISH_OK, .error = "" };
	for (size_t i = 0; i < n; i++) {
		struct publish_status status =
		    publish_service_status(publish, i);

		if (strcmp(status.server, server) != 0)
			continue;
		*(status.family == ADDR_IP4 ? &view->ip4 : &view->ip6) =
		    (struct family_view){ !status.known, status.rrset };
		if (agent_publish_badness(status.state) >
		    agent_publish_badness(view->state))
			view->state = status.state;
		if (view->error[0] == '\0')
			view->error = status.last_error;
		if (status.failed_since_ms != 0 &&
		    (view->failed_since_ms == 0 ||
			status.failed_since_ms < view->failed_since_ms))
			view->failed_since_ms = status.failed_since_ms;
		if (status.last_update_ms > view->updated_ms)
			view->updated_ms = status.last_update_ms;
	}
}

static void
write_server(struct json_out *json, const struct publish_service *publish,
    const char *server, int64_t now_ms, int64_t wall_ms)
{
	struct server_view view;

	look_at_server(publish, server, &view);
	json_open(json, '{');
	json_put_text(json, "server", server);
	json_put_text(json, "state", agent_publish_state_text(view.state));
	json_key(json, "rrset");
	json_open(json, '{');
	write_addresses(json, "A", &view.ip4);
	write_addresses(json, "AAAA", &view.ip6);
	json_close(json, '}');
	json_put_text(json, "last_error",
	    view.error[0] != '\0' ? view.error : NULL);
	json_put_time(json, "failing_since", view.failed_since_ms == 0
		? 0
		: wall_ms - (now_ms - view.failed_since_ms));
	json_key(json, "last_update_ms");
	if (view.updated_ms == 0)
		json_none(json);
	else
		json_int(json, now_ms - view.updated_ms);
	json_close(json, '}');
}

void
agent_api_write_servers(struct json_out *json,
    const struct publish_service *publish, int64_t now_ms, int64_t wall_ms)
{
	size_t n = publish != NULL ? publish_service_count(publish) : 0;

	json_key(json, "servers");
	json_open(json, '[');
	for (size_t i = 0; i < n; i++) {
		const char *server = publish_service_status(publish, i).server;
		size_t first = 0;

		/* With its first record all of a server is written. */
		while (strcmp(publish_service_status(publish, first).server,
			   server) != 0)
			first++;
		if (first == i)
			write_server(json, publish, server, now_ms, wall_ms);
	}
	json_close(json, ']');
}
