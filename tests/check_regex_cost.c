/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "check_main.h"
#include "conf_words.h"
#include "regex_cost.h"

#define MUCH (REGEX_COST_MAX + 1)
#define PLUS_16 "++++++++++++++++"
#define OPEN_16 "(((((((((((((((("

static const struct {
	const char *text;
	size_t cost;
} cases[] = {
	{ "", 0 },
	{ "abc", 3 },
	{ "a+", 2 },
	{ "a++", 16 },
	{ "a**", 4 },
	{ "(a*)*", 8 },
	{ "(a(b*))+c", 33 },
	{ "a*b?", 2 },
	{ "[0-9]+ [a-z]+ x+", 8 },
	{ "(ab){3}", 12 },
	{ "(ab){2,5}", 15 },
	{ "a{2,}", 3 },
	{ "a{0}", 1 },
	{ "(a|b)+c", 9 },
	{ "\\+\\(\\{9999}", 8 },
	{ "[+]{2}", 3 },
	{ "[]+{9}]b", 2 },
	{ "[^]+{9}]b", 2 },
	{ "[[:alpha:]+]b", 2 },
	{ "[[.].]+]b", 2 },
	{ "[[=a", 1 },
	{ "[[", 1 },
	{ "[", 1 },
	{ "a)b", 3 },
	{ "(ab", 3 },
	{ "a\\", 2 },
	{ "+", 0 },
	{ "a{", 1 },
	{ "a{1000}", 1001 },
	{ "a{99999999999999999999}", MUCH },
	{ "le++*++*+++++++", MUCH },
	{ "^o?++++++++++", MUCH },
	{ "((a{999}){999}){999}", MUCH },
	{ "a" PLUS_16 "b", MUCH },
	{ "(((((((a+)+)+)+)+)+)+){20}", MUCH },
	{ OPEN_16 OPEN_16 OPEN_16 OPEN_16 OPEN_16 OPEN_16 OPEN_16, MUCH },
};

START_TEST(counts)
{
	ck_assert_uint_eq(regex_cost(cases[_i].text), cases[_i].cost);
}
END_TEST

START_TEST(what_costs_too_much_is_refused)
{
	char why[200] = "";

	ck_assert_int_ne(conf_check_regex("a" PLUS_16, why, sizeof why), 0);
	ck_assert_str_eq(why,
	    "its repetitions unroll to more than 2000 characters");
	ck_assert_int_eq(
	    conf_check_regex("^(status|state): [a-z]+{1,100}$", why,
		sizeof why),
	    0);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, counts, 0, COUNT(cases));
	tcase_add_test(tcase, what_costs_too_much_is_refused);
}

int
main(void)
{
	return check_main("regex_cost", fill);
}
