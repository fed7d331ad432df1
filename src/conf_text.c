/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_report.h"
#include "conf_scan.h"
#include "err.h"

static int
read_fd(int fd, char **out, size_t *len, char *why, size_t why_size)
{
	size_t cap = 64 * 1024;
	char *data = malloc(cap + 1);
	ssize_t n = 1;

	*len = 0;
	while (data != NULL && *len <= CONF_TEXT_MAX && n != 0) {
		if (*len == cap) {
			char *more = realloc(data, cap * 2 + 1);

			if (more == NULL)
				break;
			data = more;
			cap *= 2;
		}
		n = read(fd, data + *len, cap - *len);
		if (n < 0 && errno != EINTR)
			break;
		*len += n > 0 ? (size_t)n : 0;
	}
	if (n == 0) {
		data[*len] = '\0';
		*out = data;
		return 0;
	}
	if (*len > CONF_TEXT_MAX)
		snprintf(why, why_size, "is larger than %d MiB",
		    CONF_TEXT_MAX >> 20);
	else
		snprintf(why, why_size, "can't be read: %s",
		    strerror(n < 0 ? errno : ENOMEM));
	free(data);
	return *len > CONF_TEXT_MAX ? ERR_TOOBIG : ERR_IO;
}

int
conf_file_read(const char *path, char **out, size_t *len, char *why,
    size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0) {
		snprintf(why, why_size, "can't be opened: %s",
		    strerror(errno));
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(why, why_size, "is a directory, not a file");
		err = ERR_IO;
	} else {
		err = read_fd(fd, out, len, why, why_size);
	}
	close(fd);
	return err;
}

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
	int err = conf_file_read(path, &data, &len, why, sizeof why);

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
