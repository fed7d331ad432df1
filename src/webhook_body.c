/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "webhook_body.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "event_json.h"
#include "json_out.h"

char *
webhook_body_json(const struct webhook_delivery *delivery, size_t *len)
{
	struct json_out json;

	json_out_init(&json);
	json_open(&json, '{');
	event_json_members(&json, delivery->events[0]);
	json_put_text(&json, "by", delivery->by);
	json_put_int(&json, "count", (int64_t)delivery->n);
	json_put_int(&json, "dropped", (int64_t)delivery->dropped);
	json_key(&json, "events");
	json_open(&json, '[');
	for (size_t i = 0; i < delivery->n; i++) {
		json_open(&json, '{');
		event_json_members(&json, delivery->events[i]);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
	return json_out_take(&json, len);
}

/* The three that Slack takes for its own. A stream in memory that can't grow
 * loses what it is given and goes on: each time it has to be asked. */
static bool
put_escaped(FILE *out, const char *text)
{
	bool ok = true;

	for (; ok && *text != '\0'; text++) {
		if (*text == '&')
			ok = fputs("&amp;", out) >= 0;
		else if (*text == '<')
			ok = fputs("&lt;", out) >= 0;
		else if (*text == '>')
			ok = fputs("&gt;", out) >= 0;
		else
			ok = fputc(*text, out) != EOF;
	}
	return ok;
}

static bool
put_lines(FILE *out, const struct webhook_delivery *delivery)
{
	size_t lines = delivery->n < WEBHOOK_LINES_MAX ? delivery->n
						       : WEBHOOK_LINES_MAX;
	bool ok = true;

	for (size_t i = 0; i < lines && ok; i++)
		ok = (i == 0 || fputc('\n', out) != EOF) &&
		    put_escaped(out, delivery->events[i]->text);
	if (ok && lines < delivery->n)
		ok = fprintf(out, "\nand %zu more", delivery->n - lines) > 0;
	if (ok && delivery->dropped > 0)
		ok = fprintf(out, "\n(%" PRIu64 " older ones were dropped)",
		    delivery->dropped) > 0;
	return ok && fprintf(out, "\n(rrdnsd on %s)", delivery->by) > 0;
}

char *
webhook_body_text(const struct webhook_delivery *delivery, size_t *len)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct json_out json;
	bool ok;

	if (out == NULL)
		return NULL;
	ok = put_lines(out, delivery);
	if (fclose(out) != 0 || !ok || text == NULL) {
		free(text);
		return NULL;
	}
	json_out_init(&json);
	json_open(&json, '{');
	json_put_text(&json, "text", text);
	json_close(&json, '}');
	free(text);
	return json_out_take(&json, len);
}
