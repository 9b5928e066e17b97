/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_line.c - command lines of cflyway.executor: words, values, what is refused */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/command_line.h"
#include "cflyway/config/executors.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* ${EMPTY} is set, and empty; ${NONE…} is not set. */
static const char *value_of(const void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "EMPTY") == 0)
		return "";
	return name[0] == 'N' ? NULL : "a 'b' \"c\" ${d}; {}";
}

#define VALUE "a 'b' \"c\" ${d}; {}"

/* The words are joined by "|"; the script is /s. */
static const struct {
	const char *text, *words, *shown;
} lines[] = {
	{"cat", "cat|/s", "cat /s"},
	{"  a\tb\n c ", "a|b|c|/s", "a b c /s"},
	{"a ${X} -f", "a|" VALUE "|-f|/s", "a ${X} -f /s"},
	{"a --x=${X}y", "a|--x=" VALUE "y|/s", "a --x=${X}y /s"},
	{"a \"${X} z\"", "a|" VALUE " z|/s", "a '${X} z' /s"},
	{"a '${X} {} \\' b", "a|${X} {} \\|b|/s", "a '${X} {} \\' b /s"},
	{"a ${EMPTY} b", "a||b|/s", "a ${EMPTY} b /s"},
	{"a '' \"\"", "a|||/s", "a '' '' /s"},
	{"a 'b'\"c\"d", "a|bcd|/s", "a bcd /s"},
	{"a {} b", "a|/s|b", "a /s b"},
	{"a --file=${script}", "a|--file=/s", "a --file=/s"},
	{"a \"{}\"", "a|/s", "a /s"},
	{"a { } {b}", "a|{|}|{b}|/s", "a { } {b} /s"},
	{"a b\\ c \\${X} \\{} \\'", "a|b c|${X}|{}|'|/s", "a 'b c' ${X} {} ' /s"},
	{"a \"\\\"\\\\\\$\\n\"", "a|\"\\$\\n|/s", "a \"\\$\\n /s"},
	{"a <", "a", "a < /s"},
	{"a '<'", "a|<|/s", "a < /s"},
	{"a <b 2>&1 x;", "a|<b|2>&1|x;|/s", "a <b 2>&1 x; /s"},
	{"a '|' \"&&\" \\;", "a|||&&|;|/s", "a | && ; /s"},
	{"a ${flyway:user} ${x.y-z_1}", "a|" VALUE "|" VALUE "|/s",
         "a ${flyway:user} ${x.y-z_1} /s"},
};

START_TEST(cuts_a_line_into_words)
{
	struct command_line line;
	struct str_list words = {0}, missing = {0};

	const char *problem = command_line_parse(&arena, lines[_i].text, &line);
	ck_assert_msg(problem == NULL, "%s: %s", lines[_i].text, problem);
	ck_assert(command_line_expand(&arena, &line, "/s", value_of, NULL, &words, &missing));
	ck_assert_str_eq(str_list_join(&arena, &words, "|"), lines[_i].words);
	ck_assert_str_eq(command_line_show(&arena, &line, "/s"), lines[_i].shown);
}
END_TEST

static const struct {
	const char *text, *problem;
} bad[] = {
	{"", "it names no program"},
	{" \t", "it names no program"},
	{"<", "it names no program"},
	{"a 'b", "a ' has no end"},
	{"a \"b", "a \" has no end"},
	{"a \"b\\\"", "a \" has no end"},
	{"a \\", "nothing follows the backslash at the end"},
	{"a $X", "$ begins a value, as in ${NAME}; \\$ is a dollar sign"},
	{"a \"$X\"", "$ begins a value, as in ${NAME}; \\$ is a dollar sign"},
	{"a $", "$ begins a value, as in ${NAME}; \\$ is a dollar sign"},
	{"a ${", "${ has no name and } after it"},
	{"a ${}", "${ has no name and } after it"},
	{"a ${X", "${ has no name and } after it"},
	{"a ${X Y}", "${ has no name and } after it"},
	{"a < b", "< must be the last word: the script itself follows it"},
	{"a | b", "| needs a shell: sh -c '…', or quote it"},
	{"a && b", "&& needs a shell: sh -c '…', or quote it"},
	{"a > b", "> needs a shell: sh -c '…', or quote it"},
	{"a {} <", "the script is either an argument or, with <, standard input"},
};

START_TEST(says_what_is_wrong_with_a_line)
{
	struct command_line line;

	ck_assert_pstr_eq(command_line_parse(&arena, bad[_i].text, &line), bad[_i].problem);
}
END_TEST

START_TEST(lists_each_missing_value_once)
{
	struct command_line line;
	struct str_list words = {0}, missing = {0};

	ck_assert_ptr_null(command_line_parse(&arena, "a ${N1} ${X}${N2} '${N3}' ${N1}", &line));
	ck_assert(!command_line_expand(&arena, &line, "/s", value_of, NULL, &words, &missing));
	ck_assert_str_eq(str_list_join(&arena, &missing, ","), "N1,N2");
}
END_TEST

/* --- options ------------------------------------------------------------------------------- */

static const struct {
	const char *suffix, *text, *problem; /* NULL: none */
} options[] = {
	{"cql", "cat", NULL},
	{"py", "python3 -u", NULL},
	{"x_1-Y", "cat", NULL},
	{"sql", "psql", "scripts with this suffix are SQL (sqlMigrationSuffixes)"},
	{"Pks", "psql", "scripts with this suffix are SQL (sqlMigrationSuffixes)"},
	{".cql", "cat", "a suffix has letters, digits, _ and - only, as in cflyway.executor.cql"},
	{"", "cat", "a suffix has letters, digits, _ and - only, as in cflyway.executor.cql"},
	{"cql", "'", "a ' has no end"},
};

START_TEST(checks_the_options)
{
	struct error err = ERROR_INIT(&arena);
	const char *suffixes[] = {".sql", ".pks"};
	const struct str_list sql = {suffixes, 2};
	struct executor_options executors;
	struct pairs pairs;

	pairs_init(&pairs, &arena);
	pairs_set(&pairs, str_of(options[_i].suffix), str_of(options[_i].text), "test");
	bool ok = executor_options_parse(&arena, &pairs, &sql, &executors, &err);
	ck_assert_int_eq(ok, options[_i].problem == NULL);
	if (ok) {
		ck_assert_uint_eq(executors.n, 1);
		ck_assert_str_eq(executors.items[0].suffix,
		                 arena_printf(&arena, ".%s", options[_i].suffix));
	} else {
		ck_assert_str_eq(err.message,
		                 arena_printf(&arena, "Invalid value for cflyway.executor.%s: %s",
		                              options[_i].suffix, options[_i].problem));
		ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	}
}
END_TEST

/* CFLYWAY_EXECUTOR_CQL is meant to replace cflyway.executor.CQL of a file, and does not. */
START_TEST(refuses_a_suffix_in_two_letter_cases)
{
	struct error err = ERROR_INIT(&arena);
	const struct str_list sql = {0};
	struct executor_options executors;
	struct pairs pairs;

	pairs_init(&pairs, &arena);
	pairs_set(&pairs, STR("cql"), STR("cat"), "test");
	pairs_set(&pairs, STR("py"), STR("cat"), "test");
	ck_assert(executor_options_parse(&arena, &pairs, &sql, &executors, &err));
	pairs_set(&pairs, STR("CQL"), STR("cat"), "test");
	ck_assert(!executor_options_parse(&arena, &pairs, &sql, &executors, &err));
	ck_assert_str_eq(err.message, "Invalid value for cflyway.executor.CQL: the suffix is given "
	                              "in another letter case as well");
}
END_TEST

Suite *command_line_suite(void)
{
	Suite *suite = suite_create("command_line");
	TCase *tc = tcase_create("command_line");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, cuts_a_line_into_words, 0, COUNT(lines));
	tcase_add_loop_test(tc, says_what_is_wrong_with_a_line, 0, COUNT(bad));
	tcase_add_test(tc, lists_each_missing_value_once);
	tcase_add_loop_test(tc, checks_the_options, 0, COUNT(options));
	tcase_add_test(tc, refuses_a_suffix_in_two_letter_cases);
	suite_add_tcase(suite, tc);
	return suite;
}
