/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_warning(void *arg, const char *text)
{
	(void)arg;
	if (text[0] == '\0')
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct replay_options options = { .rise = 3, .fall = 5,
		.min_up = REPLAY_AS_RECORDED,
		.fail_mode = REPLAY_AS_RECORDED,
		.fail_open_percent = REPLAY_AS_RECORDED,
		.nodes = REPLAY_AS_RECORDED,
		.interval_ms = REPLAY_AS_RECORDED,
		.fast_interval_ms = REPLAY_AS_RECORDED };
	struct replay_journal *journal = NULL;
	struct replay_report *report = NULL;
	char why[600] = "";

	if (replay_journal_read((const char *)data, size, on_warning, NULL,
		&journal, why, sizeof why) != 0 ||
	    replay_run(journal, &options, &report, why, sizeof why) != 0) {
		if (why[0] == '\0')
			abort();
	}
	replay_report_free(report);
	replay_journal_free(journal);
	return 0;
}
