/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "same_text.h"

/* How far back the burst of a new event is looked for: bursts of this many
 * services at once are told apart. */
#define LOOK_BACK 256

/* Every text of an entry is a piece of one allocation. */
struct entry {
	struct event event;
	int64_t group_at_ms; /* when its burst began */
	char *texts;
};

struct events {
	struct entry *ring;
	size_t n; /* at most EVENTS_MAX */
	uint64_t next_id; /* its place in the ring is next_id % EVENTS_MAX */
	TAILQ_HEAD(, event_sub) subs;
};

const char *
event_kind_text(enum event_kind kind)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		EVENT_TABLE(X)
#undef X
	};

	return texts[kind];
}

struct events *
events_new(uint64_t first_id)
{
	struct events *events = calloc(1, sizeof *events);

	if (events == NULL)
		return NULL;
	events->ring = calloc(EVENTS_MAX, sizeof *events->ring);
	if (events->ring == NULL) {
		free(events);
		return NULL;
	}
	events->next_id = first_id;
	TAILQ_INIT(&events->subs);
	return events;
}

void
events_free(struct events *events)
{
	if (events == NULL)
		return;
	for (size_t i = 0; i < EVENTS_MAX; i++)
		free(events->ring[i].texts);
	free(events->ring);
	free(events);
}

static struct entry *
entry_of(const struct events *events, uint64_t id)
{
	return &events->ring[id % EVENTS_MAX];
}

static size_t
size_of(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

static char *
append(char *at, const char **text)
{
	size_t size = size_of(*text);

	if (size == 0)
		return at;
	memcpy(at, *text, size);
	*text = at;
	return at + size;
}

/* Moves the texts of the entry's event, which are the caller's, into it. */
static int
keep_texts(struct entry *entry)
{
	struct event *event = &entry->event;
	const char **const texts[] = { &event->fqdn, &event->ipaddr,
		&event->node, &event->server, &event->state, &event->cause,
		&event->text,
		&event->recorder, &event->probes, &event->settings };
	size_t size = 1;
	char *at;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		size += size_of(*texts[i]);
	at = entry->texts = malloc(size);
	if (at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		at = append(at, texts[i]);
	return 0;
}

static bool
same_burst(const struct entry *before, const struct event *event)
{
	const struct event *old = &before->event;

	return old->kind == event->kind &&
	    event->at_ms - before->group_at_ms < EVENT_BURST_LONGEST_MS &&
	    same_text(old->fqdn, event->fqdn) &&
	    same_text(old->node, event->node) &&
	    same_text(old->server, event->server) &&
	    same_text(old->state, event->state);
}

/* The wall clock may have been set: what lies in the future is no burst. */
static void
find_group(const struct events *events, struct entry *entry)
{
	struct event *event = &entry->event;
	size_t look = events->n < LOOK_BACK ? events->n : LOOK_BACK;

	event->group = event->id;
	entry->group_at_ms = event->at_ms;
	for (size_t back = 1; back <= look; back++) {
		const struct entry *before =
		    entry_of(events, event->id - back);
		int64_t ago_ms = event->at_ms - before->event.at_ms;

		if (ago_ms < 0 || ago_ms > EVENT_BURST_MS)
			return;
		if (same_burst(before, event)) {
			event->group = before->event.group;
			entry->group_at_ms = before->group_at_ms;
			return;
		}
	}
}

int
events_add(struct events *events, const struct event *event)
{
	struct entry entry = { .event = *event };
	struct entry *place = entry_of(events, events->next_id);
	struct event_sub *sub;
	int err;

	entry.event.id = events->next_id;
	find_group(events, &entry);
	err = keep_texts(&entry);
	if (err != 0)
		return err;
	free(place->texts);
	*place = entry;
	events->next_id++;
	if (events->n < EVENTS_MAX)
		events->n++;
	TAILQ_FOREACH(sub, &events->subs, entry)
		sub->cb(sub->arg, &place->event);
	return 0;
}

const struct event *
events_after(const struct events *events, uint64_t id)
{
	uint64_t first = events->next_id - events->n;
	uint64_t wanted = id + 1 > first ? id + 1 : first;

	if (wanted >= events->next_id || id == UINT64_MAX)
		return NULL;
	return &entry_of(events, wanted)->event;
}

const struct event *
events_recent(const struct events *events, size_t back)
{
	if (back >= events->n)
		return NULL;
	return &entry_of(events, events->next_id - 1 - back)->event;
}

uint64_t
events_next_id(const struct events *events)
{
	return events->next_id;
}

void
events_subscribe(struct events *events, struct event_sub *sub)
{
	TAILQ_INSERT_TAIL(&events->subs, sub, entry);
}

void
events_unsubscribe(struct events *events, struct event_sub *sub)
{
	TAILQ_REMOVE(&events->subs, sub, entry);
}
