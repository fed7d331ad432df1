/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_text.h"

#include <stdlib.h>
#include <string.h>

#include "conf_report.h"
#include "conf_scan.h"
#include "file_read.h"

int
conf_text_from_memory(struct conf_text *text, const char *data, size_t len,
    const char *file, struct conf_report *report)
{
	*text = (struct conf_text){ 0 };
	return conf_scan(text, data, len, file, 0, report);
}

int
conf_text_read(struct conf_text *text, const char *path,
    struct conf_report *report)
{
	char why[200], *data;
	size_t len;
	int err = file_read(path, CONF_TEXT_MAX, &data, &len, why,
	    sizeof why);

	*text = (struct conf_text){ 0 };
	if (err != 0) {
		conf_report_error(report, path, 0, "%s", why);
		return err;
	}
	err = conf_scan(text, data, len, path, 0, report);
	explicit_bzero(data, len);
	free(data);
	return err;
}

void
conf_text_fini(struct conf_text *text)
{
	for (size_t i = 0; i < text->n_spans; i++)
		free(text->spans[i].file);
	free(text->spans);
	if (text->data != NULL)
		explicit_bzero(text->data, text->len);
	free(text->data);
	*text = (struct conf_text){ 0 };
}

const char *
conf_text_place(const struct conf_text *text, int line, int *file_line)
{
	size_t i = text->n_spans;

	while (i > 1 && text->spans[i - 1].first > line)
		i--;
	if (i == 0)
		return "";
	*file_line = text->spans[i - 1].line + line - text->spans[i - 1].first;
	return text->spans[i - 1].file;
}
