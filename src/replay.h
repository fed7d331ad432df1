/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_REPLAY_H
#define RRDNSD_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A recorded journal of events, decided again under other settings by what the
 * daemon decides with: http/health.h, vote/verdict.h, agent_rules.h. Pure; all
 * times are on the wall clock of the journal.
 */
struct replay_journal;

/* Told in the order of the journal: what is wrong, but does not end it. */
typedef void replay_warn_cb(void *arg, const char *text);

/* Reads what "rrdnsctl events --json" prints, with and without -f, also several
 * of these in a row and of several nodes. ERR_SYNTAX, ERR_INVALID or ERR_NOMEM,
 * with the line and what would be right in why. */
int replay_journal_read(const char *text, size_t len, replay_warn_cb *warn,
    void *arg, struct replay_journal **out, char *why, size_t why_size);
void replay_journal_free(struct replay_journal *journal); /* NULL is fine */

#define REPLAY_THRESHOLD_MAX 1000
#define REPLAY_AS_RECORDED (-1)

struct replay_options {
	int rise; /* each of these may be REPLAY_AS_RECORDED */
	int fall;
	int min_up;
	int fail_mode; /* enum conf_fail_mode */
	int fail_open_percent;
	int nodes; /* configured; those that the journal lacks abstain */
	int interval_ms; /* not shorter than recorded */
	int fast_interval_ms;
	const char *fqdn; /* NULL: all services */
	int64_t since_ms; /* what began before is not told */
	int64_t until_ms; /* nor from here on; 0: no end */
};

/* A time in which an endpoint was down, or out of DNS. */
struct replay_span {
	int64_t from_ms;
	int64_t to_ms; /* 0: it still was at the end of the journal */
};

struct replay_spans {
	struct replay_span *list;
	size_t len;
};

/* One difference: was by the recorded settings, now by the others. */
struct replay_difference {
	struct replay_span was; /* from_ms 0: would have been added */
	struct replay_span now; /* from_ms 0: would have been avoided */
	/* Had fast probes that were not made gone on as the one before, it
	 * would have begun then; 0: no different. */
	int64_t perhaps_ms;
};

struct replay_course {
	struct replay_spans down; /* by verdict */
	struct replay_spans out; /* of DNS, as it should have been */
	int64_t dead_ms; /* in DNS, and its last probe had failed */
	int64_t away_ms; /* out of DNS, and its last probe was ok */
};

struct replay_row {
	const char *fqdn; /* the journal's */
	char ipaddr[56];
	struct replay_spans recorded; /* down, as the events have it */
	size_t missed; /* of these, how many the replay does not come to */
	int64_t skew_ms; /* by how much others are off, at most */
	struct replay_course was;
	struct replay_course now;
	struct replay_course perhaps; /* the earliest */
	struct replay_difference *differences; /* of what is out of DNS */
	size_t n_differences;
};

struct replay_report {
	struct replay_row *rows; /* by fqdn, then address */
	size_t n_rows;
	char **notes; /* what could not be known, and why */
	size_t n_notes;
	int64_t from_ms, to_ms; /* of the journal */
	size_t n_events;
	size_t n_nodes;
};

/* The journal outlives the report. ERR_INVALID, with why, when the options ask
 * for what the journal can't tell; ERR_NOTFOUND: none of its services is meant;
 * ERR_NOMEM. */
int replay_run(const struct replay_journal *journal,
    const struct replay_options *options, struct replay_report **out,
    char *why, size_t why_size);
void replay_report_free(struct replay_report *report); /* NULL is fine */

#endif
