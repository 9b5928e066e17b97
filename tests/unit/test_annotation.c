/* SPDX-License-Identifier: Apache-2.0 */
/* test_annotation.c - failures as lines that the runner of GitHub Actions understands */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/output/annotation.h"

#include <stdlib.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
	setenv("GITHUB_ACTIONS", "true", 1);
	unsetenv("GITHUB_WORKSPACE");
	scratch_write("sql/a,b:c%.sql", "select 1;");
}

static void teardown(void)
{
	unsetenv("GITHUB_ACTIONS");
	scratch_close(&scratch);
}

static const char *annotate(const char *target, const struct error *err)
{
	struct invocation invocation = {0};
	struct annotations annotations;

	pairs_init(&invocation.options, &scratch.arena);
	annotations_open(&annotations, &scratch.arena, &invocation);
	annotate_failure(&annotations, &scratch.log, target, NULL, err);
	return scratch_lines(&scratch);
}

static const struct {
	const char *message, *target, *line;
} messages[] = {
	{"it failed", NULL, "title=cflyway::it failed"},
	{"it failed", "a:b", "title=a%3Ab%3A cflyway::it failed"},
	{"a: 5%, b\r\nc: 5%, d\r\n\ne\n", NULL, "title=a%3A 5%25%2C b::c: 5%25, d%0D%0A%0Ae"},
	{"::error::x\n::y", NULL, "title=%3A%3Aerror%3A%3Ax::::y"},
	{"", NULL, "title=cflyway::"},
};

START_TEST(escapes_what_the_runner_would_take_apart)
{
	error_set(&scratch.err, ERROR_GENERAL, "%s", messages[_i].message);
	const char *line = annotate(messages[_i].target, &scratch.err);

	ck_assert_str_eq(
		line, arena_printf(&scratch.arena, "ANNOTATION ::error %s\n", messages[_i].line));
}
END_TEST

static const struct {
	struct note_place place;
	const char *properties;
} places[] = {
	{{"sql/a,b:c%.sql", 3, 4}, "file=sql/a%2Cb%3Ac%25.sql,line=3,col=4,"},
	{{"sql/a,b:c%.sql", 3, 0}, "file=sql/a%2Cb%3Ac%25.sql,line=3,"},
	{{"sql/../sql/a,b:c%.sql", 0, 4}, "file=sql/a%2Cb%3Ac%25.sql,"},
	{{"sql", 1, 1}, ""},
	{{"sql/none.sql", 1, 1}, ""},
	{{"/dev/null", 1, 1}, ""},
};

START_TEST(names_files_of_the_repository)
{
	error_set(&scratch.err, ERROR_GENERAL, "x");
	error_locate(&scratch.err, NOTE_PLACE, &places[_i].place, "where");
	error_explain(&scratch.err, NOTE_NEXT, "do\nthis");
	ck_assert_str_eq(annotate(NULL, &scratch.err),
	                 arena_printf(&scratch.arena, "ANNOTATION ::error %stitle=x::do%%0Athis\n",
	                              places[_i].properties));
}
END_TEST

START_TEST(shows_each_item_as_far_as_they_are_shown)
{
	size_t lines = 0;

	error_set(&scratch.err, ERROR_GENERAL, "x");
	error_add_item(&scratch.err, "sql/a,b:c%.sql", "one");
	error_add_item(&scratch.err, NULL, "two");
	ck_assert_str_eq(annotate(NULL, &scratch.err),
	                 "ANNOTATION ::error file=sql/a%2Cb%3Ac%25.sql,title=x::one\n"
	                 "ANNOTATION ::error title=x::two\n");
	for (int i = 2; i < 11; i++)
		error_add_item(&scratch.err, NULL, "more");
	const char *said = annotate(NULL, &scratch.err);
	for (const char *at = said; *at != '\0'; at++)
		lines += *at == '\n';
	ck_assert_uint_eq(lines, 10);
	ck_assert_ptr_nonnull(strstr(said, "title=x::2 more are in the log\n"));
	error_set(&scratch.err, ERROR_GENERAL, "another error has no items");
	ck_assert_ptr_nonnull(strstr(annotate(NULL, &scratch.err), "::another error"));
}
END_TEST

START_TEST(is_silent_elsewhere)
{
	error_set(&scratch.err, ERROR_GENERAL, "x");
	setenv("GITHUB_ACTIONS", "1", 1);
	ck_assert_str_eq(annotate(NULL, &scratch.err), "");
	unsetenv("GITHUB_ACTIONS");
	ck_assert_str_eq(annotate(NULL, &scratch.err), "");
}
END_TEST

Suite *annotation_suite(void)
{
	Suite *suite = suite_create("annotation");
	TCase *tc = tcase_create("annotation");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, escapes_what_the_runner_would_take_apart, 0, COUNT(messages));
	tcase_add_loop_test(tc, names_files_of_the_repository, 0, COUNT(places));
	tcase_add_test(tc, shows_each_item_as_far_as_they_are_shown);
	tcase_add_test(tc, is_silent_elsewhere);
	suite_add_tcase(suite, tc);
	return suite;
}
