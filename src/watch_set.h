/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_WATCH_SET_H
#define RRDNSD_WATCH_SET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who waits for events of descriptors: poll(2), and for those that have had none
 * for WATCH_SET_PATIENCE_MS an epoll(7) descriptor, one more entry of poll(2).
 *
 * poll(2) walks over all it is given, each time: cheap for what is soon over,
 * dear for thousands of connections that nobody answers. epoll(7) takes system
 * calls for each descriptor, but none for its silence. What it can't take
 * (because no descriptor or memory is left) poll(2) keeps.
 */
typedef void watch_cb(void *arg, int fd, short revents);

struct watch_set {
	/* What poll(2) is given; the first is the epoll descriptor, or -1. An
	 * entry that is removed has fd -1 until the turn ends, so that indices
	 * stay valid while callbacks are called. */
	struct pollfd *polled;
	size_t len;
	size_t cap;
	size_t holes;
	struct watch *watches; /* by descriptor */
	size_t watches_cap;
	size_t patient; /* how many watches epoll(7) has */
	struct epoll_event *events; /* room for one of each of them */
	size_t events_cap;
	int64_t asked_ms; /* when it was last asked who is patient */
};

/* Who is patient is asked as often: it stays with poll(2) twice as long at
 * most. Longer than most answers take, which epoll(7) would only make dearer. */
#define WATCH_SET_PATIENCE_MS 50

/* 0 or ERR_NOMEM. */
int watch_set_init(struct watch_set *set);
void watch_set_fini(struct watch_set *set);

/* The same as loop_fd_set and loop_fd_remove. A watch that is changed starts
 * with poll(2) again. */
int watch_set_put(struct watch_set *set, int fd, short events, watch_cb *cb,
    void *arg);
void watch_set_remove(struct watch_set *set, int fd);

/* A turn: waits until there are events, at most wait_ms (-1: for ever); calls
 * back for all of them; and at its end makes order of what was removed, and
 * hands on who is patient. Between, anything may be put and removed. */
int watch_set_wait(struct watch_set *set, int wait_ms);
void watch_set_serve(struct watch_set *set, int ready);
void watch_set_settle(struct watch_set *set, int64_t now_ms);

#endif
