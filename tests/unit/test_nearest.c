/* SPDX-License-Identifier: Apache-2.0 */
/* test_nearest.c - the names that misspelt names, options, variables and words probably mean */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/nearest.h"
#include "cflyway/config/option_nearest.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const char *const names[] = {"latest", "current", "next", "ab", "true"};

static const struct {
	const char *wrong, *nearest;
} words[] = {
	{"latst", "latest"},
	{"lateset", "latest"},
	{"alteset", "latest"},
	{"alestet", NULL}, /* three mistakes */
	{"LATEST", "latest"},
	{"  curent ", "current"},
	{"netx", "next"},
	{"nextt", "next"},
	{"nxt", "next"},
	{"nx", NULL},
	{"tru", "true"},
	{"ture", "true"},
	{"ba", NULL}, /* of two letters none may be wrong */
	{"", NULL},
	{"latest latest latest latest latest latest latest latest latest latest latest", NULL},
};

START_TEST(finds_words)
{
	struct error err = ERROR_INIT(&arena);
	const char *wanted = words[_i].nearest;

	nearest_note_of(names, COUNT(names), str_of(words[_i].wrong), &err);
	ck_assert_uint_eq(err.notes.n, wanted != NULL ? 1 : 0);
	if (wanted != NULL)
		ck_assert_str_eq(err.notes.items[0].text,
		                 arena_printf(&arena, "did you mean \"%s\"?", wanted));
}
END_TEST

#define FLYWAY "flyway."
#define OF_DEV "environments.dev.flyway."

static const struct {
	const char *prefix, *key, *legacy, *modern;
} keys[] = {
	{FLYWAY, "locatons", "flyway.locations", "flyway.locations"},
	{FLYWAY, "-locatons", "flyway.locations", "flyway.locations"},
	{FLYWAY, "LOCATIONS", "flyway.locations", "flyway.locations"},
	{FLYWAY, "locationss", "flyway.locations", "flyway.locations"},
	{FLYWAY, "placeholdrs.my.x", "flyway.placeholders.my.x", "flyway.placeholders.my.x"},
	{FLYWAY, "placeholders", NULL, NULL},
	{FLYWAY, "durabilty", "cflyway.durability", "cflyway.durability"},
	{FLYWAY, "cflyway.durabilty", "cflyway.durability", "cflyway.durability"},
	{FLYWAY, "confrim", "-fresh.confirm", "-fresh.confirm"},
	{FLYWAY, "infoOfState", "-infoOfState", "-infoOfState"},
	{FLYWAY, "passwrod", "flyway.password", "password"},
	{FLYWAY, "url", "flyway.url", "environments.default.url"},
	{FLYWAY, "jdbcProperties.a", "flyway.jdbcProperties.a",
         "environments.default.jdbcProperties.a"},
	{FLYWAY, "environment", NULL, "flyway.environment"}, /* is not in .conf files */
	{FLYWAY, "resolvers", "flyway.resolvers", NULL},
	{FLYWAY, "somethingElse", NULL, NULL},
	{OF_DEV, "locatons", OF_DEV "locations", OF_DEV "locations"},
	{OF_DEV, "placeholder.x", OF_DEV "placeholders.x", OF_DEV "placeholders.x"},
	{OF_DEV, "infoOfState", NULL, NULL}, /* no environment overrides it */
};

START_TEST(finds_keys)
{
	ck_assert_pstr_eq(option_nearest_key(&arena, keys[_i].prefix, keys[_i].key, true),
	                  keys[_i].legacy);
	if (strcmp(keys[_i].prefix, FLYWAY) == 0 || keys[_i].modern != NULL)
		ck_assert_pstr_eq(option_nearest_key(&arena, keys[_i].prefix, keys[_i].key, false),
		                  keys[_i].modern);
}
END_TEST

static const struct {
	const char *key, *nearest;
} connections[] = {
	{"ulr", "environments.dev.url"},
	{"shcemas", "environments.dev.schemas"},
	{"jdbcPropertys.ssl", "environments.dev.jdbcProperties.ssl"},
	{"locations", "environments.dev.flyway.locations"},
	{"placeholders.x", "environments.dev.flyway.placeholders.x"},
	{"displayName", NULL},
	{"token", NULL},
};

START_TEST(finds_keys_of_environments)
{
	ck_assert_pstr_eq(
		option_nearest_connection(&arena, "environments.dev.", connections[_i].key),
		connections[_i].nearest);
}
END_TEST

static const struct {
	const char *name, *nearest;
} variables[] = {
	{"FLYWAY_LOCATONS", "FLYWAY_LOCATIONS"},
	{"FLYWAY_OUTOFORDER", "FLYWAY_OUT_OF_ORDER"},
	{"FLYWAY_PASSWROD", "FLYWAY_PASSWORD"},
	{"FLYWAY_PLACEHOLDER_MY_X", "FLYWAY_PLACEHOLDERS_MY_X"},
	{"FLYWAY_PLACEHOLDER_PREFX", "FLYWAY_PLACEHOLDER_PREFIX"},
	{"FLYWAY_PLACEHOLDERS_", NULL},
	{"FLYWAY_JDBC_PROPERTY_SSL", "FLYWAY_JDBC_PROPERTIES_SSL"},
	{"FLYWAY_CONFIG_FILE", "FLYWAY_CONFIG_FILES"},
	{"CFLYWAY_DURABILTY", "CFLYWAY_DURABILITY"},
	{"FLYWAY_DURABILITY", NULL},
	/* those of options, of images and of other editions */
	{"FLYWAY_LOCATIONS", NULL},
	{"FLYWAY_CONFIG_FILES", NULL},
	{"FLYWAY_VERSION", NULL},
	{"FLYWAY_EDITION", NULL},
	{"FLYWAY_HOME", NULL},
	{"FLYWAY_EMAIL", NULL},
	{"CFLYWAY_HOME", NULL},
	{"PATH", NULL},
};

START_TEST(finds_variables)
{
	ck_assert_pstr_eq(option_nearest_variable(&arena, str_of(variables[_i].name)),
	                  variables[_i].nearest);
}
END_TEST

START_TEST(no_option_is_near_to_itself)
{
	char variable[OPTION_VARIABLE_SIZE];

	option_variable(&option_specs[_i], variable);
	ck_assert_ptr_null(option_nearest_variable(&arena, str_of(variable)));
}
END_TEST

Suite *nearest_suite(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tc = tcase_create("nearest");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_words, 0, COUNT(words));
	tcase_add_loop_test(tc, finds_keys, 0, COUNT(keys));
	tcase_add_loop_test(tc, finds_keys_of_environments, 0, COUNT(connections));
	tcase_add_loop_test(tc, finds_variables, 0, COUNT(variables));
	tcase_add_loop_test(tc, no_option_is_near_to_itself, 0, OPTION_COUNT);
	suite_add_tcase(suite, tc);
	return suite;
}
