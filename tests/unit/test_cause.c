/* SPDX-License-Identifier: Apache-2.0 */
/* test_cause.c - which cause of a table fits a failure, and what its texts become */
#include "suites.h"

#include "../../src/db/cause.h"

#include "cflyway/base/str.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

static const struct {
	const char *pattern, *text;
	bool fits;
	const char *first, *second;
} matches[] = {
	{"", "anything", true, NULL, NULL},
	{"no such table", "no such table: x", true, NULL, NULL},
	{"no such table", "so no such table", false, NULL, NULL},
	{"no such table", "no such", false, NULL, NULL},
	{"role \"*\" does not exist", "role \"a \"b\" c\" does not exist", true, "a \"b\" c", NULL},
	{"role \"*\" does not exist", "role \"\" does not exist", true, "", NULL},
	{"role \"*\" does not exist", "role \"x\" is old", false, NULL, NULL},
	{"no such table: *", "no such table: x y\nnext line", true, "x y", NULL},
	{"no such table: *", "no such table: ", true, "", NULL},
	{"*: *", "a: b: c", true, "a", "b: c"},
	{"a *\n  Detail: *", "a b\n  Detail: c d\n  Where: e", true, "b", "c d"},
	{"a *\n  Detail: *", "a b\n  Hint: c", false, NULL, NULL},
	{"a (*)", "a b\n(c)", false, NULL, NULL},
	{"*", "", true, "", NULL},
};

START_TEST(matches_the_beginning_of_a_message)
{
	struct cause_facts facts = {0};

	ck_assert_msg(cause_match(&memory, matches[_i].pattern, matches[_i].text, &facts) ==
	                      matches[_i].fits,
	              "%s | %s", matches[_i].pattern, matches[_i].text);
	if (!matches[_i].fits)
		return;
	ck_assert_pstr_eq(facts.of['1'], matches[_i].first);
	ck_assert_pstr_eq(facts.of['2'], matches[_i].second);
}
END_TEST

static const struct {
	const char *text, *expected;
} texts[] = {
	{"plain", "plain"},
	{"%n and %n", "plain_1 and plain_1"},
	{"100 %%", "100 %"},
	{"%\"n %\"m %\"d %\"e", "plain_1 \"Mixed \"\"one\"\"\" \"1st\" \"\""},
	{"%'n %'m %'a %'e", "plain_1 'Mixed \"one\"' 'it'\\''s' ''"},
	{"%'p", "/var/lib/X-1.crt"},
	{"%|nm %|xm %|x\"m %|\"xd", "plain_1 Mixed \"one\" \"Mixed \"\"one\"\"\" 1st"},
	{"no %|xy", NULL},
	{"no %x", NULL},
	{"no %\"x", NULL},
	{NULL, NULL},
};

START_TEST(puts_facts_into_a_text)
{
	struct cause_facts facts = {0};

	facts.of['n'] = "plain_1";
	facts.of['m'] = "Mixed \"one\"";
	facts.of['d'] = "1st";
	facts.of['a'] = "it's";
	facts.of['e'] = "";
	facts.of['p'] = "/var/lib/X-1.crt";
	ck_assert_pstr_eq(cause_text(&memory, texts[_i].text, &facts), texts[_i].expected);
}
END_TEST

static bool knows_a_name(void *ctx, struct cause_facts *facts)
{
	facts->of['n'] = ctx;
	return strcmp(facts->of['1'], "odd") != 0;
}

static const struct cause causes[] = {
	{"42P01", "table * is gone", knows_a_name, "did you mean %n?", "use %n"},
	{"42P01", "table * is gone", NULL, "%1 is not in %s", "create %1"},
	{"42P01", "table * is gone", NULL, "%1 is gone", NULL},
	{NULL, "nothing to *", NULL, NULL, "do %1"},
	{"42501", NULL, NULL, "not allowed", NULL},
};

static const struct {
	const char *state, *messages[2];
	const char *name, *schema;
	bool found;
	const char *expected;
} failures[] = {
	{"42P01", {"table a is gone"}, "b", NULL, true, "did you mean b?|use b|"},
	{"42P01", {"table odd is gone"}, "b", "s", true, "odd is not in s|create odd|"},
	{"42P01", {"table a is gone"}, NULL, "s", true, "a is not in s|create a|"},
	{"42P01",
         {"table a is gone"},
         NULL,
         NULL,
         true,
         "a is gone|more: \"cflyway explain 42P01\"|"},
	{"42P01", {NULL, "table a is gone"}, NULL, "s", true, "a is not in s|create a|"},
	{"42P02", {"table a is gone"}, "b", "s", false, "more: \"cflyway explain 42P02\"|"},
	{"42501", {"anything"}, NULL, NULL, true, "not allowed|more: \"cflyway explain 42501\"|"},
	{NULL, {"nothing to lose"}, NULL, NULL, true, "do lose|"},
	{NULL, {"other"}, NULL, NULL, false, ""},
	{"99999", {"other"}, NULL, NULL, false, ""},
};

START_TEST(tells_the_first_cause_whose_facts_are_known)
{
	struct error err = ERROR_INIT(&memory);
	struct cause_question question = {
		.arena = &memory,
		.state = failures[_i].state,
		.messages = {failures[_i].messages[0], failures[_i].messages[1]},
		.ctx = (void *)failures[_i].name,
	};
	const char *told = "";

	question.facts.of['s'] = failures[_i].schema;
	ck_assert(causes_explain(causes, COUNT(causes), &question, &err) == failures[_i].found);
	for (size_t i = 0; i < err.notes.n; i++)
		told = arena_printf(&memory, "%s%s|", told, err.notes.items[i].text);
	ck_assert_str_eq(told, failures[_i].expected);
}
END_TEST

START_TEST(names_no_code_where_a_cause_is_told)
{
	struct error err = ERROR_INIT(&memory);
	struct cause_question question = {
		.arena = &memory, .state = "42601", .messages = {"syntax error"}};

	error_explain(&err, NOTE_CAUSE, "a command of psql");
	ck_assert(!causes_explain(causes, COUNT(causes), &question, &err));
	ck_assert_uint_eq(err.notes.n, 1);
}
END_TEST

Suite *cause_suite(void)
{
	Suite *suite = suite_create("cause");
	TCase *tc = tcase_create("cause");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, matches_the_beginning_of_a_message, 0, COUNT(matches));
	tcase_add_loop_test(tc, puts_facts_into_a_text, 0, COUNT(texts));
	tcase_add_loop_test(tc, tells_the_first_cause_whose_facts_are_known, 0, COUNT(failures));
	tcase_add_test(tc, names_no_code_where_a_cause_is_told);
	suite_add_tcase(suite, tc);
	return suite;
}
