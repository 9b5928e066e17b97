/* SPDX-License-Identifier: Apache-2.0 */
/* test_program.c - which program runs a file; recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/program.h"

static const struct {
	const char *name, *word, *extension;
} known[] = {
	{"V1__a.sh", "sh", ".sh"},
	{"V1__a.SH", "sh", ".SH"},
	{"V1__a.bash", "bash", ".bash"},
	{"V1__a.py", "python", ".py"},
	{"V1__a.ps1", "pwsh", ".ps1"},
	{"V1__a.bat", "cmd", ".bat"},
	{"V1__a.b.Cmd", "cmd", ".Cmd"},
	{"V1__a", NULL, ""},
	{"V1__a.", NULL, ""},
	{"", NULL, ""},
};

START_TEST(goes_by_the_extension)
{
	const struct program_kinds none = {0};
	const struct program_kind *kind = program_kind_of(&none, known[_i].name);

	ck_assert_ptr_nonnull(kind);
	ck_assert_pstr_eq(kind->words[0], known[_i].word);
	ck_assert_str_eq(program_extension(known[_i].name), known[_i].extension);
}
END_TEST

static const char *const others[] = {"V1__a.sql", "V1__a.pl", "V1__a.sh.conf", "V1__a.sh~"};

START_TEST(leaves_other_files_alone)
{
	const struct program_kinds none = {0};

	ck_assert_ptr_null(program_kind_of(&none, others[_i]));
}
END_TEST

START_TEST(prefers_the_programs_of_the_configuration)
{
	struct executor_option items[] = {{.suffix = ".cql"}, {.suffix = ".py"}};
	const struct executor_options executors = {items, COUNT(items)};
	struct arena arena = ARENA_EMPTY;
	const struct program_kinds own = program_kinds_make(&arena, &executors);

	ck_assert_ptr_eq(program_kind_of(&own, "V1__a.CQL")->executor, &items[0]);
	ck_assert_ptr_eq(program_kind_of(&own, "V1__a.up.py")->executor, &items[1]);
	ck_assert_ptr_null(program_kind_of(&own, "V1__a.sh")->executor);
	ck_assert_ptr_null(program_kind_of(&own, "V1__a.cql.conf"));
	arena_release(&arena);
}
END_TEST

Suite *program_suite(void)
{
	Suite *suite = suite_create("program");
	TCase *tc = tcase_create("program");

	tcase_add_loop_test(tc, goes_by_the_extension, 0, COUNT(known));
	tcase_add_loop_test(tc, leaves_other_files_alone, 0, COUNT(others));
	tcase_add_test(tc, prefers_the_programs_of_the_configuration);
	suite_add_tcase(suite, tc);
	return suite;
}
