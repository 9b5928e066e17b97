/* SPDX-License-Identifier: Apache-2.0 */
/* test_help.c - what help says comes from the tables of commands and options */
#include "suites.h"

#include "scratch.h"

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
	ck_assert(!help_print_command("undo", &scratch.log));
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
	ck_assert(lists(clean, "cleanDisabled") && !lists(clean, "locations"));
	ck_assert(help_print_command("version", &scratch.log));
	ck_assert_ptr_null(strstr(scratch_lines(&scratch), "Options"));
}
END_TEST

/* What works and belongs to no command is common to all: how to connect, configure and print. */
START_TEST(misses_no_option)
{
	static const char *const common[] = {
		"url",
		"user",
		"driver",
		"password",
		"initSql",
		"environment",
		"jdbcProperties",
		"outputType",
		"outputLogsInJson",
		"configFiles",
		"color",
		"targets",
		"configFileEncoding",
		"outputFile",
		"workingDirectory",
	};
	struct str_list others = {0};
	const char *all = "";

	for (size_t i = 0; i < command_count; i++)
		if (help_print_command(commands[i]->name, &scratch.log))
			all = arena_printf(&scratch.arena, "%s%s", all, scratch_lines(&scratch));
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
		str_list_add(&scratch.arena, &others, common[i]);
		ck_assert_msg(!lists(all, common[i]), "%s", common[i]);
	}
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].status == OPTION_WORKS)
			ck_assert_msg(lists(all, option_specs[i].key) ||
			                      str_list_has(&others, option_specs[i].key),
			              "no help lists %s", option_specs[i].key);
}
END_TEST

START_TEST(lists_every_option_that_works)
{
	help_print(true, commands, command_count, &scratch.log);
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
	tcase_add_test(tc, misses_no_option);
	tcase_add_test(tc, lists_every_option_that_works);
	suite_add_tcase(suite, tc);
	return suite;
}
