/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_toml.c - flyway.toml; measured with Flyway 12.4.0 unless it stands under "ours"
 */
#include "suites.h"

#include "config_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/toml.h"
#include "cflyway/config/toml_error.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static const struct {
	const char *text, *message;
} faults[] = {
#define FAULT(text, message) {text, message},
#include "toml_error_cases.def"
#undef FAULT
};

static const struct config_case cases[] = {
#include "toml_settings_cases.def"
};

START_TEST(finds_the_fault_where_flyway_does)
{
	struct toml_document document;
	struct toml_error fault;
	struct str text = str_of(faults[_i].text);
	const char *got = "nothing wrong";
	size_t line;

	if (!toml_parse(&scratch.arena, text, &document, &fault))
		got = toml_error_message(&scratch.arena, text, &fault, &line);
	ck_assert_msg(strcmp(got, arena_printf(&scratch.arena, "Error parsing config file at %s",
	                                       faults[_i].message)) == 0,
	              "%s:\n%s\ninstead of\n%s", faults[_i].text, got, faults[_i].message);
}
END_TEST

START_TEST(loads_as_flyway)
{
	config_check(&scratch, &cases[_i]);
}
END_TEST

#define LINES(text)                                                                                \
	{                                                                                          \
		{                                                                                  \
			"flyway.toml", text                                                        \
		}                                                                                  \
	}
#define IN_S "[flyway]\nlocations = [\"filesystem:s\"]\n"
#define WRONG(name, text, message)                                                                 \
	{                                                                                          \
		name, LINES(text), {NULL}, {NULL}, "error: Invalid value for " message             \
	}

/* Ours: sentences in place of names of Java classes, and a few more words. */
#define IGNORED(name, meant)                                                                       \
	"INFO cflyway: " name " is unknown and was ignored: did you mean \"" meant "\"?\n"

static const struct config_case own_cases[] = {
	WRONG("a text for a boolean", "[flyway]\nmixed = \"yes\"\n",
              "flyway.mixed (should be either true or false): yes"),
	WRONG("a number as text for a boolean", "[flyway]\nmixed = \"1\"\n",
              "flyway.mixed (should be either true or false): 1"),
	WRONG("a fraction for a boolean", "[flyway]\nmixed = 1.0\n",
              "flyway.mixed (should be either true or false): 1.0"),
	WRONG("a list for a boolean", "[flyway]\nmixed = [true]\n",
              "flyway.mixed (should be either true or false): [true]"),
	WRONG("a table for a boolean", "[flyway]\nmixed = {a = 1}\n",
              "flyway.mixed (should be either true or false)"),
	WRONG("a fraction as text for a number", "[flyway]\nlockRetryCount = \"5.0\"\n",
              "flyway.lockRetryCount (should be an integer): 5.0"),
	WRONG("a boolean for a number", "[flyway]\nlockRetryCount = true\n",
              "flyway.lockRetryCount (should be an integer): true"),
	WRONG("too large a number", "[flyway]\nlockRetryCount = 99999999999\n",
              "flyway.lockRetryCount (should be an integer): 99999999999"),
	WRONG("too large a fraction", "[flyway]\nlockRetryCount = 1e20\n",
              "flyway.lockRetryCount (should be an integer): 1E20"),
	WRONG("a list for a text", "[flyway]\ntable = [\"a\", \"b\"]\n",
              "flyway.table (should be a text): [a, b]"),
	WRONG("a table for a text", "[flyway.table]\n", "flyway.table (should be a text)"),
	WRONG("a text for a list", "[flyway]\nlocations = \"filesystem:sql\"\n",
              "flyway.locations (should be a list of texts, as in [\"a\", \"b\"]): filesystem:sql"),
	WRONG("lists in a list", "[flyway]\nlocations = [[\"a\"]]\n",
              "flyway.locations (should be a list of texts, as in [\"a\", \"b\"]): [...]"),
	WRONG("a table for a list", "[flyway]\nlocations = {}\n",
              "flyway.locations (should be a list of texts, as in [\"a\", \"b\"])"),
	WRONG("a text for a table", "[flyway]\nplaceholders = \"x\"\n",
              "flyway.placeholders (should be a table): x"),
	WRONG("a table in a map", "[flyway]\nplaceholders.a.b = 1\n",
              "flyway.placeholders.a (should be a text)"),
	WRONG("an array of tables", "[[flyway]]\n", "flyway (should be a table): [...]"),
	WRONG("no table of environments", "environments = 1\n",
              "environments (should be a table): 1"),
	WRONG("no environment", "environments.x = 1\n", "environments.x (should be a table): 1"),
	WRONG("no overrides", "environments.x.flyway = 1\n",
              "environments.x.flyway (should be a table): 1"),
	WRONG("wrong in another environment", "[environments.x]\nschemas = \"a\"\n",
              "environments.x.schemas (should be a list of texts, as in [\"a\", \"b\"]): a"),
	WRONG("a wrong override in another environment", "[environments.x]\nflyway.mixed = \"y\"\n",
              "environments.x.flyway.mixed (should be either true or false): y"),
	WRONG("no resolver", "[environments.x]\nresolvers.a = 1\n",
              "environments.x.resolvers.a (should be a table): 1"),
	WRONG("no properties", "[environments.x]\njdbcProperties = \"a\"\n",
              "environments.x.jdbcProperties (should be a table): a"),
	WRONG("no id", "id = [1]\n", "id (should be a text): [1]"),
	WRONG("no property resolver", "[flyway]\npropertyResolvers.x = 1\n",
              "flyway.propertyResolvers.x (should be a table): 1"),
	{"tables of property resolvers",
         LINES(IN_S "propertyResolvers.x = {a = 1}\npropertyResolvers.y.b = [1]\n"),
         {NULL},
         {NULL},
         "modern locations=[filesystem:s]"},
	{"a variable in place of an environment",
         LINES(IN_S),
         {"environments_dev=7"},
         {NULL},
         "error: Invalid value for environments.dev (should be a table): 7"},
	{"an empty variable in place of an environment",
         LINES(IN_S),
         {"environments_dev="},
         {NULL},
         "modern locations=[filesystem:s]"},
	{"an option of the run in an environment has no effect as an argument",
         LINES(IN_S),
         {NULL},
         {"-environments.default.flyway.outputType=json"},
         "modern locations=[filesystem:s]"},
	{"a reference to nothing in a property",
         LINES(IN_S "[environments.default]\njdbcProperties.a = \"${env.NOPE}\"\n"),
         {NULL},
         {NULL},
         "error: Unable to resolve environment variable: 'NOPE'"},
	WRONG("a password", "[environments.x]\npassword = [\"secret\"]\n",
              "environments.x.password (should be a text): ********"),
	{"keys of an environment that are nearly known",
         LINES(IN_S "[environments.default]\nUrl = \"x\"\nlocatons = [\"y\"]\nlocations = [\"y\"]\n"
                    "jdbcPropertys.a = \"1\"\ndisplayName = \"z\"\n"),
         {"environments_default_usr=x", NULL},
         {"-environments.default.passwrod=5ecr3t", NULL},
         IGNORED("@/flyway.toml:4: environments.default.Url", "environments.default.url") IGNORED(
		 "@/flyway.toml:6: environments.default.locations",
		 "environments.default.flyway.locations")
                 IGNORED("@/flyway.toml:7: environments.default.jdbcPropertys.a",
                         "environments.default.jdbcProperties.a")
                         IGNORED("environments_default_usr: environments.default.usr",
                                 "environments.default.user")
                                 IGNORED("-environments.default.passwrod: environments.default.passwrod",
                                         "environments.default.password") "modern locations=[filesystem:s]"},
	{"sections that are nearly known",
         LINES("[flywya]\nmixed = true\n[environment.x]\nurl = \"x\"\n[docker]\nx = 1\n" IN_S),
         {NULL},
         {NULL},
         IGNORED("flywya in flyway.toml", "flyway") IGNORED(
		 "environment in flyway.toml", "environments") "modern locations=[filesystem:s]"},
	{"keys of other programs, and a misspelt one",
         LINES("name = \"x\"\n" IN_S "mixd = true\n[environments.default.flyway]\na = 1\n"),
         {NULL},
         {"-foo=1"},
         "INFO cflyway: flyway.mixd is unknown and was ignored: did you mean "
         "\"flyway.mixed\"?\n"
         "INFO cflyway: flyway.foo is unknown and was ignored\n"
         "INFO cflyway: environments.default.flyway.a is unknown and was ignored\n"
         "modern locations=[filesystem:s]"},
	{"an array without its end",
         LINES("[flyway]\nlocations = [\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 3, column 1], syntax error shown by ^: ^\n"
         "\tin @/flyway.toml"},
	{"a key that is defined twice at the end",
         LINES("[flyway]\nmixed = 1\nmixed = 2 # x\n\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 3, column 14] caused by: Duplicate key, syntax error "
         "shown by ^: mixed = 2 # x^\n\tin @/flyway.toml"},
	{"a byte order mark and a fault",
         LINES("\xEF\xBB\xBF[flyway\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 1, column 8], syntax error shown by ^: "
         "[flyway^\n\tin @/flyway.toml"},
	{"a password in the line with the fault",
         LINES("[environments.x]\npassword = \"secret\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 2, column 19], syntax error shown by ^: "
         "password = ********^\n\tin @/flyway.toml"},
	{"a password in the line behind the fault",
         LINES("[environments.x]\npassword = secret\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 2, column 12] caused by: Unknown token, syntax "
         "error shown by ^: password = ^********\n\tin @/flyway.toml"},
	{"a password that goes on in the line with the fault",
         LINES("[environments.x]\nsslPassword = '''\nsecret\x01more\n'''\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 3, column 7], syntax error shown by ^: "
         "********^\n\tin @/flyway.toml"},
	{"a URL with a password in the line with the fault",
         LINES("[environments.x]\nurl = 'jdbc:postgresql://me:secret@h/db\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 2, column 40], syntax error shown by ^: "
         "url = 'jdbc:postgresql://********^\n\tin @/flyway.toml"},
	{"nothing secret behind the word",
         LINES("[environments.x]\npassword =\n"),
         {NULL},
         {NULL},
         "error: Error parsing config file at [line 2, column 11], syntax error shown by ^: "
         "password =^\n\tin @/flyway.toml"},
	{"malformed UTF-8",
         LINES("[flyway]\ntable = '\xE9'\nlocations = [\"filesystem:s\"]\n"),
         {NULL},
         {NULL},
         "modern table=\uFFFD locations=[filesystem:s]"},
	{"a wrong value is an error although a better one follows",
         LINES(IN_S "mixed = \"yes\"\n"),
         {NULL},
         {"-mixed=true"},
         "error: Invalid value for flyway.mixed (should be either true or false): yes"},
	{"a list of rules",
         LINES(IN_S "errorOverrides = [\"42P01:0:W\", \"*:*:E\"]\n"),
         {NULL},
         {NULL},
         "modern locations=[filesystem:s] errorOverrides=[42P01:0:W|*:*:E]"},
	{"a dry run",
         LINES(IN_S "dryRunOutput = \"x.sql\"\n"),
         {NULL},
         {NULL},
         "modern locations=[filesystem:s] dryRunOutput=x.sql"},
	{"a plug-in's boolean is one, too",
         LINES(IN_S "postgresql.transactional.lock = 0\n"),
         {NULL},
         {NULL},
         "modern locations=[filesystem:s] postgresql.transactional.lock=false"},
	{"values of the connection",
         LINES(IN_S "placeholders.who = \"me\"\n[environments.default]\n"
                    "url = \"jdbc:sqlite:${ env.DB }.db\"\nuser = \"${placeholder.who}\"\n"
                    "password = \"!{${env.DB}}\"\njdbcProperties.a = \"${ENV.DB:D}\"\n"
                    "schemas = [\"${env.DB}\"]\n"),
         {"DB=d1"},
         {NULL},
         "modern url=jdbc:sqlite:d1.db user=me password=${env.DB} schemas=[${env.DB}] "
         "jdbcProperties=a:1 locations=[filesystem:s] placeholders=who:me"},
	{"placeholders of the environment",
         LINES(IN_S "placeholders.who = \"me\"\n[environments.default]\n"
                    "url = \"${placeholder.who}\"\nflyway.placeholders.who = \"you\"\n"),
         {NULL},
         {NULL},
         "modern url=you locations=[filesystem:s] placeholders=who:you"},
};

START_TEST(differs_where_it_should)
{
	config_check(&scratch, &own_cases[_i]);
}
END_TEST

static const struct {
	const char *text, *note;
} notes[] = {
	{"\n[flyway]\nmixed = 'x'\n", "it stands in @/flyway.toml:3"},
	{"a = 1\na = 2\n\nb = 1\n", "it is line 2 that defines a key once more"},
	{"a = 1\na = 2\n", NULL},
	{"a = \n", NULL},
	{"flyway.environment = 'prodution'\n[environments.production]\nuser = 'x'\n",
         "did you mean \"production\"?"},
	{"[flyway]\nurl = 'jdbc:sqlite:x'\n", "did you mean \"environments.default.url\"?"},
	{"[flyway.placeholdrs]\nx = '1'\n", "did you mean \"flyway.placeholders.x\"?"},
	{"[flyway]\nlocatons = ['x']\n", NULL}, /* Flyway says it */
};

/* Tables in tables, by dots in keys and headers and by braces; one too many in the third line. */
START_TEST(refuses_tables_that_lie_too_deep)
{
	const char *dots = ".a", *text;

	for (int i = 0; i < 7; i++)
		dots = arena_printf(&scratch.arena, "%s%s", dots, dots);
	for (int extra = 0; extra < 2; extra++) {
		text = arena_printf(&scratch.arena, "x = 1\n[a%s%s]\na%s = {a%.*s%s = 1}\n", dots,
		                    dots, dots, 2 * 113, dots, extra ? ".a" : "");
		ck_assert_uint_eq(toml_error_too_deep(str_of(text)), extra ? 3 : 0);
	}
	text = "a = 'b.b.b.b' # c.c.c.c.c\n";
	ck_assert_uint_eq(toml_error_too_deep(str_of(text)), 0);
}
END_TEST

/* --- what toml++ refuses, but this program does not ----------------------------------------- */

static const char *place(const char *text, size_t line, size_t column)
{
	const struct toml_error fault = {.line = line, .column = column, .reason = ""};
	size_t real_line;

	return toml_error_message(&scratch.arena, str_of(text), &fault, &real_line);
}

static const struct {
	size_t line, column;
	const char *message;
} places[] = {
	{1, 1, "[line 1, column 1], syntax error shown by ^: ^a = 'h\u00e9\u00e9'"},
	{1, 8, "[line 1, column 8], syntax error shown by ^: a = 'h\u00e9^\u00e9'"},
	{2, 3, "[line 2, column 3], syntax error shown by ^: b ^= 2"},
	{3, 1, "[line 3, column 1], syntax error shown by ^: ^"},
	{3, 9, "[line 3, column 1], syntax error shown by ^: ^"},
	{9, 1, "[line 3, column 1], syntax error shown by ^: ^"},
};

START_TEST(believes_toml_about_a_fault_that_it_does_not_find)
{
	ck_assert_str_eq(place("a = 'h\u00e9\u00e9'\nb = 2\n", places[_i].line, places[_i].column),
	                 arena_printf(&scratch.arena, "Error parsing config file at %s",
	                              places[_i].message));
}
END_TEST

/* "a = " and n brackets, with as many after them. */
static const char *nested(size_t n)
{
	char *brackets = arena_alloc(&scratch.arena, 2 * n + 1);

	memset(brackets, '[', n);
	memset(brackets + n, ']', n);
	return arena_printf(&scratch.arena, "a = %s", brackets);
}

START_TEST(stops_at_arrays_that_lie_too_deep)
{
	ck_assert(strstr(place(nested(300), 1, 1), "at [line 1, column 1]") != NULL);
	ck_assert(strstr(place(nested(301), 1, 1), "at [line 1, column 305]") != NULL);
}
END_TEST

START_TEST(takes_any_number_of_arrays_side_by_side)
{
	const char *text = "";

	for (int i = 0; i < 310; i++)
		text = arena_printf(&scratch.arena, "%s[],", text);
	ck_assert(strstr(place(arena_printf(&scratch.arena, "a = [%s]", text), 1, 1),
	                 "at [line 1, column 1]") != NULL);
}
END_TEST

START_TEST(names_the_line_that_lies_too_deep)
{
	const char *dots = ".a.a.a.a.a.a.a.a";

	for (int i = 0; i < 6; i++)
		dots = arena_printf(&scratch.arena, "%s%s", dots, dots);

	const struct config_case test = {
		.name = "too deep",
		.files = {{"flyway.toml", arena_printf(&scratch.arena, "a = 1\nb%s = 1\n", dots)}},
		.expected =
			"error: Error parsing config file at [line 2]: more than 500 tables in one "
			"another\n\tin @/flyway.toml",
	};

	config_check(&scratch, &test);
}
END_TEST

START_TEST(notes_what_helps)
{
	const struct config_case test = {.files = {{"flyway.toml", notes[_i].text}}};
	struct environment environment;
	struct invocation invocation;
	struct settings settings;

	config_fixture(&scratch, &test, &environment, &invocation);
	ck_assert(!settings_load(&scratch.arena, &invocation, &environment, &scratch.log, &settings,
	                         &scratch.err));
	ck_assert_uint_eq(scratch.err.notes.n, notes[_i].note != NULL);
	if (notes[_i].note != NULL)
		ck_assert_str_eq(scratch_shorten(&scratch, scratch.err.notes.items[0].text),
		                 notes[_i].note);
}
END_TEST

Suite *toml_suite(void)
{
	Suite *suite = suite_create("toml");
	TCase *tc = tcase_create("toml");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_fault_where_flyway_does, 0, COUNT(faults));
	tcase_add_loop_test(tc, loads_as_flyway, 0, COUNT(cases));
	tcase_add_loop_test(tc, differs_where_it_should, 0, COUNT(own_cases));
	tcase_add_test(tc, refuses_tables_that_lie_too_deep);
	tcase_add_test(tc, names_the_line_that_lies_too_deep);
	tcase_add_loop_test(tc, believes_toml_about_a_fault_that_it_does_not_find, 0,
	                    COUNT(places));
	tcase_add_test(tc, stops_at_arrays_that_lie_too_deep);
	tcase_add_test(tc, takes_any_number_of_arrays_side_by_side);
	tcase_add_loop_test(tc, notes_what_helps, 0, COUNT(notes));
	suite_add_tcase(suite, tc);
	return suite;
}
