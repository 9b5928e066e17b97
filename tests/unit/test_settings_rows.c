/* SPDX-License-Identifier: Apache-2.0 */
/* test_settings_rows.c - every row of options.def: as a setting and as a variable */
#include "suites.h"

#include "config_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/* The first choice that is not the default. */
static const char *unusual_choice(const struct option_spec *spec)
{
	const struct option_choice *choice = spec->choices;

	while (str_same(choice->text, spec->fallback))
		choice++;
	return choice->text;
}

/* A value that the row takes and that is not its default. */
static const char *unusual_value(const struct option_spec *spec)
{
	if (spec == &option_specs[ROW_jar_dirs])
		return "."; /* it must exist */
	if (spec == &option_specs[ROW_error_overrides])
		return "*:*:W"; /* the form is checked */
	switch (spec->type) {
	case OPTION_BOOL:
		return str_same(spec->fallback, "true") ? "false" : "true";
	case OPTION_INT:
	case OPTION_SIZE:
		return "17";
	case OPTION_DURATION:
		return "17s";
	case OPTION_ENUM:
		return unusual_choice(spec);
	default:
		return "some";
	}
}

/* Each row can be given as an argument or variable, and arrives in its field. */
START_TEST(every_row_arrives)
{
	const struct option_spec *spec = &option_specs[_i];
	const bool legacy = spec->place == OPTION_LEGACY;
	const char *value = unusual_value(spec);
	struct settings settings;
	struct pairs pairs;
	bool ok;

	pairs_init(&pairs, &scratch.arena);
	pairs_set(&pairs,
	          str_of(arena_printf(&scratch.arena, "flyway.%s%s", spec->key,
	                              spec->type == OPTION_MAP ? ".x" : "")),
	          str_of(value), "test:1");
	ok = settings_from_pairs(&scratch.arena, &pairs, legacy, &scratch.log, &settings,
	                         &scratch.err);
	if (!option_is_allowed(spec, legacy)) {
		ck_assert(!ok);
		ck_assert_int_eq(scratch.err.exit_status, EXIT_FAILED);
		return;
	}
	if (spec->status != OPTION_WORKS && spec->status != OPTION_IGNORED) {
		ck_assert(!ok);
		ck_assert_int_eq(scratch.err.exit_status, EXIT_REFUSED);
		return;
	}
	ck_assert_msg(ok, "%s", scratch.err.message);
	settings.locations_configured = true;
	ck_assert_msg(strstr(config_show(&scratch, &settings),
	                     arena_printf(&scratch.arena, " %s=", spec->key)) != NULL,
	              "%s: %s", spec->key, config_show(&scratch, &settings));
}
END_TEST

START_TEST(every_default_parses)
{
	struct settings settings;
	struct pairs none;

	pairs_init(&none, &scratch.arena);
	ck_assert_msg(settings_from_pairs(&scratch.arena, &none, _i, &scratch.log, &settings,
	                                  &scratch.err),
	              "%s", scratch.err.message);
	ck_assert_str_eq(scratch_lines(&scratch), "");
	ck_assert_int_eq(settings.connect_retries_interval, 120);
	ck_assert_uint_eq(settings.max_statement_size, 256u << 20);
	ck_assert_int_eq(settings.durability, DURABILITY_MIGRATION);
	ck_assert_str_eq(settings.powershell_executable_text, "pwsh");
	ck_assert(settings.clean_disabled && !settings.group);
	ck_assert_str_eq(settings.table, "flyway_schema_history");
	ck_assert_uint_eq(settings.ignore_migration_patterns.n, 1);
	ck_assert_ptr_null(settings.url);
}
END_TEST

/* The variable of each row has the same effect as its key. */
START_TEST(every_variable_arrives)
{
	const struct option_spec *spec = &option_specs[_i];
	const bool legacy = spec->place == OPTION_LEGACY;
	char name[OPTION_VARIABLE_SIZE];
	struct environment environment;
	struct invocation invocation;
	struct settings settings;

	if (option_variable(spec, name)[0] == '\0' || spec->place == OPTION_COMMAND_LINE)
		return;
	const struct config_case test = {
		.files = {{legacy ? "flyway.conf" : NULL, ""}},
		.variables = {arena_printf(&scratch.arena, "%s%s=%s", name,
	                                   spec->type == OPTION_MAP ? "_X" : "",
	                                   unusual_value(spec))},
		.arguments = {spec == &option_specs[ROW_locations] ? NULL
	                                                           : "-locations=filesystem:s"},
	};
	config_fixture(&scratch, &test, &environment, &invocation);
	bool ok = settings_load(&scratch.arena, &invocation, &environment, &scratch.log, &settings,
	                        &scratch.err);
	if (spec->status != OPTION_WORKS && spec->status != OPTION_IGNORED) {
		ck_assert(!ok);
		ck_assert_int_eq(scratch.err.exit_status, EXIT_REFUSED);
		return;
	}
	ck_assert_msg(ok, "%s: %s", name, scratch.err.message);
	ck_assert_msg(strstr(config_show(&scratch, &settings),
	                     arena_printf(&scratch.arena, " %s=", spec->key)) != NULL,
	              "%s: %s", name, config_show(&scratch, &settings));
}
END_TEST

Suite *settings_rows_suite(void)
{
	Suite *suite = suite_create("settings_rows");
	TCase *tc = tcase_create("settings_rows");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_default_parses, 0, 2);
	tcase_add_loop_test(tc, every_row_arrives, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, every_variable_arrives, 0, OPTION_COUNT);
	suite_add_tcase(suite, tc);
	return suite;
}
