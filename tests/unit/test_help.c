/* SPDX-License-Identifier: Apache-2.0 */
/* test_help.c - what help says comes from the tables of commands and options */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/options.h"
#include "cflyway/output/help.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/* Does a line of the help begin with the name of an option? */
static bool lists(const char *text, const char *key)
{
	return strstr(text, arena_printf(&scratch.arena, "\n    %s ", key)) != NULL ||
	       strstr(text, arena_printf(&scratch.arena, "\n    %s. ", key)) != NULL;
}

START_TEST(describes_every_command)
{
	for (size_t i = 0; i < command_count; i++) {
		ck_assert(help_print_topic(commands[i]->name, &scratch.log));
		const char *text = scratch_lines(&scratch);
		ck_assert_msg(strstr(text, arena_printf(&scratch.arena, "cflyway [options] %s\n",
		                                        commands[i]->name)) != NULL,
		              "%s", text);
	}
	ck_assert(!help_print_topic("nonsense", &scratch.log));
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(lists_the_options_of_a_command)
{
	ck_assert(help_print_topic("migrate", &scratch.log));
	const char *migrate = scratch_lines(&scratch);
	ck_assert(lists(migrate, "locations") && lists(migrate, "group"));
	ck_assert(lists(migrate, "placeholders") && lists(migrate, "table"));
	ck_assert(lists(migrate, "postgresql.transactional.lock"));
	ck_assert(!lists(migrate, "cleanDisabled") && !lists(migrate, "infoSinceDate"));
	ck_assert(help_print_topic("clean", &scratch.log));
	const char *clean = scratch_lines(&scratch);
	ck_assert(lists(clean, "cleanDisabled") && lists(clean, "callbackLocations"));
	ck_assert(!lists(clean, "sqlMigrationPrefix") && !lists(clean, "url"));
	ck_assert(strstr(clean, "cleanDisabled") < strstr(clean, "callbackLocations"));
	ck_assert_ptr_nonnull(strstr(clean, ", besides those of the connection\n"));
	ck_assert(help_print_topic("testConnection", &scratch.log));
	const char *connection = scratch_lines(&scratch);
	ck_assert(lists(connection, "url") && !lists(connection, "schemas"));
	ck_assert_ptr_null(strstr(connection, "besides"));
	ck_assert(help_print_topic("version", &scratch.log));
	ck_assert_ptr_null(strstr(scratch_lines(&scratch), "Options"));
}
END_TEST

/* What belongs to no command is common to all: how to configure and print. */
START_TEST(misses_no_option)
{
	const struct option_spec *spec = &option_specs[_i];
	size_t taken_by = 0, listed = 0;

	ck_assert_msg((spec->status == OPTION_WORKS) == (spec->group != 0), "%s", spec->key);
	for (size_t i = 0; i < command_count; i++) {
		ck_assert(help_print_topic(commands[i]->name, &scratch.log));
		bool is_listed = lists(scratch_lines(&scratch), spec->key);
		if (is_listed)
			ck_assert_msg(command_takes(commands[i], spec), "%s", spec->key);
		listed += is_listed;
		taken_by += command_takes(commands[i], spec);
	}
	if (spec->group == GROUP_RUN)
		ck_assert_uint_eq(taken_by, command_count);
	ck_assert_msg((listed > 0) == (spec->group > GROUP_RUN), "%s", spec->key);
	ck_assert_msg((taken_by > 0) == (spec->group > 0), "%s", spec->key);
}
END_TEST

static const struct {
	const char *command, *option;
	bool takes;
} takers[] = {
	{"migrate", "url", true},           {"version", "url", false},
	{"version", "color", true},         {"testConnection", "url", true},
	{"testConnection", "table", false}, {"info", "infoOfState", true},
	{"validate", "infoOfState", false}, {"migrate", "cleanDisabled", false},
	{"clean", "cleanDisabled", true},   {"baseline", "target", false},
	{"repair", "table", true},          {"migrate", "token", false},
};

START_TEST(knows_what_a_command_takes)
{
	ck_assert_int_eq(
		command_takes(command_find(takers[_i].command), option_find(takers[_i].option)),
		takers[_i].takes);
}
END_TEST

START_TEST(describes_a_command_that_is_refused)
{
	for (size_t i = 0; i < commands_refused_count; i++) {
		struct error err = ERROR_INIT(&scratch.arena);

		ck_assert(help_print_topic(commands_refused[i].name, &scratch.log));
		const char *text = scratch_lines(&scratch);
		ck_assert_msg(strstr(text, "which cflyway does not have.") != NULL, "%s", text);
		ck_assert_ptr_null(strstr(text, "Usage"));
		ck_assert(!command_refuse(&commands_refused[i], &err));
		ck_assert_int_eq(err.exit_status, EXIT_REFUSED);
		ck_assert_ptr_nonnull(strstr(err.message, commands_refused[i].refused_as));
	}
}
END_TEST

/* A summary is one line without a full stop, a description is made of sentences. */
START_TEST(keeps_to_the_width_of_a_terminal)
{
	for (size_t i = 0; i < command_count; i++) {
		ck_assert(!str_ends(str_of(commands[i]->summary), STR(".")));
		ck_assert(str_ends(str_of(commands[i]->description), STR(".")));
		ck_assert(help_print_topic(commands[i]->name, &scratch.log));
	}
	help_print(true, &scratch.log);
	help_print(false, &scratch.log);
	struct str rest = str_of(scratch_lines(&scratch));
	size_t lines = 0;
	for (; rest.ptr != NULL; lines++) {
		struct str line = str_cut(&rest, '\n');

		if (str_starts(line, STR("INFO ")))
			line = str_sub(line, strlen("INFO "), line.len);
		ck_assert_msg(line.len <= 80, "%.*s", (int)line.len, line.ptr);
		ck_assert_msg(!str_ends(line, STR(" ")), "%.*s", (int)line.len, line.ptr);
	}
	ck_assert_uint_gt(lines, 200);
}
END_TEST

static const struct {
	const char *name, *expected;
} topics[] = {
	{"-outOfOrder", "outOfOrder\n\nAllow migrations to be run out of order.\n\n"
                        "    Argument      -outOfOrder=VALUE\n"
                        "    Variable      FLYWAY_OUT_OF_ORDER\n"
                        "    flyway.toml   outOfOrder, in [flyway]\n"
                        "    .conf file    flyway.outOfOrder\n"
                        "    Value         true or false\n"
                        "    Default       false\n"
                        "    Commands      migrate, undo, info, validate\n"},
	{"FLYWAY_USER",
         "user\n\nUser to connect as; a user in the URL wins.\n\n"
         "    Argument      -user=VALUE\n"
         "    Variable      FLYWAY_USER\n"
         "    flyway.toml   user, in [environments.NAME]\n"
         "    .conf file    flyway.user\n"
         "    Value         text\n"
         "    Commands      migrate, undo, clean, info, validate, baseline, repair,\n"
         "                  testConnection, adopt, fresh\n"},
	{"jdbcProperties.x",
         "jdbcProperties\n\nProperties of the JDBC driver, one by one: "
         "jdbcProperties.NAME=value.\n\n"
         "    Argument      -jdbcProperties.NAME=VALUE, only beside .conf files\n"
         "    Variable      FLYWAY_JDBC_PROPERTIES_NAME\n"
         "    flyway.toml   NAME, in [environments.NAME.jdbcProperties]\n"
         "    .conf file    flyway.jdbcProperties.NAME\n"
         "    Value         text, for each NAME\n"
         "    Commands      migrate, undo, clean, info, validate, baseline, repair,\n"
         "                  testConnection, adopt, fresh\n"},
	{"placeholders",
         "placeholders\n\nValues of placeholders, one by one: placeholders.NAME=value.\n\n"
         "    Argument      -placeholders.NAME=VALUE\n"
         "    Variable      FLYWAY_PLACEHOLDERS_NAME\n"
         "    flyway.toml   NAME, in [flyway.placeholders]\n"
         "    .conf file    flyway.placeholders.NAME\n"
         "    Value         text, for each NAME\n"
         "    Commands      migrate, undo, clean, info, validate, baseline, repair, adopt,\n"
         "                  fresh\n"},
	{"cflyway.executor.cql",
         "cflyway.executor\n\nCommand lines that run migrations and callbacks with a suffix, one by "
         "one:\n"
         "cflyway.executor.cql=cypher-shell -a ${NEO4J_URI} -f; the path of the script\n"
         "follows as the last argument.\n\n"
         "    Argument      -cflyway.executor.NAME=VALUE\n"
         "    Variable      CFLYWAY_EXECUTOR_NAME\n"
         "    flyway.toml   NAME, in [cflyway.executor]\n"
         "    .conf file    cflyway.executor.NAME\n"
         "    Value         text, for each NAME\n"
         "    Commands      migrate, undo, clean, info, validate, baseline, repair, adopt,\n"
         "                  fresh\n"},
	{"cflyway.maxStatementSize",
         "cflyway.maxStatementSize\n\nLongest statement of a script, in bytes or with kB, MB or "
         "GB, at most 1GB.\n\n"
         "    Argument      -cflyway.maxStatementSize=VALUE\n"
         "    Variable      CFLYWAY_MAX_STATEMENT_SIZE\n"
         "    flyway.toml   maxStatementSize, in [cflyway]\n"
         "    .conf file    cflyway.maxStatementSize\n"
         "    Value         number of bytes, or a number with kB, MB or GB\n"
         "    Default       256MB\n"
         "    Commands      migrate, undo, clean, info, validate, baseline, repair, adopt,\n"
         "                  fresh\n"},
	{"outputType", "outputType\n\nFormat of the output.\n\n"
                       "    Argument      -outputType=VALUE\n"
                       "    Value         json\n"
                       "    Commands      all\n"},
	{"configFiles", "configFiles\n\nConfiguration files to read in addition to the default "
                        "ones.\n\n"
                        "    Argument      -configFiles=VALUE\n"
                        "    Variable      FLYWAY_CONFIG_FILES\n"
                        "    Value         list, separated by commas\n"
                        "    Commands      all\n"},
	{"failOnMissingTarget", "failOnMissingTarget\n\nFail when the target version does not "
                                "exist; false: like target=VERSION?.\n\n"
                                "    Argument      -failOnMissingTarget=VALUE\n"
                                "    flyway.toml   failOnMissingTarget, in [flyway]\n"
                                "    Value         true or false\n"
                                "    Default       true\n"
                                "    Commands      migrate, undo, info, validate\n"},
	{"resolvers", "resolvers\n\nJava classes that resolve migrations; Java cannot be run. "
                      "Refused unless empty.\n\n"
                      "    Argument      -resolvers=VALUE\n"
                      "    Variable      FLYWAY_RESOLVERS\n"
                      "    .conf file    flyway.resolvers\n"
                      "    Value         list, separated by commas\n"},
	{"stream", "stream\n\nStream SQL migrations; always done. Accepted without effect.\n\n"
                   "    Argument      -stream=VALUE\n"
                   "    Variable      FLYWAY_STREAM\n"
                   "    flyway.toml   stream, in [flyway]\n"
                   "    .conf file    flyway.stream\n"
                   "    Value         true or false\n"
                   "    Default       false\n"},
	{"dryRunOutput",
         "dryRunOutput\n\nFile to write the SQL to that would be executed, in place "
         "of executing it; - is\nstandard output.\n\n"
         "    Argument      -dryRunOutput=VALUE\n"
         "    Variable      FLYWAY_DRYRUN_OUTPUT\n"
         "    flyway.toml   dryRunOutput, in [flyway]\n"
         "    .conf file    flyway.dryRunOutput\n"
         "    Value         path of a file or folder\n"
         "    Commands      migrate, undo, clean, baseline, repair, fresh\n"},
	{"lockRetryCount", "lockRetryCount\n\nNumber of attempts, one second apart, to take the "
                           "lock; -1 is without end.\n\n"
                           "    Argument      -lockRetryCount=VALUE\n"
                           "    Variable      FLYWAY_LOCK_RETRY_COUNT\n"
                           "    flyway.toml   lockRetryCount, in [flyway]\n"
                           "    .conf file    flyway.lockRetryCount\n"
                           "    Value         number\n"
                           "    Default       50\n"
                           "    Commands      migrate, undo, baseline, adopt\n"},
};

START_TEST(describes_an_option)
{
	ck_assert(help_print_topic(topics[_i].name, &scratch.log));
	ck_assert_str_eq(scratch_lines(&scratch),
	                 arena_printf(&scratch.arena, "INFO %s", topics[_i].expected));
}
END_TEST

START_TEST(describes_every_option)
{
	const struct option_spec *spec = &option_specs[_i];
	const char *fallback = arena_printf(&scratch.arena, "    Default       %s\n",
	                                    spec->fallback == NULL ? "" : spec->fallback);

	ck_assert(help_print_topic(spec->key, &scratch.log));
	const char *text = scratch_lines(&scratch);
	ck_assert_msg(strstr(text, arena_printf(&scratch.arena, " %s\n\n", spec->key)) != NULL ||
	                      strstr(text, spec->key) == text + strlen("INFO "),
	              "%s", text);
	ck_assert_msg((strstr(text, fallback) != NULL) == (spec->fallback != NULL), "%s", text);
	ck_assert_msg((strstr(text, "Accepted") != NULL) == (spec->status == OPTION_IGNORED), "%s",
	              text);
	ck_assert_msg((strstr(text, "Refused") != NULL) ==
	                      (spec->status != OPTION_IGNORED && spec->status != OPTION_WORKS),
	              "%s", text);
}
END_TEST

START_TEST(shows_values_and_defaults_of_a_command)
{
	ck_assert(help_print_topic("migrate", &scratch.log));
	const char *migrate = scratch_lines(&scratch);
	ck_assert_ptr_nonnull(strstr(
		migrate, "    group                          Execute all pending migrations in "
			 "one\n                                   transaction. Default: false\n"));
	ck_assert_ptr_nonnull(strstr(migrate,
	                             "    powershellExecutable           PowerShell that runs "
	                             ".ps1 scripts. Values:\n"
	                             "                                   pwsh or powershell. "
	                             "Default: pwsh\n"));
	ck_assert_ptr_nonnull(strstr(migrate, "cflyway help OPTION"));
	ck_assert(help_print_topic("version", &scratch.log));
	ck_assert_ptr_null(strstr(scratch_lines(&scratch), "OPTION"));
}
END_TEST

static const struct {
	const char *wrong, *nearest;
} misspelt[] = {
	{"locatons", "locations"},
	{"-locatons", "locations"},
	{"LOCATIONS", "locations"},
	{"locationss", "locations"},
	{"migrat", "migrate"},
	{"migarte", "migrate"},
	{"inof", "info"},
	{"dwon", "down"},
	{"upgarde", "upgrade"},
	{"if", NULL},
	{"schema", "schemas"},
	{"usr", "user"},
	{"maxStatementSize", "cflyway.maxStatementSize"},
	{"transactional.lock", NULL},
	{"lock", "postgresql.transactional.lock"},
	{"xyzzy", NULL},
	{"", NULL},
	{"-", NULL},
	{"locationsxx", "locations"},
	{"locationsxxxx", "locations"},
	{"locationsxxxxx", NULL},
	{"ifno", "info"},
	{"repeatableSqlMigrationPrefixes", "repeatableSqlMigrationPrefix"},
	{"an-argument-that-is-much-longer-than-the-name-of-any-option-of-cflyway-is", NULL},
};

START_TEST(finds_the_nearest_name)
{
	const char *nearest = help_nearest(misspelt[_i].wrong);

	ck_assert_msg(str_same(nearest, misspelt[_i].nearest), "%s: %s", misspelt[_i].wrong,
	              nearest == NULL ? "NULL" : nearest);
}
END_TEST

static const struct {
	const char *word, *meant;
} meant[] = {
	{"migrat", "migrate"},
	{"statsu", "status"},
	{"locations", NULL},
	{"-locations", "-locations=VALUE"},
	{"-locatons", "-locations=VALUE"},
	{"-dryrun", "--dry-run"},
	{"--dryrun", "--dry-run"},
	{"--hepl", "--help"},
	{"-steps", "-steps=VALUE"},
	{"-xyzzy", NULL},
	{"xyzzy", NULL},
	{"-", NULL},
};

START_TEST(finds_what_an_argument_may_mean)
{
	const char *found = help_meant(&scratch.arena, meant[_i].word);

	ck_assert_msg(str_same(found, meant[_i].meant), "%s: %s", meant[_i].word,
	              found == NULL ? "NULL" : found);
}
END_TEST

START_TEST(shows_other_words_with_their_command)
{
	help_print(false, &scratch.log);
	const char *all = scratch_lines(&scratch);

	for (size_t i = 0; i < alias_count; i++) {
		const char *usage = alias_usage(&scratch.arena, &aliases[i]);
		const char *command = aliases[i].commands[0];

		if (aliases[i].commands[1] != NULL)
			continue;
		ck_assert_ptr_nonnull(
			strstr(all, arena_printf(&scratch.arena, " %s", aliases[i].name)));
		ck_assert(help_print_topic(aliases[i].name, &scratch.log));
		const char *page = scratch_lines(&scratch);
		ck_assert_msg(strstr(page, arena_printf(&scratch.arena, "\n    %s ", usage)) !=
		                      NULL,
		              "%s", page);
		ck_assert(help_print_topic(command, &scratch.log));
		ck_assert_str_eq(scratch_lines(&scratch), page);
	}
}
END_TEST

START_TEST(lists_every_option_that_works)
{
	help_print(true, &scratch.log);
	const char *text = scratch_lines(&scratch);

	for (size_t i = 0; i < OPTION_COUNT; i++)
		ck_assert_msg(lists(text, option_specs[i].key) ==
		                      (option_specs[i].status == OPTION_WORKS),
		              "%s", option_specs[i].key);
}
END_TEST

START_TEST(separates_paragraphs_by_an_empty_line)
{
	for (int full = 0; full <= 1; full++) {
		help_print(full != 0, &scratch.log);
		const char *text = scratch_lines(&scratch);

		ck_assert_msg(strstr(text, "\n\nCommands\n") != NULL, "%s", text);
		ck_assert_ptr_null(strstr(text, "\n\n\n"));
	}
}
END_TEST

Suite *help_suite(void)
{
	Suite *suite = suite_create("help");
	TCase *tc = tcase_create("help");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, describes_every_command);
	tcase_add_test(tc, separates_paragraphs_by_an_empty_line);
	tcase_add_test(tc, lists_the_options_of_a_command);
	tcase_add_loop_test(tc, misses_no_option, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, knows_what_a_command_takes, 0, COUNT(takers));
	tcase_add_test(tc, describes_a_command_that_is_refused);
	tcase_add_test(tc, keeps_to_the_width_of_a_terminal);
	tcase_add_loop_test(tc, describes_an_option, 0, COUNT(topics));
	tcase_add_loop_test(tc, describes_every_option, 0, OPTION_COUNT);
	tcase_add_test(tc, shows_values_and_defaults_of_a_command);
	tcase_add_loop_test(tc, finds_the_nearest_name, 0, COUNT(misspelt));
	tcase_add_loop_test(tc, finds_what_an_argument_may_mean, 0, COUNT(meant));
	tcase_add_test(tc, shows_other_words_with_their_command);
	tcase_add_test(tc, lists_every_option_that_works);
	suite_add_tcase(suite, tc);
	return suite;
}
