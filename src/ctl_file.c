/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 65536

/* NULL: errno says why. */
static char *
read_all(FILE *file, size_t max, size_t *len)
{
	char *text = NULL, *more;
	size_t room = 0;

	*len = 0;
	do {
		room = room == 0 ? ROOM_FIRST : 2 * room;
		more = realloc(text, room + 1);
		if (more == NULL)
			break;
		text = more;
		*len += fread(text + *len, 1, room - *len, file);
	} while (*len == room && room <= max);
	if (more != NULL && !ferror(file) && *len <= max) {
		text[*len] = '\0';
		return text;
	}
	if (more != NULL && !ferror(file))
		errno = EFBIG;
	free(text);
	return NULL;
}

char *
ctl_file_read(const char *path, size_t max, size_t *len)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	char *text = file != NULL ? read_all(file, max, len) : NULL;

	if (text == NULL)
		fprintf(stderr, "rrdnsctl: %s: %s\n", ctl_file_name(path),
		    strerror(errno));
	if (file != NULL && !is_stdin)
		fclose(file);
	return text;
}

const char *
ctl_file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}
