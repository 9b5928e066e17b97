/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sources.c - which files are read, and what wins; measured with Flyway 12.4.0
 */
#include "suites.h"

#include "config_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/sources.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

#define MISSING "WARN One or more specified configuration files could not be found: "

/* expected: lines of the log, then the manager and all pairs; or "error: ". "@" is the folder. */
static const struct config_case cases[] = {
	{"standard input at its place in the list",
         {{"stdin", "flyway.a=2\nflyway.b=2\nflyway.c=\u00e9"},
          {"a.conf", "flyway.a=1\nflyway.d=1"},
          {"b.conf", "flyway.b=3"}},
         {NULL},
         {"-configFiles=a.conf,-,b.conf", "-configFileEncoding=ISO-8859-1"},
         "INFO Loaded configuration from standard input\nlegacy a=2 d=1 b=3 c=\u00e9"},
	{"malformed UTF-8, replaced as Java does",
         {{"flyway.conf",
           "flyway.table=a\xE2\x82"
           "b\xF0\x9F\x98"
           "c\xF0\x9F"
           "d\xC0\xAF"
           "e\xED\xA0\x80"
           "f\xE2\x28\xA1g\xF4\x90\x80\x80h\xF8\x88\x80\x80\x80i\xC3(\x80\x80j\xE0\x80\x80k"
           "\xF0\x80\x80\x80l\xC3"}},
         {NULL},
         {NULL},
         "legacy table=a\uFFFDb\uFFFDc\uFFFDd\uFFFD\uFFFDe\uFFFDf\uFFFD(\uFFFDg\uFFFD\uFFFD"
         "\uFFFD\uFFFDh\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDi\uFFFD(\uFFFD\uFFFDj\uFFFD\uFFFD\uFFFDk"
         "\uFFFD\uFFFD\uFFFD\uFFFDl\uFFFD"},
	{"halves of surrogate pairs in UTF-8, replaced as Java does",
         {{"flyway.conf", "flyway.table=a\xED\xA0"
                          "bc\xED\xB0\u00e9d\xED\xBF\xBF"
                          "e\xEE\x80"
                          "f\xED\x9Fg\xED\xA0"}},
         {NULL},
         {NULL},
         "legacy table=a\uFFFDbc\uFFFD\u00e9d\uFFFDe\uFFFDf\uFFFDg\uFFFD"},
	{"the mode of an environment by its old name",
         {{NULL, NULL}},
         {NULL},
         {"-environmentProvisionMode=skip"},
         "modern provisionMode=skip"},
	{"nothing at all is modern", {{NULL, NULL}}, {NULL}, {NULL}, "modern"},
	{"files in the order of precedence",
         {{"inst/conf/flyway.conf", "flyway.a=1\nflyway.b=1\nflyway.c=1\nflyway.d=1"},
          {"home/flyway.conf", "flyway.b=2\nflyway.c=2\nflyway.d=2"},
          {"flyway.conf", "flyway.c=3\nflyway.d=3"},
          {"x.conf", "flyway.d=4\nflyway.e=4"},
          {"y", "flyway.e=5"}},
         {NULL},
         {"-configFiles=x.conf, y"},
         "legacy a=1 b=2 c=3 d=4 e=5"},
	{"variables win over files, arguments over variables",
         {{"flyway.conf", "flyway.table=1\nflyway.target=1\nflyway.mixed=1"}},
         {"FLYWAY_TARGET=2", "FLYWAY_MIXED=2"},
         {"-mixed=3"},
         "legacy table=1 target=2 mixed=3"},
	{"FLYWAY_CONFIG_FILES stands between default files and -configFiles",
         {{"flyway.conf", "flyway.a=1\nflyway.b=1\nflyway.c=1"},
          {"x.conf", "flyway.b=2\nflyway.c=2"},
          {"y.conf", "flyway.c=3"}},
         {"FLYWAY_CONFIG_FILES=x.conf"},
         {"-configFiles=y.conf"},
         "legacy a=1 b=2 c=3"},
	{"keys of others are ignored",
         {{"flyway.conf", "url=x\nfoo=1\nFlyway.mixed=true\nflyway.table=t"}},
         {NULL},
         {NULL},
         "legacy table=t"},
	{"an empty -configFiles is none", {{NULL, NULL}}, {NULL}, {"-configFiles="}, "modern"},
	{"empty items are none",
         {{"a.conf", "flyway.table=t"}},
         {NULL},
         {"-configFiles=,a.conf,"},
         "legacy table=t"},
	{"a missing file alone is only a warning",
         {{NULL, NULL}},
         {NULL},
         {"-configFiles=nope.conf"},
         MISSING "@/nope.conf\n\nmodern"},
	{"a missing file beside one that makes it legacy is an error",
         {{"flyway.conf", ""}},
         {NULL},
         {"-configFiles=nope.conf"},
         MISSING "@/nope.conf\n\nerror: Unable to load config file: @/nope.conf"},
	{"a missing .toml is a warning",
         {{"a.conf", "flyway.table=cc"}},
         {NULL},
         {"-configFiles=nope.toml,a.conf"},
         MISSING "@/nope.toml\n\nlegacy table=cc"},
	{"several missing files",
         {{NULL, NULL}},
         {NULL},
         {"-configFiles=nope.toml,nope.conf"},
         MISSING "@/nope.toml, @/nope.conf\n\nmodern"},
	{"a missing file of the variable is an error",
         {{NULL, NULL}},
         {"FLYWAY_CONFIG_FILES=nope.conf"},
         {NULL},
         "error: Unable to load config file: @/nope.conf"},
	{"a missing .toml of the variable is nothing",
         {{NULL, NULL}},
         {"FLYWAY_CONFIG_FILES=nope.toml"},
         {NULL},
         "modern"},
	{"a directory is no file",
         {{"d.conf/x", ""}},
         {NULL},
         {"-configFiles=d.conf"},
         "error: Unable to load config file: @/d.conf"},
	{"both kinds in the arguments",
         {{"a.conf", ""}, {"b.toml", ""}},
         {NULL},
         {"-configFiles=a.conf,b.toml"},
         "error: Using both TOML configuration and CONF configuration is not supported. Please remove "
         "the CONF configuration files.\nTOML files: @/b.toml\nCONF files: @/a.conf\n"},
	{"both kinds in the variable, existing or not",
         {{NULL, NULL}},
         {"FLYWAY_CONFIG_FILES=a.conf,b.toml,c.conf"},
         {NULL},
         "error: Using both TOML configuration and CONF configuration is not supported. Please remove "
         "the CONF configuration files.\nTOML files: @/b.toml\nCONF files: @/a.conf, @/c.conf\n"},
	{"a default .toml is not read when an argument chooses .conf",
         {{"flyway.toml", "x"}, {"a.conf", "flyway.table=cc"}},
         {NULL},
         {"-configFiles=a.conf"},
         "legacy table=cc"},
	{"a .toml of the variable is not read when an argument chooses .conf",
         {{"b.toml", "x"}, {"a.conf", "flyway.table=cc"}},
         {"FLYWAY_CONFIG_FILES=b.toml"},
         {"-configFiles=a.conf"},
         "legacy table=cc"},
	{"a variable in a file",
         {{"flyway.conf", "flyway.table=${T}"}},
         {"T=x"},
         {NULL},
         "legacy table=x"},
	{"malformed UTF-8 is replaced",
         {{"flyway.conf", "flyway.table=\xE9\xE2\x82x"}},
         {NULL},
         {NULL},
         "legacy table=\uFFFD\uFFFDx"},
	{"another encoding",
         {{"flyway.conf", "flyway.table=\xE9"}},
         {NULL},
         {"-configFileEncoding=ISO-8859-1"},
         "legacy table=\u00e9"},
	{"the variable for the encoding wins",
         {{"flyway.conf", "flyway.table=\u00e9"}},
         {"FLYWAY_CONFIG_FILE_ENCODING=UTF-8"},
         {"-configFileEncoding=ISO-8859-1"},
         "legacy table=\u00e9"},
	{"an unknown encoding",
         {{"flyway.conf", ""}},
         {NULL},
         {"-configFileEncoding=bogus"},
         "error: Unable to load config file: @/flyway.conf\n+ java.io.UnsupportedEncodingException: "
         "bogus"},
	{"a working directory",
         {{"flyway.conf", "flyway.a=1\nflyway.b=1"},
          {"w/flyway.conf", "flyway.b=2"},
          {"w/x.conf", "flyway.c=3"}},
         {NULL},
         {"-workingDirectory=w", "-configFiles=x.conf"},
         "legacy a=1 b=2 c=3"},
	{"variables in modern mode",
         {{NULL, NULL}},
         {"FLYWAY_OUT_OF_ORDER=1", "FLYWAY_PLACEHOLDERS_A_B=2", "FLYWAY_FOO=3",
          "FLYWAY_JDBC_PROPERTIES_ABC=4", "FLYWAY_JDBC_PROPERTIES_ACCESSTOKEN=5",
          "flyway_postgresql_transactional_lock=6", "environments_dev_url=7"},
         {NULL},
         "modern outOfOrder=1 placeholders.a_b=2 jdbcProperties.abc=4 jdbcProperties.accessToken=5 "
         "postgresql.transactional.lock=6 environments.dev.url=7"},
	{"variables in legacy mode",
         {{"flyway.conf", ""}},
         {"FLYWAY_OUT_OF_ORDER=1", "FLYWAY_PLACEHOLDERS_=2", "FLYWAY_PLACEHOLDERS=2",
          "flyway_foo=3", "environments_dev_url=7", "FLYWAY_RESOLVERS=8", "FLYWAY_CONFIGURATIONS=9",
          "FLYWAY_DRYRUN_OUTPUT=x"},
         {NULL},
         "legacy outOfOrder=1 resolvers=8 configurations=9 dryRunOutput=x"},
	{"FLYWAY_RESOLVERS has another name in modern mode",
         {{NULL, NULL}},
         {"FLYWAY_RESOLVERS=8"},
         {NULL},
         "modern migrationResolvers=8"},
	{"both spellings of a variable",
         {{NULL, NULL}},
         {"flyway_table=x", "FLYWAY_TABLE=y"},
         {NULL},
         "WARN Using both new Environment variable flyway_table and old Environment variable "
         "FLYWAY_TABLE. Please remove FLYWAY_TABLE.\nmodern table=x"},
	{"a deprecated variable",
         {{NULL, NULL}},
         {"FLYWAY_PLUGINS_X=1"},
         {NULL},
         "WARN Deprecated property configured through environment variable: 'FLYWAY_PLUGINS_X'. Please "
         "see https://rd.gt/4hA3C7Y\nmodern"},
	{"what is no configuration stays outside",
         {{NULL, NULL}},
         {NULL},
         {"-outputFile=o", "-infoOfState=x", "-url=u", "-environments.x.url=v"},
         "modern url=u environments.x.url=v"},
	{"colour and environments in legacy mode",
         {{"flyway.conf", ""}},
         {NULL},
         {"-color=never", "-environments.x.url=v", "-environments.x.url=w"},
         "legacy color=never"},
	{"a repeated connection argument",
         {{NULL, NULL}},
         {NULL},
         {"-url=a", "-url=b"},
         "error: java.lang.IllegalStateException: Duplicate key environments.tempConfigEnvironment.url "
         "(attempted merging values a and b)"},
	{"a repeated connection argument in legacy mode",
         {{"flyway.conf", ""}},
         {NULL},
         {"-url=a", "-url=b"},
         "error: java.lang.IllegalStateException: Duplicate key flyway.url (attempted merging values a "
         "and b)"},
	{"a repeated argument",
         {{NULL, NULL}},
         {NULL},
         {"-placeholders.x=y", "-placeholders.x=z"},
         "error: java.lang.IllegalStateException: Duplicate key flyway.placeholders.x (attempted merging "
         "values y and z)"},
	{"a repeated unknown argument",
         {{NULL, NULL}},
         {NULL},
         {"-foo=1", "-bar=2", "-foo=3"},
         "error: java.lang.IllegalStateException: Duplicate key flyway.foo (attempted merging values 1 "
         "and 3)"},
	{"a repeated argument of an environment",
         {{NULL, NULL}},
         {NULL},
         {"-environments.x.url=a", "-environments.x.url=a"},
         "error: java.lang.IllegalStateException: Duplicate key x.url (attempted merging values a and a)"},
	{"repeated after the warning about files",
         {{NULL, NULL}},
         {NULL},
         {"-configFiles=nope.conf", "-table=a", "-table=b"},
         MISSING
         "@/nope.conf\n\nerror: java.lang.IllegalStateException: Duplicate key flyway.table "
         "(attempted merging values a and b)"},
};

/* Ours: what Flyway does otherwise. */
static const struct config_case own_cases[] = {
	{"passwords are not shown",
         {{NULL, NULL}},
         {NULL},
         {"-password=secret1", "-password=secret2"},
         "error: java.lang.IllegalStateException: Duplicate key "
         "environments.tempConfigEnvironment.password (attempted merging values ******** and ********)"},
	{"nor in URLs",
         {{NULL, NULL}},
         {NULL},
         {"-url=jdbc:postgresql://h/d?password=secret1", "-url=jdbc:x?a=b"},
         "error: java.lang.IllegalStateException: Duplicate key environments.tempConfigEnvironment.url "
         "(attempted merging values jdbc:postgresql://h/d?password=******** and jdbc:x?a=b)"},
	{"standard input is no missing file, and decides where nothing else does",
         {{"stdin", "flyway.table=t\n#\nflyway.mixed=true"}},
         {NULL},
         {"-configFiles=-"},
         "INFO Loaded configuration from standard input\nlegacy table=t mixed=true"},
	{"an empty one says nothing", {{"stdin", ""}}, {NULL}, {"-configFiles=-"}, "legacy"},
	{"flyway.toml decides against it",
         {{"stdin", "flyway.table=t"}, {"flyway.toml", "flyway.mixed=true"}},
         {NULL},
         {"-configFiles=-"},
         "INFO cflyway: -configFiles=- was ignored: flyway.toml decides, and standard input holds "
         "settings in the form of flyway.conf\nmodern mixed=true"},
};

/* From the file, if there is one. */
static void give_standard_input(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY);

	if (fd < 0)
		return;
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
}

static void check(const struct config_case *test)
{
	struct environment environment;
	struct invocation invocation;
	struct sources sources;
	struct arena *arena = &scratch.arena;
	const char *got;

	config_fixture(&scratch, test, &environment, &invocation);
	give_standard_input("stdin");
	if (sources_read(arena, &invocation, &environment, &scratch.log, &sources, &scratch.err)) {
		got = sources.legacy ? "legacy" : "modern";
		for (size_t i = 0; i < sources.pairs.n; i++) {
			const struct pair *pair = &sources.pairs.items[i];
			const char *key = pair->key;

			if (strncmp(key, "flyway.", 7) == 0)
				key += 7;
			got = arena_printf(arena, "%s %s=%s", got, key, pair->value);
		}
	} else {
		got = arena_printf(arena, "%s: %s",
		                   scratch.err.exit_status == EXIT_FAILED ? "error" : "refused",
		                   scratch_error(&scratch));
	}
	got = arena_printf(arena, "%s%s", scratch_lines(&scratch), got);
	ck_assert_msg(strcmp(scratch_shorten(&scratch, got), test->expected) == 0,
	              "%s:\n%s\ninstead of\n%s", test->name, scratch_shorten(&scratch, got),
	              test->expected);
}

START_TEST(reads_as_flyway)
{
	check(&cases[_i]);
}
END_TEST

START_TEST(differs_where_it_should)
{
	check(&own_cases[_i]);
}
END_TEST

static bool read_standard_input(void)
{
	const struct config_case test = {.arguments = {"-configFiles=-"}};
	struct environment environment;
	struct invocation invocation;
	struct sources sources;

	config_fixture(&scratch, &test, &environment, &invocation);
	return sources_read(&scratch.arena, &invocation, &environment, &scratch.log, &sources,
	                    &scratch.err);
}

START_TEST(says_that_standard_input_cannot_be_read)
{
	give_standard_input("/");
	ck_assert(!read_standard_input());
	ck_assert_str_eq(scratch_error(&scratch), "Unable to load config file: @/-");
}
END_TEST

START_TEST(does_not_wait_for_a_terminal)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	give_standard_input(ptsname(terminal));
	ck_assert(read_standard_input());
	give_standard_input("/dev/null");
	close(terminal);
}
END_TEST

/* Without CFLYWAY_HOME, Flyway's files are below the folder of the program. */
START_TEST(finds_its_own_folder)
{
	const struct config_case test = {.variables = {"X=y"}};
	struct environment environment;
	struct invocation invocation;
	struct sources sources;
	struct str_list no_variables = {0};
	char program[4096] = "";

	ck_assert_int_gt((int)readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
	*strrchr(program, '/') = '\0';
	config_fixture(&scratch, &test, &environment, &invocation);
	environment.ctx = &no_variables;
	ck_assert(sources_read(&scratch.arena, &invocation, &environment, &scratch.log, &sources,
	                       &scratch.err));
	ck_assert_str_eq(sources.installation, program);
}
END_TEST

Suite *sources_suite(void)
{
	Suite *suite = suite_create("sources");
	TCase *tc = tcase_create("sources");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_as_flyway, 0, COUNT(cases));
	tcase_add_loop_test(tc, differs_where_it_should, 0, COUNT(own_cases));
	tcase_add_test(tc, says_that_standard_input_cannot_be_read);
	tcase_add_test(tc, does_not_wait_for_a_terminal);
	tcase_add_test(tc, finds_its_own_folder);
	suite_add_tcase(suite, tc);
	return suite;
}
