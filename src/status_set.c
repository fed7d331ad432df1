/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "status_set.h"

#include "err.h"

#define STATUS_MIN 100 /* RFC 9110 section 15 */
#define STATUS_MAX 599

static void
skip_blanks(const char **at)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
}

static int
read_status(const char **at, unsigned *out)
{
	unsigned value = 0;

	if (**at < '0' || **at > '9')
		return ERR_SYNTAX;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		value = value * 10 + (unsigned)(**at - '0');
		if (value > STATUS_MAX)
			return ERR_RANGE;
	}
	if (value < STATUS_MIN)
		return ERR_RANGE;
	*out = value;
	return 0;
}

static int
read_range(const char **at, struct status_set *set)
{
	unsigned first, last;
	int err;

	skip_blanks(at);
	if ((err = read_status(at, &first)) != 0)
		return err;
	last = first;
	skip_blanks(at);
	if (**at == '-') {
		(*at)++;
		skip_blanks(at);
		if ((err = read_status(at, &last)) != 0)
			return err;
		skip_blanks(at);
	}
	if (last < first)
		return ERR_RANGE;
	for (unsigned i = first - STATUS_MIN; i <= last - STATUS_MIN; i++)
		set->bits[i / 64] |= UINT64_C(1) << i % 64;
	return 0;
}

int
status_set_parse(const char *text, struct status_set *out)
{
	struct status_set set = { { 0 } };

	for (;;) {
		int err = read_range(&text, &set);

		if (err != 0)
			return err;
		if (*text == '\0')
			break;
		if (*text++ != ',')
			return ERR_SYNTAX;
	}
	*out = set;
	return 0;
}

bool
status_set_has(const struct status_set *set, unsigned status)
{
	if (status < STATUS_MIN || status > STATUS_MAX)
		return false;
	status -= STATUS_MIN;
	return set->bits[status / 64] >> status % 64 & 1;
}
