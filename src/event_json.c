/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "event_json.h"

#include "events.h"
#include "json_out.h"

void
event_json_members(struct json_out *json, const struct event *event)
{
	json_put_int(json, "id", (int64_t)event->id);
	json_key(json, "at");
	json_time(json, event->at_ms);
	json_put_text(json, "kind", event_kind_text(event->kind));
	json_put_text(json, "fqdn", event->fqdn);
	json_put_text(json, "ipaddr", event->ipaddr);
	json_put_text(json, "node", event->node);
	json_put_text(json, "server", event->server);
	json_put_text(json, "state", event->state);
	json_put_text(json, "cause", event->cause);
	json_put_text(json, "text", event->text);
	json_put_int(json, "group", (int64_t)event->group);
}

void
event_json_journal(struct json_out *json, const struct event *event)
{
	json_put_text(json, "recorder", event->recorder);
	json_key(json, "probes");
	json_raw(json, event->probes);
	json_key(json, "settings");
	json_raw(json, event->settings);
}
