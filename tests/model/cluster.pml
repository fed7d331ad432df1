/* SPDX-License-Identifier: ISC */

/*
 * Three nodes, two endpoints of one service, one primary, and a network that
 * loses, delays, reorders and repeats. README.md says what stands for what.
 * One action is one atomic step; whatever can be interleaved, is.
 *
 * An endpoint set is a mask of two bits. Time passes in ticks, which each age
 * counts up to STALE; so there is no end of time and still an end of states.
 */

#define NODES 3
#define QUORUM 2
#define BOTH 3 /* both endpoints */

#ifndef STALE
#define STALE 2 /* ticks: vote_ttl_ms */
#endif
#define FUDGE 2 /* ticks: as late as a signed UPDATE is taken */
#define NOTHING 255

#ifndef UPDATES
#define UPDATES 2 /* under way at once, DNS */
#endif
#ifndef NEWS
#define NEWS 3 /* how often some node changes its mind */
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif

#define ABSTAIN 4 /* a vote; else the mask of what is up */

#define ROW(i, j) ((i) * NODES + (j)) /* what i knows of j */
#define FRESH(i, j) (row_age[ROW(i, j)] < STALE)

/* What each node knows of each. */
byte row_vote[9];
byte row_version[9];
byte row_age[9];

#ifdef DELAYS
/* Gossip under way: the row of `m_whose`, to `m_to`. Without delays a message
 * arrives at once or not at all. */
byte m_to = NOTHING, m_whose, m_vote, m_version, m_age;
#endif

/* The primary, and the UPDATEs under way to it. */
byte server = BOTH;
byte u_from[UPDATES], u_to[UPDATES], u_age[UPDATES];
bool u_copied[UPDATES];

/* How long each has seen a difference: its rank is its number. */
byte waited[NODES];

byte news_left = NEWS, restarts_left = RESTARTS;
bool is_cut; /* node 0, the first writer, is cut off from the others */
byte cut_age;

/* What the last step did, for the claim. */
#ifdef CLAIM
bool ticked, changed;
#define STEP(is_tick, is_change) ticked = is_tick; changed = is_change
#else
#define STEP(is_tick, is_change) skip
#endif

/* Work space, hidden: no part of the state. */
hidden byte n_up, n_down, n_fresh, e, k, age, target, writer;
hidden byte is_up, is_down;

/* vote_verdict_conclude(): of the configured nodes, never of the fresh ones. */
#ifdef BROKEN_QUORUM
#define NEEDED (n_fresh / 2 + 1)
#else
#define NEEDED QUORUM
#endif

inline count_fresh(i)
{
	n_fresh = 0;
	for (k : 0 .. NODES - 1) {
		if
		:: FRESH(i, k) -> n_fresh++
		:: else
		fi
	}
}

inline conclude(i)
{
	is_up = 0;
	is_down = 0;
	count_fresh(i);
	for (e : 0 .. 1) {
		n_up = 0;
		n_down = 0;
		for (k : 0 .. NODES - 1) {
			if
			:: FRESH(i, k) && row_vote[ROW(i, k)] != ABSTAIN ->
				n_up = n_up + ((row_vote[ROW(i, k)] >> e) & 1);
				n_down = n_down +
				    (1 - ((row_vote[ROW(i, k)] >> e) & 1))
			:: else
			fi
		}
		if
		:: n_down >= NEEDED -> is_down = is_down | (1 << e)
		:: n_down < NEEDED && n_up >= NEEDED -> is_up = is_up | (1 << e)
		:: else
		fi
	}
}

/* desired_decide() and publish_plan(): from what is there to what is written. */
inline plan(i)
{
	conclude(i);
	target = server | is_up;
	if
#ifdef BROKEN_FLOOR
	:: true -> target = target & ~is_down
#else
	:: is_up != 0 -> target = target & ~is_down
	:: is_down == BOTH -> target = BOTH /* restore */
	:: else
#endif
	fi;
#ifdef BROKEN_UNDECIDED
	target = target | (BOTH & ~is_down)
#endif
}

inline take(i, whose, vote, version, age)
{
	if
	:: version > row_version[ROW(i, whose)] ||
	   (version == row_version[ROW(i, whose)] && age < row_age[ROW(i, whose)]) ->
		row_vote[ROW(i, whose)] = vote;
		row_version[ROW(i, whose)] = version;
		row_age[ROW(i, whose)] = age
	:: else
	fi
}

inline older(age, limit)
{
	if
	:: age < limit -> age++
	:: else
	fi
}

#ifdef DELAYS
inline free_message()
{
	m_to = NOTHING;
	m_whose = 0;
	m_vote = 0;
	m_version = 0;
	m_age = 0
}

/* The receiver adds the time under way to the age. */
inline message_grows_older()
{
	if
#ifdef BROKEN_WAY
	:: true
#else
	:: m_to != NOTHING && m_age + 1 < STALE -> m_age++
	:: m_to != NOTHING && m_age + 1 == STALE -> free_message()
	:: else
#endif
	fi
}
#else
#define message_grows_older() skip
#endif

inline free_update(u)
{
	u_from[u] = NOTHING;
	u_to[u] = 0;
	u_age[u] = 0;
	u_copied[u] = false
}

/* What is stale counts for nothing: what it said is forgotten, which spares
 * states and changes nothing. */
inline row_grows_older(r)
{
	older(row_age[r], STALE);
	if
	:: row_age[r] == STALE -> row_vote[r] = ABSTAIN
	:: else
	fi
}

inline tick()
{
	for (k : 0 .. 8) {
		if
		:: k % (NODES + 1) != 0 -> row_grows_older(k)
		:: else /* the own row: its probe loop is alive */
		fi
	}
	message_grows_older();
	for (k : 0 .. UPDATES - 1) {
		if
		:: u_from[k] != NOTHING && u_age[k] == FUDGE -> free_update(k)
		:: u_from[k] != NOTHING && u_age[k] < FUDGE -> u_age[k]++
		:: else
		fi
	}
	for (writer : 1 .. NODES - 1) {
		plan(writer);
		if
		:: target == server -> waited[writer] = 0
		:: target != server && waited[writer] < writer -> waited[writer]++
		:: else
		fi
	}
	if
	:: is_cut -> older(cut_age, STALE)
	:: else
	fi
}

/* Any row that one node knows, to any other. */
inline gossip(i, j, whose)
{
	if
	:: FRESH(i, whose) && (!is_cut || (i != 0 && j != 0)) ->
#ifdef BROKEN_RELAY
		age = 0;
#else
		age = row_age[ROW(i, whose)];
#endif
#ifdef DELAYS
		if
		:: m_to == NOTHING ->
			m_to = j;
			m_whose = whose;
			m_vote = row_vote[ROW(i, whose)];
			m_version = row_version[ROW(i, whose)];
			m_age = age
		:: else
		fi
#else
		take(j, whose, row_vote[ROW(i, whose)],
		    row_version[ROW(i, whose)], age)
#endif
	:: else
	fi
}

/* A look at the primary, and the UPDATE that follows from it. What can come
 * between reading and writing can come between writing and arriving as well. */
inline publish(i)
{
	count_fresh(i);
	plan(i);
	if
	:: n_fresh >= NEEDED && target != server && waited[i] >= i ->
		assert(!(i == 0 && is_cut && cut_age >= STALE)); /* S4 */
		assert(!(i != 0 && is_cut && cut_age >= STALE && FRESH(i, 0)));
		waited[i] = 0;
		for (k : 0 .. UPDATES - 1) {
			if
			:: u_from[k] == NOTHING && target != server ->
				u_from[k] = server;
				u_to[k] = target;
				target = server /* sent once */
			:: else
			fi
		}
	:: else
	fi
}

inline apply(u)
{
#ifdef BROKEN_COMPARE
	/* as separate additions and deletions, whatever is there by now */
	target = (server | (u_to[u] & ~u_from[u])) & ~(u_from[u] & ~u_to[u]);
	if
	:: target != server -> server = target; STEP(false, true)
	:: else
	fi;
#else
	if
	:: server == u_from[u] -> server = u_to[u]; STEP(false, true)
	:: else
	fi;
#endif
	assert(server != 0) /* S2 */
}

init {
	byte i, j, n;

	d_step {
		for (i : 0 .. 8) {
			row_vote[i] = BOTH
		}
		for (i : 0 .. UPDATES - 1) {
			free_update(i)
		}
		i = 0
	}
	do
	:: atomic { /* somebody changes its mind */
		news_left > 0 -> news_left--;
		STEP(false, false);
		select(i : 0 .. NODES - 1);
		select(n : 0 .. BOTH);
		if
		:: n == row_vote[ROW(i, i)] -> news_left++
		:: else -> row_vote[ROW(i, i)] = n; row_version[ROW(i, i)]++
		fi;
		i = 0; n = 0 }
	:: atomic { /* a process dies and starts again, knowing nothing */
		restarts_left > 0 -> restarts_left--;
		STEP(false, false);
		select(i : 0 .. NODES - 1);
		for (j : 0 .. NODES - 1) {
			if
			:: i != j -> row_age[ROW(i, j)] = STALE;
				row_vote[ROW(i, j)] = ABSTAIN;
				row_version[ROW(i, j)] = 0
			:: else -> row_vote[ROW(i, i)] = ABSTAIN;
				row_version[ROW(i, i)]++
			fi
		}
		waited[i] = 0;
		i = 0; j = 0 }
	:: d_step { !is_cut -> is_cut = true; STEP(false, false) }
	:: d_step { true -> STEP(true, false); tick() }
	:: atomic { /* gossip */
		true -> STEP(false, false);
		select(i : 0 .. NODES - 1);
		select(j : 0 .. NODES - 1);
		select(n : 0 .. NODES - 1);
		if
		:: i != j && n != j -> d_step { gossip(i, j, n) }
		:: else
		fi;
		i = 0; j = 0; n = 0 }
#ifdef DELAYS
	:: d_step { /* ... arrives, */
		m_to != NOTHING -> STEP(false, false);
		take(m_to, m_whose, m_vote, m_version, m_age) }
	:: d_step { /* ... is gone, whether it arrived or not */
		m_to != NOTHING -> STEP(false, false);
		free_message() }
#endif
	:: atomic { /* a writer looks */
		true -> STEP(false, false);
		select(i : 0 .. NODES - 1);
		if
		:: d_step { true -> publish(i) }
		fi;
		i = 0 }
	:: atomic { /* an UPDATE arrives, is repeated, or gets lost */
		true -> STEP(false, false);
		select(n : 0 .. UPDATES - 1);
		if
		:: u_from[n] == NOTHING
		:: u_from[n] != NOTHING && !u_copied[n] -> d_step {
			apply(n); u_copied[n] = true }
		:: u_from[n] != NOTHING -> d_step { apply(n); free_update(n) }
		:: u_from[n] != NOTHING -> d_step { free_update(n) }
		fi;
		n = 0 }
	od
}

/* While time passes, writers do not undo each other's changes for ever. */
#ifdef CLAIM
ltl no_alternation { ([] <> ticked) -> (<> [] !changed) }
#endif
