/* SPDX-License-Identifier: ISC */
/* Commands that change something, and those that start a probe. */
#include "config.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr.h"
#include "ctl.h"
#include "ctl_json.h"

#define POLL_MS 100
#define DRAIN_WAIT_MS 5000 /* until the change is in DNS */
#define CHECK_WAIT_MS 60000 /* until a probe is over */
#define HELD_WAIT_MS 2000 /* until all nodes that live hold an intent */

/* A status is made anew at most so often; times in it are derived, and differ
 * by a rounding. */
#define SAME_PROBE_MS 20

/* Who asks: sudo's caller rather than root. */
static const char *
who(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *entry;

	if (geteuid() == 0 && name != NULL && name[0] != '\0')
		return name;
	entry = getpwuid(getuid());
	return entry != NULL ? entry->pw_name : "unknown";
}

static bool
same_ip(const char *given, const char *ipaddr)
{
	struct addr a, b;

	return addr_parse_ip(given, &a) == 0 &&
	    addr_parse_ip(ipaddr, &b) == 0 && addr_compare_ip(&a, &b) == 0;
}

/* Of words FQDN IP; *service holds the endpoint, and is the caller's. */
static enum ctl_exit
get_endpoint(struct ctl *ctl, const struct ctl_args *args, json_t **service,
    const json_t **endpoint)
{
	char *path = ctl_service_path(args->words[0]);
	enum ctl_exit result = CTL_REFUSED;
	const json_t *one;
	size_t i;

	*service = NULL;
	*endpoint = NULL;
	if (path != NULL)
		result = ctl_get(ctl, path, service);
	free(path);
	json_array_foreach(json_object_get(*service, "endpoints"), i, one)
		if (same_ip(args->words[1], ctl_json_text(one, "ipaddr")))
			*endpoint = one;
	return result;
}

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
print_moment(const struct ctl *ctl, const char *before, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	char text[64] = "";

	if (localtime_r(&s, &tm) != NULL)
		strftime(text, sizeof text, "%H:%M:%S", &tm);
	ctl_printf(stdout, &ctl->style, CTL_GOOD, 0, "%s%s", before, text);
}

/* After a drain: when the last client that knows the address has gone. */
static void
wait_for_drain(struct ctl *ctl, const struct ctl_args *args)
{
	for (int waited = 0; waited < DRAIN_WAIT_MS; waited += POLL_MS) {
		const json_t *endpoint;
		json_t *service;
		int64_t safe_ms;

		if (get_endpoint(ctl, args, &service, &endpoint) != CTL_DONE)
			return;
		safe_ms = ctl_json_time(endpoint, "safe_to_stop");
		json_decref(service);
		if (safe_ms != 0) {
			print_moment(ctl, "safe to stop at ", safe_ms);
			return;
		}
		sleep_ms(POLL_MS);
	}
	ctl_write_wrapped(stdout, &ctl->style, CTL_DOUBT, 0,
	    "not yet confirmed by all servers; status shows when it is safe "
	    "to stop");
}

/* The daemon answers at once, when nobody else can hold it yet. How many nodes
 * do a moment later, and no longer than it takes those that live; 0: it is not
 * known. */
static int64_t
wait_for_nodes(struct ctl *ctl)
{
	int64_t held = 0, fresh = 1;

	for (int waited = 0; held < fresh && waited < HELD_WAIT_MS;
	     waited += POLL_MS) {
		json_t *status;

		sleep_ms(POLL_MS);
		if (ctl_get(ctl, "/api/v1/status", &status) != CTL_DONE)
			return 0;
		held = ctl_json_int(status, "intents_held_by");
		fresh = ctl_json_int(json_object_get(status, "quorum"),
		    "fresh");
		json_decref(status);
	}
	return held;
}

/* What the daemon said, with the number of nodes of a moment later: "held by 1
 * of 3 nodes; and more" */
static void
write_held(FILE *out, struct ctl *ctl, const json_t *json)
{
	const char *text = ctl_json_text(json, "text");
	int64_t nodes = ctl_json_int(json, "nodes"), held;
	char said[64];

	snprintf(said, sizeof said, "held by %" PRId64 " of ",
	    ctl_json_int(json, "held_by"));
	held = nodes > 1 && strncmp(text, said, strlen(said)) == 0
	    ? wait_for_nodes(ctl)
	    : 0;
	if (held > 0)
		fprintf(out, "held by %" PRId64 " of %s", held,
		    text + strlen(said));
	else
		fputs(text, out);
}

/* "www.example.org/192.0.2.7: drain, held by 3 of 3 nodes" */
static void
print_answer(struct ctl *ctl, const struct ctl_answer *answer)
{
	json_t *json = json_loadb(answer->body ? answer->body : "",
	    answer->len, 0, NULL);
	const char *target = ctl_json_text(json, "target");
	char *line = NULL;
	size_t len;
	FILE *out = open_memstream(&line, &len);

	if (out != NULL && target[0] != '\0')
		fprintf(out, "%s: %s, ",
		    strcmp(target, "*") == 0 ? "everything" : target,
		    ctl_json_text(json, "intent"));
	if (out != NULL) {
		write_held(out, ctl, json);
		fclose(out);
		ctl_print_text(ctl, line);
	}
	free(line);
	json_decref(json);
}

enum ctl_exit
ctl_change(struct ctl *ctl, const struct ctl_args *args)
{
	struct ctl_answer answer;
	struct ctl_call call;
	enum ctl_exit result;

	if (ctl_call_make(args, who(), &call) != 0)
		return CTL_REFUSED;
	result = ctl_ask(ctl, call.method, call.path, call.body, &answer);
	ctl_call_fini(&call);
	if (answer.status == 409 && args->command->options & CTL_FORCE)
		fputs("rrdnsctl: here, that is --force\n", stderr);
	if (result == CTL_DONE && ctl->json) {
		ctl_print_raw(&answer);
	} else if (result == CTL_DONE) {
		print_answer(ctl, &answer);
		if (args->command->kind == CTL_DRAIN)
			wait_for_drain(ctl, args);
	}
	ctl_answer_fini(&answer);
	return result;
}

static int64_t
probed_at(const json_t *endpoint)
{
	return ctl_json_time(json_object_get(endpoint, "probe"), "at");
}

static void
print_probe(const struct ctl *ctl, const json_t *endpoint)
{
	const json_t *probe = json_object_get(endpoint, "probe");
	bool ok = strcmp(ctl_json_text(probe, "outcome"), "ok") == 0;
	char line[512];

	if (ctl->json) {
		json_dumpf(probe, stdout, JSON_COMPACT);
		putchar('\n');
		return;
	}
	snprintf(line, sizeof line, "%s: %s, %" PRId64 " ms; the verdict is %s",
	    ctl_json_text(endpoint, "ipaddr"), ctl_json_text(probe, "detail"),
	    ctl_json_int(probe, "duration_ms"),
	    ctl_json_text(endpoint, "verdict"));
	ctl_write_wrapped(stdout, &ctl->style, ok ? CTL_GOOD : CTL_BAD, 0,
	    line);
}

/* Polls until there is a result that was not there before. */
static enum ctl_exit
wait_for_probe(struct ctl *ctl, const struct ctl_args *args, int64_t before_ms)
{
	for (int waited = 0; waited < CHECK_WAIT_MS; waited += POLL_MS) {
		const json_t *endpoint;
		json_t *service;
		enum ctl_exit result =
		    get_endpoint(ctl, args, &service, &endpoint);
		bool over = result != CTL_DONE;

		if (llabs(probed_at(endpoint) - before_ms) > SAME_PROBE_MS) {
			print_probe(ctl, endpoint);
			over = true;
		}
		json_decref(service);
		if (over)
			return result;
		sleep_ms(POLL_MS);
	}
	fputs("rrdnsctl: the probe was not over within a minute\n", stderr);
	return CTL_REFUSED;
}

enum ctl_exit
ctl_check(struct ctl *ctl, const struct ctl_args *args)
{
	const json_t *endpoint;
	struct ctl_answer answer;
	struct ctl_call call;
	json_t *service;
	int64_t before_ms;
	enum ctl_exit result = get_endpoint(ctl, args, &service, &endpoint);

	before_ms = probed_at(endpoint);
	json_decref(service);
	if (result != CTL_DONE)
		return result;
	if (ctl_call_make(args, who(), &call) != 0)
		return CTL_REFUSED;
	result = ctl_ask(ctl, call.method, call.path, call.body, &answer);
	ctl_call_fini(&call);
	ctl_answer_fini(&answer);
	return result == CTL_DONE ? wait_for_probe(ctl, args, before_ms)
				  : result;
}
