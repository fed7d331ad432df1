/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/outcome.h"

enum outcome_class
outcome_class(enum outcome outcome)
{
	switch (outcome) {
#define X(name, cls, text)                                                     \
	case name:                                                             \
		return OUTCOME_CLASS_##cls;
		OUTCOME_TABLE(X)
#undef X
	}
	return OUTCOME_CLASS_LOCAL;
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
