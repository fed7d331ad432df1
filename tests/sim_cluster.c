/* SPDX-License-Identifier: ISC */
/*
 * Whole clusters on a virtual clock: real nodes (src/vote), rules
 * (src/agent_rules.c, src/dns/desired.c) and publishers (src/dns/publish*.c)
 * against a network and a primary that do what networks and primaries do at
 * their worst, watched by an oracle (sim_oracle*.c) that asserts the invariants
 * of protocol.md section 8 after every event.
 *
 *   sim_cluster                    2,000 runs, or SIM_RUNS of the environment, as
 *                                  "make check" does
 *   sim_cluster --runs N --seed S  N runs from seed S on; 0: for ever
 *   sim_cluster --seed S --verbose one run, event by event
 *   sim_cluster --mutants          breaks each rule: all must be caught
 *
 * What caught the mutants of sim_mutants.h, in how many runs ("make mutants"
 * makes this list anew):
 *
 *   start-up: written before each endpoint has a verdict:
 *     ABSTENTION_IS_DOWN 1, OPENS_AT_ONCE 3, QUORUM_OF_FRESH 16
 *   an age is no upper bound:
 *     AGE_FROM_ARRIVAL 1, AGE_WITHOUT_WAY 1, STOPS_DO_NOT_ADD_UP 24,
 *     SUSPEND_UNSEEN 1, TO_MS_IGNORED 6
 *   tests/mutant_damping (check_damping):
 *     ALL_REMOVALS_COUNT, DRIFT_IS_CHANGE, HELD_IS_CHANGED,
 *     OLD_READING_COUNTS, OPERATORS_DWELL, RELEASE_IGNORED, REMOVALS_COUNT_ON,
 *     REMOVALS_UNSEEN, REPAIR_IS_NO_CHANGE, RETURN_UNSEEN, SENT_COUNTS_AGAIN,
 *     SENT_IS_RECALLED, START_IS_NO_CHANGE
 *   S1: no majority held votes for that UPDATE:
 *     ALL_TIERS_COUNTED 97, FAILING_UNCERTAIN 19, FREEZE_IGNORED 60,
 *     INTENTS_ARE_COUNTED 6, NEVER_STALE 9, NO_FLOOR 41, TIER_UNCERTAIN 6,
 *     UNDECIDED_COMES 6
 *   L1: one UPDATE per change:
 *     ALL_WRITE_AT_ONCE 75
 *   tests/mutant_talk (check_vote_talk):
 *     ANSWER_UNMATCHED, BOOT_KEPT, HELD_COUNTS_STOPS, INTENTS_NOT_AWAITED,
 *     TO_BOOT_IGNORED
 *   an intent is forgotten:
 *     CLEAR_IS_DROPPED 10
 *   intents differ in the end:
 *     CLEAR_LOSES 24
 *   S4: written without having heard of a majority:
 *     CLOCKS_UNREAD 128, HALF_IS_ENOUGH 7, SENT_UNASKED 84, WRITES_ALONE 76
 *   tests/mutant_standby (check_standby):
 *     DOUBT_COUNTS, FLAPS_COUNT, FORGETS_UNSURE, RETURNS_AT_ONCE,
 *     RETURNS_UNASKED, TAKEOVER_FORGOTTEN
 *   an intent that nobody asked for:
 *     EXPIRY_RESTAMPS 12
 *   a row is not what its node said:
 *     HASH_IGNORED 6, ROW_OUTLIVES_BOOT 1, WITHDRAWAL_UNTOLD 10
 *   a heartbeat without its votes:
 *     HEARTBEAT_AHEAD 1
 *   a forged message is taken:
 *     MAC_IGNORED 3
 *   L1: DNS is as it should be, in time:
 *     NEVER_RECONCILED 6, NO_PUSH 123, NO_RELAY 75
 *   a change that is no news:
 *     NEWS_WITHOUT_VERSION 1
 *   damping: more removals than allowed:
 *     NO_BRAKE 259, REMOVALS_FORGOTTEN 259
 *   damping: a record leaves soon after it came:
 *     NO_DWELL 189
 *   an UPDATE without a prerequisite:
 *     NO_PREREQUISITE 1
 *   a row goes back:
 *     OLD_BOOT_TAKEN 1
 *   tests/mutant_table (check_vote_table):
 *     BASE_IGNORED, OWN_ROW_TAKEN
 *   tests/mutant_peer (check_vote_peer):
 *     RELAY_TO_ALL
 *   a message is taken twice:
 *     SEQ_IGNORED 2
 *   votes by old probes:
 *     STALE_PROBES_VOTE 1, STOP_KEEPS_HEALTH 1
 *   a new intent is not the newest:
 *     STAMP_IS_WALL 95
 *   S3: a record that is no endpoint:
 *     STRANGERS_REMOVED 1
 *   a message for another node is taken:
 *     TO_IGNORED 34
 *   votes change, their version does not:
 *     VERSION_NOT_RAISED 1
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "sim_mutants.h"
#include "sim_run.h"

#define RUNS 2000
#define PROGRESS_S 60

struct options {
	uint64_t seed;
	uint64_t runs;
	bool verbose;
	bool all_mutants;
	const char *self; /* argv[0] */
};

static bool
run_one(uint64_t seed, bool verbose, char *why, size_t size)
{
	static struct sim sim;
	bool good;

	sim_init(&sim, seed);
	sim.verbose = verbose;
	good = sim_run(&sim);
	/* Two builds that print the same did the same. */
	sim_say(&sim, "end: %" PRIu64 " events, %" PRIu64
	    " updates, chance %016" PRIx64, sim.order, sim.updates_sent,
	    sim.random);
	if (!good)
		snprintf(why, size, "%s", sim.why);
	sim_fini(&sim);
	return good;
}

/* Long ones tell each minute how far they are. */
static void
tell_progress(uint64_t good, time_t begun, time_t *told)
{
	time_t now = time(NULL);

	if (difftime(now, *told) < PROGRESS_S)
		return;
	*told = now;
	printf("%" PRIu64 " runs held so far, %.0f s\n", good,
	    difftime(now, begun));
	fflush(stdout);
}

/* Prints the first failure; the number of good runs before it. */
static bool
run_many(const struct options *options, uint64_t *good)
{
	time_t begun = time(NULL), told = begun;
	char why[512];

	for (*good = 0; options->runs == 0 || *good < options->runs; ++*good) {
		uint64_t seed = options->seed + *good;

		tell_progress(*good, begun, &told);
		if (run_one(seed, options->verbose, why, sizeof why))
			continue;
		printf("seed %" PRIu64 ": %s\n", seed, why);
		return false;
	}
	return true;
}

static int
run_plain(const struct options *options)
{
	time_t begun = time(NULL);
	uint64_t good;
	bool ok;

	printf("seeds from %" PRIu64 "%s%s\n", options->seed,
	    sim_mutant != SIM_MUTANT_NONE ? ", broken: " : "",
	    sim_mutant != SIM_MUTANT_NONE ? sim_mutants[sim_mutant].name : "");
	ok = run_many(options, &good);
	printf("%" PRIu64 " runs held, %.0f s\n", good,
	    difftime(time(NULL), begun));
	if (!ok)
		printf("replay: sim_cluster --verbose --seed %" PRIu64
		       "%s%s\n",
		    options->seed + good,
		    sim_mutant != SIM_MUTANT_NONE ? " --mutant " : "",
		    sim_mutant != SIM_MUTANT_NONE ? sim_mutants[sim_mutant].name
						  : "");
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
run_broken(enum sim_mutant mutant, const struct options *options)
{
	uint64_t good;

	sim_mutant = mutant;
	if (run_many(options, &good)) {
		printf("SURVIVED %" PRIu64 " runs\n", good);
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

/* The unit test of that name, which stands beside this program. */
static void
run_unit_test(enum sim_mutant mutant, const char *self)
{
	static const char *const names[] = { [SIM_BY_PEER] = "mutant_peer",
		[SIM_BY_DAMPING] = "mutant_damping",
		[SIM_BY_STANDBY] = "mutant_standby",
		[SIM_BY_TABLE] = "mutant_table", [SIM_BY_TALK] = "mutant_talk" };
	const char *name = names[sim_mutants[mutant].by];
	const char *slash = strrchr(self, '/');
	char path[4096];

	snprintf(path, sizeof path, "%.*s%s",
	    slash != NULL ? (int)(slash - self + 1) : 0, self, name);
	printf("by tests/%s\n", name);
	fflush(stdout);
	setenv("RRDNSD_MUTANT", sim_mutants[mutant].name, 1);
	if (freopen("/dev/null", "w", stdout) != NULL)
		execl(path, path, (char *)NULL);
	fprintf(stderr, "%s: build it by \"make mutants\"\n", path);
	_exit(EXIT_SUCCESS);
}

/* In a process of its own: an assertion in the code may catch it, too. */
static bool
is_caught(enum sim_mutant mutant, const struct options *options)
{
	int status;
	pid_t pid;

	printf("%-22s ", sim_mutants[mutant].name);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (sim_mutants[mutant].by == SIM_BY_SIM)
			run_broken(mutant, options);
		run_unit_test(mutant, options->self);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFSIGNALED(status))
		printf("stopped by signal %d\n", WTERMSIG(status));
	return WIFSIGNALED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;
}

static int
run_mutants(const struct options *options)
{
	unsigned survivors = 0;

	for (int i = SIM_MUTANT_NONE + 1; i < SIM_MUTANTS; i++)
		survivors += !is_caught((enum sim_mutant)i, options);
	printf("%d mutants, %u survived\n", SIM_MUTANTS - 1, survivors);
	return survivors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
list_mutants(void)
{
	for (int i = SIM_MUTANT_NONE + 1; i < SIM_MUTANTS; i++)
		printf("%-22s %s\n", sim_mutants[i].name,
		    sim_mutants[i].text);
	return EXIT_SUCCESS;
}

static void
choose_mutant(const char *name)
{
	if (sim_mutant_choose(name))
		return;
	fprintf(stderr, "%s: no such mutant; see --list-mutants\n", name);
	exit(2);
}

/* Where each takes long, such as under valgrind, fewer do. */
static uint64_t
usual_runs(void)
{
	const char *text = getenv("SIM_RUNS");

	return text != NULL ? strtoull(text, NULL, 10) : RUNS;
}

static struct options
read_options(int argc, char **argv)
{
	static const struct option table[] = {
		{ "runs", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' },
		{ "mutant", required_argument, NULL, 'm' },
		{ "mutants", no_argument, NULL, 'M' },
		{ "list-mutants", no_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .seed = 1, .runs = usual_runs(),
		.self = argv[0] };
	bool has_seed = false, has_runs = false;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'r':
			options.runs = strtoull(optarg, NULL, 10);
			has_runs = true;
			break;
		case 's':
			options.seed = strtoull(optarg, NULL, 10);
			has_seed = true;
			break;
		case 'm':
			choose_mutant(optarg);
			break;
		case 'M':
			options.all_mutants = true;
			break;
		case 'l':
			exit(list_mutants());
		case 'v':
			options.verbose = true;
			break;
		default:
			exit(2);
		}
	}
	if (has_seed && !has_runs)
		options.runs = 1;
	return options;
}

int
main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);

	log_set_level((enum log_level)0); /* what is wrong, the oracle says */
	return options.all_mutants ? run_mutants(&options)
				   : run_plain(&options);
}
