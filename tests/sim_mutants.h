/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SIM_MUTANTS_H
#define RRDNSD_TESTS_SIM_MUTANTS_H

#include <stdbool.h>

/* Every rule of protocol.md, broken: name, what is to catch it, and what is
 * broken. src/mutant.h says how, sim_cluster.c what became of each. */
#define SIM_MUTANT_TABLE(X)						       \
	X(NONE, SIM,							       \
	  "nothing")							       \
	X(ABSTENTION_IS_DOWN, SIM,					       \
	  "who abstains votes down")					       \
	X(AGE_FROM_ARRIVAL, SIM,					       \
	  "a heartbeat counts as raised when it arrives")		       \
	X(AGE_WITHOUT_WAY, SIM,						       \
	  "the time under way is not added to ages")			       \
	X(ALL_REMOVALS_COUNT, DAMPING,					       \
	  "what a standby or an operator removes counts")		       \
	X(ALL_TIERS_COUNTED, SIM,					       \
	  "the fail mode counts all tiers")				       \
	X(ALL_WRITE_AT_ONCE, SIM,					       \
	  "writers are not staggered")					       \
	X(ANSWER_UNMATCHED, TALK,					       \
	  "answers to other requests are taken")			       \
	X(BASE_IGNORED, TABLE,						       \
	  "a delta is taken though something before is missing")	       \
	X(BOOT_KEPT, TALK,						       \
	  "the own boot is kept though another one shows it")		       \
	X(CLEAR_IS_DROPPED, SIM,					       \
	  "cleared intents are forgotten at once")			       \
	X(CLEAR_LOSES, SIM,						       \
	  "of an intent and its end the intent wins")			       \
	X(CLOCKS_UNREAD, SIM,						       \
	  "the publisher is answered before a stop is noticed")		       \
	X(DOUBT_COUNTS, STANDBY,					       \
	  "a tier nobody is sure of gets nearer to its return")		       \
	X(DRIFT_IS_CHANGE, DAMPING,					       \
	  "a record that is about to be repaired has left")		       \
	X(EXPIRY_RESTAMPS, SIM,						       \
	  "an intent that ends gets a new stamp")			       \
	X(FAILING_UNCERTAIN, SIM,					       \
	  "what may be too many down is held not to be")		       \
	X(FLAPS_COUNT, STANDBY,						       \
	  "a tier that flaps gets nearer to its return")		       \
	X(FORGETS_UNSURE, STANDBY,					       \
	  "a takeover is forgotten when nobody is sure of a tier")	       \
	X(FREEZE_IGNORED, SIM,						       \
	  "freeze freezes nothing")					       \
	X(HALF_IS_ENOUGH, SIM,						       \
	  "half of the nodes are a majority")				       \
	X(HASH_IGNORED, SIM,						       \
	  "votes under other definitions count")			       \
	X(HEARTBEAT_AHEAD, SIM,						       \
	  "heartbeats are taken without their votes")			       \
	X(HELD_COUNTS_STOPS, TALK,					       \
	  "how long a clock was held is an upper bound")		       \
	X(HELD_IS_CHANGED, DAMPING,					       \
	  "what was decided and held counts as a change")		       \
	X(INTENTS_ARE_COUNTED, SIM,					       \
	  "endpoints under an intent count for tier and fail mode")	       \
	X(INTENTS_NOT_AWAITED, TALK,					       \
	  "the majority's intents are not waited for")			       \
	X(MAC_IGNORED, SIM,						       \
	  "unsigned messages are taken")				       \
	X(NEVER_RECONCILED, SIM,					       \
	  "DNS is not looked at again")					       \
	X(NEVER_STALE, SIM,						       \
	  "votes count for ever")					       \
	X(NEWS_WITHOUT_VERSION, SIM,					       \
	  "other votes of the same boot are no news")			       \
	X(NO_BRAKE, SIM,						       \
	  "any number of removals passes")				       \
	X(NO_DWELL, SIM,						       \
	  "a record changes as soon as it likes")			       \
	X(NO_FLOOR, SIM,						       \
	  "the last certain record may be removed")			       \
	X(NO_PREREQUISITE, SIM,						       \
	  "UPDATEs have no prerequisite")				       \
	X(NO_PUSH, SIM,							       \
	  "changes wait for the heartbeat")				       \
	X(NO_RELAY, SIM,						       \
	  "rows of others are not told")				       \
	X(OLD_BOOT_TAKEN, SIM,						       \
	  "rows of an older boot are taken")				       \
	X(OLD_READING_COUNTS, DAMPING,					       \
	  "what was read before a change undoes it")			       \
	X(OPENS_AT_ONCE, SIM,						       \
	  "a service is written before all have a verdict")		       \
	X(OPERATORS_DWELL, DAMPING,					       \
	  "what an operator changed may not change at once")		       \
	X(OWN_ROW_TAKEN, TABLE,						       \
	  "a node takes others' rows about itself")			       \
	X(QUORUM_OF_FRESH, SIM,						       \
	  "a majority of the reachable decides")			       \
	X(RELAY_TO_ALL, PEER,						       \
	  "news is relayed to those who have it")			       \
	X(RELEASE_IGNORED, DAMPING,					       \
	  "removals wait though an operator lets them pass")		       \
	X(REMOVALS_COUNT_ON, DAMPING,					       \
	  "removals count for ever")					       \
	X(REMOVALS_FORGOTTEN, SIM,					       \
	  "removals that were made do not count")			       \
	X(REMOVALS_UNSEEN, DAMPING,					       \
	  "removals that another node made do not count")		       \
	X(REPAIR_IS_NO_CHANGE, DAMPING,					       \
	  "a record that is put back may leave at once")			       \
	X(RETURN_UNSEEN, DAMPING,					       \
	  "a record that another node put back may leave at once")	       \
	X(RETURNS_AT_ONCE, STANDBY,					       \
	  "the delay before a return is ignored")			       \
	X(RETURNS_UNASKED, STANDBY,					       \
	  "a service returns though failback is manual")		       \
	X(ROW_OUTLIVES_BOOT, SIM,					       \
	  "votes of an older boot are kept")				       \
	X(SENT_COUNTS_AGAIN, DAMPING,					       \
	  "a removal counts each time it is sent")			       \
	X(SENT_IS_RECALLED, DAMPING,					       \
	  "a hold undoes what was sent")				       \
	X(SENT_UNASKED, SIM,						       \
	  "an UPDATE leaves whatever happened since it was made")	       \
	X(SEQ_IGNORED, SIM,						       \
	  "requests can be played back")				       \
	X(STALE_PROBES_VOTE, SIM,					       \
	  "who has not probed for long votes on")			       \
	X(STAMP_IS_WALL, SIM,						       \
	  "intents are stamped by the wall clock alone")		       \
	X(START_IS_NO_CHANGE, DAMPING,					       \
	  "a start lets changes come sooner")				       \
	X(STOPS_DO_NOT_ADD_UP, SIM,					       \
	  "many short stops go unnoticed")				       \
	X(STOP_KEEPS_HEALTH, SIM,					       \
	  "probes before a stop count as new")				       \
	X(STRANGERS_REMOVED, SIM,					       \
	  "records that are no endpoint are removed")			       \
	X(SUSPEND_UNSEEN, SIM,						       \
	  "having stood still goes unnoticed")				       \
	X(TAKEOVER_FORGOTTEN, STANDBY,					       \
	  "that a standby took over is not remembered")			       \
	X(TIER_UNCERTAIN, SIM,						       \
	  "a tier that may be good is held to be bad")			       \
	X(TO_BOOT_IGNORED, TALK,					       \
	  "messages for an earlier boot are taken")			       \
	X(TO_IGNORED, SIM,						       \
	  "requests for another node are taken")			       \
	X(TO_MS_IGNORED, SIM,						       \
	  "ages are taken without a way that is known")			       \
	X(UNDECIDED_COMES, SIM,						       \
	  "undecided endpoints become present")				       \
	X(VERSION_NOT_RAISED, SIM,					       \
	  "a changed vote keeps its version")				       \
	X(WITHDRAWAL_UNTOLD, SIM,					       \
	  "a definition that is given up keeps its votes")		       \
	X(WRITES_ALONE, SIM,						       \
	  "a node writes without a majority")

enum sim_mutant {
#define X(name, by, text) SIM_MUTANT_##name,
	SIM_MUTANT_TABLE(X)
#undef X
	SIM_MUTANTS,
};

/* What is to catch it: this simulation, or a unit test that is built with
 * RRDNSD_MUTANTS as tests/mutant_NAME, where what it breaks is a second line of
 * defence that the simulation can't get behind. */
enum sim_catcher {
	SIM_BY_SIM,
	SIM_BY_DAMPING,
	SIM_BY_PEER,
	SIM_BY_STANDBY,
	SIM_BY_TABLE,
	SIM_BY_TALK,
};

struct sim_mutant_info {
	const char *name;
	enum sim_catcher by;
	const char *text;
};

extern const struct sim_mutant_info sim_mutants[SIM_MUTANTS];

/* The one that is let loose; by $RRDNSD_MUTANT in tests/mutant_*. */
extern enum sim_mutant sim_mutant;

/* False: there is none of that name. */
bool sim_mutant_choose(const char *name);

#endif
