/* SPDX-License-Identifier: ISC */
/* rrdnsctl replay: without a daemon. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_words.h"
#include "ctl.h"
#include "ctl_file.h"
#include "ctl_view_replay.h"
#include "err.h"

#define JOURNAL_MAX ((size_t)1 << 30)

static void
on_warning(void *arg, const char *text)
{
	char whole[500];

	snprintf(whole, sizeof whole, "%s: %s", (const char *)arg, text);
	ctl_complain(whole);
}

static enum ctl_exit
print_json(const struct replay_report *report,
    const struct replay_options *options)
{
	size_t len;
	char *text = ctl_view_replay_json(report, options, &len);

	if (text == NULL)
		return CTL_REFUSED;
	fwrite(text, 1, len, stdout);
	free(text);
	return CTL_DONE;
}

/* Names in journals are lower case, without the final dot. */
static int
take_name(struct replay_options *options, char name[256], char *why,
    size_t why_size)
{
	int err = 0;

	if (options->fqdn != NULL)
		err = conf_name_parse(options->fqdn, name, why, why_size);
	if (err == 0 && options->fqdn != NULL)
		options->fqdn = name;
	return err;
}

enum ctl_exit
ctl_replay(struct ctl *ctl, const struct ctl_args *args)
{
	struct replay_options options = args->replay;
	struct replay_journal *journal = NULL;
	struct replay_report *report = NULL;
	enum ctl_exit result = CTL_DONE;
	const char *path = args->words[0];
	char name[256], why[600], whole[900];
	size_t len;
	char *text;

	if (take_name(&options, name, why, sizeof why) != 0) {
		ctl_complain(why);
		return CTL_USAGE;
	}
	text = ctl_file_read(path, JOURNAL_MAX, &len);
	if (text == NULL)
		return CTL_USAGE;
	if (replay_journal_read(text, len, on_warning,
		(void *)ctl_file_name(path), &journal, why, sizeof why) != 0 ||
	    replay_run(journal, &options, &report, why, sizeof why) != 0) {
		snprintf(whole, sizeof whole, "%s: %s", ctl_file_name(path),
		    why);
		ctl_complain(whole);
		result = CTL_USAGE;
	} else if (ctl->json) {
		result = print_json(report, &options);
	} else {
		ctl_view_replay(stdout, &ctl->style, report, &options);
	}
	replay_report_free(report);
	replay_journal_free(journal);
	free(text);
	return result;
}
