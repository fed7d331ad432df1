/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_EVENT_JSON_H
#define RRDNSD_EVENT_JSON_H

struct event;
struct json_out;

/* The members of an event, inside an object that is open. Pure. */
void event_json_members(struct json_out *json, const struct event *event);

/* And those that only replays need. */
void event_json_journal(struct json_out *json, const struct event *event);

#endif
