/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_import.h"
#include "conf_libconfig.h"
#include "conf_text.h"
#include "conf_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has(const uint8_t *data, size_t size, const char *word)
{
	return size > 0 && memmem(data, size, word, strlen(word)) != NULL;
}

/* What was imported without a complaint has to be a good configuration. */
static void
load_again(const char *text, size_t len)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	struct conf_value *root = NULL;
	struct conf_text scanned;

	if (conf_text_from_memory(&scanned, text, len, "imported",
	    &report) == 0)
		root = conf_libconfig_parse(&scanned, &report);
	conf_text_fini(&scanned);
	if (root == NULL) {
		fprintf(stderr, "%s", text);
		abort();
	}
	conf_free(conf_build(root, &report));
	if (report.errors > 0 &&
	    strstr(text, "file:/etc/rrdnsd/nodes.key") == NULL) {
		fprintf(stderr, "%s", text);
		abort();
	}
	conf_value_free(root);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	/* Nothing but what was given is to be read. */
	if (has(data, size, "file") || has(data, size, "\\u"))
		return 0;
	out = open_memstream(&text, &len);
	if (out == NULL)
		return 0;
	if (conf_import_text((const char *)data, size, "fuzz", out,
	    &report) == 0)
		load_again(text, len);
	fclose(out);
	free(text);
	return 0;
}
