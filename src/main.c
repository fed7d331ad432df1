/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[main]"
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "agent.h"
#include "conf.h"
#include "conf_import.h"
#include "conf_print.h"
#include "err.h"
#include "file_replace.h"
#include "log.h"
#include "loop.h"
#include "loop_signal.h"
#include "notify.h"

#define EXIT_USAGE 2
#define STOP_MS 2000
#define STOP_POLL_MS 20

struct options {
	const char *conf_path;
	const char *import_path;
	bool check_only;
	bool verbose;
	struct agent_options agent;
};

struct daemon {
	struct options options;
	struct loop *loop;
	struct agent *agent;
	struct timer stop_timer;
	int64_t stop_deadline_ms;
	bool stopping;
};

static void
print_usage(FILE *out)
{
	fputs("usage: rrdnsd [-c FILE] [-n] [--dry-run] [-v] [-V] [-h]\n"
	      "       rrdnsd --import FILE.json\n"
	      "\n"
	      "  -c, --config FILE  configuration (default: $CONF, else " RRDNSD_CONF
	      ")\n"
	      "  -n, --check        check the configuration, print the worst case of\n"
	      "                     each service, and exit\n"
	      "      --dry-run      probe and vote, but send no update\n"
	      "      --import FILE  print the Rust rrdnsd's configuration as ours\n"
	      "  -v, --verbose      log everything\n"
	      "  -V, --version      print the version and exit\n"
	      "  -h, --help         print this and exit\n",
	    out);
}

/* 0, or the exit status + 1 when the program is to end at once. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	enum { OPT_DRY_RUN = 256, OPT_IMPORT };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
		{ "import", required_argument, NULL, OPT_IMPORT },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	options->conf_path = getenv("CONF");
	if (options->conf_path == NULL || options->conf_path[0] == '\0')
		options->conf_path = RRDNSD_CONF;
	while ((c = getopt_long(argc, argv, "c:nvVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->conf_path = optarg;
			break;
		case 'n':
			options->check_only = true;
			break;
		case OPT_DRY_RUN:
			options->agent.dry_run = true;
			break;
		case OPT_IMPORT:
			options->import_path = optarg;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			return EXIT_SUCCESS + 1;
		case 'h':
			print_usage(stdout);
			return EXIT_SUCCESS + 1;
		default:
			print_usage(stderr);
			return EXIT_USAGE + 1;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "rrdnsd: unexpected argument '%s'\n",
		    argv[optind]);
		print_usage(stderr);
		return EXIT_USAGE + 1;
	}
	return 0;
}

static void
report_to_stderr(void *arg, bool warning, const char *file, int line,
    const char *text)
{
	(void)arg;
	if (line > 0)
		fprintf(stderr, "%s:%d: %s%s\n", file, line,
		    warning ? "warning: " : "", text);
	else
		fprintf(stderr, "%s: %s%s\n", file, warning ? "warning: " : "",
		    text);
}

static void
report_to_log(void *arg, bool warning, const char *file, int line,
    const char *text)
{
	char place[24] = "";

	(void)arg;
	if (line > 0)
		snprintf(place, sizeof place, ":%d", line);
	if (warning)
		log_warning("%s%s: %s", file, place, text);
	else
		log_error("%s%s: %s", file, place, text);
}

static int
import(const struct options *options)
{
	struct conf_report report = { .line = report_to_stderr };

	if (conf_import(options->import_path, stdout, &report) != 0)
		return EXIT_FAILURE;
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* One descriptor per probe in flight and some for servers and peers. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Keys and tokens are in our memory. No core dump gets them, and no other
 * process of the same user, such as a script that an event runs, can read them
 * by ptrace(2) or in /proc. */
static void
keep_memory_private(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}

static void
apply_log_level(const struct daemon *daemon, const struct conf *conf)
{
	log_set_level(
	    daemon->options.verbose ? LOG_LEVEL_DEBUG : conf->log_level);
}

/* Says in text what came of it. 0, or ERR_*: going on as before. */
static int
try_reload(const struct daemon *daemon, char *text, size_t size)
{
	struct conf_report report = { .line = report_to_log };
	const char *path = daemon->options.conf_path;
	struct conf *conf = conf_load(path, &report);
	const char *pending;
	int err;

	if (conf == NULL) {
		snprintf(text, size,
		    "%s: not reloaded (%u wrong); going on as before", path,
		    report.errors);
		return ERR_SYNTAX;
	}
	err = agent_reload(daemon->agent, conf);
	if (err != 0) {
		snprintf(text, size,
		    "%s: not reloaded: %s; going on as before", path,
		    err_text(err));
		return err;
	}
	apply_log_level(daemon, conf);
	pending = agent_pending_option(daemon->agent);
	snprintf(text, size, "%s: reloaded%s%s%s", path,
	    pending != NULL ? ", all but " : "",
	    pending != NULL ? pending : "",
	    conf->changes.len > 0
		? "; what was changed at run time is still in force"
		: "");
	return 0;
}

static void
reload(struct daemon *daemon)
{
	char text[512];

	notify_reloading();
	if (try_reload(daemon, text, sizeof text) != 0)
		log_error("%s", text);
	else
		log_notice("%s", text);
	agent_tell_reload(daemon->agent, text);
	notify_ready();
}

static void
on_stop_timer(void *arg)
{
	struct daemon *daemon = arg;
	int64_t now_ms = loop_now_ms(daemon->loop);

	if (agent_is_idle(daemon->agent) ||
	    now_ms >= daemon->stop_deadline_ms) {
		loop_stop(daemon->loop);
		return;
	}
	loop_timer_set(daemon->loop, &daemon->stop_timer,
	    now_ms + STOP_POLL_MS);
}

static void
stop(struct daemon *daemon, int signo)
{
	if (daemon->stopping)
		return;
	daemon->stopping = true;
	log_notice("SIG%s: stopping; DNS stays as it is",
	    sigabbrev_np(signo));
	notify_stopping();
	agent_stop(daemon->agent);
	daemon->stop_deadline_ms = loop_now_ms(daemon->loop) + STOP_MS;
	loop_timer_set(daemon->loop, &daemon->stop_timer,
	    loop_now_ms(daemon->loop));
}

static void
on_signal(void *arg, int signo)
{
	struct daemon *daemon = arg;

	switch (signo) {
	case SIGHUP:
		if (!daemon->stopping)
			reload(daemon);
		break;
	case SIGCHLD:
		agent_on_child(daemon->agent);
		break;
	case SIGUSR1:
		agent_log_status(daemon->agent);
		break;
	default:
		stop(daemon, signo);
		break;
	}
}

static int
run(struct daemon *daemon, struct conf *conf)
{
	struct loop_signal *signals = NULL;
	int status = EXIT_FAILURE;

	daemon->loop = loop_new();
	if (daemon->loop == NULL) {
		conf_free(conf);
		return EXIT_FAILURE;
	}
	loop_timer_init(&daemon->stop_timer, on_stop_timer, daemon);
	raise_descriptor_limit();
	log_notice("%s: %zu service%s from %s%s", PACKAGE_STRING,
	    conf->n_services, conf->n_services == 1 ? "" : "s",
	    daemon->options.conf_path,
	    daemon->options.agent.dry_run ? " (dry run)" : "");
	/* Signals first and last: one that comes while the agent is made waits
	 * for the loop, a second SIGTERM does not kill it while it is freed. */
	if (loop_signal_new(daemon->loop, on_signal, daemon, &signals) != 0) {
		conf_free(conf);
		goto out;
	}
	daemon->agent = agent_new(daemon->loop, conf, &daemon->options.agent);
	if (daemon->agent != NULL) {
		loop_run(daemon->loop);
		status = EXIT_SUCCESS;
	}
	agent_free(daemon->agent);
out:
	loop_signal_free(signals);
	loop_free(daemon->loop);
	return status;
}

static void
report_to_nobody(void *arg, bool warning, const char *file, int line,
    const char *text)
{
	(void)arg;
	(void)warning;
	(void)file;
	(void)line;
	(void)text;
}

/* What was changed at run time must not keep us from starting with the file.
 * What is wrong with that was told already. */
static struct conf *
load_without_changes(const struct options *options)
{
	struct conf_report report = { .line = report_to_nobody };
	struct conf *conf = conf_load_file(options->conf_path, &report);

	if (conf != NULL)
		file_set_aside(conf->state_dir, CONF_CHANGES_FILE,
		    "what was changed at run time can't be used");
	return conf;
}

/* One that comes before there is a loop must not end us. It waits, and then has
 * the file read once more, which may have been written meanwhile. */
static void
hold_hangups(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
main(int argc, char **argv)
{
	struct conf_report report = { .line = report_to_stderr };
	struct daemon daemon = { 0 };
	struct conf *conf;
	int status = parse_options(argc, argv, &daemon.options);

	if (status != 0)
		return status - 1;
	if (daemon.options.import_path != NULL)
		return import(&daemon.options);
	if (!daemon.options.check_only)
		hold_hangups();
	keep_memory_private();
	log_open(LOG_LEVEL_INFO);
	conf = conf_load(daemon.options.conf_path, &report);
	if (conf == NULL && !daemon.options.check_only)
		conf = load_without_changes(&daemon.options);
	if (conf == NULL) {
		fprintf(stderr, "%s: %u error%s\n", daemon.options.conf_path,
		    report.errors, report.errors == 1 ? "" : "s");
		return EXIT_FAILURE;
	}
	if (daemon.options.check_only) {
		conf_print_worst_cases(conf, stdout);
		conf_free(conf);
		return EXIT_SUCCESS;
	}
	apply_log_level(&daemon, conf);
	return run(&daemon, conf);
}
