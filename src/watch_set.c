/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "watch_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "err.h"

#define PAUSE_MS 10 /* when poll(2) fails */
#define PATIENT SIZE_MAX

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
	EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "the same bits");

struct watch {
	size_t place; /* in polled; 0: there is none; or PATIENT */
	bool waited; /* without an event since watch_set_settle last asked */
	watch_cb *cb;
	void *arg;
};

int
watch_set_init(struct watch_set *set)
{
	*set = (struct watch_set){ .cap = 64 };
	set->polled = calloc(set->cap, sizeof *set->polled);
	if (set->polled == NULL)
		return ERR_NOMEM;
	set->polled[0] = (struct pollfd){ .fd = -1, .events = POLLIN };
	set->len = 1;
	return 0;
}

void
watch_set_fini(struct watch_set *set)
{
	if (set->polled != NULL && set->polled[0].fd >= 0)
		close(set->polled[0].fd);
	free(set->polled);
	free(set->watches);
	free(set->events);
	*set = (struct watch_set){ 0 };
}

static int
grow_watches(struct watch_set *set, size_t need)
{
	size_t cap = set->watches_cap ? set->watches_cap : 64;
	struct watch *watches;

	while (cap < need)
		cap *= 2;
	watches = realloc(set->watches, cap * sizeof *watches);
	if (watches == NULL)
		return ERR_NOMEM;
	memset(watches + set->watches_cap, 0,
	    (cap - set->watches_cap) * sizeof *watches);
	set->watches = watches;
	set->watches_cap = cap;
	return 0;
}

static int
grow_polled(struct watch_set *set)
{
	size_t cap = set->cap * 2;
	struct pollfd *polled = realloc(set->polled, cap * sizeof *polled);

	if (polled == NULL)
		return ERR_NOMEM;
	set->polled = polled;
	set->cap = cap;
	return 0;
}

static int
grow_events(struct watch_set *set)
{
	size_t cap = set->events_cap ? set->events_cap * 2 : 64;
	struct epoll_event *events =
	    realloc(set->events, cap * sizeof *events);

	if (events == NULL)
		return ERR_NOMEM;
	set->events = events;
	set->events_cap = cap;
	return 0;
}

int
watch_set_put(struct watch_set *set, int fd, short events, watch_cb *cb,
    void *arg)
{
	size_t place;

	assert(fd >= 0);
	if ((size_t)fd >= set->watches_cap &&
	    grow_watches(set, (size_t)fd + 1) != 0)
		return ERR_NOMEM;
	place = set->watches[fd].place;
	if (place == 0 || place == PATIENT) {
		if (set->len == set->cap && grow_polled(set) != 0)
			return ERR_NOMEM;
		watch_set_remove(set, fd);
		place = set->len++;
		set->polled[place] = (struct pollfd){ .fd = fd };
	}
	set->polled[place].events = events;
	set->watches[fd] =
	    (struct watch){ .place = place, .cb = cb, .arg = arg };
	return 0;
}

void
watch_set_remove(struct watch_set *set, int fd)
{
	size_t place;

	if (fd < 0 || (size_t)fd >= set->watches_cap)
		return;
	place = set->watches[fd].place;
	set->watches[fd].place = 0;
	if (place == PATIENT) {
		epoll_ctl(set->polled[0].fd, EPOLL_CTL_DEL, fd, NULL);
		set->patient--;
	} else if (place != 0) {
		set->polled[place].fd = -1;
		set->holes++;
	}
}

/* poll(2) refuses more descriptors than may be open, even when they are open
 * because the limit was lowered afterwards; or memory is short. No reason to
 * end: as many at once as it takes, and timers go on. */
static int
poll_pieces(struct watch_set *set, int wait_ms)
{
	struct rlimit limit;
	size_t most = 1;
	int ready = 0;

	poll(NULL, 0, wait_ms < 0 || wait_ms > PAUSE_MS ? PAUSE_MS : wait_ms);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1)
		most = limit.rlim_cur;
	for (size_t i = 0; i < set->len; i += most) {
		size_t n = set->len - i < most ? set->len - i : most;
		int found = poll(set->polled + i, n, 0);

		if (found > 0)
			ready += found;
		for (size_t j = i; found < 0 && j < i + n; j++)
			set->polled[j].revents = 0;
	}
	return ready;
}

int
watch_set_wait(struct watch_set *set, int wait_ms)
{
	int ready = poll(set->polled, set->len, wait_ms);

	if (ready < 0 && errno != EINTR && errno != EAGAIN)
		ready = poll_pieces(set, wait_ms);
	return ready;
}

/* All that are ready, as with poll(2): a timer that comes next must not say of
 * an answer that it never came. Whoever was removed meanwhile is not patient,
 * nor is who has its number now: that one is with poll(2) until the turn ends. */
static void
serve_patient(struct watch_set *set)
{
	int n = epoll_wait(set->polled[0].fd, set->events,
	    (int)set->events_cap, 0);

	for (int i = 0; i < n; i++) {
		int fd = set->events[i].data.fd;
		const struct watch *watch = &set->watches[fd];

		if (watch->place == PATIENT)
			watch->cb(watch->arg, fd, (short)set->events[i].events);
	}
}

void
watch_set_serve(struct watch_set *set, int ready)
{
	size_t len = set->len; /* what is added meanwhile waits a turn */

	if (ready > 0 && set->polled[0].revents != 0) {
		ready--;
		serve_patient(set);
	}
	for (size_t i = 1; i < len && ready > 0; i++) {
		struct pollfd polled = set->polled[i];
		struct watch *watch;

		if (polled.revents == 0)
			continue;
		ready--;
		if (polled.fd < 0)
			continue;
		watch = &set->watches[polled.fd];
		watch->waited = false;
		watch->cb(watch->arg, polled.fd, polled.revents);
	}
}

static void
close_holes(struct watch_set *set)
{
	for (size_t i = 1; set->holes > 0; ) {
		assert(i < set->len);
		if (set->polled[i].fd >= 0) {
			i++;
			continue;
		}
		set->holes--;
		if (i != --set->len) {
			set->polled[i] = set->polled[set->len];
			if (set->polled[i].fd >= 0)
				set->watches[set->polled[i].fd].place = i;
		}
	}
}

static bool
has_room_for_patient(struct watch_set *set)
{
	struct pollfd *epoll = &set->polled[0];

	if (epoll->fd < 0)
		epoll->fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll->fd >= 0 &&
	    (set->patient < set->events_cap || grow_events(set) == 0);
}

static void
hand_on(struct watch_set *set, struct pollfd *polled)
{
	struct epoll_event event = { .events = (uint32_t)polled->events,
		.data.fd = polled->fd };

	if (epoll_ctl(set->polled[0].fd, EPOLL_CTL_ADD, polled->fd, &event) != 0)
		return;
	set->watches[polled->fd].place = PATIENT;
	set->patient++;
	polled->fd = -1;
	set->holes++;
}

static void
hand_on_patient(struct watch_set *set)
{
	for (size_t i = 1; i < set->len; i++) {
		struct watch *watch;

		if (set->polled[i].fd < 0)
			continue;
		watch = &set->watches[set->polled[i].fd];
		if (!watch->waited)
			watch->waited = true;
		else if (has_room_for_patient(set))
			hand_on(set, &set->polled[i]);
		else
			return;
	}
}

void
watch_set_settle(struct watch_set *set, int64_t now_ms)
{
	if (now_ms - set->asked_ms >= WATCH_SET_PATIENCE_MS) {
		hand_on_patient(set);
		set->asked_ms = now_ms;
	}
	close_holes(set);
}
