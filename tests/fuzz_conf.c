/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_libconfig.h"
#include "conf_text.h"
#include "conf_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the buffer of a string that ends in a syntax error. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static bool
has(const uint8_t *data, size_t size, const char *word)
{
	return size > 0 && memmem(data, size, word, strlen(word)) != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	struct conf_value *root = NULL;
	struct conf_text text;
	struct conf *conf;

	/* Nothing but what was given is to be read. */
	if (has(data, size, "@include") || has(data, size, "file"))
		return 0;
	if (conf_text_from_memory(&text, (const char *)data, size, "fuzz",
	    &report) == 0)
		root = conf_libconfig_parse(&text, &report);
	conf_text_fini(&text);
	if (root == NULL) {
		if (report.errors == 0)
			abort();
		return 0;
	}
	conf = conf_build(root, &report);
	if ((conf == NULL) != (report.errors > 0))
		abort();
	conf_free(conf);
	conf_value_free(root);
	return 0;
}
