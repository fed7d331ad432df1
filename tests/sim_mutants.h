/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_MUTANTS_H
#define RRDNSD_TESTS_SIM_MUTANTS_H

/* Every rule of protocol.md, broken: name, and what is broken. See src/mutant.h
 * for how, and sim_cluster.c for what catches each. */
#define SIM_MUTANT_TABLE(X)                                                    \
	X(NONE, "nothing")                                                     \
	X(AGE_FROM_ARRIVAL, "a heartbeat counts as raised when it arrives")    \
	X(AGE_WITHOUT_WAY, "the time under way is not added to ages")          \
	X(BASE_IGNORED, "a delta is taken though something before is missing") \
	X(BOOT_KEPT, "the own boot is kept though another one shows it")       \
	X(CLEAR_IS_DROPPED, "cleared intents are forgotten at once")           \
	X(CLOCKS_UNREAD, "the publisher is answered before a stop is noticed") \
	X(EXPIRY_RESTAMPS, "an intent that ends gets a new stamp")             \
	X(HASH_IGNORED, "votes under other definitions count")                 \
	X(HEARTBEAT_AHEAD, "heartbeats are taken without their votes")         \
	X(HELD_COUNTS_STOPS, "how long a clock was held is an upper bound")    \
	X(INTENTS_NOT_AWAITED, "the majority's intents are not waited for")    \
	X(MAC_IGNORED, "unsigned messages are taken")                          \
	X(NEVER_STALE, "votes count for ever")                                 \
	X(NO_RELAY, "rows of others are not told")                             \
	X(OLD_BOOT_TAKEN, "rows of an older boot are taken")                   \
	X(OPENS_AT_ONCE, "a service is written before all have a verdict")     \
	X(OWN_ROW_OUTLIVES_STOP, "the own heartbeat counts over a stop")       \
	X(QUORUM_OF_FRESH, "a majority of the reachable decides")              \
	X(RELAY_TO_ALL, "news is relayed to those who have it")                \
	X(ROW_OUTLIVES_BOOT, "votes of an older boot are kept")                \
	X(SENT_UNASKED, "an UPDATE leaves whatever happened since it was made")\
	X(SEQ_IGNORED, "requests can be played back")                          \
	X(STAMP_IS_WALL, "intents are stamped by the wall clock alone")        \
	X(STOPS_DO_NOT_ADD_UP, "many short stops go unnoticed")                \
	X(SUSPEND_UNSEEN, "having stood still goes unnoticed")                 \
	X(TO_BOOT_IGNORED, "messages for an earlier boot are taken")           \
	X(TO_MS_IGNORED, "ages are taken without a way that is known")         \
	X(TURN_IS_NOW, "the clock of the turn's beginning decides")            \
	X(VERSION_NOT_RAISED, "a changed vote keeps its version")              \
	X(WITHDRAWAL_UNTOLD, "a definition that is given up keeps its votes")  \
	X(WRITES_ALONE, "a node writes without a majority")

enum sim_mutant {
#define X(name, text) SIM_MUTANT_##name,
	SIM_MUTANT_TABLE(X)
#undef X
	SIM_MUTANTS,
};

extern enum sim_mutant sim_mutant;

#endif
