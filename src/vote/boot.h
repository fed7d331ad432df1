/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_VOTE_BOOT_H
#define RRDNSD_VOTE_BOOT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The number by which the lives of a process are told apart, and what happens
 * when somebody else is seen with it (protocol.md section 1). Pure.
 */
#define VOTE_BOOT_ADOPTIONS 5 /* more than these in */
#define VOTE_BOOT_WINDOW_MS 60000 /* this time: our name is taken */

struct vote_boots {
	int64_t at_ms[VOTE_BOOT_ADOPTIONS]; /* of the last adoptions, a ring */
	unsigned n; /* adoptions so far */
	int64_t contested_until_ms; /* 0: not contested */
};

/* max(wall_ms x 4096 + 12 random bits, saved + 1); saved 0: none. */
uint64_t vote_boot_choose(int64_t wall_ms, uint64_t random, uint64_t saved);

/* Above what a peer has seen, with 20 random bits: two lives without a state file
 * may learn of the same boot, from peers that did not hear of the first one. */
uint64_t vote_boot_above(uint64_t seen, uint64_t random);

/* Counts an adoption; true when it makes the name contested. */
bool vote_boots_adopt(struct vote_boots *boots, int64_t now_ms);

bool vote_boots_contested(const struct vote_boots *boots);

/* True when the name is no longer contested, once. */
bool vote_boots_calm(struct vote_boots *boots, int64_t now_ms);

#endif
