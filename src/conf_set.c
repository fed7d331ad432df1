/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_report.h"
#include "conf_set_addr.h"
#include "conf_words.h"
#include "err.h"
#include "escape.h"

#define WHY_MAX 256

struct conf_value *
conf_scope_find(const struct conf_scope *scope,
    const struct conf_option *option)
{
	for (; scope != NULL; scope = scope->parent) {
		struct conf_value *value = NULL;

		if (scope->group != NULL && option->places & scope->place)
			value = conf_value_find(scope->group, option->name);
		if (value != NULL)
			return value;
	}
	return NULL;
}

struct conf_value **
conf_value_elements(struct conf_value **value, size_t *n)
{
	if ((*value)->type == CONF_LIST) {
		*n = (*value)->u.children.len;
		return (*value)->u.children.list;
	}
	*n = 1;
	return value;
}

bool
conf_expect_type(const char *name, struct conf_value *value,
    enum conf_type type, struct conf_report *report)
{
	if (value->type == type)
		return true;
	conf_report_value_error(report, value, "%s: must be %s, not %s", name,
	    conf_type_text(type), conf_type_text(value->type));
	return false;
}

static bool
expect_string(const struct conf_field *field)
{
	return conf_expect_type(field->option->name, field->value, CONF_STRING,
	    field->report);
}

/* The text of a string option, its default included; NULL: none, or wrong. */
static const char *
text_of(const struct conf_field *field)
{
	if (field->value == NULL)
		return field->option->def_text;
	return expect_string(field) ? field->value->u.string : NULL;
}

static bool
number_of(const struct conf_field *field, int64_t *out)
{
	const struct conf_option *option = field->option;

	*out = option->def;
	if (field->value == NULL)
		return true;
	if (!conf_expect_type(option->name, field->value, CONF_INT,
	    field->report))
		return false;
	*out = field->value->u.integer;
	if (*out >= option->min && *out <= option->max)
		return true;
	conf_report_value_error(field->report, field->value,
	    "%s: %lld is out of range, %lld to %lld%s", option->name,
	    (long long)*out, (long long)option->min, (long long)option->max,
	    option->unit);
	return false;
}

static void
set_number(const struct conf_field *field)
{
	int64_t number;

	if (!number_of(field, &number))
		return;
	if (field->option->type == OPTION_SIZE)
		*(size_t *)field->to = (size_t)number;
	else
		*(unsigned *)field->to = (unsigned)number;
}

static void
set_bool(const struct conf_field *field)
{
	if (field->value == NULL)
		*(bool *)field->to = field->option->def != 0;
	else if (conf_expect_type(field->option->name, field->value, CONF_BOOL,
	    field->report))
		*(bool *)field->to = field->value->u.boolean;
}

static void
complain_choice(const struct conf_field *field, const char *text)
{
	char list[160] = "";
	size_t len = 0;

	for (const struct conf_choice *c = field->option->choices;
	    c->name != NULL && len < sizeof list; c++)
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%s",
		    len > 0 ? ", " : "", c->name);
	conf_report_value_error(field->report, field->value,
	    "%s: \"%.60s\" is none of %s", field->option->name, text, list);
}

static void
set_choice(const struct conf_field *field)
{
	const char *text = text_of(field);

	if (text == NULL)
		return;
	for (const struct conf_choice *c = field->option->choices;
	    c->name != NULL; c++) {
		if (strcmp(c->name, text) != 0)
			continue;
		if (field->option->type == OPTION_FLAG)
			*(bool *)field->to = c->value != 0;
		else
			*(unsigned *)field->to = c->value;
		return;
	}
	complain_choice(field, text);
}

/* "0660", or the number 660: libconfig reads 0660 as a decimal number, and
 * nobody means anything but octal here. */
static void
set_mode(const struct conf_field *field)
{
	char text[24];

	*(unsigned *)field->to = (unsigned)field->option->def;
	if (field->value == NULL)
		return;
	if (field->value->type == CONF_INT)
		snprintf(text, sizeof text, "%lld",
		    (long long)field->value->u.integer);
	else if (!expect_string(field))
		return;
	else
		snprintf(text, sizeof text, "%s", field->value->u.string);
	if (text[0] == '\0' || strspn(text, "01234567") != strlen(text) ||
	    strtoul(text, NULL, 8) > (unsigned long)field->option->max)
		conf_report_value_error(field->report, field->value,
		    "%s: must be an octal file mode such as \"0660\"",
		    field->option->name);
	else
		*(unsigned *)field->to = (unsigned)strtoul(text, NULL, 8);
}

static bool
passes_check(const struct conf_field *field, struct conf_value *value,
    const char *text)
{
	char why[WHY_MAX] = "";

	if (field->option->check == NULL ||
	    field->option->check(text, why, sizeof why) == 0)
		return true;
	conf_report_value_error(field->report, value, "%s: \"%.100s\": %s",
	    field->option->name, text, why);
	return false;
}

static bool
can_read_file(const struct conf_field *field, const char *path)
{
	const char *name = field->option->name;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		conf_report_value_error(field->report, field->value,
		    "%s: %s can't be read: %s", name, path, strerror(errno));
		return false;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		conf_report_value_error(field->report, field->value,
		    "%s: %s is no regular file", name, path);
	else if (field->option->type == OPTION_KEY_FILE &&
	    st.st_mode & S_IROTH)
		conf_report_value_error(field->report, field->value,
		    "%s: %s can be read by everybody: chmod o-r", name, path);
	close(fd);
	return true;
}

static int
set_string(const struct conf_field *field)
{
	const char *text = text_of(field);
	char **to = field->to;

	if (text == NULL || (*text == '\0' && field->option->def_text == NULL))
		return 0;
	if (field->value != NULL && !field->value->fine) {
		if (field->option->type != OPTION_STRING &&
		    !can_read_file(field, text))
			return 0;
		if (!passes_check(field, field->value, text))
			return 0;
		field->value->fine = true;
	}
	*to = strdup(text);
	return *to == NULL ? ERR_NOMEM : 0;
}

static int
set_strings(const struct conf_field *field)
{
	struct conf_strings *to = field->to;
	struct conf_value *value = field->value, **list;
	size_t n;

	if (value == NULL)
		return 0;
	list = conf_value_elements(&value, &n);
	to->list = calloc(n + 1, sizeof *to->list);
	if (to->list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!conf_expect_type(field->option->name, list[i],
		    CONF_STRING, field->report) ||
		    !passes_check(field, list[i], list[i]->u.string))
			continue;
		to->list[to->len] = strdup(list[i]->u.string);
		if (to->list[to->len] == NULL)
			return ERR_NOMEM;
		to->len++;
	}
	return 0;
}

static int
set_bytes(const struct conf_field *field)
{
	const char *text = text_of(field);
	struct conf_bytes *to = field->to;

	if (text == NULL || *text == '\0')
		return 0;
	to->data = malloc(strlen(text));
	if (to->data == NULL)
		return ERR_NOMEM;
	if (escape_read(text, to->data, &to->len) != 0)
		conf_report_value_error(field->report, field->value,
		    "%s: after \"\\\" comes r, n, t, x and two hexadecimal "
		    "digits, or another \"\\\"", field->option->name);
	return 0;
}

static int
set_name(const struct conf_field *field)
{
	const char *text = text_of(field);
	char name[256], why[WHY_MAX];

	if (text == NULL)
		return 0;
	if (conf_name_parse(text, name, why, sizeof why) != 0) {
		conf_report_value_error(field->report, field->value,
		    "%s: \"%.100s\": %s", field->option->name, text, why);
		return 0;
	}
	*(char **)field->to = strdup(name);
	return *(char **)field->to == NULL ? ERR_NOMEM : 0;
}

static const char *
secret_trouble(int err)
{
	switch (err) {
	case ERR_MODE:
		return "can be read by everybody: chmod o-r";
	case ERR_NOTFOUND:
		return "does not exist";
	case ERR_PERM:
		return "may not be read by us";
	case ERR_TOOBIG:
		return "is larger than 64 KiB";
	default:
		return "can't be read, or is no regular file";
	}
}

int
conf_set_secret(const char *name, struct conf_value *value,
    struct secret *out, struct conf_report *report)
{
	const char *text;
	int err;

	if (!conf_expect_type(name, value, CONF_STRING, report))
		return ERR_INVALID;
	text = value->u.string;
	if (strcmp(text, "file:") == 0) {
		conf_report_value_error(report, value, "%s: \"file:\" needs a "
		    "path behind it, as in \"file:/etc/rrdnsd/%s\"", name, name);
		return ERR_INVALID;
	}
	err = secret_load(text, out);
	if (err == 0 && out->len == 0 && *text != '\0') {
		conf_report_value_error(report, value, "%s: %s is empty", name,
		    text + strlen("file:"));
		secret_fini(out);
		return ERR_INVALID;
	}
	if (err != 0 && err != ERR_NOMEM)
		conf_report_value_error(report, value, "%s: %s %s", name,
		    text + strlen("file:"), secret_trouble(err));
	if (err == 0 && *text != '\0' && strncmp(text, "file:", 5) != 0 &&
	    secret_is_exposed(conf_value_file(value)))
		conf_report_value_warning(report, value, "%s: everybody can "
		    "read it here: chmod o-r this file, or say \"file:PATH\"",
		    name);
	return err;
}

static int
set_secret(const struct conf_field *field)
{
	if (field->value == NULL)
		return 0;
	return conf_set_secret(field->option->name, field->value, field->to,
	    field->report) == ERR_NOMEM ? ERR_NOMEM : 0;
}

static void
set_status_set(const struct conf_field *field)
{
	const char *text = text_of(field);

	if (text != NULL && status_set_parse(text, field->to) != 0)
		conf_report_value_error(field->report, field->value,
		    "%s: \"%.60s\": must be codes from 100 to 599 and ranges "
		    "of them, as in \"200,204,300-399\"", field->option->name,
		    text);
}

/* The program of an exec: health check. */
static void
check_program(const struct conf_field *field)
{
	const struct healthcheck *check = field->to;
	char path[PATH_MAX], why[WHY_MAX];

	if (check->scheme != HEALTHCHECK_EXEC)
		return;
	snprintf(path, sizeof path, "%.*s",
	    (int)strcspn(check->target, " "), check->target);
	if (conf_check_script(path, why, sizeof why) != 0)
		conf_report_value_error(field->report, field->value,
		    "%s: %.100s: %s", field->option->name, path, why);
}

static int
set_healthcheck(const struct conf_field *field)
{
	const char *text = text_of(field);
	char why[WHY_MAX];
	int err;

	if (text == NULL)
		return 0;
	err = healthcheck_parse(text, field->to, why, sizeof why);
	if (err != 0 && err != ERR_NOMEM)
		conf_report_value_error(field->report, field->value,
		    "%s: \"%.100s\": %s", field->option->name, text, why);
	if (err == 0)
		check_program(field);
	return err == ERR_NOMEM ? err : 0;
}

static int
set_field(const struct conf_field *field)
{
	switch (field->option->type) {
	case OPTION_BY_HAND:
		break;
	case OPTION_BOOL:
		set_bool(field);
		break;
	case OPTION_UINT:
	case OPTION_SIZE:
		set_number(field);
		break;
	case OPTION_CHOICE:
	case OPTION_FLAG:
		set_choice(field);
		break;
	case OPTION_MODE:
		set_mode(field);
		break;
	case OPTION_STRING:
	case OPTION_FILE:
	case OPTION_KEY_FILE:
		return set_string(field);
	case OPTION_STRINGS:
		return set_strings(field);
	case OPTION_BYTES:
		return set_bytes(field);
	case OPTION_NAME:
		return set_name(field);
	case OPTION_IP:
	case OPTION_ADDR:
		conf_set_addr(field);
		break;
	case OPTION_ADDRS:
		return conf_set_addrs(field);
	case OPTION_SECRET:
		return set_secret(field);
	case OPTION_STATUS_SET:
		set_status_set(field);
		break;
	case OPTION_HEALTHCHECK:
		return set_healthcheck(field);
	}
	return 0;
}

int
conf_set_fields(const struct conf_scope *scope, void *to,
    struct conf_report *report)
{
	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];
		struct conf_field field = { option, NULL,
			(char *)to + option->offset, report };
		int err;

		if (option->target != scope->place)
			continue;
		field.value = conf_scope_find(scope, option);
		if ((err = set_field(&field)) != 0)
			return err;
	}
	return 0;
}

void
conf_strings_fini(struct conf_strings *strings)
{
	for (size_t i = 0; i < strings->len; i++)
		free(strings->list[i]);
	free(strings->list);
	*strings = (struct conf_strings){ 0 };
}
