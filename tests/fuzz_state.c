/* SPDX-License-Identifier: ISC */
/* state.json: its frame, and the intents in it. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "vote/intents.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written as it was read: nothing is lost by restarts. */
static void
check_intents(const char *text)
{
	struct vote_intents *first, *second;
	char *once, *twice;

	if (vote_intents_parse(text, &first) != 0) {
		if (first != NULL)
			abort();
		return;
	}
	once = vote_intents_format(first);
	if (once == NULL || vote_intents_parse(once, &second) != 0)
		abort();
	twice = vote_intents_format(second);
	if (twice == NULL || strcmp(once, twice) != 0 ||
	    vote_intents_count(first) != vote_intents_count(second))
		abort();
	free(once);
	free(twice);
	vote_intents_free(first);
	vote_intents_free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state state;
	char why[200] = "";

	if (state_decode((const char *)data, size, &state, why, sizeof why) !=
	    0) {
		if (why[0] == '\0' || state.intents != NULL || state.boot != 0)
			abort();
		return 0;
	}
	if (state.intents != NULL)
		check_intents(state.intents);
	state_fini(&state);
	return 0;
}
