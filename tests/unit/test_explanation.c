/* SPDX-License-Identifier: Apache-2.0 */
/* test_explanation.c - tests the table of explanations, and how a code is found in it */
#include "cflyway/db/explanation.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <string.h>

START_TEST(is_sorted_and_has_each_code_once)
{
	for (size_t i = 1; i < explanation_count; i++)
		ck_assert_str_lt(explanations[i - 1].code, explanations[i].code);
}
END_TEST

START_TEST(has_sentences_for_each_code)
{
	for (size_t i = 0; i < explanation_count; i++) {
		const struct explanation *explanation = &explanations[i];
		const char *const texts[] = {explanation->meaning, explanation->causes,
		                             explanation->advice};

		for (size_t t = 0; t < COUNT(texts); t++) {
			ck_assert_msg(str_ends(str_of(texts[t]), STR(".")), "%s: %s",
			              explanation->code, texts[t]);
			ck_assert_msg(strchr(texts[t], '\n') == NULL, "%s", explanation->code);
			ck_assert_msg(strstr(texts[t], "  ") == NULL, "%s", explanation->code);
		}
	}
}
END_TEST

START_TEST(knows_the_class_of_each_sqlstate)
{
	for (size_t i = 0; i < explanation_count; i++)
		if (strlen(explanations[i].code) == 5)
			ck_assert_msg(explanation_class(explanations[i].code) != NULL, "%s",
			              explanations[i].code);
	ck_assert_str_eq(explanation_class("42p99"),
	                 "a syntax error, or a name or a right that is missing");
	ck_assert(explanation_class("42") == NULL);
	ck_assert(explanation_class("ZZ000") == NULL);
}
END_TEST

/* Codes as people type them; NULL: nothing is found. */
static const struct {
	const char *typed, *code;
} finds[] = {
	{"42P07", "42P07"},
	{"42p07", "42P07"},
	{"duplicate_table", "42P07"},
	{"23505", "23505"},
	{"sqlite_busy", "SQLITE_BUSY"},
	{"5", "SQLITE_BUSY"},
	{"261", "SQLITE_BUSY"},        /* SQLITE_BUSY_RECOVERY */
	{"2067", "SQLITE_CONSTRAINT"}, /* SQLITE_CONSTRAINT_UNIQUE */
	{"1", "SQLITE_ERROR"},
	{"0", NULL},
	{"", NULL},
	{"5x", NULL},
	{"12345", NULL}, /* an SQLSTATE, not 57 of SQLite */
	{"9999999999999999999999", NULL},
	{"42P0", NULL},
};

START_TEST(finds_codes_as_they_are_typed)
{
	const struct explanation *found = explanation_find(finds[_i].typed);

	if (finds[_i].code == NULL)
		ck_assert(found == NULL);
	else
		ck_assert_str_eq(found == NULL ? "nothing" : found->code, finds[_i].code);
}
END_TEST

Suite *explanation_suite(void)
{
	Suite *suite = suite_create("explanation");
	TCase *tc = tcase_create("explanation");

	tcase_add_test(tc, is_sorted_and_has_each_code_once);
	tcase_add_test(tc, has_sentences_for_each_code);
	tcase_add_test(tc, knows_the_class_of_each_sqlstate);
	tcase_add_loop_test(tc, finds_codes_as_they_are_typed, 0, COUNT(finds));
	suite_add_tcase(suite, tc);
	return suite;
}
