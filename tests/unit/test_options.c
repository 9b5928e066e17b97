/* SPDX-License-Identifier: Apache-2.0 */
/* test_options.c - the list of parameters; suggestions measured with Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static bool is_upper_name(const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", *text) == NULL)
			return false;
	return true;
}

START_TEST(rows_are_complete)
{
	const struct option_spec *spec = &option_specs[_i];
	char name[OPTION_VARIABLE_SIZE];
	const char *variable = option_variable(spec, name);

	ck_assert_ptr_nonnull(spec->help);
	ck_assert_msg(strchr(spec->help, '\n') == NULL && strlen(spec->help) > 5, "%s", spec->key);
	ck_assert_msg(!str_ends(str_of(spec->help), STR(".")), "%s: a full stop", spec->key);
	if (!str_same(spec->variable, NO_VARIABLE))
		ck_assert_msg((strncmp(variable, "FLYWAY_", 7) == 0 ||
		               (strncmp(variable, "CFLYWAY_", 8) == 0 &&
		                strncmp(spec->key, "cflyway.", 8) == 0)) &&
		                      is_upper_name(variable),
		              "%s", variable);
	if (spec->type == OPTION_BOOL)
		ck_assert_msg(spec->fallback != NULL && (strcmp(spec->fallback, "true") == 0 ||
		                                         strcmp(spec->fallback, "false") == 0),
		              "%s", spec->key);
	if (spec->type == OPTION_INT || spec->type == OPTION_SIZE || spec->type == OPTION_DURATION)
		ck_assert_ptr_nonnull(spec->fallback);
	if (spec->type == OPTION_MAP)
		ck_assert_ptr_eq(option_find(arena_printf(&arena, "%s.x", spec->key)), spec);
	else
		ck_assert_ptr_eq(option_find(spec->key), spec);
}
END_TEST

START_TEST(keys_and_variables_are_unique)
{
	const struct option_spec *spec = &option_specs[_i];
	char name[OPTION_VARIABLE_SIZE], other[OPTION_VARIABLE_SIZE];

	option_variable(spec, name);
	for (int i = 0; i < _i; i++) {
		ck_assert_str_ne(option_specs[i].key, spec->key);
		/* Two options share FLYWAY_RESOLVERS: one for each manager. */
		if (name[0] != '\0' && spec->place != OPTION_LEGACY)
			ck_assert_str_ne(option_variable(&option_specs[i], other), name);
	}
}
END_TEST

START_TEST(choices_parse_and_print_back)
{
	const struct option_spec *spec = &option_specs[_i];
	bool any_case = (spec->flags & OPTION_ANY_CASE) != 0;
	size_t n = 0;
	int value;

	ck_assert_msg((spec->type == OPTION_ENUM) <= (spec->choices != NULL), "%s", spec->key);
	if (spec->choices == NULL) {
		ck_assert_uint_eq(spec->flags & (OPTION_ANY_CASE | OPTION_STRICT), 0);
		return;
	}
	for (const struct option_choice *choice = spec->choices; choice->text != NULL; choice++) {
		const char *upper = str_upper(&arena, str_of(choice->text));

		ck_assert(option_parse_choice(spec, choice->text, &value));
		ck_assert_int_eq(value, choice->value);
		ck_assert_str_eq(option_choice_text(spec, value), choice->text);
		ck_assert_int_eq(option_parse_choice(spec, upper, &value), any_case);
		n++;
	}
	ck_assert_uint_gt(n, 0);
	value = 77;
	ck_assert(!option_parse_choice(spec, "", &value));
	ck_assert(!option_parse_choice(spec, "nonsense", &value));
	ck_assert_int_eq(value, 77);
	ck_assert_ptr_null(option_choice_text(spec, 77));
	/* What is none of the choices is refused, or has an enumerator of its own. */
	if (spec->type == OPTION_ENUM && spec->fallback != NULL)
		ck_assert(option_parse_choice(spec, spec->fallback, &value));
}
END_TEST

START_TEST(only_what_is_checked_has_limits)
{
	const struct option_spec *spec = &option_specs[_i];

	ck_assert_msg(spec->too_small == NULL || spec->type == OPTION_INT, "%s", spec->key);
	ck_assert_msg((spec->flags & OPTION_NOT_EMPTY) == 0 || spec->type == OPTION_STRING, "%s",
	              spec->key);
}
END_TEST

static const struct {
	const char *key, *variable;
} variables[] = {
	{"url", "FLYWAY_URL"},
	{"outOfOrder", "FLYWAY_OUT_OF_ORDER"},
	{"postgresql.transactional.lock", "FLYWAY_POSTGRESQL_TRANSACTIONAL_LOCK"},
	{"oracle.sqlplusWarn", "FLYWAY_ORACLE_SQLPLUS_WARN"},
	{"communityDBSupportEnabled", "FLYWAY_COMMUNITY_DB_SUPPORT_DISABLED"},
	{"dryRunOutput", "FLYWAY_DRYRUN_OUTPUT"},
	{"migrationResolvers", "FLYWAY_RESOLVERS"},
	{"resolvers", "FLYWAY_RESOLVERS"},
	{"cflyway.maxStatementSize", "CFLYWAY_MAX_STATEMENT_SIZE"},
	{"failOnMissingTarget", ""},
	{"licenseKey", "FLYWAY_LICENSE_KEY"},
	{"token", "FLYWAY_TOKEN"},
	{"email", "FLYWAY_EMAIL"},
	{"offlinePermitPath", "FLYWAY_OFFLINE_PERMIT_PATH"},
	{"publishResult", "FLYWAY_PUBLISH_RESULT"},
	{"pipelineId", "FLYWAY_PIPELINE_ID"},
	{"checkDriftOnMigrate", "FLYWAY_CHECK_DRIFT_ON_MIGRATE"},
	{"workingDirectory", ""},
};

START_TEST(names_the_variable)
{
	char name[OPTION_VARIABLE_SIZE];

	ck_assert_str_eq(option_variable(option_find(variables[_i].key), name),
	                 variables[_i].variable);
}
END_TEST

START_TEST(finds_only_whole_names)
{
	ck_assert_ptr_null(option_find(""));
	ck_assert_ptr_null(option_find("mixe"));
	ck_assert_ptr_null(option_find("mixed2"));
	ck_assert_ptr_null(option_find("Mixed"));
	ck_assert_ptr_null(option_find("mixed.x"));
	ck_assert_ptr_null(option_find("placeholders"));
	ck_assert_ptr_null(option_find("placeholders."));
	ck_assert_ptr_null(option_find("placeholdersx"));
	ck_assert_str_eq(option_find("placeholders.a.b")->key, "placeholders");
}
END_TEST

static const struct {
	const char *name, *key; /* key NULL: unknown */
} named[] = {
	{"outOfOrder", "outOfOrder"},
	{"-outOfOrder", "outOfOrder"},
	{"flyway.outOfOrder", "outOfOrder"},
	{"-flyway.outOfOrder", "outOfOrder"},
	{"FLYWAY_OUT_OF_ORDER", "outOfOrder"},
	{"FLYWAY_RESOLVERS", "migrationResolvers"},
	{"placeholders", "placeholders"},
	{"placeholders.x", "placeholders"},
	{"-flyway.placeholders.x.y", "placeholders"},
	{"cflyway.durability", "cflyway.durability"},
	{"CFLYWAY_DURABILITY", "cflyway.durability"},
	{"workingDirectory", "workingDirectory"},
	{"durability", NULL},
	{"outoforder", NULL},
	{"--outOfOrder", NULL},
	{"-FLYWAY_URL", NULL},
	{"flyway.", NULL},
	{"-", NULL},
	{"", NULL},
};

START_TEST(finds_what_users_call_an_option)
{
	const struct option_spec *spec = option_named(named[_i].name);

	if (named[_i].key == NULL)
		ck_assert_ptr_null(spec);
	else
		ck_assert_ptr_eq(spec, named[_i].key[0] == 'p' ? &option_specs[ROW_placeholders]
		                                               : option_find(named[_i].key));
}
END_TEST

START_TEST(finds_the_short_form_beside_a_verb)
{
	ck_assert_ptr_eq(option_find_short("add", "type"), &option_specs[ROW_add_type]);
	ck_assert_ptr_null(option_find_short("migrate", "type"));
	ck_assert_ptr_null(option_find_short("add", "add.type"));
	ck_assert_ptr_null(option_find_short("add", "url"));
	ck_assert_ptr_null(option_find_short("add", ""));
	/* these words are sections, but no verbs */
	ck_assert_ptr_null(option_find_short("postgresql", "transactional.lock"));
	ck_assert_ptr_null(option_find_short("cflyway", "durability"));
}
END_TEST

START_TEST(finds_the_short_form_of_our_own)
{
	ck_assert_ptr_eq(option_find_argument("passwordFile"), &option_specs[ROW_password_file]);
	ck_assert_ptr_eq(option_named("-passwordFile"), &option_specs[ROW_password_file]);
	ck_assert_ptr_null(option_find_argument("cflyway.passwordFile"));
	ck_assert_ptr_null(option_find_argument("durability"));
	ck_assert_ptr_null(option_find_argument("url"));
	ck_assert_ptr_null(option_find_argument(""));
}
END_TEST

static const struct {
	const char *key;
	bool legacy, modern;
} places[] = {
	{"mixed", true, true},
	{"url", true, true},
	{"publishResult", true, true},
	{"resolvers", true, false},
	{"migrationResolvers", false, true},
	{"environment", false, true},
	{"failOnMissingTarget", false, true},
	{"token", true, true},
	{"outputFile", false, false},
	{"workingDirectory", false, false},
	{"infoOfState", false, false},
	{"configFiles", true, false},
	{"configFileEncoding", true, false},
};

START_TEST(knows_where_an_option_may_be_given)
{
	const struct option_spec *spec = option_find(places[_i].key);

	ck_assert_int_eq(option_is_allowed(spec, true), places[_i].legacy);
	ck_assert_int_eq(option_is_allowed(spec, false), places[_i].modern);
}
END_TEST

static const struct {
	const char *key, *suggestions;
} suggested[] = {
	{"locatons", "flyway.locations"},
	{"foo.locatons", "flyway.locations"},
	{"initSql",
         "flyway.sqlMigrationPrefix, flyway.sqlMigrationSeparator, flyway.sqlMigrationSuffixes"},
	{"sqlplus", "oracle.sqlplus"},
	{"user", "flyway.errorOverrides"},
	{"mode", "flyway.detectEncoding, flyway.defaultSchema"},
	{"clean", "sqlserver.clean"},
	{"environments", "flyway.environment"},
	{"transactional", "postgresql.transactional"},
	{"transactional.lock", "flyway.lockRetryCount"},
	{"timestamp", ""},
	{"foo", ""},
	{"url", ""},
	{"schemas", ""},
	{"resolvers", ""},
	{"connectRetries", ""},
	{"e.foo", ""},
	{"h", ""},
	{"a", ""},
	{"", ""},
	{"e", "flyway.environment, flyway.encoding, flyway.errorOverrides, "
              "flyway.executeInTransaction"},
	{"g", "flyway.group"},
	{"o",
         "flyway.outputType, flyway.outputProgress, flyway.outputLogsInJson, flyway.outOfOrder, "
         "flyway.outputQueryResults"},
	{"c", "flyway.color, flyway.callbackLocations, flyway.callbacks, flyway.cleanDisabled, "
              "flyway.communityDBSupportEnabled, flyway.createSchemas"},
	{"r", "flyway.reportFilename, flyway.repeatableSqlMigrationPrefix, flyway.reportEnabled"},
	{"p", "flyway.provisionMode, flyway.placeholderPrefix, flyway.placeholderSuffix, "
              "flyway.placeholderSeparator, flyway.powershellExecutable, "
              "flyway.placeholderReplacement, flyway.placeholders, flyway.propertyResolvers"},
	{"s", "flyway.scriptPlaceholderPrefix, flyway.scriptPlaceholderSuffix, "
              "flyway.sqlMigrationPrefix, flyway.sqlMigrationSeparator, "
              "flyway.sqlMigrationSuffixes, flyway.skipExecutingMigrations, "
              "flyway.skipDefaultCallbacks, flyway.skipDefaultResolvers, flyway.stream"},
};

START_TEST(suggests_as_flyway)
{
	struct str_list got = option_suggest(&arena, "flyway.", suggested[_i].key);

	ck_assert_str_eq(str_list_join(&arena, &got, ", "), suggested[_i].suggestions);
}
END_TEST

Suite *options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, rows_are_complete, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, keys_and_variables_are_unique, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, choices_parse_and_print_back, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, only_what_is_checked_has_limits, 0, OPTION_COUNT);
	tcase_add_loop_test(tc, names_the_variable, 0, COUNT(variables));
	tcase_add_test(tc, finds_only_whole_names);
	tcase_add_loop_test(tc, finds_what_users_call_an_option, 0, COUNT(named));
	tcase_add_test(tc, finds_the_short_form_beside_a_verb);
	tcase_add_test(tc, finds_the_short_form_of_our_own);
	tcase_add_loop_test(tc, knows_where_an_option_may_be_given, 0, COUNT(places));
	tcase_add_loop_test(tc, suggests_as_flyway, 0, COUNT(suggested));
	suite_add_tcase(suite, tc);
	return suite;
}
