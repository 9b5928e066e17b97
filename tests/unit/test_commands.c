/* SPDX-License-Identifier: Apache-2.0 */
/* test_commands.c - the list of commands, and those that need no database */
#include "suites.h"

#include "scenario.h"

#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"

static struct scenarios version, list_engines, help, auth;

START_TEST(version_names_the_libraries)
{
	scenario_check(&version, (size_t)_i, &command_version);
}
END_TEST

START_TEST(list_engines_names_the_drivers)
{
	scenario_check(&list_engines, (size_t)_i, &command_list_engines);
}
END_TEST

START_TEST(auth_succeeds)
{
	scenario_check(&auth, (size_t)_i, &command_auth);
}
END_TEST

START_TEST(help_leaves_the_text_to_the_output)
{
	scenario_check(&help, (size_t)_i, &command_help);
}
END_TEST

/* What a failure leaves of the document of -outputType=json: cases json-* of compat-tests. */
static const struct {
	const char *name;
	enum on_failure on_failure;
} forms[] = {
	{"migrate", ON_FAILURE_ERROR_IN_RESULT},
	{"undo", ON_FAILURE_ERROR},
	{"clean", ON_FAILURE_ERROR},
	{"info", ON_FAILURE_ERROR},
	{"validate", ON_FAILURE_RESULT},
	{"baseline", ON_FAILURE_ERROR},
	{"repair", ON_FAILURE_ERROR},
	{"testConnection", ON_FAILURE_ERROR},
	{"version", ON_FAILURE_ERROR},
	{"add", ON_FAILURE_ERROR},
	{"new", ON_FAILURE_ERROR},
	{"init", ON_FAILURE_ERROR},
	{"adopt", ON_FAILURE_ERROR},
	{"import", ON_FAILURE_ERROR},
	{"fresh", ON_FAILURE_ERROR},
};

START_TEST(fails_in_the_form_of_flyway)
{
	const struct command *command = command_find(forms[_i].name);

	ck_assert_ptr_nonnull(command);
	ck_assert_msg(command->on_failure == forms[_i].on_failure, "%s", forms[_i].name);
}
END_TEST

/* One option of each subject, and the commands whose help has it. */
static const struct {
	const char *option, *commands;
} subjects[] = {
	{"color", "help migrate undo clean info validate baseline repair testConnection version "
                  "list-engines add new init auth adopt import fresh explain"},
	{"url", "migrate undo clean info validate baseline repair testConnection adopt "
                "fresh"},
	{"schemas", "migrate undo clean info validate baseline repair adopt fresh"},
	{"locations", "migrate undo clean info validate baseline repair add new init adopt "
                      "import fresh"},
	{"sqlMigrationPrefix", "migrate undo info validate repair add new adopt fresh"},
	{"target", "migrate undo info validate"},
	{"ignoreMigrationPatterns", "migrate validate repair"},
	{"installedBy", "migrate undo baseline adopt"},
	{"reportFilename", "migrate info"},
	{"mixed", "migrate undo"},
	{"infoSinceDate", "info"},
	{"cleanDisabled", "clean fresh"},
	{"steps", "undo"},
	{"reason", "undo"},
	{"add.type", "add new"},
	{"init.from", "init"},
	{"adopt.from", "adopt"},
	{"import.alembic", "import"},
	{"fresh.confirm", "fresh"},
	{"repair.dryRun", "repair"},
	{"cflyway.undoHistory", "undo"},
};

START_TEST(lists_the_options_of_its_subjects)
{
	const struct option_spec *option = option_find(subjects[_i].option);
	struct arena arena = ARENA_EMPTY;
	struct str_list names = {0};

	ck_assert_ptr_nonnull(option);
	for (size_t i = 0; i < command_count; i++)
		if (command_takes(commands[i], option))
			str_list_add(&arena, &names, commands[i]->name);
	ck_assert_str_eq(str_list_join(&arena, &names, " "), subjects[_i].commands);
	arena_release(&arena);
}
END_TEST

/*
 * The options that no command may leave out silently: a value, and the commands that honour it. A
 * command that writes and is not in the list must refuse it. New ones need a line here.
 */
static const struct {
	const char *option, *value, *honoured_by;
	bool binds_readers; /* commands that only read refuse it as well */
} binding[] = {
	{"steps", "2", "undo", false},
	{"reason", "x", "undo", false},
	{"cherryPick", "2", "migrate, undo, info, validate, repair", false},
	{"dryRunOutput", "x", "migrate, undo, clean, baseline, repair, fresh", true},
	{"dryRun", "execute", "migrate, undo", true},
	{"repair.dryRun", "true", "repair", false},
};

/* They change the database, or files of the project; others have nothing to leave out. */
static const char writing[] =
	"migrate, undo, clean, baseline, repair, add, new, init, adopt, import, fresh";

static void set_option(struct arena *arena, const char *key, const char *value,
                       struct settings *settings)
{
	struct error err = ERROR_INIT(arena);
	const struct log silence = {0};
	const struct pair pair = {key, value, "test", NULL};
	struct pairs none;

	pairs_init(&none, arena);
	ck_assert(settings_from_pairs(arena, &none, false, &silence, settings, &err));
	ck_assert_msg(settings_set(arena, key, &pair, settings, &err), "%s", err.message);
}

static bool has_word(struct arena *arena, const char *words, const char *word)
{
	const char *list = arena_printf(arena, " %s,", words);

	return strstr(list, arena_printf(arena, " %s,", word)) != NULL;
}

START_TEST(refuses_what_it_cannot_honour)
{
	struct arena arena = ARENA_EMPTY;
	struct settings settings;

	set_option(&arena, binding[_i].option, binding[_i].value, &settings);
	for (size_t i = 0; i < command_count; i++) {
		const char *name = commands[i]->name;
		struct error err = ERROR_INIT(&arena);
		bool honours = has_word(&arena, binding[_i].honoured_by, name);
		bool writes = binding[_i].binds_readers || has_word(&arena, writing, name);
		bool accepts = command_check_options(commands[i], &settings, &err);

		ck_assert_msg(accepts == (honours || !writes), "%s -%s", name, binding[_i].option);
		if (accepts)
			continue;
		ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
		ck_assert_str_eq(err.message,
		                 arena_printf(&arena,
		                              "%s cannot honour %s, which is for %s. Nothing was "
		                              "changed.",
		                              name, binding[_i].option, binding[_i].honoured_by));
	}
	arena_release(&arena);
}
END_TEST

START_TEST(refuses_nothing_that_is_not_set)
{
	struct arena arena = ARENA_EMPTY;
	const char *const empty[] = {"url", "steps", "cherryPick", "dryRunOutput"};

	for (size_t i = 0; i < COUNT(empty); i++) {
		struct settings settings;

		set_option(&arena, empty[i], "", &settings);
		for (size_t j = 0; j < command_count; j++) {
			struct error err = ERROR_INIT(&arena);

			ck_assert_msg(command_check_options(commands[j], &settings, &err), "%s -%s",
			              commands[j]->name, empty[i]);
		}
	}
	arena_release(&arena);
}
END_TEST

/* Every option that binds is in the table above, and only those. */
START_TEST(lists_all_options_that_bind)
{
	size_t n = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		n += (option_specs[i].flags & OPTION_BINDING) != 0;
	ck_assert_uint_eq(n, COUNT(binding));
	for (size_t i = 0; i < COUNT(binding); i++)
		ck_assert((option_find(binding[i].option)->flags & OPTION_BINDING) != 0);
}
END_TEST

Suite *commands_suite(void)
{
	Suite *suite = suite_create("commands");
	TCase *tc = tcase_create("commands");

	scenarios_load(&version, "version");
	scenarios_load(&list_engines, "list_engines");
	scenarios_load(&auth, "auth");
	scenarios_load(&help, "help");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, version_names_the_libraries, 0, (int)version.n);
	tcase_add_loop_test(tc, list_engines_names_the_drivers, 0, (int)list_engines.n);
	tcase_add_loop_test(tc, auth_succeeds, 0, (int)auth.n);
	tcase_add_loop_test(tc, help_leaves_the_text_to_the_output, 0, (int)help.n);
	tcase_add_loop_test(tc, fails_in_the_form_of_flyway, 0, COUNT(forms));
	tcase_add_loop_test(tc, lists_the_options_of_its_subjects, 0, COUNT(subjects));
	tcase_add_loop_test(tc, refuses_what_it_cannot_honour, 0, COUNT(binding));
	tcase_add_test(tc, refuses_nothing_that_is_not_set);
	tcase_add_test(tc, lists_all_options_that_bind);
	suite_add_tcase(suite, tc);
	return suite;
}
