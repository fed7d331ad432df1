/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/outcome.h"

#include <assert.h>

enum outcome_class
outcome_class(enum outcome outcome)
{
	static const enum outcome_class classes[] = {
#define X(name, cls, text) [name] = OUTCOME_CLASS_##cls,
		OUTCOME_TABLE(X)
#undef X
	};

	assert((unsigned)outcome < OUTCOME_COUNT);
	return classes[outcome];
}

const char *
outcome_text(enum outcome outcome)
{
	switch (outcome) {
#define X(name, cls, text)                                                     \
	case name:                                                             \
		return text;
		OUTCOME_TABLE(X)
#undef X
	}
	return "unknown";
}
