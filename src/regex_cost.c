/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "regex_cost.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 100
#define NESTED 4
#define TOO_MUCH (REGEX_COST_MAX + 1)

/* What stands in one pair of parentheses. */
struct group {
	size_t cost;
	size_t last; /* of that, what a repetition would repeat */
	bool last_repeats; /* has a repetition in it */
	bool repeats;
};

static size_t
bounded(size_t cost)
{
	return cost < TOO_MUCH ? cost : TOO_MUCH;
}

static void
add(struct group *group, size_t cost, bool repeats)
{
	group->last = cost;
	group->last_repeats = repeats;
	group->cost = bounded(group->cost + cost);
}

static void
repeat(struct group *group, size_t times)
{
	size_t rest = group->cost - group->last;

	if (group->last_repeats)
		times = bounded(times) * NESTED;
	group->repeats = group->last_repeats = true;
	group->last = bounded(group->last * bounded(times));
	group->cost = bounded(rest + group->last);
}

static const char *
read_number(const char *at, size_t *out)
{
	*out = 0;
	for (; isdigit((unsigned char)*at); at++)
		*out = bounded(*out * 10 + (size_t)(*at - '0'));
	return at;
}

/* Behind "{": the copies that "{2}", "{2,}" and "{2,5}" make. */
static const char *
read_interval(const char *at, size_t *copies)
{
	size_t least, most = 0;

	at = read_number(at, &least);
	if (*at == ',')
		at = read_number(at + 1, &most);
	*copies = most > least ? most : least + 1;
	return *at == '}' ? at + 1 : at;
}

/* Behind "[": "]" is the end unless it comes first, or in "[:alpha:]" and the
 * like. */
static const char *
skip_bracket(const char *at)
{
	if (*at == '^')
		at++;
	if (*at == ']')
		at++;
	while (*at != '\0' && *at != ']') {
		char kind = at[1];

		if (*at++ != '[' || kind == '\0' || !strchr(".:=", kind))
			continue;
		for (at++; *at != '\0' && (at[0] != kind || at[1] != ']'); at++)
			;
		if (*at != '\0')
			at += 2;
	}
	return *at == ']' ? at + 1 : at;
}

/* One character, one bracket expression, or one repetition. */
static const char *
step(struct group *group, const char *at)
{
	char c = *at++;
	size_t copies;

	switch (c) {
	case '*':
	case '?':
		repeat(group, 1);
		break;
	case '+':
		repeat(group, 2);
		break;
	case '{':
		at = read_interval(at, &copies);
		repeat(group, copies);
		break;
	case '[':
		at = skip_bracket(at);
		add(group, 1, false);
		break;
	case '\\':
		at += *at != '\0';
		add(group, 1, false);
		break;
	default:
		add(group, 1, false);
		break;
	}
	return at;
}

size_t
regex_cost(const char *text)
{
	struct group groups[DEPTH_MAX] = { 0 };
	size_t depth = 0, total = 0;

	for (const char *at = text; *at != '\0';) {
		if (*at == '(') {
			if (++depth == DEPTH_MAX)
				return TOO_MUCH;
			groups[depth] = (struct group){ .cost = 1 };
			at++;
		} else if (*at == ')' && depth > 0) {
			depth--;
			add(&groups[depth], groups[depth + 1].cost,
			    groups[depth + 1].repeats);
			groups[depth].repeats |= groups[depth + 1].repeats;
			at++;
		} else {
			at = step(&groups[depth], at);
		}
	}
	/* Where a parenthesis is missing, all of it counts. */
	for (size_t i = 0; i <= depth; i++)
		total = bounded(total + groups[i].cost);
	return total;
}
