/* SPDX-License-Identifier: Apache-2.0 */
/* test_target_options.c - the arguments of a run on several databases */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/target_options.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static bool find_verb(const char *name, struct verb *verb)
{
	*verb = (struct verb){.name = "info", .commands = {"info"}};
	return strcmp(name, "info") == 0;
}

enum { ARGUMENTS_MAX = 8 };

static struct invocation parse(const char *arguments)
{
	struct arena *arena = &scratch.arena;
	char *argv[ARGUMENTS_MAX + 1] = {arena_strdup(arena, "cflyway")};
	struct str rest = str_of(arguments);
	struct invocation invocation;
	int argc = 1;

	while (rest.len > 0)
		argv[argc++] = str_dup(arena, str_cut(&rest, ' '));
	ck_assert(args_parse(arena, argc, argv, find_verb, &invocation, &scratch.err));
	return invocation;
}

static const char *show(const struct target_options *options)
{
	struct arena *arena = &scratch.arena;

	if (options->tenants_query != NULL)
		return arena_printf(arena, "query=%s", options->tenants_query);
	if (options->environments.n > 0)
		return arena_printf(arena, "environments=%s",
		                    str_list_join(arena, &options->environments, "|"));
	return arena_printf(arena, "file=%s names=%s %s, %zu at a time", options->file,
	                    str_list_join(arena, &options->names, "|"),
	                    options->continue_on_error ? "goes on" : "stops", options->parallel);
}

static const struct {
	const char *arguments, *expected;
} cases[] = {
	{"-targets=t.ini info", "file=t.ini names= goes on, 1 at a time"},
	{"-targets=t.ini -targetNames=a,b -continueOnError=false info",
         "file=t.ini names=a|b stops, 1 at a time"},
	{"-targets=t.ini -parallel=256 info", "file=t.ini names= goes on, 256 at a time"},
	{"-targets=t.ini -parallel=257 info",
         "error: Invalid value for flyway.parallel (should be 1 to 256): 257"},
	{"-targets=t.ini -parallel=0 info",
         "error: Invalid value for flyway.parallel (should be 1 to 256): 0"},
	{"-targets=t.ini -parallel=x info",
         "error: Invalid value for flyway.parallel (should be an integer): x"},
	{"-targets= info", "error: -targets= names no file"},
	{"-targets=t.ini -targetNames= info", "error: -targetNames= has no value"},
	{"-targets=t.ini -continueOnError= info", "error: -continueOnError= has no value"},
	{"-targets=t.ini -continueOnError=1 info",
         "error: Invalid value for flyway.continueOnError (should be either true or false): 1"},
	{"-environments=a,b info", "environments=a|b"},
	{"-tenantsQuery=q info", "query=q"},
	{"-environments= info", "error: -environments= names no environment"},
	{"-tenantsQuery= info", "error: -tenantsQuery= has no query"},
	{"-tenantsQuery=q -targets=t info",
         "error: -tenantsQuery cannot stand beside -targets: both name targets"},
	{"-targetNames=a info",
         "error: there are no targets: give -targets or -environments or -tenantsQuery"},
};

START_TEST(reads_arguments)
{
	struct invocation invocation = parse(cases[_i].arguments);
	struct target_options options;
	const char *got;

	ck_assert(target_options_given(&invocation));
	if (target_options_read(&scratch.arena, &invocation, &options, &scratch.err))
		got = show(&options);
	else
		got = arena_printf(&scratch.arena, "error: %s", scratch.err.message);
	ck_assert_str_eq(got, cases[_i].expected);
}
END_TEST

START_TEST(sees_that_there_are_none)
{
	struct invocation invocation = parse("-url=x -target=1 info");

	ck_assert(!target_options_given(&invocation));
}
END_TEST

Suite *target_options_suite(void)
{
	Suite *suite = suite_create("target_options");
	TCase *tc = tcase_create("target_options");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_arguments, 0, COUNT(cases));
	tcase_add_test(tc, sees_that_there_are_none);
	suite_add_tcase(suite, tc);
	return suite;
}
