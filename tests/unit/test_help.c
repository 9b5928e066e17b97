/* SPDX-License-Identifier: Apache-2.0 */
/* test_help.c - what help says comes from the tables of commands and options */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
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
		ck_assert(help_print_command(commands[i]->name, &scratch.log));
		const char *text = scratch_lines(&scratch);
		ck_assert_msg(strstr(text, arena_printf(&scratch.arena, "cflyway [options] %s\n",
		                                        commands[i]->name)) != NULL,
		              "%s", text);
	}
	ck_assert(!help_print_command("nonsense", &scratch.log));
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(lists_the_options_of_a_command)
{
	ck_assert(help_print_command("migrate", &scratch.log));
	const char *migrate = scratch_lines(&scratch);
	ck_assert(lists(migrate, "locations") && lists(migrate, "group"));
	ck_assert(lists(migrate, "placeholders") && lists(migrate, "table"));
	ck_assert(lists(migrate, "postgresql.transactional.lock"));
	ck_assert(!lists(migrate, "cleanDisabled") && !lists(migrate, "infoSinceDate"));
	ck_assert(help_print_command("clean", &scratch.log));
	const char *clean = scratch_lines(&scratch);
	ck_assert(lists(clean, "cleanDisabled") && lists(clean, "callbackLocations"));
	ck_assert(!lists(clean, "sqlMigrationPrefix") && !lists(clean, "url"));
	ck_assert(strstr(clean, "cleanDisabled") < strstr(clean, "callbackLocations"));
	ck_assert_ptr_nonnull(strstr(clean, ", besides those of the connection\n"));
	ck_assert(help_print_command("testConnection", &scratch.log));
	const char *connection = scratch_lines(&scratch);
	ck_assert(lists(connection, "url") && !lists(connection, "schemas"));
	ck_assert_ptr_null(strstr(connection, "besides"));
	ck_assert(help_print_command("version", &scratch.log));
	ck_assert_ptr_null(strstr(scratch_lines(&scratch), "Options"));
}
END_TEST

/* What belongs to no command is common to all: how to configure and print. */
START_TEST(misses_no_option)
{
	const struct option_spec *spec = &option_specs[_i];
	size_t takers = 0, listed = 0;

	ck_assert_msg((spec->status == OPTION_WORKS) == (spec->group != 0), "%s", spec->key);
	for (size_t i = 0; i < command_count; i++) {
		ck_assert(help_print_command(commands[i]->name, &scratch.log));
		bool is_listed = lists(scratch_lines(&scratch), spec->key);
		if (is_listed)
			ck_assert_msg(command_takes(commands[i], spec), "%s", spec->key);
		listed += is_listed;
		takers += command_takes(commands[i], spec);
	}
	if (spec->group == GROUP_RUN)
		ck_assert_uint_eq(takers, command_count);
	ck_assert_msg((listed > 0) == (spec->group > GROUP_RUN), "%s", spec->key);
	ck_assert_msg((takers > 0) == (spec->group > 0), "%s", spec->key);
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

		ck_assert(help_print_command(commands_refused[i].name, &scratch.log));
		const char *text = scratch_lines(&scratch);
		ck_assert_msg(strstr(text, "which cflyway does not have.") != NULL, "%s", text);
		ck_assert_ptr_null(strstr(text, "Usage"));
		ck_assert(!command_refuse(&commands_refused[i], &err));
		ck_assert_int_eq(err.exit_status, EXIT_REFUSED);
		ck_assert_ptr_nonnull(strstr(err.message, commands_refused[i].refused_as));
		ck_assert_uint_eq(err.notes.n, commands_refused[i].instead != NULL);
	}
}
END_TEST

/* A summary is one line without a full stop, a description is made of sentences. */
START_TEST(keeps_to_the_width_of_a_terminal)
{
	for (size_t i = 0; i < command_count; i++) {
		ck_assert(!str_ends(str_of(commands[i]->summary), STR(".")));
		ck_assert(str_ends(str_of(commands[i]->description), STR(".")));
		ck_assert(help_print_command(commands[i]->name, &scratch.log));
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

Suite *help_suite(void)
{
	Suite *suite = suite_create("help");
	TCase *tc = tcase_create("help");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, describes_every_command);
	tcase_add_test(tc, lists_the_options_of_a_command);
	tcase_add_loop_test(tc, misses_no_option, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, knows_what_a_command_takes, 0, COUNT(takers));
	tcase_add_test(tc, describes_a_command_that_is_refused);
	tcase_add_test(tc, keeps_to_the_width_of_a_terminal);
	tcase_add_test(tc, lists_every_option_that_works);
	suite_add_tcase(suite, tc);
	return suite;
}
