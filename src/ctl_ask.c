/* SPDX-License-Identifier: ISC */
/* Asking, and saying what went wrong. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_json.h"
#include "ctl_text.h"

int64_t
ctl_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
ctl_complain(const char *text)
{
	char *clean = ctl_text_clean(text, false);

	fprintf(stderr, "rrdnsctl: %s\n", clean != NULL ? clean : "");
	free(clean);
}

static void
tell_refusal(const struct ctl_answer *answer)
{
	json_t *json = json_loadb(answer->body ? answer->body : "",
	    answer->len, 0, NULL);
	const char *error = ctl_json_text(json, "error");
	char status[64];

	snprintf(status, sizeof status, "the daemon answered with status %u",
	    answer->status);
	ctl_complain(error[0] != '\0' ? error : status);
	json_decref(json);
}

enum ctl_exit
ctl_judge(const struct ctl_answer *answer)
{
	if (answer->status == 0) {
		ctl_complain(answer->why);
		return CTL_ABSENT;
	}
	if (answer->status >= 200 && answer->status < 300)
		return CTL_DONE;
	tell_refusal(answer);
	return CTL_REFUSED;
}

enum ctl_exit
ctl_ask(struct ctl *ctl, const char *method, const char *path,
    const char *body, struct ctl_answer *answer)
{
	ctl_api_ask(ctl->api, method, path, body, answer);
	return ctl_judge(answer);
}

enum ctl_exit
ctl_get(struct ctl *ctl, const char *path, json_t **out)
{
	struct ctl_answer answer;
	enum ctl_exit result = ctl_ask(ctl, "GET", path, NULL, &answer);

	*out = NULL;
	if (result == CTL_DONE) {
		*out = json_loadb(answer.body ? answer.body : "", answer.len,
		    0, NULL);
		if (*out == NULL) {
			ctl_complain("what answers there is no rrdnsd");
			result = CTL_ABSENT;
		}
	}
	ctl_answer_fini(&answer);
	return result;
}

void
ctl_print_raw(const struct ctl_answer *answer)
{
	if (answer->body == NULL || answer->len == 0)
		return;
	fwrite(answer->body, 1, answer->len, stdout);
	if (answer->body[answer->len - 1] != '\n')
		putchar('\n');
}

void
ctl_print_text(const struct ctl *ctl, const char *text)
{
	ctl_write_wrapped(stdout, &ctl->style, CTL_PLAIN, 0,
	    text[0] != '\0' ? text : "done");
}
