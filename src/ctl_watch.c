/* SPDX-License-Identifier: ISC */
/* The status, full-screen and live. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "ctl_duration.h"
#include "ctl_json.h"
#include "ctl_screen.h"
#include "ctl_view.h"
#include "ctl_view_events.h"

#define INTERVAL_MS 1000
#define EVENTS_PATH "/api/v1/events?limit=20"

struct watch {
	struct ctl *ctl;
	json_t *status; /* the last one that came */
	json_t *events;
	int64_t came_ms; /* when */
	int64_t asked_ms; /* when it was tried last */
	char why[512]; /* it did not come; "": it did */
	size_t first; /* line on top */
	size_t lines; /* in all */
};

static json_t *
fetch(struct watch *watch, const char *path)
{
	struct ctl_answer answer;
	json_t *json = NULL;

	ctl_api_ask(watch->ctl->api, "GET", path, NULL, &answer);
	if (answer.status == 200)
		json = json_loadb(answer.body, answer.len, 0, NULL);
	if (json == NULL)
		snprintf(watch->why, sizeof watch->why, "%s",
		    answer.why[0] ? answer.why : "it does not say its status");
	ctl_answer_fini(&answer);
	return json;
}

static void
update(struct watch *watch)
{
	json_t *status, *events;

	watch->why[0] = '\0';
	watch->asked_ms = ctl_now_ms();
	status = fetch(watch, "/api/v1/status");
	events = status != NULL ? fetch(watch, EVENTS_PATH) : NULL;
	if (status == NULL)
		return;
	json_decref(watch->status);
	json_decref(watch->events);
	watch->status = status;
	watch->events = events;
	watch->came_ms = ctl_now_ms();
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static char *
render(const struct watch *watch, const struct ctl_style *style)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	if (watch->why[0] != '\0') {
		char ago[CTL_DURATION_TEXT_MAX];

		ctl_duration_format((ctl_now_ms() - watch->came_ms) / 1000,
		    ago);
		ctl_printf(out, style, CTL_ALARM, 0,
		    "NO ANSWER for %s: %s. Below is what was known then.",
		    ago, watch->why);
	}
	ctl_view_status(out, style, watch->status, watch->came_ms);
	fputc('\n', out);
	ctl_view_events(out, style, json_object_get(watch->events, "events"));
	fclose(out);
	return text;
}

static void
draw(struct watch *watch)
{
	struct ctl_style style = watch->ctl->style;
	time_t now = time(NULL);
	struct tm tm;
	char footer[128], at[16] = "";
	size_t rows;
	char *text;

	ctl_screen_size(&rows, &style.width);
	text = render(watch, &style);
	if (text == NULL)
		return;
	watch->lines = count_lines(text);
	if (watch->first + rows - 1 > watch->lines)
		watch->first =
		    watch->lines >= rows ? watch->lines - rows + 1 : 0;
	if (localtime_r(&now, &tm) != NULL)
		strftime(at, sizeof at, "%H:%M:%S", &tm);
	snprintf(footer, sizeof footer,
	    " %s  lines %zu-%zu of %zu  q: quit, arrows: scroll", at,
	    watch->first + 1,
	    watch->first + rows - 1 < watch->lines ? watch->first + rows - 1
						   : watch->lines,
	    watch->lines);
	ctl_screen_show(text, watch->first, footer);
	free(text);
}

static void
scroll(struct watch *watch, enum ctl_key key)
{
	size_t rows, columns, page;

	ctl_screen_size(&rows, &columns);
	page = rows > 2 ? rows - 2 : 1;
	if (key == CTL_KEY_UP || key == CTL_KEY_PAGE_UP) {
		size_t step = key == CTL_KEY_UP ? 1 : page;

		watch->first = watch->first > step ? watch->first - step : 0;
	} else if (key == CTL_KEY_DOWN) {
		watch->first++;
	} else if (key == CTL_KEY_PAGE_DOWN) {
		watch->first += page;
	} else if (key == CTL_KEY_HOME) {
		watch->first = 0;
	} else if (key == CTL_KEY_END) {
		watch->first = watch->lines;
	}
}

static void
go_on(struct watch *watch)
{
	enum ctl_key key;

	do {
		int64_t left_ms =
		    watch->asked_ms + INTERVAL_MS - ctl_now_ms();

		if (left_ms <= 0 || left_ms > INTERVAL_MS) {
			update(watch);
			left_ms = INTERVAL_MS;
		}
		draw(watch);
		key = ctl_screen_key((int)left_ms);
		scroll(watch, key);
	} while (key != CTL_KEY_QUIT);
}

enum ctl_exit
ctl_watch(struct ctl *ctl, const struct ctl_args *args)
{
	struct watch watch = { .ctl = ctl };
	enum ctl_exit result;

	(void)args;
	if (ctl->json) {
		fputs("rrdnsctl: watch is for people; events -f --json goes on "
		      "in JSON\n",
		    stderr);
		return CTL_USAGE;
	}
	/* Once before the screen: what is wrong is to be read afterwards. */
	result = ctl_get(ctl, "/api/v1/status", &watch.status);
	if (result != CTL_DONE)
		return result;
	watch.came_ms = ctl_now_ms();
	if (!ctl_screen_open()) {
		fputs("rrdnsctl: watch needs a terminal\n", stderr);
		result = CTL_USAGE;
	} else {
		go_on(&watch);
		ctl_screen_close();
	}
	json_decref(watch.status);
	json_decref(watch.events);
	return result;
}
