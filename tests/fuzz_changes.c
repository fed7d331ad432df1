/* SPDX-License-Identifier: ISC */
/* changes.json: the layer of run-time changes, and the file under it. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_build.h"
#include "conf_changes.h"
#include "conf_json.h"
#include "conf_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char file[] =
    "{\"conf_version\":1,\"local_node\":\"192.0.2.10:3333\","
    "\"nodes\":[\"192.0.2.10:3333\"],\"update_method\":\"none\","
    "\"services\":[{\"fqdn\":\"www.example.org\",\"zone\":\"example.org\","
    "\"healthcheck\":\"http://{}/\",\"ipaddrs\":[\"192.0.2.1\","
    "\"2001:db8::1\"]}]}";

static bool
has(const uint8_t *data, size_t size, const char *word)
{
	return size > 0 && memmem(data, size, word, strlen(word)) != NULL;
}

static void
check_copy(const struct conf_changes *changes)
{
	struct conf_changes copy;
	char one[600], other[600];

	if (conf_changes_copy(changes, &copy) != 0 ||
	    copy.len != changes->len)
		abort();
	for (size_t i = 0; i < copy.len; i++)
		if (strcmp(conf_change_text(&changes->list[i], one, sizeof one),
			conf_change_text(&copy.list[i], other,
			    sizeof other)) != 0)
			abort();
	conf_changes_fini(&copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_report report = { NULL, NULL, 0, 0 };
	struct conf_changes changes;
	struct conf_value *root;
	struct conf *conf;
	char why[200] = "";
	unsigned errors;

	/* Nothing but what was given is to be read. */
	if (has(data, size, "file") || has(data, size, "\\u"))
		return 0;
	if (conf_changes_decode((const char *)data, size, &changes, why,
	    sizeof why) != 0) {
		if (why[0] == '\0' || changes.len != 0)
			abort();
		return 0;
	}
	check_copy(&changes);
	root = conf_json_parse(file, sizeof file - 1, "file", &report);
	if (root == NULL || conf_changes_apply(&changes, root, &report) != 0)
		abort();
	errors = report.errors;
	conf = conf_build(root, &report);
	if ((conf == NULL) != (report.errors > errors))
		abort();
	conf_free(conf);
	conf_value_free(root);
	conf_changes_fini(&changes);
	return 0;
}
