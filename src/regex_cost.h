/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_REGEX_COST_H
#define RRDNSD_REGEX_COST_H

#include <stddef.h>

/*
 * How many characters and groups a POSIX extended regular expression has once
 * its repetitions are unrolled, as regcomp(3) does: "(ab){3}" has 9, "a+" has 2.
 * What is repeated and has a repetition in it counts four times as much, for
 * the paths through it.
 * "((a{999}){999}){999}" and "a++++++++++++++++++++++++++++++++" would take all
 * memory there is. Never more than REGEX_COST_MAX + 1, which is also the cost
 * of what is nested too deeply. What is malformed has some cost, too. Pure.
 */
#define REGEX_COST_MAX 2000

size_t regex_cost(const char *text);

#endif
