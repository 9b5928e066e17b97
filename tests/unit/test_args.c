/* SPDX-License-Identifier: Apache-2.0 */
/* test_args.c - the command line; texts measured with Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/args.h"

enum { ARGS_MAX = 6 };

static struct arena arena;
static struct invocation got;
static struct error err;

static void setup(void)
{
	arena_init(&arena);
	error_init(&err, &arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static bool is_verb(const char *name)
{
	static const char *const verbs[] = {"migrate", "info", "version", "add", "new"};

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(name, verbs[i]) == 0)
			return true;
	return false;
}

static bool parse(const char *const *args)
{
	char *argv[ARGS_MAX + 1] = {arena_strdup(&arena, "cflyway")};
	int argc = 1;

	for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++)
		argv[argc++] = arena_strdup(&arena, args[i]);
	return args_parse(&arena, argc, argv, is_verb, &got, &err);
}

static const struct {
	const char *args[ARGS_MAX + 1];
	const char *verbs, *options; /* options: key=value, "|" at the end of each */
	bool debug, quiet, help, ids;
} good[] = {
	{{"info"}, "info", "", 0, 0, 0, 0},
	{{"-url=a", "info", "-user=b", "migrate"}, "info migrate", "url=a|user=b|", 0, 0, 0, 0},
	{{"-url=jdbc:x?a=b", "info"}, "info", "url=jdbc:x?a=b|", 0, 0, 0, 0},
	{{"-table=", "info"}, "info", "table=|", 0, 0, 0, 0},
	{{"-table= a ", "info"}, "info", "table= a |", 0, 0, 0, 0},
	{{"-table=\"a\"", "info"}, "info", "table=\"a\"|", 0, 0, 0, 0},
	{{"--url=x", "info"}, "info", "-url=x|", 0, 0, 0, 0},
	{{"-=x", "info"}, "info", "=x|", 0, 0, 0, 0},
	{{"", "  ", "info"}, "info", "", 0, 0, 0, 0},
	{{"-X", "-q", "info"}, "info", "", 1, 1, 0, 0},
	{{"-communityFallback", "-skipCheckForUpdate", "-migrationIds", "info"},
         "info",
         "",
         0,
         0,
         0,
         1},
	{{"-migrationIds", "migrate"}, "migrate", "", 0, 0, 0, 0},
	{{"-v", "migrate"}, "migrate version", "", 0, 0, 0, 0},
	{{"--version"}, "version", "", 0, 0, 0, 0},
	{{"version", "migrate"}, "version migrate", "", 0, 0, 0, 0},
	{{"info", "info"}, "info info", "", 0, 0, 0, 0},
	{{"help", "migrate"}, "migrate", "", 0, 0, 1, 0},
	{{"help", "outOfOrder", "-url"}, "outOfOrder -url", "", 0, 0, 1, 0},
	{{"FLYWAY_URL", "placeholders", "-h"}, "FLYWAY_URL placeholders", "", 0, 0, 1, 0},
	{{"-?"}, "", "", 0, 0, 1, 0},
	{{"-h"}, "", "", 0, 0, 1, 0},
	{{"--help"}, "", "", 0, 0, 1, 0},
	{{NULL}, "", "", 0, 0, 0, 0},
	{{"-configFiles=a", "-configFiles=b"}, "", "configFiles=a|", 0, 0, 0, 0},

	/* the short form of an option of add, and the words after new */
	{{"add", "-type=undo", "-url=a"}, "add", "add.type=undo|url=a|", 0, 0, 0, 0},
	{{"-version=2", "add"}, "add", "add.version=2|", 0, 0, 0, 0},
	{{"add", "-add.type=undo"}, "add", "add.type=undo|", 0, 0, 0, 0},
	{{"migrate", "-type=undo"}, "migrate", "type=undo|", 0, 0, 0, 0},
	{{"new", "add", "price"}, "new", "add.description=add price|", 0, 0, 0, 0},
	{{"new", "-type=undo", "info", "-X"},
         "new",
         "add.type=undo|add.description=info|",
         1,
         0,
         0,
         0},
	{{"info", "new", "a b"}, "info new", "add.description=a b|", 0, 0, 0, 0},
	{{"new"}, "new", "", 0, 0, 0, 0},
	{{"new", " "}, "new", "", 0, 0, 0, 0},
	{{"new", "help"}, "new", "", 0, 0, 1, 0},
	{{"help", "new", "migrate"}, "new migrate", "", 0, 0, 1, 0},
	{{"-environments.x.url=a", "-environments..x=1"},
         "",
         "environments.x.url=a|environments..x=1|",
         0,
         0,
         0,
         0},
};

START_TEST(splits_arguments)
{
	char *options = arena_strdup(&arena, "");

	ck_assert_msg(parse(good[_i].args), "%s", err.message);
	ck_assert_str_eq(str_list_join(&arena, &got.verbs, " "), good[_i].verbs);
	for (size_t i = 0; i < got.options.n; i++)
		options = arena_printf(&arena, "%s%s=%s|", options, got.options.items[i].key,
		                       got.options.items[i].value);
	ck_assert_str_eq(options, good[_i].options);
	ck_assert_int_eq(got.debug, good[_i].debug);
	ck_assert_int_eq(got.quiet, good[_i].quiet);
	ck_assert_int_eq(got.help, good[_i].help);
	ck_assert_int_eq(got.migration_ids, good[_i].ids);
	ck_assert_ptr_null(got.repeated_key);
}
END_TEST

static const struct {
	const char *args[ARGS_MAX + 1];
	const char *message;
} bad[] = {
	{{"foo"}, "Invalid flag: foo\n"},
	{{"INFO"}, "Invalid flag: INFO\n"},
	{{" info"}, "Invalid flag:  info\n"},
	{{"-"}, "Invalid flag: -\n"},
	{{"--"}, "Invalid flag: --\n"},
	{{"="}, "Invalid flag: =\n"},
	{{"-url"}, "Invalid flag: -url\n"},
	{{"-n", "info"}, "Invalid flag: -n\n"},
	{{"-help"}, "Invalid flag: -help\n"},
	{{"info", "-bar", "foo"}, "Invalid flag: -bar\n"},
	{{"foo", "-bar"}, "Invalid flag: foo\n"},
	{{"help", "foo"}, "Invalid flag: foo\n"},
	{{"-foo", "-h"}, "Invalid flag: -foo\n"},
	{{"-foo", "=x", "info"}, "Invalid flag: -foo\n"},
	{{"-foo", "-a=1", "=", "x"}, "Invalid flag: -foo\n"},
	{{"foo", "info", ".x"}, "Invalid flag: foo\n"},
	{{"foo", "-a=b", ".x"}, "Invalid flag: foo\n"},
	{{"-bar", ".x"},
         "Invalid flag: -bar\nShell may cause input parameters containing periods (.) to be "
         "misinterpreted - do you need to wrap your parameter in double quotes?"},
	{{"foo", "", ".x"},
         "Invalid flag: foo\nShell may cause input parameters containing periods (.) to be "
         "misinterpreted - do you need to wrap your parameter in double quotes?"},
	{{"-url", "=", "x"},
         "Invalid configuration argument: -url. Please check you have not included any spaces in your "
         "configuration argument."},
	{{"-password=", "secret", "info"}, "Invalid flag: ********\n"},
	{{"-password=x", "secret", "info"}, "Invalid flag: secret\n"},
	{{"-user=", "me", "info"}, "Invalid flag: me\n"},
	{{"new", "price", "-bar"}, "Invalid flag: -bar\n"},
	{{"add", "price"}, "Invalid flag: price\n"},
	{{"foo", "="},
         "Invalid configuration argument: foo. Please check you have not included any spaces in your "
         "configuration argument."},
	{{"-environments.url=x", "info"},
         "Invalid configuration argument: -environments.url. Both the environment name and "
         "configuration option are required."},
	{{"-environments.x.=1", "info"},
         "Invalid configuration argument: -environments.x.. Both the environment name and "
         "configuration option are required."},
	{{"-environments.url=x", "foo"}, "Invalid flag: foo\n"},
	{{"-outputType=XML", "info"},
         "'xml' is an invalid value for the -outputType option. Use 'json'."},
	{{"-color=red", "-outputType=xml", "info"},
         "'xml' is an invalid value for the -outputType option. Use 'json'."},
	{{"-color=Always", "info"},
         "'Always' is an invalid value for the -color option. Use 'always', 'never', or 'auto'."},
	{{"-outputType=xml", "-environments.url=x", "info"},
         "Invalid configuration argument: -environments.url. Both the environment name and "
         "configuration option are required."},
};

START_TEST(refuses_arguments)
{
	ck_assert(!parse(bad[_i].args));
	ck_assert_str_eq(err.message, bad[_i].message);
	ck_assert_int_eq(err.exit_status, EXIT_FAILED);
	ck_assert_int_eq(err.code, ERROR_GENERAL);
}
END_TEST

START_TEST(knows_how_to_show_an_error_in_the_arguments)
{
	const char *const args[] = {"-outputType=JSON",       "-color=never",
	                            "-outputFile=o",          "foo",
	                            "-outputLogsInJson=True", NULL};

	ck_assert(!parse(args));
	ck_assert_int_eq(got.output_type, OUTPUT_JSON);
	ck_assert(got.logs_in_json);
	ck_assert_int_eq(got.color, COLOR_NEVER);
	ck_assert_str_eq(got.output_file, "o");
}
END_TEST

START_TEST(takes_empty_early_options_as_unset)
{
	const char *const args[] = {"-outputType=", "-color=", "-outputFile=", "info", NULL};

	ck_assert(parse(args));
	ck_assert_int_eq(got.output_type, OUTPUT_TEXT);
	ck_assert_int_eq(got.color, COLOR_AUTO);
	ck_assert_ptr_null(got.output_file);
}
END_TEST

static const struct {
	const char *args[ARGS_MAX + 1];
	const char *key, *first, *value;
} twice[] = {
	{{"add", "-type=undo", "-add.type=baseline"}, "add.type", "baseline", "undo"},
	{{"add", "-add.type=baseline", "-type=undo"}, "add.type", "baseline", "undo"},
	{{"new", "a", "-description=b"}, "add.description", "b", "a"},
};

START_TEST(sees_the_same_option_in_two_forms)
{
	ck_assert(parse(twice[_i].args));
	ck_assert_str_eq(got.repeated_key, twice[_i].key);
	ck_assert_str_eq(got.repeated_value, twice[_i].value);
	ck_assert_str_eq(pairs_find(&got.options, twice[_i].key)->value, twice[_i].first);
}
END_TEST

START_TEST(keeps_what_was_given_twice)
{
	const char *const args[] = {"-outputFile=o", "-outputFile=p", "-url=a",
	                            "-url=b",        "-table=c",      "-table=d"};

	ck_assert(parse(args));
	ck_assert_str_eq(got.repeated_key, "url");
	ck_assert_str_eq(got.repeated_value, "b");
	ck_assert_str_eq(pairs_find(&got.options, "url")->value, "a");
	ck_assert_str_eq(pairs_find(&got.options, "url")->origin, "-url");
	ck_assert_str_eq(got.output_file, "o");
}
END_TEST

Suite *args_suite(void)
{
	Suite *suite = suite_create("args");
	TCase *tc = tcase_create("args");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, splits_arguments, 0, COUNT(good));
	tcase_add_loop_test(tc, refuses_arguments, 0, COUNT(bad));
	tcase_add_test(tc, knows_how_to_show_an_error_in_the_arguments);
	tcase_add_test(tc, takes_empty_early_options_as_unset);
	tcase_add_loop_test(tc, sees_the_same_option_in_two_forms, 0, COUNT(twice));
	tcase_add_test(tc, keeps_what_was_given_twice);
	suite_add_tcase(suite, tc);
	return suite;
}
