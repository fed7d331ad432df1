/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent_text.h"

const char *
agent_verdict_text(enum desired_verdict verdict)
{
	switch (verdict) {
	case DESIRED_UP:
		return "up";
	case DESIRED_DOWN:
		return "down";
	case DESIRED_UNDECIDED:
		break;
	}
	return "undecided";
}

const char *
agent_action_text(enum desired_action action)
{
	switch (action) {
	case DESIRED_PRESENT:
		return "present";
	case DESIRED_ABSENT:
		return "absent";
	case DESIRED_KEEP:
		break;
	}
	return "keep";
}

const char *
agent_publish_state_text(enum publish_state state)
{
	switch (state) {
	case PUBLISH_UNREAD:
		return "unread";
	case PUBLISH_OK:
		return "ok";
	case PUBLISH_PENDING:
		return "pending";
	case PUBLISH_FAILED:
		break;
	}
	return "failed";
}

unsigned
agent_publish_badness(enum publish_state state)
{
	switch (state) {
	case PUBLISH_OK:
		return 0;
	case PUBLISH_PENDING:
		return 1;
	case PUBLISH_UNREAD:
		return 2;
	case PUBLISH_FAILED:
		break;
	}
	return 3;
}
