/* SPDX-License-Identifier: ISC */
/* Probes by a program: 0 is ok, 1 is failed, all else says nothing about the
 * endpoint. What does not come to an end in time has failed: most of what
 * checks do is wait for the endpoint (protocol.md section 2: what arrives
 * later is the target's). */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "exec.h"
#include "http/prober_impl.h"

struct exec_probe {
	struct probe base;
	struct exec_child *child; /* NULL: waits for a place, or is over */
	bool waiting;
	char line[PROBE_DETAIL_MAX]; /* the first of its output */
	TAILQ_ENTRY(exec_probe) entry;
};

static struct prober *
prober_of(const struct exec_probe *probe)
{
	return probe->base.target->prober;
}

/* The text with the address where {} is, words ended by NULs. */
static char *
expand(const char *text, const char *address, size_t *n_words)
{
	size_t len = strlen(address), size = strlen(text) + 1;
	char *words, *to;

	for (const char *p = text; (p = strstr(p, "{}")) != NULL; p += 2)
		size += len;
	words = to = malloc(size);
	if (words == NULL)
		return NULL;
	*n_words = 1;
	while (*text != '\0') {
		if (strncmp(text, "{}", 2) == 0) {
			memcpy(to, address, len);
			to += len;
			text += 2;
			continue;
		}
		*n_words += *text == ' ';
		*to++ = *text == ' ' ? '\0' : *text;
		text++;
	}
	*to = '\0';
	return words;
}

/* Remote text, maybe: plain characters only. */
static void
on_line(void *arg, const char *line)
{
	struct exec_probe *probe = arg;
	size_t i;

	if (probe->line[0] != '\0')
		return;
	for (i = 0; i < sizeof probe->line - 1 && line[i] != '\0'; i++)
		probe->line[i] =
		    line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
	probe->line[i] = '\0';
}

static void
end_broken(struct exec_probe *probe, const char *what, int number)
{
	char detail[PROBE_DETAIL_MAX];

	snprintf(detail, sizeof detail, "check ended with %s %d%s%.120s", what,
	    number, probe->line[0] != '\0' ? ": " : "", probe->line);
	probe_end_with(&probe->base, OUTCOME_CHECK_BROKEN, detail);
}

static void
on_end(void *arg, enum exec_how how, int number)
{
	struct exec_probe *probe = arg;
	enum outcome outcome = number == 0 ? OUTCOME_OK : OUTCOME_CHECK_FAILED;
	char detail[PROBE_DETAIL_MAX];

	probe->child = NULL;
	if (how != EXEC_EXITED || number > 1) {
		end_broken(probe, how == EXEC_EXITED ? "status" : "signal",
		    number);
		return;
	}
	snprintf(detail, sizeof detail, "%s", probe->line[0] != '\0'
		? probe->line : outcome_text(outcome));
	probe_end_with(&probe->base, outcome, detail);
}

static int
run_words(struct exec_probe *probe, char *words, size_t n)
{
	const struct probe_spec *spec = &probe->base.target->spec;
	char ip[ADDR_TEXT_MAX], address[ADDR_TEXT_MAX + 16], timeout[48];
	char path[] = EXEC_PATH;
	char *const env[] = { path, address, timeout, NULL };
	char **argv = calloc(n + 1, sizeof *argv);
	struct exec_command command = { .argv = argv, .envp = env };
	int err;

	if (argv == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++, words += strlen(words) + 1)
		argv[i] = words;
	snprintf(address, sizeof address, "RRDNSD_IPADDR=%s",
	    addr_format(&spec->addr, false, ip));
	snprintf(timeout, sizeof timeout, "RRDNSD_TIMEOUT_MS=%u",
	    spec->timeout_ms);
	err = exec_start(prober_of(probe)->exec, &command, on_line, on_end,
	    probe, &probe->child);
	free(argv);
	return err;
}

static int
run(struct exec_probe *probe)
{
	const struct probe_spec *spec = &probe->base.target->spec;
	char address[ADDR_TEXT_MAX];
	char *words;
	size_t n;
	int err;

	addr_format(&spec->addr, false, address);
	words = expand(spec->target, address, &n);
	if (words == NULL)
		return ERR_NOMEM;
	err = run_words(probe, words, n);
	free(words);
	return err;
}

static void
end_unstarted(struct exec_probe *probe, int err)
{
	char detail[PROBE_DETAIL_MAX];

	snprintf(detail, sizeof detail, "check can't be run: %s",
	    err_text(err));
	probe_end_with(&probe->base, err == ERR_NOMEM ? OUTCOME_NO_MEMORY
						      : OUTCOME_CHECK_BROKEN,
	    detail);
}

static void
start(struct probe *base)
{
	struct exec_probe *probe = (struct exec_probe *)base;
	int err = run(probe);

	if (err == ERR_BUSY) {
		probe->waiting = true;
		TAILQ_INSERT_TAIL(&prober_of(probe)->waiting, probe, entry);
	} else if (err != 0) {
		end_unstarted(probe, err);
	}
}

static void
stop_waiting(struct exec_probe *probe)
{
	if (probe->waiting)
		TAILQ_REMOVE(&prober_of(probe)->waiting, probe, entry);
	probe->waiting = false;
}

/* Its time begins when it runs. */
static void
begin(struct exec_probe *probe)
{
	int err;

	stop_waiting(probe);
	probe->base.started_us = loop_clock_us();
	probe_set_deadline(&probe->base);
	err = run(probe);
	if (err != 0)
		end_unstarted(probe, err);
}

void
probe_exec_on_free(void *arg)
{
	struct prober *prober = arg;

	if (!TAILQ_EMPTY(&prober->waiting))
		begin(TAILQ_FIRST(&prober->waiting));
}

static void
time_out(struct probe *base)
{
	struct exec_probe *probe = (struct exec_probe *)base;
	enum outcome outcome = OUTCOME_CHECK_TIMEOUT;

	if (probe->waiting)
		outcome = OUTCOME_BUSY;
	else if (probe_is_stalled(base))
		outcome = OUTCOME_STALLED;
	probe_end_with(base, outcome, outcome_text(outcome));
}

static void
release(struct probe *base)
{
	struct exec_probe *probe = (struct exec_probe *)base;

	stop_waiting(probe);
	if (probe->child != NULL)
		exec_cancel(probe->child);
}

const struct probe_engine probe_exec_engine = {
	.size = sizeof(struct exec_probe),
	.start = start,
	.time_out = time_out,
	.release = release,
};
