/* SPDX-License-Identifier: Apache-2.0 */
/* test_args.c - the command line; texts measured with Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/args.h"
#include "cflyway/config/options.h"

#include <string.h>

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

static bool parse(const char *const *args)
{
	char *argv[ARGS_MAX + 1] = {arena_strdup(&arena, "cflyway")};
	int argc = 1;

	for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++)
		argv[argc++] = arena_strdup(&arena, args[i]);
	return args_parse(&arena, argc, argv, verb_find, &got, &err);
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
	{{"--url=x", "info"}, "info", "url=x|", 0, 0, 0, 0},
	{{"-passwordFile=x", "info"}, "info", "cflyway.passwordFile=x|", 0, 0, 0, 0},
	{{"--passwordFile=x", "info"}, "info", "cflyway.passwordFile=x|", 0, 0, 0, 0},
	{{"--nonsense=x", "info"}, "info", "-nonsense=x|", 0, 0, 0, 0},
	{{"--placeholders.a=x", "info"}, "info", "placeholders.a=x|", 0, 0, 0, 0},
	{{"---url=x", "info"}, "info", "--url=x|", 0, 0, 0, 0},
	{{"add", "--type=undo"}, "add", "add.type=undo|", 0, 0, 0, 0},
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
	{{"adopt", "-write", "-from=goose"},
         "adopt",
         "adopt.from=goose|adopt.write=true|",
         0,
         0,
         0,
         0},
	{{"repair", "-dryRun"}, "repair", "repair.dryRun=true|", 0, 0, 0, 0},
	{{"info", "-exitCode"}, "info", "info.exitCode=true|", 0, 0, 0, 0},
	{{"-exitCode=true", "status"}, "info", "info.exitCode=true|", 0, 0, 0, 0},
	{{"-exitCode", "info", "-exitCode=false"}, "info", "info.exitCode=false|", 0, 0, 0, 0},
	{{"-dryRun", "-repair.dryRun=false", "repair"},
         "repair",
         "repair.dryRun=false|",
         0,
         0,
         0,
         0},
	{{"-write", "adopt", "-write=false"}, "adopt", "adopt.write=false|", 0, 0, 0, 0},
	{{"import", "alembic", "a b", "-location=x"},
         "import",
         "import.location=x|import.project=alembic a b|",
         0,
         0,
         0,
         0},
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
	/* words that stand for commands, and their operands */
	{{"up"}, "migrate", "", 0, 0, 0, 0},
	{{"up", "--dry-run"}, "migrate", "dryRunOutput=-|", 0, 0, 0, 0},
	{{"--dry-run", "down", "2"}, "undo", "steps=2|dryRunOutput=-|", 0, 0, 0, 0},
	{{"down", "--dry-run", "2"}, "undo", "steps=2|dryRunOutput=-|", 0, 0, 0, 0},
	{{"up", "--dry-run", "-dryRunOutput=x"}, "migrate", "dryRunOutput=x|", 0, 0, 0, 0},
	{{"up", "-dryRun=execute", "--dry-run"}, "migrate", "dryRun=execute|", 0, 0, 0, 0},
	{{"down"}, "undo", "", 0, 0, 0, 0},
	{{"down", "9999"}, "undo", "steps=9999|", 0, 0, 0, 0},
	{{"down", "-url=a", "3", "info"}, "undo info", "url=a|steps=3|", 0, 0, 0, 0},
	{{"-steps=3", "down", "3"}, "undo", "steps=3|", 0, 0, 0, 0},
	{{"rollback", "1"}, "undo", "steps=1|", 0, 0, 0, 0},
	{{"down", "2", "rollback", "2"}, "undo undo", "steps=2|", 0, 0, 0, 0},
	{{"downgrade", "-2"}, "undo", "steps=2|", 0, 0, 0, 0},
	{{"downgrade", "base"}, "undo", "steps=all|", 0, 0, 0, 0},
	{{"upgrade", "head"}, "migrate", "target=latest|", 0, 0, 0, 0},
	{{"upgrade", "heads"}, "migrate", "target=latest|", 0, 0, 0, 0},
	{{"upgrade", "+1"}, "migrate", "target=next|", 0, 0, 0, 0},
	{{"upgrade", "1.2"}, "migrate", "target=1.2|", 0, 0, 0, 0},
	{{"status", "history"}, "info info", "", 0, 0, 0, 0},
	{{"current", "-migrationIds"}, "info", "infoCurrent=true|", 0, 0, 0, 1},
	{{"current", "current"}, "info info", "infoCurrent=true|", 0, 0, 0, 0},
	{{"create", "add", "price", "-type=undo"},
         "new",
         "add.type=undo|add.description=add price|",
         0,
         0,
         0,
         0},
	{{"fresh", "-confirm=DELETE ALL DATA", "--shared=true"},
         "fresh clean migrate",
         "fresh.confirm=DELETE ALL DATA|fresh.shared=true|",
         0,
         0,
         0,
         0},
	{{"help", "fresh"}, "fresh", "", 0, 0, 1, 0},
	{{"help", "down", "up"}, "down up", "", 0, 0, 1, 0},
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
	{{"-dryRun", "info"}, "Invalid flag: -dryRun\n"},
	{{"-n", "info"}, "Invalid flag: -n\n"},
	{{"-help"}, "Invalid flag: -help\n"},
	{{"info", "-bar", "foo"}, "Invalid flag: -bar\n"},
	{{"foo", "-bar"}, "Invalid flag: foo\n"},
	{{"help", "foo"}, "Invalid flag: foo\n"},
	{{"up", "3"}, "Invalid flag: 3\n"},
	{{"down", "0"}, "Invalid flag: 0\n"},
	{{"down", "002"}, "Invalid flag: 002\n"},
	{{"down", "10000"}, "Invalid flag: 10000\n"},
	{{"down", "-2"}, "Invalid flag: -2\n"},
	{{"down", "2", "3"}, "Invalid flag: 3\n"},
	{{"down", "base"}, "Invalid flag: base\n"},
	{{"downgrade", "-"}, "Invalid flag: -\n"},
	{{"upgrade", "+2"}, "Invalid flag: +2\n"},
	{{"status", "2"}, "Invalid flag: 2\n"},
	{{"--dry", "up"}, "Invalid flag: --dry\n"},
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
	{{"-password", "secret", "info"}, "Invalid flag: -password\n"},
	{{"-password", "secret", "help"}, "Invalid flag: ********\n"},
	{{"password=secret", "info"}, "Invalid flag: password=********\n"},
	{{"-password:secret", "info"}, "Invalid flag: -password:********\n"},
	{{"-password:sec=ret", "info"}, "Invalid flag: -password:********\n"},
	{{"postgres://u:secret@h/d", "info"}, "Invalid flag: postgres://u:********@h/d\n"},
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
	const char *message;
} conflicts[] = {
	{{"down", "3", "-steps=2"}, "-steps=2 and down 3 cannot be used together"},
	{{"down", "3", "info", "-steps=2"}, "-steps=2 and down 3 cannot be used together"},
	{{"down", "2", "rollback", "3"}, "down 2 and rollback 3 cannot be used together"},
	{{"current", "-infoCurrent=false"},
         "-infoCurrent=false and current cannot be used together"},
};

START_TEST(refuses_an_operand_beside_its_option)
{
	ck_assert(!parse(conflicts[_i].args));
	ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	ck_assert_str_eq(err.message, conflicts[_i].message);
}
END_TEST

static const struct {
	const char *args[ARGS_MAX + 1];
	const char *note; /* the start of the first note; NULL: there is none */
} operands[] = {
	{{"down", "002"}, "down takes the number of migrations to take back"},
	{{"upgrade", "+2"}, "upgrade takes head"},
	{{"upgrade", "1", "x"}, NULL},
	{{"up", "3"}, NULL},
	{{"x", "down", "y"}, NULL},
	{{"down", "info", "3"}, NULL},
};

START_TEST(says_what_a_verb_takes)
{
	ck_assert(!parse(operands[_i].args));

	const char *note = err.notes.n > 0 ? err.notes.items[0].text : "";

	if (operands[_i].note == NULL)
		ck_assert_uint_eq(err.notes.n, 0);
	else
		ck_assert_msg(str_starts(str_of(note), str_of(operands[_i].note)), "%s", note);
}
END_TEST

static const struct {
	const char *args[ARGS_MAX + 1];
	const char *key, *first, *value;
} twice[] = {
	{{"upgrade", "3", "-target=2"}, "target", "2", "3"},
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

/* What the completion of shells offers without a value. */
START_TEST(takes_some_options_without_a_value)
{
	const struct option_spec *spec = &option_specs[_i];
	const char *dot = strchr(spec->key, '.');

	if ((spec->flags & OPTION_ALONE) == 0)
		return;
	ck_assert_ptr_nonnull(dot);

	const char *const args[] = {arena_strndup(&arena, spec->key, (size_t)(dot - spec->key)),
	                            arena_printf(&arena, "-%s", dot + 1), NULL};

	ck_assert_msg(parse(args), "%s", err.message);
	ck_assert_str_eq(pairs_find(&got.options, spec->key)->value, "true");
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
	tcase_add_loop_test(tc, refuses_an_operand_beside_its_option, 0, COUNT(conflicts));
	tcase_add_loop_test(tc, says_what_a_verb_takes, 0, COUNT(operands));
	tcase_add_test(tc, knows_how_to_show_an_error_in_the_arguments);
	tcase_add_test(tc, takes_empty_early_options_as_unset);
	tcase_add_loop_test(tc, sees_the_same_option_in_two_forms, 0, COUNT(twice));
	tcase_add_loop_test(tc, takes_some_options_without_a_value, 0, OPTION_COUNT);
	tcase_add_test(tc, keeps_what_was_given_twice);
	suite_add_tcase(suite, tc);
	return suite;
}
