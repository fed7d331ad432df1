/* SPDX-License-Identifier: ISC */
/* What rrdnsctl shows of an answer that somebody else made up: whatever stands
 * in it, nothing gets to the terminal that could move its cursor. And what it
 * makes of a service in a file. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_service_file.h"
#include "ctl_view.h"
#include "ctl_view_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the buffer of a string that ends in a syntax error. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

#define NOW_MS INT64_C(1767225600000)

static void
check_harmless(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') ||
		    (unsigned char)text[i] >= 0x7f)
			abort();
}

static void
show(FILE *out, const json_t *json)
{
	static const struct ctl_style style = { .width = 80 };

	ctl_view_status(out, &style, json, NOW_MS);
	ctl_view_alarms(out, &style, json);
	ctl_view_service(out, &style, json,
	    json_array_get(json_object_get(json, "services"), 0), NOW_MS);
	ctl_view_events(out, &style, json_object_get(json, "events"));
}

static void
try_answer(const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, 0, NULL);
	char *shown = NULL;
	size_t shown_len = 0;
	FILE *out = open_memstream(&shown, &shown_len);

	if (json != NULL && out != NULL)
		show(out, json);
	if (out != NULL && fclose(out) == 0)
		check_harmless(shown, shown_len);
	free(shown);
	json_decref(json);
}

static void
try_service(const char *text, size_t len)
{
	char why[400] = "";
	json_t *list;

	if (len > 0 && (memmem(text, len, "@include", 8) != NULL))
		return;
	list = ctl_service_parse(text, len, "fuzz", why, sizeof why);
	if (list == NULL ? why[0] == '\0' : !json_is_array(list))
		abort();
	json_decref(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_answer(text, size);
	try_service(text, size);
	free(text);
	return 0;
}
