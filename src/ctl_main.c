/* SPDX-License-Identifier: ISC */
/* rrdnsctl: what administrators ask of a running rrdnsd. */
#include "config.h"

#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_duration.h"
#include "ctl_replay_options.h"
#include "err.h"

#define SOCKET "/run/rrdnsd/rrdnsd.sock"
#define WIDTH_DEFAULT 80
#define WIDTH_MIN 40
#define WIDTH_MAX 1000

static void
print_usage(FILE *out)
{
	char usage[256];

	fputs("usage: rrdnsctl [-s SOCKET | -u URL [-k TOKENFILE]] [--json] "
	      "COMMAND\n\n",
	    out);
	for (size_t i = 0; i < ctl_n_commands; i++) {
		const struct ctl_command *command = &ctl_commands[i];

		if (command->help == NULL)
			continue;
		ctl_command_usage(command, usage, sizeof usage);
		fprintf(out, strlen(usage) > 25 ? "  %s\n%28s" : "  %-26s",
		    usage, "");
		fprintf(out, "%s\n", command->help);
	}
	fputs("\n"
	      "  -s, --socket SOCKET   the daemon's api_socket\n"
	      "                        (default: " SOCKET ")\n"
	      "  -u, --url URL         its listen address, over HTTP or HTTPS\n"
	      "  -k, --token TOKENFILE holds the api_token\n"
	      "      --json            print what the API says\n"
	      "  -V, --version         print the version and exit\n"
	      "  -h, --help            print this and exit\n"
	      "\n"
	      "  DURATION is as in 90s, 45m, 2h30m or 7d. See rrdnsctl(8).\n",
	    out);
}

struct options {
	struct ctl_api_conf api;
	bool json;
	struct ctl_args args;
};

static bool
take_duration(const char *text, int64_t *s)
{
	if (ctl_duration_parse(text, s) == 0)
		return true;
	fprintf(stderr,
	    "rrdnsctl: --for takes a duration of at most a year, such as 90s, "
	    "45m or 2h30m\n");
	return false;
}

/* What getopt_long says of option i of the replay. */
#define REPLAY_OPTION 256

static bool
take_replay_option(int i, struct ctl_args *args)
{
	char why[160];

	args->given |= CTL_OTHERWISE;
	if (ctl_replay_option_take(&args->replay, ctl_replay_option_names[i],
		optarg, why, sizeof why) == 0)
		return true;
	ctl_complain(why);
	return false;
}

/* Of one option; false: it is told what is wrong. */
static bool
take_option(int c, struct options *options)
{
	struct ctl_args *args = &options->args;

	if (c >= REPLAY_OPTION)
		return take_replay_option(c - REPLAY_OPTION, args);
	switch (c) {
	case 'a':
		args->all = true;
		args->given |= CTL_ALL;
		return true;
	case 's':
		options->api.socket = optarg;
		return true;
	case 'u':
		options->api.url = optarg;
		return true;
	case 'k':
		options->api.token_file = optarg;
		return true;
	case 'f':
		args->follow = true;
		args->given |= CTL_FOLLOW;
		return true;
	case 'j':
		options->json = true;
		return true;
	case 'r':
		args->reason = optarg;
		args->given |= CTL_REASON;
		return true;
	case 't':
		args->given |= CTL_FOR;
		return take_duration(optarg, &args->for_s);
	case 'F':
		args->force = true;
		args->given |= CTL_FORCE;
		return true;
	}
	fputs("Try 'rrdnsctl -h'.\n", stderr);
	return false;
}

static bool
agree(const struct options *options, bool socket_given)
{
	const char *why = NULL;

	if (options->api.url != NULL && socket_given)
		why = "-s and -u exclude each other";
	else if (options->api.token_file != NULL && options->api.url == NULL)
		why = "-k goes with -u: a socket needs no token";
	if (why != NULL)
		fprintf(stderr, "rrdnsctl: %s\n", why);
	return why == NULL;
}

#define LONGS_MAX 32

/* Those of rrdnsctl itself, and those of the replay. */
static void
list_options(struct option longs[LONGS_MAX])
{
	static const struct option own[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "url", required_argument, NULL, 'u' },
		{ "token", required_argument, NULL, 'k' },
		{ "all", no_argument, NULL, 'a' },
		{ "follow", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "reason", required_argument, NULL, 'r' },
		{ "for", required_argument, NULL, 't' },
		{ "force", no_argument, NULL, 'F' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
	};
	size_t n = sizeof own / sizeof own[0];

	memcpy(longs, own, sizeof own);
	for (int i = 0; ctl_replay_option_names[i] != NULL; i++)
		longs[n++] = (struct option){ ctl_replay_option_names[i],
			required_argument, NULL, REPLAY_OPTION + i };
	longs[n] = (struct option){ 0 };
}

/* 0, or the exit status + 1 when the program is to end at once. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	struct option longs[LONGS_MAX];
	char why[320];
	int c;

	list_options(longs);
	while ((c = getopt_long(argc, argv, "s:u:k:fVh", longs, NULL)) != -1) {
		if (c == 'V') {
			puts("rrdnsctl " PACKAGE_VERSION);
			return CTL_DONE + 1;
		}
		if (c == 'h') {
			print_usage(stdout);
			return CTL_DONE + 1;
		}
		if (!take_option(c, options))
			return CTL_USAGE + 1;
	}
	if (optind == argc) {
		print_usage(stderr);
		return CTL_USAGE + 1;
	}
	if (!agree(options, options->api.socket != NULL))
		return CTL_USAGE + 1;
	if (options->api.socket == NULL)
		options->api.socket = SOCKET;
	if (ctl_args_take(&options->args, argv + optind,
		(size_t)(argc - optind), why, sizeof why) != 0) {
		ctl_complain(why);
		return CTL_USAGE + 1;
	}
	return 0;
}

/* $COLUMNS, what the terminal says, or 80. */
static size_t
screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
	struct winsize size;

	if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		width = WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN
	    : width > WIDTH_MAX	 ? WIDTH_MAX
				 : (size_t)width;
}

static struct ctl_style
find_style(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return (struct ctl_style){
		.width = screen_width(),
		.colour = isatty(STDOUT_FILENO) &&
		    (no_colour == NULL || no_colour[0] == '\0') &&
		    term != NULL && strcmp(term, "dumb") != 0,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
}

static enum ctl_exit
run(struct ctl *ctl, const struct ctl_args *args)
{
	switch (args->command->kind) {
	case CTL_REQUEST:
	case CTL_DRAIN:
		return ctl_change(ctl, args);
	case CTL_CHECK:
		return ctl_check(ctl, args);
	case CTL_ADD_SERVICE:
		return ctl_add_service(ctl, args);
	case CTL_STATUS:
		return ctl_status(ctl, args);
	case CTL_WATCH:
		return ctl_watch(ctl, args);
	case CTL_EVENTS:
		return ctl_events(ctl, args);
	case CTL_REPLAY:
		return ctl_replay(ctl, args);
	case CTL_COMPLETE:
		break;
	}
	return ctl_complete(ctl, args);
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct ctl ctl = { 0 };
	char why[512];
	int status;

	setlocale(LC_CTYPE, "");
	ctl_replay_options_init(&options.args.replay);
	status = parse_options(argc, argv, &options);
	if (status != 0)
		return status - 1;
	if (ctl_api_new(&options.api, &ctl.api, why, sizeof why) != 0) {
		fprintf(stderr, "rrdnsctl: %s\n", why);
		return CTL_USAGE;
	}
	ctl.style = find_style();
	ctl.json = options.json;
	status = run(&ctl, &options.args);
	ctl_api_free(ctl.api);
	/* A full disk must not look like success; a pager that was left may. */
	if (fflush(stdout) != 0 && status == CTL_DONE)
		status = CTL_REFUSED;
	return status;
}
